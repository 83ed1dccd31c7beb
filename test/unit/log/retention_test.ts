/** Retention's rules one by one: by age, by size, below the log start; what is never dropped; the files afterwards. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Log, openLog, parseLeaderEpochs, verifyLog } from "../../../src/log/mod.ts";
import type { LogSettings } from "../../../src/model/mod.ts";
import { encodeBatch } from "../../../src/record/mod.ts";
import { FaultyDisk } from "../../../src/storage/mod.ts";
import {
  append,
  batchBy,
  batchOf,
  DIRECTORY,
  fetch,
  newLog,
  NOW_MS,
  optionsOf,
  readAll,
  settingsOf,
} from "./fixtures.ts";

const NEVER = Number.MAX_SAFE_INTEGER;
const ALL = 1_000;
const HOUR_MS = 3_600_000;
const KEEP_ALL = { retentionMs: NEVER, timestampAfterMaxMs: NEVER, indexIntervalBytes: 100 };

function newDisk(): FaultyDisk {
  const disk = new FaultyDisk();
  disk.makeDirectory("data");
  disk.syncDirectory(".");
  return disk;
}

/** One record with a key, as a compacted log asks for. */
function keyedBatch(value: string, timestamp = NOW_MS): Uint8Array {
  return Uint8Array.from(encodeBatch([{ key: "key", value, timestamp }]));
}

/** A log of one segment for each list of times, one record each; the last one is active. */
function logOf(segments: readonly (readonly number[])[], settings: Partial<LogSettings>, disk = newDisk()) {
  const { log } = newLog({ ...KEEP_ALL, ...settings }, disk);
  segments.forEach((times, index) => {
    if (index > 0) log.roll(NOW_MS);
    for (const time of times) append(log, keyedBatch("x".repeat(40), time));
  });
  return { log, disk };
}

function names(disk: FaultyDisk, suffix: string): string[] {
  return disk.list(DIRECTORY).map(({ name }) => name).filter((name) => name.endsWith(suffix));
}

function readTextOf(disk: FaultyDisk, name: string): string {
  const file = disk.open(`${DIRECTORY}/${name}`, "read");
  const text = new TextDecoder().decode(file.view(0, file.size));
  file.close();
  return text;
}

function reopened(log: Log, disk: FaultyDisk, settings: Partial<LogSettings>) {
  const { recoveryPoint, logStartOffset } = log;
  const options = { settings: settingsOf({ ...KEEP_ALL, ...settings }), recoveryPoint, logStartOffset };
  return openLog(disk, DIRECTORY, optionsOf(options));
}

const [OLD, FRESH] = [NOW_MS - 2 * HOUR_MS, NOW_MS - HOUR_MS];

describe("Log.retain by age", () => {
  it("drops segments whose largest timestamp is older than retention.ms, and not one that is just as old", () => {
    const { log } = logOf([[OLD, OLD], [OLD - 9, FRESH, OLD], [FRESH]], { retentionMs: HOUR_MS });
    assert.equal(log.retain(NOW_MS, ALL), 1);
    assert.deepEqual([log.logStartOffset, log.segmentCount, [...readAll(log).keys()]], [2, 2, [2, 3, 4, 5]]);
    assert.equal(log.retain(NOW_MS, ALL), 0);
    assert.equal(log.retain(NOW_MS + 1, ALL), 2);
  });

  it("is held up by a segment from the future, and by one that has to stay", () => {
    for (const time of [NOW_MS + HOUR_MS, FRESH]) {
      const { log } = logOf([[OLD], [OLD, time], [OLD], [FRESH]], { retentionMs: HOUR_MS });
      assert.deepEqual([log.retain(NOW_MS, ALL), log.logStartOffset], [1, 1]);
    }
  });

  it("goes by the time of the file where no record has a time", () => {
    let fileMs = OLD;
    const disk = new FaultyDisk({ nowMs: () => fileMs });
    disk.makeDirectory("data");
    const { log } = logOf([[-1], [-1]], { retentionMs: HOUR_MS }, disk);
    fileMs = FRESH;
    append(log, batchOf(["later"], -1));
    assert.deepEqual([log.retain(NOW_MS, ALL), log.logStartOffset], [1, 1]);
  });

  it("rolls the active segment when all of it is due, and goes on with the next offset", () => {
    const { log, disk } = logOf([[OLD], [OLD], [OLD, OLD]], { retentionMs: HOUR_MS });
    assert.equal(log.retain(NOW_MS, ALL), 3);
    assert.deepEqual([log.logStartOffset, log.logEndOffset, log.segmentCount, log.bytes], [4, 4, 1, 0]);
    assert.equal(log.retain(NOW_MS + HOUR_MS, ALL), 0, "an empty segment stays");
    assert.equal(fetch(log, 3).fault?.code, "OFFSET_OUT_OF_RANGE");
    assert.equal(append(log, batchOf(["next"])), 4);
    log.close();
    const { log: again, report } = reopened(log, disk, {});
    assert.deepEqual([[...readAll(again)], report], [[[4, "next"]], []]);
  });

  it("keeps a segment whose index lies about its time, or can't be read", () => {
    const { log, disk } = logOf([[OLD, FRESH], [FRESH]], { retentionMs: HOUR_MS });
    log.close();
    disk.flipBit(`${DIRECTORY}/00000000000000000000.timeindex`, 16);
    const { log: again } = reopened(log, disk, { retentionMs: HOUR_MS });
    again.setHighWatermark(3);
    assert.equal(again.retain(NOW_MS, ALL), 0);
    assert.match(again.takeNotices().join(), /Rebuilt the indexes/);
    disk.fail({ operation: "open", path: `${DIRECTORY}/00000000000000000000.timeindex` });
    const { log: unread } = reopened(again, disk, { retentionMs: HOUR_MS });
    unread.setHighWatermark(3);
    assert.equal(unread.retain(NOW_MS + 1, ALL), 0);
    assert.match(unread.takeNotices().join(), /its age can't be read/);
    assert.equal(unread.retain(NOW_MS + 1, ALL), 2);
  });
});

describe("Log.retain by size", () => {
  it("drops what retention.bytes can do without, and never goes below it", () => {
    for (
      const [kept, dropped] of [[0, 4], [1, 3], [100, 3], [101, 2], [300, 1], [301, 0], [400, 0]] as const
    ) {
      const { log } = logOf([[OLD], [OLD], [OLD], [OLD]], {});
      const retentionBytes = kept * log.bytes / 400;
      log.configure(settingsOf({ ...KEEP_ALL, retentionBytes }));
      assert.deepEqual([kept, log.retain(NOW_MS, ALL)], [kept, dropped]);
      assert.ok(log.bytes >= retentionBytes);
    }
  });
});

describe("Log.retain", () => {
  it("leaves a log alone that is only compacted, but for what is below the log start", () => {
    const settings = { cleanupDelete: false, cleanupCompact: true, retentionMs: 0, retentionBytes: 0 };
    const { log, disk } = logOf([[OLD], [OLD], [OLD]], settings);
    assert.equal(log.retain(NOW_MS, ALL), 0);
    log.close();
    const changes = { settings: settingsOf(settings), recoveryPoint: 3, logStartOffset: 2, highWatermark: 3 };
    const { log: again } = openLog(disk, DIRECTORY, optionsOf(changes));
    assert.deepEqual([again.segmentCount, again.retain(NOW_MS, ALL), again.segmentCount], [3, 2, 1]);
    assert.deepEqual([...readAll(again).keys()], [2]);
  });

  it("keeps what is at or above the high watermark", () => {
    const { log } = logOf([[OLD], [OLD, OLD], [OLD]], { retentionMs: 0 });
    log.setHighWatermark(2);
    assert.deepEqual([log.retain(NOW_MS, ALL), log.logStartOffset], [1, 1]);
    log.setHighWatermark(3);
    assert.deepEqual([log.retain(NOW_MS, ALL), log.logStartOffset], [1, 3]);
  });

  it("drops no more at once than it may", () => {
    const { log } = logOf([[OLD], [OLD], [OLD]], { retentionMs: 0 });
    const counts = [1, 2, 3, 4].map(() => [log.retain(NOW_MS, 1), log.logStartOffset]);
    assert.deepEqual(counts, [[1, 1], [1, 2], [1, 3], [0, 3]]);
  });

  it("drops the sealed segments when a full disk refuses to roll the active one", () => {
    const { log, disk } = logOf([[OLD], [OLD], [OLD]], { retentionMs: 0 });
    const next = `${DIRECTORY}/00000000000000000003.log`;
    disk.fail({ operation: "open", path: next, code: "full" });
    assert.throws(() => log.retain(NOW_MS, ALL), { code: "full" });
    assert.deepEqual([log.logStartOffset, [...readAll(log).keys()]], [2, [2]]);
    assert.deepEqual([log.retain(NOW_MS, ALL), log.logStartOffset], [1, 3]);
  });

  it("keeps what tells of producers while a full disk has no room for a snapshot that does", () => {
    const disk = newDisk();
    const settings = { ...KEEP_ALL, retentionMs: HOUR_MS };
    const { log } = newLog(settings, disk);
    append(log, batchBy(7, 0, 0, 2, OLD));
    disk.full = true;
    assert.throws(() => log.retain(NOW_MS, ALL), { code: "full" });
    assert.throws(() => log.retain(NOW_MS, ALL), { code: "full" });
    assert.deepEqual([log.logStartOffset, log.logEndOffset], [0, 2]);
    disk.full = false;
    assert.equal(log.retain(NOW_MS, ALL), 1);
    disk.crash(() => 0);
    const options = { settings: settingsOf(settings), clean: false, highWatermark: 2 };
    const { log: again } = openLog(disk, DIRECTORY, optionsOf(options));
    assert.deepEqual([again.logStartOffset, again.logEndOffset], [2, 2]);
    assert.deepEqual(again.describeProducers(OLD).map(({ lastSequence }) => lastSequence), [1]);
  });

  it("takes the leader epochs and the producers' snapshots of what it drops, but no producer", () => {
    const disk = newDisk();
    const { log } = newLog({ ...KEEP_ALL, retentionMs: HOUR_MS }, disk);
    append(log, batchBy(7, 0, 0, 2, OLD));
    log.roll(NOW_MS);
    log.setLeaderEpoch(3);
    append(log, batchOf(["later"], FRESH));
    assert.equal(log.retain(NOW_MS, ALL), 1);
    const epochs = readTextOf(disk, "leader-epoch-checkpoint");
    assert.deepEqual(parseLeaderEpochs(epochs), [{ epoch: 3, startOffset: 2 }]);
    assert.deepEqual(names(disk, ".snapshot"), ["00000000000000000002.snapshot"]);
    disk.kill();
    const options = { clean: false, logStartOffset: 2, leaderEpoch: 3, highWatermark: 3 };
    const { log: again } = openLog(disk, DIRECTORY, optionsOf(options));
    assert.deepEqual(again.describeProducers(OLD).map(({ producerId }) => producerId), [7]);
    const repeated = again.append(batchBy(7, 0, 0, 2, OLD), NOW_MS);
    assert.equal("code" in repeated ? repeated.code : repeated.baseOffset, 0);
  });
});

describe("Files of dropped segments", () => {
  it("are renamed, and removed when file.delete.delay.ms is over", () => {
    const { log, disk } = logOf([[OLD], [FRESH]], { retentionMs: HOUR_MS, deleteDelayMs: 500 });
    assert.equal(log.deletedFiles.dueMs, NEVER);
    assert.equal(log.retain(NOW_MS, ALL), 1);
    log.flush();
    const renamed = [".index", ".log", ".timeindex"].map((suffix) => `${"0".repeat(20)}${suffix}.deleted`);
    assert.deepEqual(names(disk, ".deleted"), renamed.filter((name) => names(disk, "").includes(name)));
    assert.ok(names(disk, ".deleted").includes(renamed[1]!));
    assert.deepEqual(verifyLog(disk, DIRECTORY), []);
    assert.equal(log.deletedFiles.dueMs, NOW_MS + 500);
    assert.equal(log.deletedFiles.removeDue(NOW_MS + 499, ALL), 0);
    assert.equal(log.deletedFiles.removeDue(NOW_MS + 500, ALL), 1);
    assert.deepEqual([names(disk, ".deleted"), log.deletedFiles.dueMs], [[], NEVER]);
  });

  it("are removed when the log is opened before that", () => {
    const { log, disk } = logOf([[OLD], [OLD], [FRESH]], { retentionMs: HOUR_MS });
    assert.equal(log.retain(NOW_MS, ALL), 2);
    log.close();
    assert.ok(names(disk, ".deleted").length > 0);
    const { log: again, report } = reopened(log, disk, {});
    assert.deepEqual([names(disk, ".deleted"), report, again.logStartOffset], [[], [], 2]);
  });
});

describe("Log.append of a compacted log", () => {
  it("rolls at max.compaction.lag.ms when that is shorter than segment.ms", () => {
    const rolledAfter = (ageMs: number, settings: Partial<LogSettings>) => {
      const { log } = newLog({ segmentMs: 1_000, compactionLagMsMax: 500, ...settings });
      append(log, keyedBatch("first"));
      append(log, keyedBatch("second", NOW_MS + ageMs), NOW_MS + ageMs);
      return log.segmentCount === 2;
    };
    const compacted = { cleanupCompact: true };
    assert.deepEqual([500, 501].map((ageMs) => rolledAfter(ageMs, compacted)), [false, true]);
    assert.deepEqual([501, 1_000, 1_001].map((ageMs) => rolledAfter(ageMs, {})), [false, false, true]);
  });
});
