/** What a reader gets where compaction left batches without a record, and where it left nothing at all. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Log, openLog } from "../../../../src/log/mod.ts";
import { DIRECTORY, optionsOf } from "../fixtures.ts";
import { History } from "./history.ts";

/** Every batch is a segment. */
const SETTINGS = { segmentBytesMax: 100, tombstoneMs: 0 };

/** Like the history's log, read with or without a look at checksums. */
function reopened(history: History, checkCrcOnRead: boolean): Log {
  history.log.close();
  const { logEndOffset: recoveryPoint } = history.log;
  const options = optionsOf({ settings: history.settings, clean: true, recoveryPoint, checkCrcOnRead });
  const { log } = openLog(history.disk, DIRECTORY, options);
  log.setHighWatermark(log.logEndOffset);
  return log;
}

function locate(log: Log, offset: number, bytesMax = 1_000_000, atLeastOne = true) {
  const found = log.locate(offset, bytesMax, log.logEndOffset, atLeastOne);
  assert.ok(!("code" in found));
  const { firstOffset, nextOffset, hasRecords } = found;
  return { isEmpty: found.length === 0, firstOffset, nextOffset, hasRecords };
}

describe("Log.locate where batches are empty", () => {
  for (const checkCrcOnRead of [true, false]) {
    it(`gives the records behind them, checksums ${checkCrcOnRead ? "checked" : "not checked"}`, () => {
      const history = new History(SETTINGS);
      for (const value of ["1", "2", "3", "4"]) history.append([["a", value]]);
      history.clean();
      assert.deepEqual(history.lines().filter((line) => line.endsWith("nothing")).length, 2);
      const log = reopened(history, checkCrcOnRead);
      const third = { isEmpty: false, firstOffset: 2, nextOffset: 3, hasRecords: true };
      for (const offset of [0, 1, 2]) assert.deepEqual(locate(log, offset), third);
      assert.deepEqual(locate(log, 0, 1), third);
      assert.equal(locate(log, 3).firstOffset, 3);
    });

    it(`gives them at the log's end, checksums ${checkCrcOnRead ? "checked" : "not checked"}`, () => {
      const history = new History(SETTINGS);
      history.append([["a", "1"]]);
      history.append([["a", null]]);
      history.roll();
      history.clean();
      history.nowMs += 1_000;
      history.checkpoint = 0;
      history.clean();
      const log = reopened(history, checkCrcOnRead);
      const first = locate(log, 0);
      assert.deepEqual([first.isEmpty, first.hasRecords], [false, false]);
      assert.equal(locate(log, 1).nextOffset, 2);
      assert.deepEqual(locate(log, 2), { isEmpty: true, firstOffset: 2, nextOffset: 2, hasRecords: false });
    });
  }

  it("gives them, too, where what follows has no room in the answer", () => {
    const history = new History(SETTINGS);
    for (const value of ["1", "2", "3", "4"]) history.append([["a", value]]);
    history.clean();
    const { isEmpty, hasRecords, nextOffset } = locate(history.log, 0, 61, false);
    assert.deepEqual([isEmpty, hasRecords, nextOffset], [false, false, 1]);
  });
});

describe("Cleaning.cleanedUpTo", () => {
  it("is the end of what could be cleaned, though the last segment ends before the next one begins", () => {
    const history = new History({ segmentBytesMax: 100, compactionLagMsMin: 50_000 });
    for (const key of ["a", "b"]) history.append([[key, "1"]]);
    history.nowMs += 60_000;
    for (const value of ["2", "3"]) history.append([["a", value]]);
    history.log.close();
    // As Kafka leaves it: the last batch of a segment went with its records.
    for (const suffix of ["log", "index", "timeindex"]) {
      history.disk.remove(`${DIRECTORY}/00000000000000000001.${suffix}`);
    }
    history.log = reopened(history, true);
    assert.equal(history.find().isDue, true);
    history.clean();
    assert.equal(history.checkpoint, 2);
    assert.equal(history.find().isDue, false);
  });
});
