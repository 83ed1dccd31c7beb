import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import "../../../src/record/codecs/mod.ts";
import {
  attributes,
  baseSequence,
  baseTimestamp,
  batchIsSound,
  BatchRewriter,
  CODEC_NAMES,
  encodeBatch,
  hasDeleteHorizon,
  lastOffset,
  maxTimestamp,
  producerId,
  readRecords,
  recordCount,
  stampBatch,
} from "../../../src/record/mod.ts";

const RECORDS = [
  { timestamp: 100, key: "a", value: "1", headers: [["h", "x"], ["n", null]] as const },
  { timestamp: 300, key: "b", value: null },
  { timestamp: 200, key: "c", value: "3" },
];

function keepOnly(bytes: Uint8Array, offsets: readonly number[]): Uint8Array {
  const rewritten = new BatchRewriter().rewrite(bytes, {
    isKept: (record) => offsets.includes(record.offset),
    horizonMs: 9_000,
    isHorizonForced: false,
  });
  assert.equal(rewritten.recordsRead, 3);
  assert.equal(rewritten.recordsKept, offsets.length);
  assert.ok(rewritten.bytes !== null);
  return rewritten.bytes;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

describe("BatchRewriter", () => {
  for (const codec of CODEC_NAMES) {
    it(`keeps offsets, times, headers and all of the header that stays, in ${codec}`, () => {
      const options = {
        codec,
        baseOffset: 40,
        leaderEpoch: 3,
        producerId: 7,
        producerEpoch: 1,
        baseSequence: 9,
      };
      const bytes = encodeBatch(RECORDS, options);
      const all = readRecords(bytes);
      const kept = keepOnly(bytes, [40, 42]);
      const view = viewOf(kept);
      assert.ok(batchIsSound(view, 0, kept.length));
      assert.deepEqual(readRecords(kept), [all[0], all[2]]);
      assert.deepEqual([lastOffset(view, 0), recordCount(view, 0), maxTimestamp(view, 0)], [42, 2, 200]);
      assert.equal(baseTimestamp(view, 0), 100);
      assert.deepEqual(kept.subarray(0, 8), bytes.subarray(0, 8));
      assert.deepEqual(kept.subarray(12, 17), bytes.subarray(12, 17));
      assert.deepEqual(kept.subarray(21, 27), bytes.subarray(21, 27));
      assert.deepEqual(kept.subarray(43, 57), bytes.subarray(43, 57));
    });
  }

  it("sets the delete horizon where a tombstone stays, once, and keeps the times", () => {
    const bytes = encodeBatch(RECORDS, { baseOffset: 40 });
    const kept = keepOnly(bytes, [40, 41, 42]);
    assert.ok(hasDeleteHorizon(attributes(viewOf(kept), 0)));
    assert.equal(baseTimestamp(viewOf(kept), 0), 9_000);
    assert.deepEqual(readRecords(kept), readRecords(bytes));
    assert.equal(keepOnly(kept, [40, 41, 42]), kept);
    const less = keepOnly(kept, [40]);
    assert.equal(baseTimestamp(viewOf(less), 0), 9_000);
    assert.equal(readRecords(less)[0]!.timestamp, 100);
  });

  it("keeps the broker's time", () => {
    const bytes = encodeBatch(RECORDS);
    stampBatch(bytes, { baseOffset: 40, leaderEpoch: 0, logAppendTimeMs: 500 });
    const kept = keepOnly(bytes, [41, 42]);
    assert.equal(maxTimestamp(viewOf(kept), 0), 500);
    assert.deepEqual(readRecords(kept), readRecords(bytes).slice(1));
  });

  it("gives the same bytes where nothing goes, and nothing where all does", () => {
    const bytes = encodeBatch([RECORDS[0]!, RECORDS[2]!, RECORDS[2]!], { codec: "gzip" });
    assert.equal(keepOnly(bytes, [0, 1, 2]), bytes);
    const rewriter = new BatchRewriter();
    const choice = { isKept: () => false, horizonMs: 0, isHorizonForced: true };
    assert.equal(rewriter.rewrite(bytes, choice).bytes, null);
    const empty = rewriter.empty(bytes);
    assert.ok(batchIsSound(viewOf(empty), 0, empty.length));
    assert.deepEqual([empty.length, recordCount(viewOf(empty), 0), lastOffset(viewOf(empty), 0)], [61, 0, 2]);
    assert.deepEqual([attributes(viewOf(empty), 0), baseTimestamp(viewOf(empty), 0)], [0, -1]);
    assert.deepEqual(readRecords(empty), []);
    const by = encodeBatch([RECORDS[0]!], {
      producerId: 7,
      producerEpoch: 0,
      baseSequence: 3,
      isTransactional: true,
    });
    const nobody = rewriter.placeholder(by);
    assert.ok(batchIsSound(viewOf(nobody), 0, nobody.length));
    assert.deepEqual([producerId(viewOf(nobody), 0), baseSequence(viewOf(nobody), 0)], [-1, -1]);
    assert.equal(attributes(viewOf(nobody), 0), 0);
    assert.equal(producerId(viewOf(rewriter.empty(by)), 0), 7);
    assert.equal(rewriter.rewrite(empty, choice).bytes, null);
  });
});
