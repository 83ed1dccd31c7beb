/** Records in the clear out of batches as logs hold them: with gaps, control batches, and what cannot be read. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { type Ask, readRecords } from "../../../src/console_view/read.ts";
import { Unfolded } from "../../../src/console_view/unfolded.ts";
import { systemClock } from "../../../src/host/mod.ts";
import { fetchedNothing } from "../../../src/model/mod.ts";
import { GZIP } from "../../../src/record/codecs/zlib.ts";
import { useCodec } from "../../../src/record/compression.ts";
import { BatchBuilder } from "../../../src/record/mod.ts";

const ATTRIBUTES_AT = 21;
const LAST_OFFSET_DELTA_AT = 23;
const CONTROL = 0x20;

interface Drawn {
  readonly baseOffset: number;
  /** Records it has; a batch that compaction emptied has none. */
  readonly count: number;
  readonly lastOffset: number;
  readonly isControl?: boolean;
}

function batchOf({ baseOffset, count, lastOffset, isControl = false }: Drawn): Uint8Array {
  const builder = new BatchBuilder();
  const value = new TextEncoder().encode("v");
  for (let record = 0; record < Math.max(1, count); record++) builder.append(1_000, null, value);
  // An empty batch is a header alone.
  const bytes = count === 0 ? builder.build().slice(0, 61) : builder.build().slice();
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, BigInt(baseOffset));
  view.setInt32(8, bytes.length - 12);
  view.setInt16(ATTRIBUTES_AT, isControl ? CONTROL : 0);
  view.setInt32(LAST_OFFSET_DELTA_AT, lastOffset - baseOffset);
  view.setInt32(57, count);
  return bytes;
}

function logOf(batches: readonly Uint8Array[]): Ask {
  const records = new Uint8Array(batches.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const batch of batches) {
    records.set(batch, at);
    at += batch.length;
  }
  const entry = { ...fetchedNothing("t", 0, null), highWatermark: 100, logStartOffset: 0, records };
  return () => Promise.resolve({ kind: "fetched", entries: [entry], lease: null });
}

const unfolded = new Unfolded(systemClock);

function read(batches: readonly Uint8Array[], offset: number, countMax: number, bytesMax = 1_000_000) {
  return readRecords({ ask: logOf(batches), clock: systemClock, unfolded }, {
    topic: "t",
    partition: 0,
    offset,
    countMax,
    bytesMax,
    waitMsMax: 0,
  });
}

describe("readRecords", () => {
  it("goes on behind control batches, emptied batches and gaps", async () => {
    const batches = [
      batchOf({ baseOffset: 3, count: 2, lastOffset: 4 }),
      batchOf({ baseOffset: 7, count: 1, lastOffset: 7, isControl: true }),
      batchOf({ baseOffset: 10, count: 0, lastOffset: 19 }),
    ];
    const answer = await read(batches, 0, 10);
    assert.deepEqual(answer.records.map(({ offset }) => offset), [3, 4]);
    assert.equal(answer.nextOffset, 20);
    const behind = await read(batches.slice(1), 5, 10);
    assert.deepEqual([behind.records, behind.nextOffset, behind.fault], [[], 20, null]);
  });

  it("gives each record once, however few are asked for at a time", async () => {
    const drawn = fc.array(
      fc.record({ gap: fc.nat(3), count: fc.nat(4), tail: fc.nat(3), isControl: fc.boolean() }),
      { minLength: 1, maxLength: 6 },
    );
    await fc.assert(fc.asyncProperty(drawn, fc.integer({ min: 1, max: 4 }), async (shapes, countMax) => {
      let next = 0;
      const wanted: number[] = [];
      const batches = shapes.map(({ gap, count, tail, isControl }) => {
        const baseOffset = next + gap;
        const lastOffset = baseOffset + Math.max(0, count - 1) + tail;
        if (!isControl) { for (let record = 0; record < count; record++) wanted.push(baseOffset + record); }
        next = lastOffset + 1;
        return { lastOffset, bytes: batchOf({ baseOffset, count, lastOffset, isControl }) };
      });
      const seen: number[] = [];
      for (let offset = 0; offset < next;) {
        // As a log answers: from the batch that holds the offset on.
        const from = batches.filter(({ lastOffset }) => lastOffset >= offset).map(({ bytes }) => bytes);
        const answer = await read(from, offset, countMax);
        assert.ok(answer.records.length <= countMax);
        assert.ok(answer.nextOffset > offset, "it never stands still");
        seen.push(...answer.records.map(({ offset }) => offset));
        offset = answer.nextOffset;
      }
      assert.deepEqual(seen, wanted);
    }));
  });

  it("bounds what one read gives, though a record always comes, and unfolds a batch once for all its pieces", async () => {
    const builder = new BatchBuilder();
    const value = new TextEncoder().encode("v".repeat(1_000));
    for (let record = 0; record < 50; record++) builder.append(1_000, null, value);
    await import("../../../src/record/codecs/mod.ts");
    let unfoldings = 0;
    useCodec("gzip", {
      compress: (bytes) => new Uint8Array(bytes),
      decompress: (bytes) => {
        unfoldings++;
        return new Uint8Array(bytes);
      },
    });
    try {
      const batch = builder.build({ codec: "gzip" }).slice();
      let offset = 0;
      const sizes: number[] = [];
      while (offset < 50) {
        const { records, nextOffset, fault } = await read([batch], offset, 1_000, 10_100);
        assert.equal(fault, null);
        assert.equal(records[0]!.offset, offset);
        sizes.push(records.length);
        offset = nextOffset;
      }
      assert.deepEqual([sizes, unfoldings], [[10, 10, 10, 10, 10], 1]);
      assert.deepEqual((await read([batch], 7, 1_000, 1)).records.map(({ offset }) => offset), [7]);
    } finally {
      useCodec("gzip", GZIP);
    }
  });

  it("leaves nothing with a signal that outlives it", async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const counted = Object.assign(Object.create(signal), {
      addEventListener: () => listeners++,
      removeEventListener: () => listeners--,
    });
    const batch = batchOf({ baseOffset: 0, count: 1, lastOffset: 0 });
    const query = { topic: "t", partition: 0, offset: 0, countMax: 1, bytesMax: 1_000, waitMsMax: 0 };
    const ports = { ask: logOf([batch]), clock: systemClock, unfolded };
    for (let round = 0; round < 5; round++) await readRecords(ports, query, counted);
    await systemClock.sleep(0);
    assert.equal(listeners, 0);
  });

  it("answers what lies before a batch that cannot be read, then names it, and goes on behind it", async () => {
    const broken = batchOf({ baseOffset: 2, count: 2, lastOffset: 3 });
    broken.fill(0xff, 61);
    const batches = [batchOf({ baseOffset: 0, count: 2, lastOffset: 1 }), broken];
    const before = await read(batches, 0, 10);
    assert.deepEqual([before.records.length, before.nextOffset, before.fault], [2, 2, null]);
    const at = await read([broken], 2, 10);
    assert.deepEqual([at.fault?.code, at.nextOffset], ["CORRUPT_MESSAGE", 4]);
  });
});
