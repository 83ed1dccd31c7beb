/** The log's rules one by one: rolling, times, trimming, epochs, what recovery says. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { dumpSegment, openLog, verifyLog } from "../../../src/log/mod.ts";
import type { LogSettings } from "../../../src/model/mod.ts";
import { readRecords } from "../../../src/record/mod.ts";
import { FaultyDisk, MemoryDisk } from "../../../src/storage/mod.ts";
import {
  append,
  batchOf,
  CountingDisk,
  DIRECTORY,
  fetch,
  newLog,
  NOW_MS,
  optionsOf,
  readAll,
  settingsOf,
} from "./fixtures.ts";

const SMALL = { segmentBytesMax: 400, indexIntervalBytes: 100 };

function filled(settings: Partial<LogSettings>, count: number) {
  const disk = new FaultyDisk();
  disk.makeDirectory("data");
  disk.syncDirectory(".");
  const made = newLog(settings, disk);
  for (let index = 0; index < count; index++) append(made.log, batchOf([`value ${index}`]));
  return { log: made.log, disk };
}

describe("Log.append", () => {
  it("rolls when the batch is later than the segment's first one by segment.ms, less jitter", () => {
    const rolledAfter = (jitter: number, ageMs: number) => {
      const settings = settingsOf({ segmentMs: 1_000, segmentJitterMs: 400 });
      const { log } = openLog(new MemoryDisk(), DIRECTORY, optionsOf({ settings, jitter }));
      append(log, batchOf(["first"]));
      append(log, batchOf(["second"], NOW_MS + ageMs), NOW_MS + ageMs);
      return log.segmentCount === 2;
    };
    assert.deepEqual([rolledAfter(0, 1_000), rolledAfter(0, 1_001)], [false, true]);
    assert.deepEqual([rolledAfter(0.5, 800), rolledAfter(0.5, 801)], [false, true]);
  });

  it("rolls by the segment's own age when records have no time", () => {
    const { log } = newLog({ segmentMs: 1_000 });
    append(log, batchOf(["first"], -1));
    append(log, batchOf(["second"], -1), NOW_MS + 1_000);
    assert.equal(log.segmentCount, 1);
    append(log, batchOf(["third"], -1), NOW_MS + 1_001);
    assert.equal(log.segmentCount, 2);
  });

  it("rolls when an index is full", () => {
    const { log } = newLog({ indexIntervalBytes: 0, indexBytesMax: 40 });
    for (let index = 0; index < 30; index++) append(log, batchOf([`v${index}`], NOW_MS + index));
    assert.ok(log.segmentCount > 5, String(log.segmentCount));
    assert.equal(readAll(log).size, 30);
    assert.equal(log.findTimestamp(NOW_MS + 17)?.constructor, Object);
    assert.deepEqual(log.findTimestamp(NOW_MS + 17), { offset: 17, timestamp: NOW_MS + 17, leaderEpoch: 0 });
  });

  it("refuses batches past max.message.bytes or segment.bytes, and implausible times", () => {
    const refuse = (settings: Partial<LogSettings>, batch: Uint8Array) => {
      const result = newLog(settings).log.append(batch, NOW_MS);
      return "code" in result ? result.code : null;
    };
    const batch = batchOf(["x".repeat(100)]);
    assert.equal(refuse({ messageBytesMax: 100 }, batch), "MESSAGE_TOO_LARGE");
    assert.equal(refuse({ segmentBytesMax: 100 }, batch), "RECORD_LIST_TOO_LARGE");
    const late = batchOf(["late"], NOW_MS + 3_600_001);
    assert.equal(refuse({}, late), "INVALID_TIMESTAMP");
    assert.equal(refuse({ timestampAfterMaxMs: 4_000_000 }, late), null);
    assert.equal(refuse({ timestampBeforeMaxMs: 10 }, batchOf(["early"], NOW_MS - 11)), "INVALID_TIMESTAMP");
    assert.equal(refuse({ timestampBeforeMaxMs: 10 }, batchOf(["no time"], -1)), null);
    assert.equal(refuse({ timestampType: "LogAppendTime" }, late), null);
  });

  it("stamps the broker's time when the topic asks for it", () => {
    const { log } = newLog({ timestampType: "LogAppendTime" });
    const result = log.append(batchOf(["a", "b"], 5), NOW_MS);
    assert.deepEqual(result, { baseOffset: 0, lastOffset: 1, logAppendTimeMs: NOW_MS });
    assert.deepEqual(readRecords(fetch(log, 0).bytes).map((record) => record.timestamp), [NOW_MS, NOW_MS]);
    assert.deepEqual(log.findTimestamp(6), { offset: 0, timestamp: NOW_MS, leaderEpoch: 0 });
  });

  it("takes new settings at once", () => {
    const { log } = newLog();
    append(log, batchOf(["a"]));
    log.configure(settingsOf({ segmentBytesMax: 100 }));
    append(log, batchOf(["b"]));
    assert.equal(log.segmentCount, 2);
  });
});

describe("Log.locate", () => {
  it("gives whole batches within the bytes, the first one whole if asked, none beyond the upper offset", () => {
    const { log } = newLog();
    for (let index = 0; index < 5; index++) append(log, batchOf(["a", "b"]));
    const size = log.bytes / 5;
    const slice = (offset: number, bytesMax: number, upperOffset: number, atLeastOne: boolean) => {
      const found = log.locate(offset, bytesMax, upperOffset, atLeastOne);
      return "code" in found ? found.code : [found.firstOffset, found.nextOffset, found.length / size];
    };
    assert.deepEqual(slice(3, 2 * size, 10, true), [2, 6, 2]);
    assert.deepEqual(slice(3, 3 * size - 1, 10, true), [2, 6, 2]);
    assert.deepEqual(slice(3, 1, 10, true), [2, 4, 1]);
    assert.deepEqual(slice(3, 1, 10, false), [2, 3, 0]);
    assert.deepEqual(slice(3, 10 * size, 8, true), [2, 8, 3]);
    assert.deepEqual(slice(3, 10 * size, 7, true), [2, 6, 2]);
    assert.deepEqual(slice(8, 10 * size, 8, true), [8, 8, 0]);
    assert.equal(slice(11, 10 * size, 10, true), "OFFSET_OUT_OF_RANGE");
  });
});

describe("Log.trim", () => {
  it("keeps to the high watermark, removes whole segments, and survives a restart", () => {
    const { log, disk } = filled(SMALL, 20);
    log.setHighWatermark(12);
    assert.equal(log.trim(7), 7);
    assert.equal(fetch(log, 6).fault?.code, "OFFSET_OUT_OF_RANGE");
    assert.equal(log.trim(100), 12);
    assert.equal(log.trim(3), 12);
    const { segmentCount, bytes } = log;
    log.close();
    const options = optionsOf({ settings: settingsOf(SMALL), logStartOffset: 12, recoveryPoint: 20 });
    const { log: again, report } = openLog(disk, DIRECTORY, options);
    assert.deepEqual([again.logStartOffset, again.segmentCount, again.bytes, report], [
      12,
      segmentCount,
      bytes,
      [],
    ]);
    assert.deepEqual([...readAll(again).keys()], [12, 13, 14, 15, 16, 17, 18, 19]);
  });

  it("frees everything when all is trimmed, and goes on with the next offset", () => {
    const { log, disk } = filled(SMALL, 20);
    assert.equal(log.trim(20), 20);
    assert.deepEqual([log.bytes, log.segmentCount], [0, 1]);
    disk.crash(() => 0);
    const { log: again } = openLog(
      disk,
      DIRECTORY,
      optionsOf({ clean: false, recoveryPoint: log.recoveryPoint }),
    );
    assert.equal(again.logEndOffset, 20);
    assert.equal(append(again, batchOf(["next"])), 20);
  });
});

describe("Log.endOffsetForEpoch", () => {
  it("answers from the epochs, which survive a restart and a lost file", () => {
    const { log, disk } = filled(SMALL, 4);
    log.setLeaderEpoch(3);
    for (let index = 0; index < 4; index++) append(log, batchOf(["later"]));
    const answers = [0, 1, 3].map((epoch) => log.endOffsetForEpoch(epoch));
    assert.deepEqual(answers, [
      { leaderEpoch: 0, endOffset: 4 },
      { leaderEpoch: 0, endOffset: 4 },
      { leaderEpoch: 3, endOffset: 8 },
    ]);
    log.close();
    const options = optionsOf({ settings: settingsOf(SMALL), recoveryPoint: 8, leaderEpoch: 3 });
    const kept = openLog(disk, DIRECTORY, options);
    assert.deepEqual([0, 1, 3].map((epoch) => kept.log.endOffsetForEpoch(epoch)), answers);
    kept.log.close();
    disk.remove(`${DIRECTORY}/leader-epoch-checkpoint`);
    const rebuilt = openLog(disk, DIRECTORY, options);
    assert.deepEqual([0, 1, 3].map((epoch) => rebuilt.log.endOffsetForEpoch(epoch)), answers);
    assert.match(rebuilt.report.join(), /Rebuilt the leader epochs/);
  });
});

describe("recovery", () => {
  it("cuts a torn tail and what lies behind a hole above the recovery point, and says so", () => {
    const { log, disk } = filled({}, 6);
    const size = log.bytes / 6;
    const path = `${DIRECTORY}/00000000000000000000.log`;
    disk.kill();
    const file = disk.open(path, "write");
    file.truncate(6 * size - 10);
    file.close();
    const torn = openLog(disk, DIRECTORY, optionsOf({ clean: false }));
    assert.deepEqual([torn.log.logEndOffset, torn.report.length], [5, 1]);
    assert.match(
      torn.report[0]!,
      new RegExp(`Cut ${size - 10} bytes at position "${5 * size}" off "${path}"`),
    );
    disk.kill();
    disk.flipBit(path, 8 * (2 * size + 70));
    const holed = openLog(disk, DIRECTORY, optionsOf({ clean: false }));
    assert.deepEqual([holed.log.logEndOffset, readAll(holed.log).size], [2, 2]);
    assert.equal(append(holed.log, batchOf(["again"])), 2);
  });

  it("keeps damage below the recovery point and serves what lies around it", () => {
    const { log, disk } = filled({}, 6);
    const size = log.bytes / 6;
    log.close();
    const path = `${DIRECTORY}/00000000000000000000.log`;
    const file = disk.open(path, "write");
    file.write(2 * size, new Uint8Array(40).fill(0xaa));
    file.close();
    disk.remove(`${DIRECTORY}/00000000000000000000.index`);
    const { log: again, report } = openLog(disk, DIRECTORY, optionsOf({ clean: false, recoveryPoint: 6 }));
    assert.deepEqual([again.logEndOffset, again.bytes], [6, 6 * size]);
    assert.match(report.join(), /it is kept/);
    assert.deepEqual([0, 1, 2, 3, 4, 5].map((offset) => fetch(again, offset).fault?.code ?? "good"), [
      "good",
      "good",
      "CORRUPT_MESSAGE",
      "good",
      "good",
      "good",
    ]);
    const found = verifyLog(disk, DIRECTORY).filter((finding) => finding.path === path);
    assert.deepEqual(found.map((finding) => finding.position), [2 * size]);
  });

  it("goes on in a new segment when the promised end of the file is damaged", () => {
    const { log, disk } = filled({}, 6);
    const size = log.bytes / 6;
    log.close();
    disk.flipBit(`${DIRECTORY}/00000000000000000000.log`, 8 * (5 * size + 70));
    for (const clean of [true, false]) {
      const { log: again } = openLog(disk, DIRECTORY, optionsOf({ clean, recoveryPoint: 6 }));
      again.setHighWatermark(again.logEndOffset);
      assert.equal(append(again, batchOf(["next"])) >= 6, true);
      assert.equal(fetch(again, 5).fault?.code, "CORRUPT_MESSAGE");
      assert.equal(fetch(again, 6).fault, null);
      disk.kill();
    }
  });

  it("makes a cut durable before anything is appended: what was cut never comes back", () => {
    const { log, disk } = filled({}, 6);
    const size = log.bytes / 6;
    log.flush();
    disk.kill();
    const path = `${DIRECTORY}/00000000000000000000.log`;
    disk.flipBit(path, 8 * (2 * size + 70));
    openLog(disk, DIRECTORY, optionsOf({ clean: false }));
    disk.crash(() => 0);
    assert.equal(disk.stat(path)?.size, 2 * size);
  });

  it("does not believe the last batch's last offset without its CRC, even below the recovery point", () => {
    const { log, disk } = filled({}, 5);
    const size = log.bytes / 5;
    append(log, batchOf(["a", "b"]));
    log.close();
    disk.flipBit(`${DIRECTORY}/00000000000000000000.log`, 8 * (5 * size + 26));
    const { log: again, report } = openLog(disk, DIRECTORY, optionsOf({ clean: false, recoveryPoint: 7 }));
    assert.equal(again.logEndOffset, 7);
    assert.match(report.join(), /is not written to any more/);
  });

  it("has time entries on the device before it writes the offset entries that vouch for them", () => {
    const { log, disk } = filled(SMALL, 1);
    disk.fail({ operation: "sync", path: `${DIRECTORY}/00000000000000000000.timeindex` });
    assert.throws(() => {
      for (let index = 0; index < 9; index++) append(log, batchOf(["value"]));
    }, { name: "DiskError", code: "io" });
    assert.equal(disk.stat(`${DIRECTORY}/00000000000000000000.index`), null);
  });

  it("reads no more than what lies behind the last index entry below the recovery point", () => {
    const memory = new MemoryDisk();
    const { log } = newLog({ indexIntervalBytes: 4_096 }, memory);
    for (let index = 0; index < 300; index++) append(log, batchOf(["x".repeat(2_000)]));
    log.close();
    const counting = new CountingDisk(memory);
    const { log: again } = openLog(counting, DIRECTORY, optionsOf({ clean: false, recoveryPoint: 290 }));
    assert.equal(again.logEndOffset, 300);
    assert.ok(counting.logBytesRead < 100_000, String(counting.logBytesRead));
  });
});

describe("Log.flush", () => {
  it("raises the recovery point over sealed segments and says what is unflushed", () => {
    const { log, disk } = filled(SMALL, 20);
    assert.deepEqual([log.recoveryPoint, log.unflushedRecords, log.unflushedSinceMs], [0, 20, NOW_MS]);
    log.flush();
    assert.deepEqual([log.recoveryPoint, log.unflushedRecords, log.unflushedSinceMs], [20, 0, -1]);
    disk.crash(() => 0);
    const { log: again } = openLog(disk, DIRECTORY, optionsOf({ clean: false, recoveryPoint: 20 }));
    assert.equal(readAll(again).size, 20);
  });
});

describe("dumpSegment", () => {
  it("shows batches, records and index entries, and goes on behind damage", () => {
    const { log, disk } = filled({ indexIntervalBytes: 100 }, 5);
    const size = log.bytes / 5;
    log.close();
    const path = `${DIRECTORY}/00000000000000000000`;
    disk.flipBit(`${path}.log`, 8 * (size + 16));
    const seen: string[] = [];
    for (const suffix of [".log", ".index", ".timeindex"]) {
      const isKnown = dumpSegment(disk, path + suffix, { records: true }, (entry) => {
        if (entry.kind === "batch") {
          seen.push(`${entry.baseOffset} ${entry.isSound} ${entry.records?.length}`);
        } else if (entry.kind === "offset_entry") seen.push(`${entry.offset} at ${entry.position / size}`);
        else if (entry.kind === "time_entry") seen.push(`${entry.offset} time ${entry.timestamp - NOW_MS}`);
        else if (entry.kind === "damage") seen.push(`damage at ${entry.position / size}`);
      });
      assert.ok(isKnown);
    }
    assert.equal(dumpSegment(disk, "data/other.txt", { records: false }, () => {}), false);
    assert.deepEqual(seen, [
      "0 true 1",
      "damage at 1",
      "2 true 1",
      "3 true 1",
      "4 true 1",
      "2 at 2",
      "4 at 4",
      "0 time 0",
    ]);
  });
});

describe("verifyLog", () => {
  it("has nothing to say of a sound log", () => {
    const { log, disk } = filled(SMALL, 20);
    log.close();
    assert.deepEqual(verifyLog(disk, DIRECTORY), []);
  });
});
