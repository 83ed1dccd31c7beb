/** What real clients sent, kept by `capture.ts`: read, compared field by field, and written again. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as record from "../../src/record/mod.ts";
import "../../src/record/codecs/mod.ts";

interface Golden {
  readonly timestamp: number | null;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [string, string])[];
}

const HERE = new URL("./", import.meta.url);
const NAMES = [...Deno.readDirSync(HERE)].map(({ name }) => name).filter((name) => name.endsWith(".hex"))
  .sort();

/** The bytes of a `.hex` file: lines of digits below lines of comment. */
function bytesOf(name: string): Uint8Array<ArrayBuffer> {
  const lines = Deno.readTextFileSync(new URL(name, HERE)).split("\n");
  return Uint8Array.fromHex(lines.filter((line) => !line.startsWith("#")).join(""));
}

function expectedOf(name: string): Golden[] {
  const file = name.startsWith("kcat") ? "kcat.json" : "clients.json";
  return JSON.parse(Deno.readTextFileSync(new URL(file, HERE)));
}

/** As text, the way the expected records are written; without the time where the client chose it. */
function asText(read: record.BatchRecord, isTimeKnown: boolean): Golden {
  const text = (bytes: Uint8Array | null) => bytes === null ? null : new TextDecoder().decode(bytes);
  return {
    timestamp: isTimeKnown ? read.timestamp : null,
    key: text(read.key),
    value: text(read.value),
    headers: read.headers.map(([key, value]) => [key, text(value) ?? "null"]),
  };
}

function optionsOf(view: DataView): record.BatchOptions {
  return {
    baseOffset: record.baseOffset(view, 0),
    leaderEpoch: record.partitionLeaderEpoch(view, 0),
    producerId: record.producerId(view, 0),
    producerEpoch: record.producerEpoch(view, 0),
    baseSequence: record.baseSequence(view, 0),
  };
}

describe("golden batches", () => {
  it("are of three clients, each codec of each, and idempotent", () => {
    assert.equal(NAMES.filter((name) => name.startsWith("kafkajs")).length, 3);
    assert.equal(NAMES.filter((name) => name.startsWith("platformatic")).length, 6);
    assert.equal(NAMES.filter((name) => name.startsWith("kcat")).length, 6);
  });

  for (const name of NAMES) {
    const bytes = bytesOf(name);
    const view = new DataView(bytes.buffer);
    const expected = expectedOf(name);
    const codec = record.CODEC_NAMES[record.codecOf(record.attributes(view, 0))]!;

    it(`${name} is accepted as produced and has the codec it was made with`, () => {
      assert.equal(record.validateBatch(bytes, { messageBytesMax: 1_048_588 }), null);
      assert.equal(record.batchIsSound(view, 0, bytes.length), true);
      const named = name.slice(name.indexOf("_") + 1, -".hex".length);
      assert.equal(codec, named === "idempotent" ? "none" : named);
      assert.equal(record.producerId(view, 0), named === "idempotent" ? 4_242 : -1);
      assert.equal(record.producerEpoch(view, 0), named === "idempotent" ? 3 : record.producerEpoch(view, 0));
    });

    it(`${name} reads as the records that were sent`, () => {
      const read = record.readRecords(bytes);
      const isTimeKnown = expected[0]!.timestamp !== null;
      assert.deepEqual(read.map((entry) => asText(entry, isTimeKnown)), expected);
      assert.deepEqual(read.map((entry) => entry.offset), expected.map((_, index) => index));
      assert.equal(Math.max(...read.map((entry) => entry.timestamp)), record.maxTimestamp(view, 0));
    });

    it(`${name} reads the same after it is written again with its codec`, () => {
      const read = record.readRecords(bytes);
      const again = record.encodeBatch(read, { ...optionsOf(view), codec });
      assert.deepEqual(record.readRecords(again), read);
      // kafkajs counts times from the earliest record, not from the first, and zstd, gzip ... vary by library.
      if (codec === "none" && !name.startsWith("kafkajs")) assert.deepEqual(again, bytes);
    });
  }
});
