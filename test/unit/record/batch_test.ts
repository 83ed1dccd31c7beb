import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as record from "../../../src/record/mod.ts";
import { COMMIT_MARKER_HEX, fromHex, THREE_RECORDS_HEX, VECTOR_TIME_MS } from "./vectors.ts";

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Runs `change` on a fresh copy of the vector and returns the fault's code of what comes out. */
function codeAfter(change: (view: DataView) => void, fixCrc = true): string | undefined {
  const bytes = fromHex(THREE_RECORDS_HEX);
  const view = viewOf(bytes);
  change(view);
  if (fixCrc) record.stampBatch(bytes, { baseOffset: 0, leaderEpoch: -1, logAppendTimeMs: null });
  if (fixCrc) view.setUint32(17, crcOf(bytes));
  return record.validateBatch(bytes, { messageBytesMax: 1_000 })?.code;
}

/** Bit by bit, from the polynomial: independent of the room's own tables. */
function crcOf(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes.subarray(21)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 0 ? 0 : 0x82f63b78);
  }
  return ~crc >>> 0;
}

describe("batch accessors", () => {
  it("read every field of a data batch that does not start at 0", () => {
    const bytes = new Uint8Array(7 + 94);
    bytes.set(fromHex(THREE_RECORDS_HEX), 7);
    const view = viewOf(bytes);
    const fields = [
      record.baseOffset(view, 7),
      record.batchBytes(view, 7),
      record.partitionLeaderEpoch(view, 7),
      record.magic(view, 7),
      record.crc(view, 7),
      record.attributes(view, 7),
      record.lastOffsetDelta(view, 7),
      record.baseTimestamp(view, 7),
      record.maxTimestamp(view, 7),
      record.producerId(view, 7),
      record.producerEpoch(view, 7),
      record.baseSequence(view, 7),
      record.recordCount(view, 7),
      record.lastOffset(view, 7),
    ];
    const time = VECTOR_TIME_MS;
    assert.deepEqual(fields, [0, 94, -1, 2, 0x29bc2bfa, 0, 2, time, time + 2, -1, -1, -1, 3, 2]);
  });

  it("read the flags of a commit marker", () => {
    const view = viewOf(fromHex(COMMIT_MARKER_HEX));
    const attributes = record.attributes(view, 0);
    assert.equal(record.isControl(attributes), true);
    assert.equal(record.isTransactional(attributes), true);
    assert.equal(record.usesLogAppendTime(attributes), false);
    assert.equal(record.hasDeleteHorizon(attributes), false);
    assert.equal(record.CODEC_NAMES[record.codecOf(attributes)], "none");
    assert.equal(record.lastOffset(view, 0), 3);
    assert.equal(record.producerId(view, 0), 1000);
  });
});

describe("validateBatch", () => {
  const limits = { messageBytesMax: 94 };

  it("accepts the vector, at exactly the size limit and whatever its base offset and leader epoch", () => {
    const bytes = fromHex(THREE_RECORDS_HEX);
    assert.equal(record.validateBatch(bytes, limits), null);
    record.stampBatch(bytes, { baseOffset: 77, leaderEpoch: 9, logAppendTimeMs: null });
    assert.equal(record.validateBatch(bytes, limits), null);
  });

  it("refuses a batch one byte over the limit", () => {
    assert.equal(
      record.validateBatch(fromHex(THREE_RECORDS_HEX), { messageBytesMax: 93 })?.code,
      "MESSAGE_TOO_LARGE",
    );
  });

  it("refuses every single flipped bit that the CRC covers, and a cut anywhere", () => {
    for (let at = 17; at < 94; at++) {
      const bytes = fromHex(THREE_RECORDS_HEX);
      bytes[at]! ^= 1 << (at % 8);
      assert.notEqual(record.validateBatch(bytes, limits), null, `bit ${at % 8} of byte ${at}`);
    }
    for (let size = 0; size < 94; size++) {
      const cut = fromHex(THREE_RECORDS_HEX).subarray(0, size);
      assert.match(String(record.validateBatch(cut, limits)?.code), /INVALID_RECORD|CORRUPT_MESSAGE/);
    }
  });

  it("names what is wrong with each field", () => {
    assert.equal(codeAfter((view) => view.setInt8(16, 1)), "INVALID_RECORD");
    assert.equal(codeAfter((view) => view.setInt32(57, 2)), "INVALID_RECORD");
    assert.equal(codeAfter((view) => view.setInt16(21, 0x20)), "INVALID_RECORD");
    assert.equal(codeAfter((view) => view.setInt16(21, 5)), "UNSUPPORTED_COMPRESSION_TYPE");
    assert.equal(codeAfter((view) => view.setInt16(21, 8)), "INVALID_TIMESTAMP");
    assert.equal(codeAfter((view) => view.setInt32(47, 5) ?? view.setInt32(43, 0)), "INVALID_RECORD");
    assert.equal(codeAfter((view) => view.setInt32(8, 1_000)), "CORRUPT_MESSAGE");
    assert.equal(codeAfter((view) => view.setInt32(8, -5)), "CORRUPT_MESSAGE");
    assert.equal(codeAfter((view) => view.setInt32(30, 5), false), "CORRUPT_MESSAGE");
    assert.equal(codeAfter(() => {}), undefined);
  });

  it("refuses two batches in one view", () => {
    const twice = new Uint8Array(188);
    twice.set(fromHex(THREE_RECORDS_HEX));
    twice.set(fromHex(THREE_RECORDS_HEX), 94);
    assert.equal(record.validateBatch(twice, { messageBytesMax: 1_000 })?.code, "INVALID_RECORD");
  });
});

describe("batchIsSound", () => {
  it("accepts a batch amid other bytes and refuses it cut short or damaged", () => {
    const bytes = new Uint8Array(200);
    bytes.set(fromHex(COMMIT_MARKER_HEX), 11);
    const view = viewOf(bytes);
    assert.equal(record.batchIsSound(view, 11, 189), true);
    assert.equal(record.batchIsSound(view, 11, 78), true);
    assert.equal(record.batchIsSound(view, 11, 77), false);
    assert.equal(record.batchIsSound(view, 11, 190), false);
    assert.equal(record.batchIsSound(view, 12, 188), false);
    bytes[80]! ^= 1;
    assert.equal(record.batchIsSound(view, 11, 189), false);
  });
});

describe("stampBatch", () => {
  it("keeps the CRC when only offset and epoch change", () => {
    const bytes = fromHex(THREE_RECORDS_HEX);
    record.stampBatch(bytes, { baseOffset: 2 ** 40 + 3, leaderEpoch: 8, logAppendTimeMs: null });
    const view = viewOf(bytes);
    assert.equal(record.baseOffset(view, 0), 2 ** 40 + 3);
    assert.equal(record.partitionLeaderEpoch(view, 0), 8);
    assert.equal(record.crc(view, 0), 0x29bc2bfa);
    assert.equal(record.batchIsSound(view, 0, 94), true);
  });

  it("sets bit 3, the time and a right CRC with log-append time", () => {
    const bytes = fromHex(THREE_RECORDS_HEX);
    record.stampBatch(bytes, { baseOffset: 1, leaderEpoch: 0, logAppendTimeMs: 1_800_000_000_123 });
    const view = viewOf(bytes);
    assert.equal(record.usesLogAppendTime(record.attributes(view, 0)), true);
    assert.equal(record.maxTimestamp(view, 0), 1_800_000_000_123);
    assert.equal(record.crc(view, 0), crcOf(bytes));
  });
});
