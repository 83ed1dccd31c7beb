import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { DecodeError } from "../../../src/bytes/mod.ts";
import { decodeGroupRecord } from "../../../src/coordinator/journal/decode_groups.ts";
import { GroupEncoder } from "../../../src/coordinator/journal/encode_groups.ts";
import { type GroupJournal, openGroupJournal } from "../../../src/coordinator/journal/group_journal.ts";
import type { GroupRecord } from "../../../src/coordinator/groups/record.ts";
import type { GroupLogPosition, Image } from "../../../src/model/mod.ts";
import { BatchBuilder, encodeBatch, encodeMarker, readRecords } from "../../../src/record/mod.ts";
import { type Disk, DiskError, FaultyDisk, MemoryDisk } from "../../../src/storage/mod.ts";
import { imageWith, recordOf, seeded } from "./group_records.ts";
import { NOW_MS } from "./world.ts";

const GROUPS = ["a", "b", "readers", "order-processor"];
const record = recordOf(GROUPS);
const command = fc.constantFrom(...GROUPS).chain((group) =>
  fc.array(recordOf([group]), { minLength: 1, maxLength: 4 })
);
const turns = fc.array(fc.array(command, { minLength: 1, maxLength: 3 }), { maxLength: 8 });

function open(
  disk: Disk,
  image: Image,
  positions: readonly GroupLogPosition[] | null = null,
): { journal: GroupJournal; report: readonly string[]; records: GroupRecord[] } {
  disk.makeDirectory("data");
  disk.syncDirectory("");
  const records: GroupRecord[] = [];
  const options = { disk, dataDirectory: "data", clean: positions !== null, positions: positions ?? [] };
  const opened = openGroupJournal(options, image, (record) => records.push(record), NOW_MS);
  return { ...opened, records };
}

function append(journal: GroupJournal, image: Image, records: readonly GroupRecord[]): void {
  assert.equal(journal.append(image, records[0]!.group, records, NOW_MS), null);
}

/** Records by group, each group's in their order: between partitions there is none. */
function byGroup(records: readonly GroupRecord[]): Map<string, GroupRecord[]> {
  const found = new Map<string, GroupRecord[]>();
  for (const record of records) found.set(record.group, [...found.get(record.group) ?? [], record]);
  return new Map([...found].sort(([left], [right]) => left < right ? -1 : 1));
}

function tombstone(group: string, partition: number): GroupRecord {
  return { kind: "offset", group, topic: "orders", partition, value: null };
}

describe("group records", () => {
  it("are read as they were written", () => {
    const encoder = new GroupEncoder();
    fc.assert(fc.property(record, (record) => {
      const builder = new BatchBuilder();
      encoder.encode(builder, imageWith(1), record, NOW_MS);
      const [{ key, value }] = readRecords(builder.build()) as [ReturnType<typeof readRecords>[0]];
      assert.deepEqual(decodeGroupRecord(key, value), record);
    }));
  });

  it("are passed over when their key is of a type that is not known", () => {
    for (const type of [4, 9, 17, 300]) {
      assert.equal(decodeGroupRecord(new Uint8Array([type >> 8, type & 255, 1, 2, 3]), null), null);
    }
  });

  it("are refused when they are damaged or too new", () => {
    const key = new Uint8Array([0, 2, 0, 1, 97]);
    assert.deepEqual(decodeGroupRecord(key, null), { kind: "classic_group", group: "a", value: null });
    const wrong: [Uint8Array | null, Uint8Array | null, RegExp][] = [
      [null, null, /must have a key/],
      [new Uint8Array([0]), null, /./],
      [new Uint8Array([0, 2, 0, 9, 97]), null, /./],
      [new Uint8Array([...key, 7]), null, /GroupMetadataKey is followed by "1" bytes/],
      [key, new Uint8Array([0, 5, 0, 0]), /GroupMetadataValue has version "5", wanted is 0 to 4/],
      [key, new Uint8Array([0, 3, 0, 200]), /./],
    ];
    for (const [key, value, words] of wrong) {
      assert.throws(() => decodeGroupRecord(key, value), (error: Error) => {
        return error instanceof DecodeError && words.test(error.message);
      });
    }
  });
});

describe("the group journal", () => {
  it("gives the same records back in each group's order, cleanly stopped or not", () => {
    fc.assert(
      fc.property(turns, fc.boolean(), fc.constantFrom(1, 3, 50), (turns, clean, partitions) => {
        const disk = new MemoryDisk();
        const image = imageWith(partitions);
        const { journal } = open(disk, image);
        for (const commands of turns) {
          for (const records of commands) append(journal, image, records);
          journal.flush();
        }
        const second = open(disk, image, clean ? journal.close() : null);
        assert.deepEqual(byGroup(second.records), byGroup(turns.flat(2)));
        assert.deepEqual(second.report, []);
      }),
      { numRuns: 60 },
    );
  });

  it("has every flushed command after a power cut, and no part of another", () => {
    fc.assert(
      fc.property(turns, fc.nat(20), fc.nat(300), fc.integer(), (turns, writesBefore, keepBytes, seed) => {
        const disk = new FaultyDisk();
        const image = imageWith(2);
        const { journal } = open(disk, image);
        disk.tearWrite({ after: writesBefore, keepBytes });
        const kept: GroupRecord[] = [];
        let pending: (readonly GroupRecord[])[] = [];
        try {
          for (const commands of turns) {
            pending = commands;
            for (const records of commands) append(journal, image, records);
            journal.flush();
            kept.push(...commands.flat());
            pending = [];
          }
        } catch (error) {
          if (!(error instanceof DiskError)) throw error;
        }
        disk.crash(seeded(seed));
        const found = byGroup(open(disk, image).records);
        for (const group of GROUPS) {
          // Behind what was flushed come whole commands of the turn that was cut short, first ones first.
          const possible = [byGroup(kept).get(group) ?? []];
          for (const records of pending.filter(([first]) => first!.group === group)) {
            possible.push([...possible.at(-1)!, ...records]);
          }
          const is = found.get(group) ?? [];
          assert.ok(possible.some((records) => isDeepStrictEqual(records, is)), `records of "${group}"`);
        }
      }),
      { numRuns: 120 },
    );
  });

  it("puts a group where Kafka looks for it", () => {
    const disk = new MemoryDisk();
    const image = imageWith(50);
    const { journal } = open(disk, image);
    // What Java says of abs(hashCode) % 50; the last one's hash is the smallest integer.
    for (const group of ["a", "order-processor", "group-éü", "polygenelubricants"]) {
      append(journal, image, [tombstone(group, 0)]);
    }
    journal.flush();
    const made = disk.list("data").map(({ name }) => name).sort();
    assert.deepEqual(made, [0, 23, 33, 47].map((partition) => `__consumer_offsets-${partition}`).sort());
  });

  it("says where each log that was written to stands, and honours it at a clean start", () => {
    const disk = new MemoryDisk();
    const image = imageWith(1);
    const { journal } = open(disk, image);
    append(journal, image, [tombstone("a", 0), tombstone("a", 1)]);
    assert.ok(journal.isTouched);
    const position = { partition: 0, recoveryPoint: 2, logStartOffset: 0, highWatermark: 2 };
    assert.deepEqual(journal.flush(), [position]);
    assert.ok(!journal.isTouched);
    assert.deepEqual(journal.flush(), []);
    assert.deepEqual(journal.close(), [position]);
    const second = open(disk, image, [{ ...position, recoveryPoint: 1 }]);
    assert.match(second.report.join(), /its indexes do not end at "1", the recovery point/);
  });

  it("leaves a log without records alone until it is wanted", () => {
    const disk = new FaultyDisk();
    const image = imageWith(2);
    const { journal } = open(disk, image);
    append(journal, image, [tombstone("a", 0)]);
    assert.equal(journal.logOf(image, 0, NOW_MS)?.logEndOffset, 0);
    assert.equal(journal.logOf(image, 2, NOW_MS), null);
    journal.flush();
    const positions = journal.close();
    assert.deepEqual(positions.map(({ partition, recoveryPoint }) => [partition, recoveryPoint]), [[1, 1], [
      0,
      0,
    ]]);
    disk.fail({ operation: "open", path: "data/__consumer_offsets-0/00000000000000000000.log" });
    const second = open(disk, image, positions);
    assert.deepEqual(second.records, [tombstone("a", 0)]);
    assert.throws(() => second.journal.append(image, "b", [tombstone("b", 0)], NOW_MS), DiskError);
    append(second.journal, image, [tombstone("b", 1)]);
    second.journal.flush();
    assert.deepEqual(open(disk, image).records, [tombstone("b", 1), tombstone("a", 0)]);
  });

  it("gives a fault and keeps nothing of a command when the disk is full", () => {
    const image = imageWith(1);
    const disk = new MemoryDisk({ capacityBytes: 3_000 });
    const { journal } = open(disk, image);
    let kept = 0;
    for (;; kept++) {
      const failed = journal.append(image, "a", [tombstone("a", kept), tombstone("a", -1)], NOW_MS);
      if (failed === null) continue;
      assert.equal(failed.code, "KAFKA_STORAGE_ERROR");
      break;
    }
    journal.flush();
    assert.ok(kept > 5);
    const expected = Array.from({ length: kept }, (_, n) => [tombstone("a", n), tombstone("a", -1)]).flat();
    assert.deepEqual(open(disk, image).records, expected);
  });

  it("serves the groups of sound logs beside one that is damaged, which it names", () => {
    const image = imageWith(2);
    const disk = new FaultyDisk();
    const first = open(disk, image).journal;
    for (let n = 0; n < 5; n++) {
      for (const group of ["a", "b"]) append(first, image, [tombstone(group, n)]);
      first.flush();
    }
    const positions = first.close();
    // "a" is 97, an odd number: the second partition.
    disk.flipBit("data/__consumer_offsets-1/00000000000000000000.log", 8 * 75);
    const { journal, records, report } = open(disk, image, positions);
    assert.deepEqual(records, Array.from({ length: 5 }, (_, n) => tombstone("b", n)));
    assert.match(report.join(), /Groups of "__consumer_offsets-1" are not served: Batch at position "0"/);
    assert.equal(journal.faultOf(image, "b"), null);
    assert.equal(journal.faultOf(image, "a")?.code, "COORDINATOR_NOT_AVAILABLE");
    assert.deepEqual(journal.append(image, "a", [tombstone("a", 9)], NOW_MS), journal.faultOf(image, "a"));
  });

  it("counts the records of types it does not know", () => {
    const image = imageWith(1);
    const disk = new MemoryDisk();
    const { journal } = open(disk, image);
    append(journal, image, [tombstone("a", 0)]);
    journal.flush();
    journal.close();
    const path = "data/__consumer_offsets-0/00000000000000000000.log";
    const file = disk.open(path, "write");
    const unknown = { timestamp: NOW_MS, key: new Uint8Array([0, 99]), value: new Uint8Array([0, 0]) };
    file.write(file.size, encodeBatch([unknown, unknown], { baseOffset: 1, leaderEpoch: 0 }));
    const { records, report } = open(disk, image);
    assert.deepEqual(records, [tombstone("a", 0)]);
    assert.match(report.join("\n"), /Passed over 2 records of "__consumer_offsets-0"/);
  });

  it("counts what Kafka's transactions committed from where it stands, and nothing of the others", () => {
    const image = imageWith(1);
    const disk = new MemoryDisk();
    const { journal } = open(disk, image);
    append(journal, image, [tombstone("a", 0)]);
    journal.close();
    const path = "data/__consumer_offsets-0/00000000000000000000.log";
    const file = disk.open(path, "write");
    let offset = 1;
    const put = (batch: Uint8Array) => file.write(file.size, batch);
    const commit = (partition: number, producerId = -1) => {
      const builder = new BatchBuilder();
      new GroupEncoder().encode(builder, image, tombstone("a", partition), NOW_MS);
      const owner = producerId < 0
        ? {}
        : { producerId, producerEpoch: 0, baseSequence: 0, isTransactional: true };
      put(builder.build({ baseOffset: offset++, leaderEpoch: 0, ...owner }));
    };
    const end = (producerId: number, outcome: "commit" | "abort") => {
      const marker = { outcome, producerId, producerEpoch: 0, coordinatorEpoch: 0, timestamp: NOW_MS };
      put(encodeMarker(marker, { baseOffset: offset++, leaderEpoch: 0 }));
    };
    commit(1, 70);
    commit(2, 71);
    commit(3, 72);
    commit(4);
    end(71, "abort");
    end(70, "commit");
    commit(5, 71);
    commit(6);
    end(71, "commit");
    assert.deepEqual(
      open(disk, image).records,
      [0, 1, 4, 5, 6].map((partition) => tombstone("a", partition)),
    );
  });
});
