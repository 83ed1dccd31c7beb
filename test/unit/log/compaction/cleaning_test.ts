/** What ends a cleaning early, what goes on beside it, and what of the log it must not touch. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { crc32c } from "../../../../src/bytes/mod.ts";
import { LOG_SETTINGS_DEFAULT } from "../../../../src/model/mod.ts";
import { encodeBatch } from "../../../../src/record/mod.ts";
import { FaultyDisk } from "../../../../src/storage/mod.ts";
import { batchOf, DIRECTORY, newLog, NOW_MS } from "../fixtures.ts";
import { History } from "./history.ts";
import { readData } from "./survey.ts";

/** Three segments and an active one, in which `a` has its last value. */
function threeSegments(disk = new FaultyDisk()): History & { disk: FaultyDisk } {
  const history = new History({ segmentBytesMax: 100 }, disk);
  for (const value of ["1", "2", "3"]) history.append([["a", value], [`b${value}`, value]]);
  history.append([["a", "4"]]);
  assert.equal(history.log.segmentCount, 4);
  return history as History & { disk: FaultyDisk };
}

function offsetsOf(history: History): number[] {
  return [...readData(history.log).keys()];
}

function strays({ disk }: History): string[] {
  return disk.list(DIRECTORY).map((entry) => entry.name).filter((name) => /cleaned|swap|deleted/.test(name));
}

describe("Cleaning", () => {
  it("goes on in steps as small as a batch while the log is appended to and read", () => {
    const history = threeSegments();
    const cleaning = history.begin();
    let steps = 0;
    for (; cleaning.step(1) === "more"; steps++) {
      history.append([["c", "1"]]);
      assert.equal([...readData(history.log).values()].findLast(({ key }) => key === "a")?.value, "4");
    }
    assert.equal(cleaning.why, null);
    assert.ok(steps > 8, `${steps} steps`);
    assert.equal(cleaning.cleanedUpTo, 6);
    assert.deepEqual([cleaning.recordsBefore, cleaning.recordsAfter], [6, 4]);
    assert.ok(cleaning.bytesAfter < cleaning.bytesBefore);
    assert.deepEqual(offsetsOf(history).slice(0, 6), [1, 3, 4, 5, 6, 7]);
  });

  it("keeps the log's sums: bytes, segments, offsets", () => {
    const history = threeSegments();
    history.clean();
    const { bytes, segmentCount, logStartOffset, logEndOffset } = history.log;
    history.restart();
    assert.equal(history.log.bytes, bytes);
    assert.equal(history.log.segmentCount, segmentCount);
    assert.deepEqual([history.log.logStartOffset, history.log.logEndOffset], [logStartOffset, logEndOffset]);
    assert.deepEqual(history.log.takeNotices(), []);
  });

  it("leaves tombstones that never go such that they can be read, and cleaned again", () => {
    const history = new History({ segmentBytesMax: 100, tombstoneMs: Number.MAX_SAFE_INTEGER });
    for (let index = 0; index < 3; index++) {
      history.nowMs = NOW_MS + index;
      history.append([["a", null], [`b${index}`, "1"]]);
    }
    history.roll();
    for (let index = 0; index < 2; index++) {
      history.nowMs += 10_001;
      history.clean();
      history.checkpoint = 0;
      const times = [...readData(history.log).values()].map(({ timestamp }) => timestamp - NOW_MS);
      assert.deepEqual([offsetsOf(history), times], [[1, 3, 4, 5], [0, 1, 2, 2]]);
    }
  });

  it("has nothing to do where nothing is dirty", () => {
    const history = new History();
    history.append([["a", "1"]]);
    assert.equal(history.begin().state, "done");
    assert.equal(history.begin().cleanedUpTo, 0);
  });

  it("is stopped by damage, names it, and leaves the log as it is", () => {
    const history = threeSegments();
    const before = history.lines();
    history.disk.flipBit(`${DIRECTORY}/00000000000000000002.log`, 8 * 65);
    const cleaning = history.begin();
    while (cleaning.step(100) === "more");
    assert.equal(cleaning.state, "stopped");
    assert.match(
      cleaning.why!,
      /^Cannot compact "data\/orders-0": Batch at position "0" of ".*2\.log" is damaged/,
    );
    assert.deepEqual(strays(history), []);
    history.disk.flipBit(`${DIRECTORY}/00000000000000000002.log`, 8 * 65);
    assert.deepEqual(history.lines(), before);
  });

  it("is stopped by a full disk, takes its files away, and can be begun again", () => {
    const history = threeSegments();
    const before = history.lines();
    history.disk.full = true;
    const cleaning = history.begin();
    while (cleaning.step(100) === "more");
    assert.match(cleaning.why!, /no space left/);
    assert.deepEqual(strays(history), []);
    assert.deepEqual(history.lines(), before);
    history.disk.full = false;
    history.clean();
    assert.deepEqual(offsetsOf(history), [1, 3, 4, 5, 6]);
  });

  it("is stopped when segments go away meanwhile, and may be given up at any step", () => {
    const history = threeSegments();
    const cleaning = history.begin();
    cleaning.step(1);
    history.log.trim(3);
    while (cleaning.step(1) === "more");
    assert.match(cleaning.why!, /went away/);
    const other = history.begin();
    while (strays(history).length === 0) assert.equal(other.step(1), "more");
    other.abandon();
    assert.deepEqual([other.state, strays(history)], ["stopped", []]);
    assert.deepEqual(offsetsOf(history).filter((offset) => offset >= 4), [4, 5, 6]);
  });

  it("goes on when clean segments go while it reads dirty ones, whatever it is at", () => {
    let ends = 0;
    for (let steps = 0, isReading = true; isReading; steps++) {
      const history = threeSegments();
      history.clean();
      // Each segment is its own group.
      history.append([["c", "1"], ["d", "1"]]);
      history.append([["a", "5"], ["c", "2"]]);
      history.append([["e", "1"]]);
      const cleaning = history.begin();
      for (let step = 0; step < steps; step++) cleaning.step(1);
      isReading = cleaning.recordsBefore === 0;
      const { segmentCount } = history.log;
      history.log.trim(2);
      assert.ok(history.log.segmentCount < segmentCount);
      if (!isReading) break;
      while (cleaning.step(1) === "more");
      assert.deepEqual([cleaning.why, cleaning.state], [null, "done"], `after ${steps} steps`);
      ends++;
    }
    assert.ok(ends > 3, `${ends} times`);
  });

  it("does not go above the high watermark", () => {
    const history = threeSegments();
    history.log.setHighWatermark(4);
    assert.equal(history.find().endOffset, 4);
    history.log.setHighWatermark(3);
    assert.equal(history.find().endOffset, 2);
  });

  it("takes a checkpoint outside the log for none", () => {
    const history = threeSegments();
    history.checkpoint = 8;
    assert.equal(history.find().firstDirtyOffset, 0);
    history.log.trim(4);
    history.checkpoint = 2;
    assert.equal(history.find().firstDirtyOffset, 4);
  });

  it("leaves what the sequences of producers are found by, without any snapshot after the first", () => {
    const history = new History({ segmentBytesMax: 100 });
    const by = (producerId: number, baseSequence: number) => ({ producerId, producerEpoch: 0, baseSequence });
    history.append([["a", "1"], ["b", "1"]], by(7, 0));
    history.append([["a", "2"]], by(8, 0));
    history.append([["a", "3"]], by(8, 1));
    history.append([["a", "4"], ["b", "4"]]);
    history.roll();
    history.clean();
    const sequences = () => history.log.describeProducers(0).map((one) => [one.producerId, one.lastSequence]);
    const before = sequences();
    assert.deepEqual(before, [[7, 1], [8, 1]]);
    const first = `${DIRECTORY}/00000000000000000000.snapshot`;
    for (const { name } of history.disk.list(DIRECTORY)) {
      if (name.endsWith(".snapshot")) history.disk.rename(`${DIRECTORY}/${name}`, first);
    }
    // A snapshot of another offset is damage, which the whole log makes up for.
    history.recover(0);
    assert.deepEqual(sequences(), before);
  });

  it("leaves a log that finds the largest time that is left, not that of an emptied batch", () => {
    const history = new History();
    history.nowMs = 5_000;
    history.append([["a", "1"]], { producerId: 7, producerEpoch: 0, baseSequence: 0 });
    history.nowMs = 2_000;
    history.append([["a", "2"]]);
    history.roll();
    history.clean();
    assert.match(history.lines()[1]!, /0-0 pid=7 seq=0 time 5000: nothing/);
    assert.deepEqual(history.log.findMaxTimestamp(), { offset: 1, timestamp: 2_000, leaderEpoch: 0 });
    assert.equal(history.log.findTimestamp(3_000), null);
  });
});

describe("openLog", () => {
  it("drops a swap that is damaged while all it was to replace is there", () => {
    const history = threeSegments();
    const before = history.lines();
    for (const suffix of [".log", ".index", ".timeindex"]) {
      const file = history.disk.open(`${DIRECTORY}/${"0".repeat(20)}${suffix}.swap`, "create");
      file.write(0, new Uint8Array(70));
      file.close();
    }
    history.recover(0);
    assert.deepEqual(strays(history), []);
    assert.deepEqual(history.lines(), before);
  });
});

describe("Log.append", () => {
  const settings = { ...LOG_SETTINGS_DEFAULT, cleanupCompact: true };

  it("refuses records without a key where the topic is compacted, in any codec, and only there", () => {
    const { log } = newLog(settings);
    for (const codec of ["none", "gzip"] as const) {
      const records = [{ timestamp: NOW_MS, key: "a", value: "1" }, { timestamp: NOW_MS, value: "2" }];
      const result = log.append(Uint8Array.from(encodeBatch(records, { codec })), NOW_MS);
      assert.ok("code" in result && result.code === "INVALID_RECORD");
      assert.match(result.message, /Record "1" of the batch has no key/);
    }
    assert.equal(log.logEndOffset, 0);
    assert.ok("baseOffset" in newLog().log.append(batchOf(["1"]), NOW_MS));
  });

  it("refuses records there that it cannot read, or whose offsets are not in order", () => {
    const { log } = newLog(settings);
    const bytes = Uint8Array.from(
      encodeBatch(["a", "b"].map((key) => ({ timestamp: NOW_MS, key, value: "" }))),
    );
    const refuse = (change: (bytes: Uint8Array) => void, message: RegExp) => {
      const changed = bytes.slice();
      change(changed);
      new DataView(changed.buffer).setUint32(17, crc32c(changed, 21));
      const result = log.append(changed, NOW_MS);
      assert.ok("code" in result && result.code === "INVALID_RECORD");
      assert.match(result.message, message);
    };
    // Behind the header: length, attributes, timestamp delta, offset delta of the first record.
    refuse((changed) => changed[64] = 2, /Record "0" of the batch must have offset 0, not "1"/);
    refuse((changed) => changed[61] = 100, /can't be read/);
    assert.ok("baseOffset" in log.append(bytes, NOW_MS));
  });

  it("takes an empty key for one", () => {
    const { log } = newLog(settings);
    const taken = log.append(
      Uint8Array.from(encodeBatch([{ timestamp: NOW_MS, key: "", value: "1" }])),
      NOW_MS,
    );
    assert.ok("baseOffset" in taken);
  });
});
