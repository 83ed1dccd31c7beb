import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { DecodeError } from "../../../src/bytes/mod.ts";
import {
  CODEC_NAMES,
  CodecUnavailableError,
  compress,
  decompress,
  hasCodec,
} from "../../../src/record/mod.ts";
import "../../../src/record/codecs/mod.ts";
import { fromHex } from "./vectors.ts";

/** A sentence twice across the border of two blocks: the second block looks back into the first. */
const LINKED = "a".repeat(65_474) + "the quick brown fox jumps over the lazy dog, 0123456789 weir.".repeat(2);
/** What the command `lz4 -BD -BX -B4 --content-size` made of it. */
const LINKED_HEX = "04224d185c403c00010000000000ad450100001f610100" +
  "ff".repeat(256) +
  "aef02f74686520717569636b2062726f776e20666f78206a756d7073206f76657220746865206c617a7920646f672c203031323334353637383920776569722e7483d2b8fd0a0000000f3d002450776569722e6450743b0000000060b6c276";

/** Random bytes, long runs and repeated words: what a compressor finds easy and hard, over several blocks. */
const input = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.tuple(fc.nat(255), fc.nat(90_000)).map(([byte, length]) => new Uint8Array(length).fill(byte)),
    fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 20 }), fc.nat(3_000)).map(repeat),
  ),
  { maxLength: 6 },
).map(join);

function repeat([word, times]: [Uint8Array, number]): Uint8Array {
  return join(Array<Uint8Array>(times).fill(word));
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

for (const codec of CODEC_NAMES) {
  describe(`codec ${codec}`, () => {
    it("gives back what it was given, within a bound of exactly its size", () => {
      fc.assert(
        fc.property(input, (bytes) => {
          const unfolded = decompress(codec, compress(codec, bytes), Math.max(1, bytes.length));
          assert.equal(unfolded.length, bytes.length);
          assert.ok(Buffer.from(bytes).equals(unfolded));
        }),
        { numRuns: 40 },
      );
    });

    if (codec === "none") return;

    it("stops at the bound, one byte too few", () => {
      const blob = compress(codec, new Uint8Array(1_000_000));
      assert.equal(decompress(codec, blob, 1_000_000).length, 1_000_000);
      assert.throws(() => decompress(codec, blob, 999_999), DecodeError);
    });

    it("throws nothing but DecodeError on damaged and random input", () => {
      const damaged = fc.tuple(
        input,
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }),
      )
        .map(([bytes, damage]) => {
          const blob = new Uint8Array(compress(codec, bytes));
          for (const [at, value] of damage) blob[at % blob.length] = value;
          return blob;
        });
      fc.assert(
        fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 60 })), (blob) => {
          try {
            assert.ok(decompress(codec, blob, 1_000_000).length <= 1_000_000);
          } catch (error) {
            assert.ok(error instanceof DecodeError, String(error));
          }
        }),
        { numRuns: 150 },
      );
    });
  });
}

describe("codec snappy", () => {
  it("writes the stream that Java reads and reads one raw block too", () => {
    const blob = compress("snappy", new TextEncoder().encode("aaaaaaaaaaaaaaaaaaaa"));
    assert.deepEqual(blob.subarray(0, 16), fromHex("82534e4150505900" + "00000001" + "00000001"));
    const raw = blob.subarray(20);
    assert.equal(new TextDecoder().decode(decompress("snappy", raw, 100)), "a".repeat(20));
  });

  it("refuses a literal whose length runs backwards, which would hang the library", () => {
    assert.throws(() => decompress("snappy", fromHex("10fcfbffffff00000000"), 100), DecodeError);
  });

  it("refuses a claim the elements do not keep, before it takes memory", () => {
    assert.throws(() => decompress("snappy", fromHex("ffffff7f0061"), 2 ** 31), DecodeError);
  });
});

describe("codec lz4", () => {
  it("writes the frame header of Java's client: 64 KiB, independent blocks, no checksums", () => {
    assert.deepEqual(compress("lz4", new Uint8Array(10)).subarray(0, 7), fromHex("04224d18604082"));
  });

  it("reads linked blocks, a content size and checksums", () => {
    const text = new TextDecoder().decode(decompress("lz4", fromHex(LINKED_HEX), 1_000_000));
    assert.equal(text, LINKED);
  });

  it("reads several frames in a row", () => {
    const frame = compress("lz4", new TextEncoder().encode("one"));
    assert.equal(new TextDecoder().decode(decompress("lz4", join([frame, frame]), 6)), "oneone");
  });
});

describe("compress", () => {
  it("names the codec that is not there", () => {
    assert.equal(hasCodec("zstd"), true);
    assert.throws(() => compress("brotli" as "zstd", new Uint8Array(1)), CodecUnavailableError);
  });
});
