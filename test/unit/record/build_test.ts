import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { DecodeError } from "../../../src/bytes/mod.ts";
import * as record from "../../../src/record/mod.ts";
import "../../../src/record/codecs/mod.ts";
import { fromHex, THREE_RECORDS_HEX, VECTOR_TIME_MS } from "./vectors.ts";

const bytesOrNull = fc.option(fc.uint8Array({ maxLength: 200 }), { nil: null });
const timestamp = fc.oneof(
  fc.integer({ min: -1, max: 10 }),
  fc.integer({ min: VECTOR_TIME_MS - 2 ** 33, max: VECTOR_TIME_MS + 2 ** 33 }),
  fc.integer({ min: -1, max: 2 ** 52 }),
);
const records = fc.array(
  fc.record({
    timestamp,
    key: bytesOrNull,
    value: bytesOrNull,
    headers: fc.array(fc.tuple(fc.string({ unit: "binary", maxLength: 40 }), bytesOrNull), { maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 40 },
);
const options = fc.record({
  codec: fc.constantFrom<record.CodecName>("none", "gzip", "snappy", "lz4", "zstd"),
  baseOffset: fc.maxSafeNat(),
  leaderEpoch: fc.integer({ min: -1, max: 2 ** 31 - 1 }),
  producerId: fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER }),
  producerEpoch: fc.integer({ min: -1, max: 32_767 }),
  baseSequence: fc.integer({ min: -1, max: 2 ** 31 - 1 }),
  isTransactional: fc.boolean(),
  isControl: fc.boolean(),
});

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

describe("encodeBatch", () => {
  it("writes the vector of three records byte for byte", () => {
    const bytes = record.encodeBatch([
      { timestamp: VECTOR_TIME_MS, key: "k1", value: "v1" },
      { timestamp: VECTOR_TIME_MS + 1, value: "v2", headers: [["h", "x"]] },
      { timestamp: VECTOR_TIME_MS + 2, key: new TextEncoder().encode("k3") },
    ]);
    assert.deepEqual(bytes, fromHex(THREE_RECORDS_HEX));
  });

  it("gives batches that read back field by field, with every codec", () => {
    fc.assert(
      fc.property(records, options, (records, options) => {
        const baseOffset = Math.min(options.baseOffset, Number.MAX_SAFE_INTEGER - records.length);
        const bytes = record.encodeBatch(records, { ...options, baseOffset });
        const view = viewOf(bytes);
        assert.equal(record.batchIsSound(view, 0, bytes.length), true);
        assert.equal(record.baseOffset(view, 0), baseOffset);
        assert.equal(record.partitionLeaderEpoch(view, 0), options.leaderEpoch);
        assert.equal(record.producerId(view, 0), options.producerId);
        assert.equal(record.producerEpoch(view, 0), options.producerEpoch);
        assert.equal(record.baseSequence(view, 0), options.baseSequence);
        assert.equal(record.recordCount(view, 0), records.length);
        assert.equal(record.lastOffset(view, 0), baseOffset + records.length - 1);
        assert.equal(record.baseTimestamp(view, 0), records[0]!.timestamp);
        assert.equal(record.maxTimestamp(view, 0), Math.max(...records.map((entry) => entry.timestamp)));
        const attributes = record.attributes(view, 0);
        assert.equal(record.CODEC_NAMES[record.codecOf(attributes)], options.codec);
        assert.equal(record.isTransactional(attributes), options.isTransactional);
        assert.equal(record.isControl(attributes), options.isControl);
        const expected = records.map((entry, index) => ({ offset: baseOffset + index, ...entry }));
        assert.deepEqual(plain(record.readRecords(bytes)), expected);
      }),
      { numRuns: 300 },
    );
  });
});

/** Copies views, so that Node's Buffer and a plain array compare equal. */
function plain(records: readonly record.BatchRecord[]) {
  const copy = (bytes: Uint8Array | null) => bytes === null ? null : new Uint8Array(bytes);
  return records.map(({ offset, timestamp, key, value, headers }) => ({
    offset,
    timestamp,
    key: copy(key),
    value: copy(value),
    headers: headers.map(([key, value]) => [key, copy(value)]),
  }));
}

describe("BatchBuilder", () => {
  it("gives the same bytes after a reset as a new one", () => {
    const builder = new record.BatchBuilder(61);
    builder.append(5, "first", "x".repeat(1_000), [["header", null]]);
    builder.build();
    builder.reset();
    assert.equal(builder.recordCount, 0);
    builder.append(7, "second", "y");
    assert.deepEqual(
      builder.build().slice(),
      record.encodeBatch([{ timestamp: 7, key: "second", value: "y" }]),
    );
  });

  it("counts bytes as they come, and recordBytesMax is never too small", () => {
    fc.assert(
      fc.property(records, (records) => {
        const builder = new record.BatchBuilder();
        for (const { timestamp, key, value, headers } of records) {
          const before = builder.bytes;
          builder.append(timestamp, key, value, headers);
          assert.ok(builder.bytes - before <= record.recordBytesMax(key, value, headers));
        }
        assert.equal(builder.build().length, builder.bytes);
      }),
      { numRuns: 100 },
    );
  });

  it("builds the same records again with other options", () => {
    const builder = new record.BatchBuilder();
    builder.append(1, "k", "v");
    const plain = builder.build({ baseSequence: 4 }).slice();
    builder.build({ codec: "lz4" });
    assert.deepEqual(builder.build({ baseSequence: 4 }), plain);
  });

  it("refuses to build a batch without records", () => {
    assert.throws(() => new record.BatchBuilder().build(), /at least one record/);
  });
});

describe("readRecords", () => {
  it("gives every record the batch's max timestamp with log-append time", () => {
    const bytes = fromHex(THREE_RECORDS_HEX);
    record.stampBatch(bytes, { baseOffset: 10, leaderEpoch: 0, logAppendTimeMs: 1_800_000_000_000 });
    const read = record.readRecords(bytes);
    assert.deepEqual(read.map((entry) => entry.timestamp), Array(3).fill(1_800_000_000_000));
    assert.deepEqual(read.map((entry) => entry.offset), [10, 11, 12]);
  });

  it("tolerates gaps in the offsets, an emptied batch, and a delete horizon", () => {
    const bytes = fromHex(THREE_RECORDS_HEX);
    bytes[75] = 8; // the second record's offset delta: 4
    viewOf(bytes).setInt16(21, 0x40);
    const read = record.readRecords(bytes);
    assert.deepEqual(read.map((entry) => entry.offset), [0, 4, 2]);
    assert.equal(read[1]!.timestamp, VECTOR_TIME_MS + 1);
    const emptied = fromHex(THREE_RECORDS_HEX).subarray(0, 61);
    viewOf(emptied).setInt32(8, 49);
    viewOf(emptied).setInt32(57, 0);
    assert.deepEqual(record.readRecords(emptied), []);
  });

  it("refuses counts and lengths that do not agree", () => {
    const change = (at: number, value: number) => {
      const bytes = fromHex(THREE_RECORDS_HEX);
      bytes[at] = value;
      assert.throws(() => record.readRecords(bytes), DecodeError, `byte ${at} = ${value}`);
    };
    change(60, 2); // fewer records than there are bytes for
    change(60, 4); // more
    change(57, 0x7f); // far more
    change(61, 0x16); // the first record longer than its fields
    change(61, 0x12); // shorter
    change(65, 0x7e); // a key past the end
    change(80, 0x7e); // many headers
    change(16, 1); // another format
    change(22, 7); // no such codec
    change(11, 0x53); // a size that is not the array's
  });

  it("throws nothing but DecodeError on any damage, and never hangs", () => {
    const base = fc.tuple(records, options).map(([records, options]) => record.encodeBatch(records, options));
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(base, damage, (bytes, damage) => {
        for (const [at, value] of damage) bytes[61 + at % (bytes.length - 61)] = value;
        try {
          record.readRecords(bytes, 100_000);
        } catch (error) {
          assert.ok(error instanceof DecodeError, String(error));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("forEachBatch", () => {
  it("visits whole batches and stops before a cut one, wherever it is cut", () => {
    const three = fromHex(THREE_RECORDS_HEX);
    for (let size = 0; size <= 188; size++) {
      const twice = new Uint8Array(188);
      twice.set(three);
      twice.set(three, 94);
      const seen: number[] = [];
      const visited = record.forEachBatch(twice.subarray(0, size), (batch, at) => {
        assert.deepEqual(batch, three);
        seen.push(at);
      });
      assert.equal(visited, size - size % 94);
      assert.deepEqual(seen, [0, 94].slice(0, Math.floor(size / 94)));
    }
  });

  it("refuses bytes that are no batch", () => {
    assert.throws(() => record.forEachBatch(new Uint8Array(100), () => {}), DecodeError);
  });
});
