import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openLog } from "../../../src/log/mod.ts";
import { MemoryDisk } from "../../../src/storage/mod.ts";
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

describe("openLog", () => {
  it("makes the directory, an empty segment and the topic's metadata", () => {
    const { log, disk } = newLog();
    assert.deepEqual(disk.list(DIRECTORY).map((entry) => entry.name), [
      "00000000000000000000.log",
      "partition.metadata",
    ]);
    assert.deepEqual([log.logStartOffset, log.logEndOffset, log.segmentCount, log.bytes], [0, 0, 1, 0]);
  });

  it("refuses the directory of another topic", () => {
    const { log, disk } = newLog();
    append(log, batchOf(["a"]));
    log.close();
    const other = { ...optionsOf(), topicId: "BAECAwQFBgcICQoLDA0ODw" };
    assert.throws(() => openLog(disk, DIRECTORY, other), { name: "LogError", code: "inconsistent_topic_id" });
  });

  it("reads no record bytes after a clean stop, whatever the number of segments", () => {
    const disk = new MemoryDisk();
    const { log } = newLog(SMALL, disk);
    for (let index = 0; index < 40; index++) append(log, batchOf([`value ${index}`]));
    log.close();
    const counting = new CountingDisk(disk);
    const options = optionsOf({ settings: settingsOf(SMALL), recoveryPoint: log.recoveryPoint });
    const { log: again, report } = openLog(counting, DIRECTORY, options);
    assert.deepEqual([again.logEndOffset, report, counting.logBytesRead], [40, [], 0]);
    assert.equal(counting.openCount, 0);
    assert.equal(readAll(again).size, 40);
    assert.ok(counting.logBytesRead > 0);
  });

  it("finds the true end when the checkpoint is wrong after a clean stop", () => {
    for (const recoveryPoint of [0, 39, 41, 4_000_000]) {
      const { log, disk } = newLog(SMALL);
      for (let index = 0; index < 40; index++) append(log, batchOf([`value ${index}`]));
      log.close();
      const options = optionsOf({ settings: settingsOf(SMALL), recoveryPoint });
      const { log: again, report } = openLog(disk, DIRECTORY, options);
      assert.equal(again.logEndOffset, 40);
      assert.ok(report.length > 0);
      assert.equal(append(again, batchOf(["next"])), 40);
      assert.equal(readAll(again).size, 41);
    }
  });
});

describe("Log.append", () => {
  it("gives offsets in order, rolls by size, and reads back the same records", () => {
    const { log } = newLog(SMALL);
    let offset = 0;
    for (let index = 0; index < 60; index++) {
      const values = Array.from({ length: 1 + index % 3 }, (_, at) => `v${offset + at}`);
      assert.equal(append(log, batchOf(values)), offset);
      offset += values.length;
    }
    assert.ok(log.segmentCount > 5);
    for (const bytesMax of [1, 150, 1_000_000]) {
      const found = readAll(log, 0, bytesMax);
      assert.deepEqual([...found], Array.from({ length: offset }, (_, at) => [at, `v${at}`]));
    }
  });

  it("answers a full disk with a retriable fault and leaves the log as it was", () => {
    const disk = new MemoryDisk({ capacityBytes: 900 });
    const { log } = newLog({}, disk);
    let failed = null;
    while (failed === null) {
      const result = log.append(batchOf(["x".repeat(50)]), NOW_MS);
      if ("code" in result) failed = result;
    }
    assert.equal(failed.code, "KAFKA_STORAGE_ERROR");
    assert.equal(readAll(log).size, log.logEndOffset);
    assert.ok(log.logEndOffset > 0);
  });
});

describe("Log.remove", () => {
  it("takes the directory away", () => {
    const { log, disk } = newLog(SMALL);
    for (let index = 0; index < 20; index++) append(log, batchOf(["value"]));
    log.remove();
    assert.deepEqual(disk.list("data"), []);
  });
});

describe("Log.locate", () => {
  it("refuses offsets outside the log and is empty at its end", () => {
    const { log } = newLog();
    append(log, batchOf(["a", "b"]));
    assert.equal(fetch(log, 3).fault?.code, "OFFSET_OUT_OF_RANGE");
    assert.equal(fetch(log, 2).bytes.length, 0);
    assert.ok(fetch(log, 1).bytes.length > 0);
  });
});
