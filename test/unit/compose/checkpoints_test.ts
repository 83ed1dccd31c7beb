/** The checkpoint files: what a restart is told, and what must not be told any more. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Checkpoints } from "../../../src/checkpoints.ts";
import { applyEvents, IMAGE_EMPTY, type LogDescription } from "../../../src/model/mod.ts";
import { FaultyDisk, openDataDirectory } from "../../../src/storage/mod.ts";

/** A coordinator that said nothing. */
const SILENT = { recoveryPoint: null, groupLogs: [] };

function world() {
  const disk = new FaultyDisk();
  const notices: string[] = [];
  const read = () =>
    new Checkpoints(openDataDirectory("data", disk), false, (words) => void notices.push(words));
  return { disk, notices, read, checkpoints: read() };
}

function log(partition: number, logStartOffset: number, recoveryPoint: number, firstDirtyOffset = 0) {
  const description: LogDescription = {
    handle: partition,
    leaderEpoch: 0,
    logStartOffset,
    lastStableOffset: recoveryPoint,
    highWatermark: recoveryPoint,
    logEndOffset: recoveryPoint,
    recoveryPoint,
    firstDirtyOffset,
    bytes: 0,
    segments: 1,
    cleanings: 0,
    cleanedBytesBefore: 0,
    cleanedBytesAfter: 0,
    fault: null,
  };
  return { ...description, topic: "orders", partition };
}

describe("Checkpoints.write", () => {
  it("keeps a log start that was trimmed after the logs were asked", () => {
    const { checkpoints, read } = world();
    const stale = [log(0, 3, 9)];
    assert.equal(checkpoints.trimmed("orders", 0, 7), null);
    checkpoints.write(stale, SILENT);
    assert.deepEqual([read().of("orders", 0).logStartOffset, read().of("orders", 0).recoveryPoint], [7, 9]);
  });

  it("keeps the lines of logs that said nothing", () => {
    const { checkpoints, read } = world();
    checkpoints.write([log(0, 3, 9), log(1, 4, 8)], SILENT);
    checkpoints.write([log(1, 4, 12)], SILENT);
    assert.deepEqual([read().of("orders", 0).logStartOffset, read().of("orders", 1).recoveryPoint], [3, 12]);
  });
});

describe("Checkpoints.of", () => {
  it("gives up to where a log is compacted, which only those that are have a line for, in Kafka's form", () => {
    const { checkpoints, disk, read } = world();
    checkpoints.write([log(0, 3, 9, 7), log(1, 0, 8)], SILENT);
    const [known, unknown] = [read().of("orders", 0), read().of("orders", 1)];
    assert.deepEqual([known.firstDirtyOffset, unknown.firstDirtyOffset], [7, 0]);
    const file = disk.open("data/cleaner-offset-checkpoint", "read");
    assert.equal(new TextDecoder().decode(file.view(0, file.size)), "0\n1\norders 0 7\n");
    // It may go back: a log that was cut.
    checkpoints.write([log(0, 3, 9, 5)], SILENT);
    assert.equal(read().of("orders", 0).firstDirtyOffset, 5);
  });
});

describe("Checkpoints.groupLogs", () => {
  it("gives where the logs of __consumer_offsets stood, those that were written", () => {
    const { checkpoints, read } = world();
    assert.deepEqual(read().groupLogs, []);
    const positions = [
      { partition: 7, recoveryPoint: 9, logStartOffset: 3, highWatermark: 8 },
      { partition: 0, recoveryPoint: 0, logStartOffset: 0, highWatermark: 0 },
    ];
    checkpoints.write([log(0, 3, 9)], { recoveryPoint: 5, groupLogs: positions });
    assert.deepEqual(read().groupLogs, positions);
    assert.equal(read().journalRecoveryPoint, 5);
    // Another says nothing of the seventh: it is kept.
    checkpoints.write([], { recoveryPoint: 6, groupLogs: [{ ...positions[1]!, recoveryPoint: 2 }] });
    assert.deepEqual(read().groupLogs, [positions[0], { ...positions[1], recoveryPoint: 2 }]);
  });
});

describe("Checkpoints.trimmed", () => {
  it("gives a fault when the file cannot be written", () => {
    const { checkpoints, disk } = world();
    disk.full = true;
    assert.equal(checkpoints.trimmed("orders", 0, 7)?.code, "KAFKA_STORAGE_ERROR");
  });
});

describe("Checkpoints.forget", () => {
  it("takes the partition out of the files before it returns", () => {
    const { checkpoints, read } = world();
    checkpoints.write([log(0, 3, 9)], SILENT);
    checkpoints.forget([{ topic: "orders", partition: 0 }]);
    assert.deepEqual([read().of("orders", 0).logStartOffset, read().of("orders", 0).recoveryPoint], [0, 0]);
  });

  it("writes the files later when the disk is full now", () => {
    const { checkpoints, disk, notices, read } = world();
    checkpoints.write([log(0, 3, 9)], SILENT);
    disk.full = true;
    checkpoints.forget([{ topic: "orders", partition: 0 }]);
    assert.equal(notices.length, 1);
    disk.full = false;
    checkpoints.of("orders", 0);
    assert.equal(read().of("orders", 0).logStartOffset, 0);
  });
});

describe("Checkpoints.keepOnly", () => {
  it("forgets what the image does not know, and keeps the rest and the journal", () => {
    const { checkpoints, read } = world();
    checkpoints.write([log(0, 3, 9), log(1, 4, 8)], { recoveryPoint: 5, groupLogs: [] });
    const partitions = [{ partition: 0, leader: 1, leaderEpoch: 0, replicas: [1], inSyncReplicas: [1] }];
    const topic = { name: "orders", id: "AAECAwQFBgcICQoLDA0ODw", internal: false, partitions, settings: {} };
    checkpoints.keepOnly(applyEvents(IMAGE_EMPTY, [{ kind: "topic_created", topic }]));
    const kept = read();
    assert.deepEqual([kept.of("orders", 0).logStartOffset, kept.of("orders", 1).logStartOffset], [3, 0]);
    assert.equal(kept.journalRecoveryPoint, 5);
  });
});
