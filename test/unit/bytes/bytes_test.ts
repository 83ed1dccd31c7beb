import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  crc32c,
  DecodeError,
  putUnsignedVarint,
  putVarint,
  putVarlong,
  Reader,
  unsignedVarintSize,
  useCrc32c,
  utf8Size,
  utf8Text,
  UUID_NIL,
  uuidText,
  varintSize,
  varlongSize,
  Writer,
} from "../../../src/bytes/mod.ts";

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const anyText = fc.string({ unit: "binary", maxLength: 60 });
const anyBytes = fc.uint8Array({ maxLength: 60 });

/** One value of each kind: what is written, and how it reads. */
const fields: readonly {
  name: string;
  values: fc.Arbitrary<unknown>;
  write: (writer: Writer, value: never) => void;
  read: (reader: Reader) => unknown;
}[] = [
  field("int8", fc.integer({ min: -128, max: 127 }), (w, v) => w.writeInt8(v), (r) => r.readInt8()),
  field("boolean", fc.boolean(), (w, v) => w.writeBoolean(v), (r) => r.readBoolean()),
  field("int16", fc.integer({ min: -32768, max: 32767 }), (w, v) => w.writeInt16(v), (r) => r.readInt16()),
  field("int32", int32, (w, v) => w.writeInt32(v), (r) => r.readInt32()),
  field("uint32", uint32, (w, v) => w.writeUint32(v), (r) => r.readUint32()),
  field("int64", fc.maxSafeInteger(), (w, v) => w.writeInt64(v), (r) => r.readInt64()),
  field("int64 clamped", fc.maxSafeInteger(), (w, v) => w.writeInt64(v), (r) => r.readInt64Clamped()),
  field("float64", fc.double(), (w, v) => w.writeFloat64(v), (r) => r.readFloat64()),
  field("unsigned varint", uint32, (w, v) => w.writeUnsignedVarint(v), (r) => r.readUnsignedVarint()),
  field("varint", int32, (w, v) => w.writeVarint(v), (r) => r.readVarint()),
  field("varlong", fc.maxSafeInteger(), (w, v) => w.writeVarlong(v), (r) => r.readVarlong()),
  field(
    "small varlong",
    fc.integer({ min: -70, max: 70 }),
    (w, v) => w.writeVarlong(v),
    (r) => r.readVarlong(),
  ),
  field("string", anyText, (w, v) => w.writeString(v), (r) => r.readString()),
  field(
    "nullable string",
    fc.option(anyText, { nil: null }),
    (w, v) => w.writeString(v),
    (r) => r.readNullableString(),
  ),
  field("compact string", anyText, (w, v) => w.writeCompactString(v), (r) => r.readCompactString()),
  field(
    "compact nullable string",
    fc.option(anyText, { nil: null }),
    (w, v) => w.writeCompactString(v),
    (r) => r.readCompactNullableString(),
  ),
  field("bytes", anyBytes, (w, v) => w.writeBytes(v), (r) => r.readBytes()),
  field(
    "nullable bytes",
    fc.option(anyBytes, { nil: null }),
    (w, v) => w.writeBytes(v),
    (r) => r.readNullableBytes(),
  ),
  field("compact bytes", anyBytes, (w, v) => w.writeCompactBytes(v), (r) => r.readCompactBytes()),
  field(
    "compact nullable bytes",
    fc.option(anyBytes, { nil: null }),
    (w, v) => w.writeCompactBytes(v),
    (r) => r.readCompactNullableBytes(),
  ),
  field(
    "uuid",
    fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => uuidText(bytes)),
    (w, v) => w.writeUuid(v),
    (r) => r.readUuid(),
  ),
];

function field<T>(
  name: string,
  values: fc.Arbitrary<T>,
  write: (writer: Writer, value: T) => void,
  read: (reader: Reader) => unknown,
) {
  return { name, values, write: write as (writer: Writer, value: never) => void, read };
}

describe("Writer and Reader", () => {
  it("round-trip any sequence of any fields, and a reader is done after the last", () => {
    const entry = fc.nat(fields.length - 1).chain((index) =>
      fields[index]!.values.map((value) => ({ index, value }))
    );
    const writer = new Writer(1);
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 30 }), (entries) => {
        writer.reset();
        for (const { index, value } of entries) fields[index]!.write(writer, value as never);
        const reader = new Reader(writer.bytes().slice());
        for (const { index, value } of entries) {
          assert.deepEqual(fields[index]!.read(reader), value, fields[index]!.name);
        }
        assert.equal(reader.remaining, 0);
      }),
      { numRuns: 1_000 },
    );
  });

  it("Reader throws DecodeError on every cut of every field", () => {
    for (const { name, values, write, read } of fields) {
      fc.assert(
        fc.property(values, (value) => {
          const writer = new Writer();
          write(writer, value as never);
          for (let size = 0; size < writer.position; size++) {
            assert.throws(() => read(new Reader(writer.bytes(), 0, size)), DecodeError, name);
          }
        }),
        { numRuns: 10 },
      );
    }
  });

  it("Reader refuses integers that are not safe, or clamps them when asked", () => {
    const long = Uint8Array.of(0x7f, 255, 255, 255, 255, 255, 255, 255);
    assert.throws(() => new Reader(long).readInt64(), DecodeError);
    assert.equal(new Reader(long).readInt64Clamped(), Number.MAX_SAFE_INTEGER);
    const low = Uint8Array.of(0x80, 0, 0, 0, 0, 0, 0, 0);
    assert.equal(new Reader(low).readInt64Clamped(), Number.MIN_SAFE_INTEGER);
    const varlong = Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 255, 1);
    assert.throws(() => new Reader(varlong).readVarlong(), DecodeError);
  });

  it("Reader refuses varints that do not end", () => {
    const endless = new Uint8Array(20).fill(0x80);
    assert.throws(() => new Reader(endless).readVarint(), DecodeError);
    assert.throws(() => new Reader(endless).readVarlong(), DecodeError);
  });

  it("Reader refuses a count that the bytes left cannot hold", () => {
    assert.throws(() => new Reader(Uint8Array.of(0x7f, 0xff, 0xff, 0xff)).readArrayCount(), DecodeError);
    assert.throws(() => new Reader(Uint8Array.of(0xff, 0x7f, 0)).readCompactArrayCount(), DecodeError);
    assert.equal(new Reader(Uint8Array.of(0)).readCompactArrayCount(), -1);
    assert.equal(new Reader(Uint8Array.of(0, 0, 0, 1, 9)).readArrayCount(), 1);
  });

  it("Reader steps over tagged fields", () => {
    const reader = new Reader(Uint8Array.of(2, 0, 1, 9, 5, 2, 9, 9, 42));
    reader.skipTaggedFields();
    assert.equal(reader.readInt8(), 42);
  });

  it("Writer refuses a string its 16-bit length cannot say, and an id that is none", () => {
    assert.throws(() => new Writer().writeString("x".repeat(32_768)), RangeError);
    assert.throws(() => new Writer().writeUuid("short"), DecodeError);
    assert.throws(() => new Writer().writeUuid("AAAAAAAAAAAAAAAAAAAAA*"), DecodeError);
  });
});

describe("varints", () => {
  it("take the bytes their size functions say", () => {
    const bytes = new Uint8Array(16);
    fc.assert(
      fc.property(int32, fc.maxSafeInteger(), fc.nat(53), (small, large, shift) => {
        const scaled = Math.trunc(large / 2 ** shift);
        assert.equal(putVarint(bytes, 0, small), varintSize(small));
        assert.equal(putUnsignedVarint(bytes, 0, small), unsignedVarintSize(small));
        assert.equal(putVarlong(bytes, 0, scaled), varlongSize(scaled));
      }),
      { numRuns: 2_000 },
    );
  });

  it("have the known bytes of the zig-zag coding", () => {
    const bytesOf = (value: number) => {
      const bytes = new Uint8Array(10);
      return [...bytes.subarray(0, putVarlong(bytes, 0, value))];
    };
    assert.deepEqual(bytesOf(-1), [1]);
    assert.deepEqual(bytesOf(63), [0x7e]);
    assert.deepEqual(bytesOf(64), [0x80, 1]);
    assert.deepEqual(bytesOf(2 ** 31 - 1), [0xfe, 0xff, 0xff, 0xff, 0x0f]);
    assert.deepEqual(bytesOf(-(2 ** 31)), [0xff, 0xff, 0xff, 0xff, 0x0f]);
    assert.deepEqual(bytesOf(2 ** 31), [0x80, 0x80, 0x80, 0x80, 0x10]);
  });
});

describe("utf8", () => {
  it("counts and reads what the platform's coder does, lone surrogates included", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) }), (text) => {
        const encoded = new TextEncoder().encode(text);
        assert.equal(utf8Size(text), encoded.length);
        assert.equal(utf8Text(encoded), new TextDecoder("utf-8", { ignoreBOM: true }).decode(encoded));
      }),
    );
  });
});

describe("uuidText", () => {
  it("agrees with base64url", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        assert.equal(uuidText(bytes), Buffer.from(bytes).toString("base64url"));
      }),
    );
    assert.equal(uuidText(new Uint8Array(16)), UUID_NIL);
  });
});

describe("crc32c", () => {
  it("gives the known checksum of 123456789, whole and within other bytes", () => {
    const text = new TextEncoder().encode("xx123456789yy");
    assert.equal(crc32c(text, 2, 11), 0xe3069283);
    assert.equal(crc32c(text.subarray(2, 11)), 0xe3069283);
    assert.equal(crc32c(new Uint8Array(0)), 0);
  });

  it("agrees with the polynomial division bit by bit at every length", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        let crc = -1;
        for (const byte of bytes) {
          crc ^= byte;
          for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 0 ? 0 : 0x82f63b78);
        }
        assert.equal(crc32c(bytes), ~crc >>> 0);
      }),
    );
  });

  it("uses what useCrc32c hands in, agrees with it, and refuses a wrong one", async () => {
    const addon = await import("@node-rs/crc32");
    const bytes = Uint8Array.from({ length: 10_000 }, (_, index) => index * 7);
    const expected = crc32c(bytes, 3, 9_000);
    let calls = 0;
    useCrc32c((bytes) => {
      calls++;
      return addon.crc32c(bytes);
    });
    try {
      assert.equal(crc32c(bytes, 3, 9_000), expected);
      assert.equal(calls, 2);
      assert.throws(() => useCrc32c(() => 1), TypeError);
    } finally {
      useCrc32c(null);
    }
  });
});
