/** Data directories of Apache Kafka, and such as nobody knows of: what a coordinator makes of them. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { readImage } from "../../../src/coordinator/mod.ts";
import { type Disk, DiskError, FaultyDisk, MemoryDisk } from "../../../src/storage/mod.ts";
import {
  ABORT,
  batchOf,
  BEGIN,
  END,
  JOURNAL,
  kafkaDirectory,
  leaderChange,
  ORDERS,
  partition,
  PAYMENTS,
  put,
  putPartition,
  SOME,
  topic,
} from "./kafka_directory.ts";
import { create, decide, open, openOutput, stop } from "./world.ts";

/** Everything on the disk, byte for byte. */
function contentOf(disk: Disk, directory = "data"): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { name, isDirectory } of disk.list(directory)) {
    const path = `${directory}/${name}`;
    if (isDirectory) Object.assign(found, contentOf(disk, path));
    else {
      const file = disk.open(path, "read");
      found[path] = file.view(0, file.size).toHex();
      file.close();
    }
  }
  return found;
}

function refusal(disk: Disk): string {
  const { output } = openOutput(disk);
  assert(output.kind === "refused");
  return output.message;
}

describe("a data directory of Apache Kafka", () => {
  it("is taken over with its topics, settings, epochs and producer ids", () => {
    const disk = kafkaDirectory(
      new MemoryDisk(),
      [{ kind: "feature_level", name: "metadata.version", level: 30 }, { apiKey: 27, message: "ff" }],
      SOME,
      [leaderChange(ORDERS), { kind: "producer_ids", brokerId: 1, nextProducerId: 7_000 }],
      [
        { kind: "broker_config", broker: "", name: "log.retention.ms", value: "5" },
        { kind: "broker_config", broker: "1", name: "log.retention.ms", value: "6" },
        { kind: "broker_config", broker: "2", name: "log.cleanup.policy", value: "compact" },
      ],
      [topic("gone", PAYMENTS), partition(PAYMENTS, 0), { kind: "remove_topic", id: PAYMENTS }],
    );
    const { coordinator, report } = open(disk);
    const { topics, brokerSettings, nextProducerId } = coordinator.image;
    const ours = { leader: 1, replicas: [1], inSyncReplicas: [1] };
    assert.deepEqual([...topics.values()], [{
      name: "orders",
      id: ORDERS,
      internal: false,
      partitions: [{ partition: 0, leaderEpoch: 5, ...ours }, { partition: 1, leaderEpoch: 4, ...ours }],
      settings: { "cleanup.policy": "compact" },
    }]);
    assert.deepEqual(brokerSettings, { "log.retention.ms": "6" });
    assert.equal(nextProducerId, 7_000);
    assert.match(
      report[0]!,
      /^Took over the data directory "data" of Apache Kafka: 1 topics with 2 partitions/,
    );
  });

  it("is Weir's from then on, and keeps Kafka's metadata beside the new", () => {
    const disk = kafkaDirectory(new MemoryDisk(), SOME);
    const before = contentOf(disk, JOURNAL);
    const first = open(disk);
    decide(first.coordinator, create("more"));
    const recoveryPoint = stop(first.coordinator);
    const kept = contentOf(disk, `${JOURNAL}/before-adoption`);
    assert.deepEqual(Object.values(kept), Object.values(before));
    const second = open(disk, { clean: true, recoveryPoint });
    assert.deepEqual(second.report, []);
    assert.deepEqual([...second.coordinator.image.topics.keys()], ["orders", "more"]);
  });

  it("counts what a transaction of the controller wrote once that ended", () => {
    const other = (name: string, id: string) => [topic(name, id), partition(id, 0)];
    const disk = kafkaDirectory(
      new MemoryDisk(),
      [BEGIN, ...SOME.slice(0, 2)],
      [...SOME.slice(2), END],
      [BEGIN, ...other("aborted", PAYMENTS), ABORT],
      [BEGIN, ...other("open", PAYMENTS)],
    );
    assert.deepEqual([...open(disk).coordinator.image.topics.keys()], ["orders"]);
  });

  it("is read up to where its log is torn", () => {
    const disk = kafkaDirectory(new MemoryDisk(), SOME, [topic("torn", PAYMENTS)]);
    const path = `${JOURNAL}/00000000000000000000.log`;
    const file = disk.open(path, "write");
    file.truncate(file.size - 1);
    file.close();
    assert.deepEqual([...open(disk).coordinator.image.topics.keys()], ["orders"]);
  });

  it("begins with its newest sound snapshot", () => {
    const disk = kafkaDirectory(new MemoryDisk(), [topic("before", PAYMENTS), partition(PAYMENTS, 0)], SOME);
    const name = (offset: number) => `${JOURNAL}/${String(offset).padStart(20, "0")}-0000000003.checkpoint`;
    // Without the topic that came and went; then one that is damaged.
    put(disk, name(3), batchOf([{ kind: "producer_ids", brokerId: 1, nextProducerId: 3 }], 0));
    put(disk, name(5), batchOf([topic("damaged", PAYMENTS)], 0).subarray(0, 70));
    const { image } = open(disk).coordinator;
    assert.deepEqual([[...image.topics.keys()], image.nextProducerId], [["orders"], 3]);
  });

  it("says what is left out", () => {
    const disk = kafkaDirectory(new MemoryDisk(), [
      ...SOME,
      { kind: "config", topic: "orders", name: "retention.ms", value: "never" },
      { kind: "broker_config", broker: "1", name: "num.io.threads", value: "9" },
      { apiKey: 18, message: "00" },
      { apiKey: 14, message: "00" },
    ]);
    put(disk, "data/orders-1/00000000000000000000.txnindex", "an aborted transaction");
    const said = open(disk).report.join("\n");
    assert.match(said, /Left out "retention\.ms" of topic "orders": .*cannot be "never"/);
    assert.match(said, /Left out "num\.io\.threads" of the broker/);
    assert.match(said, /Left out what Weir does not have: access control entries, client quotas/);
    assert.match(said, /gets the aborted ones of "orders-1", too/);
  });

  it("is refused and left alone where a partition is not in it, or a name is none", () => {
    const missing = kafkaDirectory(new MemoryDisk(), [...SOME, partition(ORDERS, 2)]);
    const elsewhere = kafkaDirectory(new MemoryDisk(), [...SOME.slice(0, 3), partition(ORDERS, 1, [2, 3])]);
    const hostile = kafkaDirectory(new MemoryDisk(), [...SOME, topic("../../evil", PAYMENTS)]);
    const hollow = kafkaDirectory(new MemoryDisk(), [...SOME, topic("hollow", PAYMENTS)]);
    const damaged = kafkaDirectory(new FaultyDisk(), SOME.slice(0, 2), SOME.slice(2));
    damaged.flipBit(`${JOURNAL}/00000000000000000000.log`, 8 * 200);
    const unread = kafkaDirectory(new MemoryDisk(), SOME, [{ apiKey: 2, version: 9, message: "00" }]);
    for (
      const [disk, words] of [
        [missing, /Partition "orders-2" is in Kafka's metadata, but has no directory here/],
        [elsewhere, /Partition "orders-1" lies on nodes "2", "3", not on this one, which is "1"/],
        [hostile, /Topic name "\.\.\/\.\.\/evil" cannot be used/],
        [hollow, /Topic "hollow" has no partitions/],
        [damaged, /log" is damaged, and not at its end alone/],
        [unread, /cannot be read at position "\d+": .*"9", which is too new/],
      ] as const
    ) {
      const before = contentOf(disk);
      assert.match(refusal(disk), words);
      assert.deepEqual(contentOf(disk), before);
    }
  });

  it("is taken over whole after a failure of any operation and a power cut", () => {
    const expected = open(kafkaDirectory(new MemoryDisk(), SOME)).coordinator.image.topics;
    let failures = 0;
    for (const operation of ["makeDirectory", "open", "write", "sync", "rename", "syncDirectory"] as const) {
      for (let after = 0;; after++) {
        const disk = kafkaDirectory(new FaultyDisk(), SOME);
        disk.fail({ operation, after });
        if (!fails(disk)) break;
        failures++;
        disk.crash(() => 0);
        const { coordinator } = open(disk);
        assert.deepEqual(coordinator.image.topics, expected, `${operation} ${after}`);
        assert.ok(disk.stat(`${JOURNAL}/before-adoption/quorum-state`), `${operation} ${after}`);
      }
    }
    assert.ok(failures > 15, `${failures} failures`);
  });

  it("is known to the offline check by its topics' ids", () => {
    const disk = kafkaDirectory(new MemoryDisk(), SOME);
    const { image, findings } = readImage(disk, "data");
    assert.deepEqual(findings, []);
    assert.equal(image.topics.get("orders")?.id, ORDERS);
  });
});

function fails(disk: Disk): boolean {
  try {
    open(disk);
    return false;
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    return true;
  }
}

describe("a data directory without metadata", () => {
  it("is taken over by what its directories tell", () => {
    const disk = new MemoryDisk();
    for (const name of ["orders-0", "orders-2"]) putPartition(disk, name, ORDERS);
    putPartition(disk, "old-0", null);
    for (const name of ["notes", "x-0.0123456789abcdef0123456789abcdef-delete", "x-00", "+-0"]) {
      disk.makeDirectory(`data/${name}`);
    }
    const { coordinator, report } = open(disk);
    const topics = [...coordinator.image.topics.values()];
    assert.deepEqual(
      topics.map(({ name, partitions }) => [name, partitions.map((each) => each.leaderEpoch)]),
      [
        ["old", [2]],
        ["orders", [2, 0, 2]],
      ],
    );
    assert.equal(coordinator.image.topics.get("orders")?.id, ORDERS);
    assert.match(report[0]!, /Found no metadata in "data" and took over .*: 2 topics with 4 partitions/);
    assert.match(report[1]!, /Topic "orders" has no directory of its partitions "1": they begin empty/);
  });

  it("is taken over such that retention takes nothing: what the topics were to keep is not known", () => {
    const disk = new MemoryDisk();
    putPartition(disk, "orders-0", ORDERS);
    const { coordinator, report } = open(disk);
    const kept = { "retention.ms": "-1", "retention.bytes": "-1" };
    assert.deepEqual(coordinator.image.topics.get("orders")?.settings, kept);
    assert.match(report[0]!, /nothing is deleted until retention\.ms and retention\.bytes are set/);
  });

  it("is not one for directories of other programs that are named alike", () => {
    const disk = new MemoryDisk();
    putPartition(disk, "orders-0", ORDERS);
    disk.makeDirectory("data/photos-2026");
    put(disk, "data/backup-999999999/notes.log", "of somebody else");
    assert.deepEqual([...open(disk).coordinator.image.topics.keys()], ["orders"]);
    assert.deepEqual(disk.list("data/backup-999999999").map(({ name }) => name), ["notes.log"]);
  });

  it("is refused where a partition's number is beyond all bounds", () => {
    const disk = new MemoryDisk();
    putPartition(disk, "orders-100000", ORDERS);
    assert.match(
      refusal(disk),
      /Partition "orders-100000" has a directory here, .* at most 100000 partitions/,
    );
  });

  it("is refused where directories contradict each other", () => {
    const disk = new MemoryDisk();
    putPartition(disk, "orders-0", ORDERS);
    putPartition(disk, "orders-1", PAYMENTS);
    assert.match(refusal(disk), /Partitions of topic "orders" have different topic ids: "Z.*", "U.*"/);
  });

  it("is a new one when nothing is in it", () => {
    const disk = new MemoryDisk();
    disk.makeDirectory("data/notes");
    assert.deepEqual(open(disk).report, []);
    // Nor is one that Weir began.
    putPartition(disk, "stray-0", ORDERS);
    assert.deepEqual([...open(disk).coordinator.image.topics], []);
  });
});
