import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { decide as decideOne } from "../../../src/coordinator/decide.ts";
import { BLOCK_EMPTY } from "../../../src/coordinator/producers/ids.ts";
import type { Coordinator } from "../../../src/coordinator/mod.ts";
import {
  applyEvents,
  type CoordinatorCommand,
  type Image,
  isGroupCommand,
  PARTITIONS_PER_TOPIC_MAX,
} from "../../../src/model/mod.ts";
import { type Disk, DiskError, FaultyDisk, MemoryDisk } from "../../../src/storage/mod.ts";
import { create, decide, newId, NOW_MS, open, openOutput, SETTINGS, stop } from "./world.ts";

const DIRECTORY = "data/__cluster_metadata-0";

/** A few names and numbers, so that commands meet each other often. */
const name = fc.constantFrom("a", "b", "c.d", "c_d", "e", "bad/name");
const settings = fc.constantFrom<Record<string, string>>({}, { "retention.ms": "5" }, { "segment.ms": "7" });
const changes = fc.constantFrom<Record<string, string | null>>(
  { "retention.ms": null },
  { "retention.ms": "6", "segment.ms": null },
  { "no.such": "1" },
);
const command: fc.Arbitrary<CoordinatorCommand> = fc.oneof(
  fc.record({
    kind: fc.constant("create_topics" as const),
    topics: fc.array(
      fc.record({
        name,
        partitions: fc.integer({ min: -1, max: 4 }),
        replicationFactor: fc.constant(1),
        assignments: fc.constant(null),
        settings,
      }),
      { maxLength: 3 },
    ),
    validateOnly: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("delete_topics" as const), topics: fc.array(name, { maxLength: 2 }) }),
  fc.record({
    kind: fc.constant("alter_topics" as const),
    topics: fc.array(fc.record({ name, settings: changes }), { maxLength: 2 }),
    validateOnly: fc.constant(false),
  }),
  fc.record({
    kind: fc.constant("add_partitions" as const),
    topics: fc.array(
      fc.record({ name, partitions: fc.integer({ min: 0, max: 9 }), assignments: fc.constant(null) }),
      { maxLength: 2 },
    ),
    validateOnly: fc.constant(false),
  }),
  fc.record({
    kind: fc.constant("alter_broker" as const),
    settings: fc.constantFrom<Record<string, string | null>>(
      { "log.retention.ms": "5", "log.cleanup.policy": "compact" },
      { "log.retention.ms": null },
      { "node.id": "9" },
    ),
    validateOnly: fc.boolean(),
  }),
  fc.record({ kind: fc.constant("init_producer_id" as const) }),
);
const turns = fc.array(fc.array(command, { minLength: 1, maxLength: 3 }), { maxLength: 12 });

/** What of an image must survive; versions count from the last snapshot. */
function content({ topics, brokerSettings, nextProducerId }: Image) {
  const sorted = [...topics.values()].sort((left, right) => left.name < right.name ? -1 : 1);
  return { topics: sorted, brokerSettings, nextProducerId };
}

function snapshots(disk: Disk): string[] {
  return disk.list(DIRECTORY).map((entry) => entry.name).filter((name) => name.endsWith(".checkpoint"));
}

function flip(disk: FaultyDisk, path: string): void {
  disk.flipBit(path, Math.floor(disk.stat(path)!.size / 2) * 8);
}

/** Fills the journal until there are two snapshots and a tail behind them. */
function fill(coordinator: Coordinator, disk: Disk): void {
  for (let count = 0; snapshots(disk).length < 2; count++) decide(coordinator, create(`topic-${count}`));
  decide(coordinator, create("tail"));
}

describe("the journal", () => {
  it("gives the same image back after any commands, cleanly stopped or not", () => {
    fc.assert(
      fc.property(turns, fc.boolean(), fc.constantFrom(300, 1_048_576), (turns, clean, snapshotBytesMin) => {
        const disk = new MemoryDisk();
        const first = open(disk, { snapshotBytesMin });
        for (const commands of turns) decide(first.coordinator, ...commands);
        const expected = content(first.coordinator.image);
        const recoveryPoint = clean ? stop(first.coordinator) : 0;
        const second = open(disk, { clean, recoveryPoint, snapshotBytesMin });
        assert.deepEqual(content(second.coordinator.image), expected);
        assert.deepEqual(
          [...second.coordinator.image.topicNamesById.values()].sort(),
          expected.topics.map((topic) => topic.name),
        );
      }),
      { numRuns: 60 },
    );
  });

  it("has every answered command after a power cut, and no part of another", () => {
    fc.assert(
      fc.property(turns, fc.nat(12), fc.nat(200), fc.integer(), (turns, writesBefore, keepBytes, seed) => {
        const disk = new FaultyDisk();
        const { coordinator } = open(disk, { snapshotBytesMin: 600 });
        disk.tearWrite({ after: writesBefore, keepBytes });
        let answered = coordinator.image;
        let pending: CoordinatorCommand | null = null;
        try {
          for (const command of turns.flat()) {
            pending = command;
            decide(coordinator, command);
            answered = coordinator.image;
            pending = null;
          }
        } catch (error) {
          if (!(error instanceof DiskError)) throw error;
        }
        disk.crash(seeded(seed));
        const after = open(disk, { snapshotBytesMin: 600 }).coordinator.image;
        if (isDeepStrictEqual(content(after), content(answered))) return;
        // The command under way may have reached the disk: then all of it did.
        assert.ok(pending !== null && !isGroupCommand(pending), "what is there is what was answered");
        const { events } = decideOne(answered, BLOCK_EMPTY, pending, { settings: SETTINGS, newId });
        assert.deepEqual(
          withoutNewIds(after, answered),
          withoutNewIds(applyEvents(answered, events), answered),
        );
      }),
      { numRuns: 150 },
    );
  });

  it("flushes once a turn, before any answer", () => {
    const disk = new FaultyDisk();
    const { coordinator } = open(disk);
    decide(coordinator, create("before"));
    disk.fail({ operation: "sync", path: `${DIRECTORY}/00000000000000000000.log` });
    assert.throws(() => decide(coordinator, create("x"), create("y")), DiskError);
    disk.crash(() => 0);
    assert.deepEqual([...open(disk).coordinator.image.topics.keys()], ["before"]);
  });

  it("says up to where it is flushed, which a start after a kill trusts and checks", () => {
    const disk = new FaultyDisk();
    const { coordinator } = open(disk);
    decide(coordinator, create("x"));
    const outputs = coordinator.turn([{ kind: "decide", id: 0, command: create("y") }], NOW_MS);
    const flushed = outputs.find((output) => output.kind === "flushed");
    assert.equal(flushed?.recoveryPoint, 8);
    // The last batch is damaged: behind the recovery point it would pass for torn and be cut.
    const path = `${DIRECTORY}/00000000000000000000.log`;
    disk.flipBit(path, (disk.stat(path)!.size - 3) * 8);
    const { output } = openOutput(disk, { recoveryPoint: 8 });
    assert(output.kind === "refused");
    assert.match(output.message, /offset "5"/);
  });

  it("answers a full disk with KAFKA_STORAGE_ERROR and changes nothing", () => {
    const disk = new FaultyDisk();
    const { coordinator } = open(disk);
    decide(coordinator, create("before"));
    disk.full = true;
    const [answers] = decide(coordinator, create("x"));
    assert.equal(answers![0]!.fault?.code, "KAFKA_STORAGE_ERROR");
    assert.equal(coordinator.image.topics.has("x"), false);
    disk.full = false;
    assert.equal(decide(coordinator, create("x"))[0]![0]!.fault, null);
    assert.deepEqual([...open(disk).coordinator.image.topics.keys()], ["before", "x"]);
  });

  it("stays bounded: snapshots replace what the log forgets", () => {
    const disk = new MemoryDisk();
    const { coordinator } = open(disk, { snapshotBytesMin: 2_000 });
    for (let round = 0; round < 200; round++) {
      decide(coordinator, create("x", { partitions: 5 }));
      decide(coordinator, { kind: "delete_topics", topics: ["x"] });
    }
    const bytes = disk.list(DIRECTORY).map(({ name }) => disk.stat(`${DIRECTORY}/${name}`)!.size);
    assert.ok(bytes.reduce((sum, size) => sum + size, 0) < 100_000);
    assert.equal(snapshots(disk).length, 2);
    assert.equal(open(disk).coordinator.image.topics.size, 0);
  });

  it("goes back to the snapshot before when the newest is damaged, and names it", () => {
    const disk = new FaultyDisk();
    const { coordinator } = open(disk, { snapshotBytesMin: 500 });
    fill(coordinator, disk);
    const newest = `${DIRECTORY}/${snapshots(disk).at(-1)}`;
    flip(disk, newest);
    const reopened = open(disk, { snapshotBytesMin: 500 });
    assert.ok(reopened.report.some((line) => line.includes(newest)), reopened.report.join());
    assert.deepEqual(content(reopened.coordinator.image), content(coordinator.image));
    decide(reopened.coordinator, create("more"), create("and-more"), create("and-yet-more"));
    assert.deepEqual(
      content(open(disk).coordinator.image),
      content(reopened.coordinator.image),
    );
  });

  it("refuses to start where a flushed batch is damaged, naming the offset", () => {
    const disk = new FaultyDisk();
    const { coordinator } = open(disk);
    for (const name of ["x", "y", "z"]) decide(coordinator, create(name));
    const recoveryPoint = stop(coordinator);
    flip(disk, `${DIRECTORY}/00000000000000000000.log`);
    const { output } = openOutput(disk, { clean: true, recoveryPoint });
    assert(output.kind === "refused");
    assert.match(output.message, /cannot be read at offset "\d+"/);
  });

  it("replays the whole log when every snapshot is damaged and nothing was trimmed yet", () => {
    const disk = new FaultyDisk();
    const { coordinator } = open(disk, { snapshotBytesMin: 500 });
    fill(coordinator, disk);
    for (const name of snapshots(disk)) flip(disk, `${DIRECTORY}/${name}`);
    assert.deepEqual(content(open(disk).coordinator.image), content(coordinator.image));
  });

  it("goes on behind its snapshot when the log's end is gone, and refuses to start without it", () => {
    const disk = new FaultyDisk();
    const { coordinator } = open(disk, { snapshotBytesMin: 500 });
    fill(coordinator, disk);
    decide(coordinator, { kind: "delete_topics", topics: ["tail"] });
    const log = disk.open(`${DIRECTORY}/00000000000000000000.log`, "write");
    log.truncate(0);
    log.close();
    const reopened = open(disk, { snapshotBytesMin: 1_000_000 });
    assert.ok(reopened.report.some((line) => /goes on at its snapshot/.test(line)));
    decide(reopened.coordinator, create("after"));
    assert.deepEqual(content(open(disk).coordinator.image), content(reopened.coordinator.image));
    assert.ok(open(disk).coordinator.image.topics.has("after"));
    // From here on the log alone does not tell the whole story.
    for (const name of snapshots(disk)) flip(disk, `${DIRECTORY}/${name}`);
    const { output } = openOutput(disk);
    assert(output.kind === "refused");
    assert.match(output.message, /begins at offset "\d+", but the newest sound snapshot/);
  });

  it("puts a snapshot off when the disk is full, and says so", () => {
    const disk = new FaultyDisk();
    const { coordinator } = open(disk, { snapshotBytesMin: 1 });
    disk.fail({
      operation: "write",
      path: `${DIRECTORY}/00000000000000000005-0000000001.checkpoint.part`,
      code: "full",
    });
    const input = { kind: "decide" as const, id: 0, command: create("x") };
    const outputs = coordinator.turn([input], NOW_MS);
    assert.deepEqual(outputs.map((output) => output.kind), ["decided", "notice", "flushed"]);
    assert.deepEqual([...open(disk).coordinator.image.topics.keys()], ["x"]);
  });

  it("keeps the largest topic there may be", () => {
    const disk = new MemoryDisk();
    const { coordinator } = open(disk);
    decide(coordinator, create("large", { partitions: PARTITIONS_PER_TOPIC_MAX }));
    const image = open(disk).coordinator.image;
    assert.equal(image.topics.get("large")!.partitions.length, PARTITIONS_PER_TOPIC_MAX);
  });
});

/** A small generator of numbers in [0, 1). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}

/** An image's topics, with the ids of those that `before` does not know left out. */
function withoutNewIds(image: Image, before: Image) {
  const { topics, ...rest } = content(image);
  return {
    ...rest,
    topics: topics.map((topic) => before.topicNamesById.has(topic.id) ? topic : { ...topic, id: "" }),
  };
}
