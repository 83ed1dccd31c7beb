import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { DecodeError, messageCodec, Reader, type Schema, UUID_NIL, Writer } from "../../../src/bytes/mod.ts";

const ID = "AQEBAQEBAQEBAQEBAQEBAQ";

/** Every feature a table can have: the shape is Kafka's own. */
const ORDER: Schema = {
  name: "Order",
  validVersions: "0-3",
  flexibleVersions: "2+",
  commonStructs: [{
    name: "Place",
    fields: [
      { name: "host", type: "string", versions: "0+" },
      { name: "port", type: "uint16", versions: "1+", default: "9092", ignorable: true },
    ],
  }],
  fields: [
    { name: "number", type: "int32", versions: "0+", default: "-1" },
    { name: "id", type: "uuid", versions: "0+" },
    { name: "text", type: "string", versions: "0+", nullableVersions: "1+", default: "null" },
    { name: "replicas", type: "[]int32", versions: "0+" },
    { name: "places", type: "[]Place", versions: "1+", nullableVersions: "2+", ignorable: true },
    { name: "home", type: "Place", versions: "2+", nullableVersions: "2+", default: "null" },
    { name: "flag", type: "bool", versions: "3+", taggedVersions: "3+", tag: 1, default: "true" },
    {
      name: "elders",
      type: "[]int64",
      versions: "2+",
      nullableVersions: "2+",
      taggedVersions: "2+",
      tag: 0,
      default: null,
    },
    { name: "ratio", type: "float64", versions: "3+" },
    { name: "old", type: "records", versions: "0-1", nullableVersions: "0-1", ignorable: true },
  ],
};

function written(version: number, message: Record<string, unknown>): Uint8Array {
  const writer = new Writer(1);
  messageCodec(ORDER, version).write(writer, message);
  return writer.bytes().slice();
}

function read(version: number, bytes: Uint8Array): Record<string, unknown> {
  const reader = new Reader(bytes);
  const message = messageCodec(ORDER, version).read(reader);
  assert.equal(reader.remaining, 0);
  return message;
}

describe("messageCodec", () => {
  it("writes Kafka's TopicRecord as Kafka does", () => {
    const topicRecord: Schema = {
      name: "TopicRecord",
      validVersions: "0",
      flexibleVersions: "0+",
      fields: [
        { name: "name", type: "string", versions: "0+" },
        { name: "topicId", type: "uuid", versions: "0+" },
      ],
    };
    const writer = new Writer();
    messageCodec(topicRecord, 0).write(writer, { name: "foo", topicId: ID });
    assert.equal(writer.bytes().toHex(), "04666f6f" + "01".repeat(16) + "00");
  });

  it("uses long lengths below the flexible versions and compact ones from there on", () => {
    const message = { number: 7, id: ID, text: "hi", replicas: [5] };
    const head = "00000007" + "01".repeat(16);
    assert.equal(written(0, message).toHex(), head + "00026869" + "0000000100000005" + "00000000");
    assert.equal(written(2, message).toHex(), head + "036869" + "0200000005" + "01" + "ff" + "00");
  });

  it("writes tagged fields in the order of their tags, and none that is at its default", () => {
    const tagged = written(3, { id: ID, replicas: [], flag: false, elders: [] });
    assert.equal(tagged.toHex().slice(-2 * 7), "02" + "000101" + "010100");
    assert.equal(written(3, { id: ID, flag: true, elders: null }).toHex().slice(-2), "00");
  });

  it("gives fields that are not there their default", () => {
    const message = read(3, written(3, {}));
    const expected = { number: -1, id: UUID_NIL, text: null, replicas: [], places: [], home: null };
    assert.deepEqual(message, { ...expected, flag: true, elders: null, ratio: 0, old: new Uint8Array(0) });
  });

  it("steps over tagged fields it does not know", () => {
    const bytes = written(3, { number: 3 });
    const longer = new Uint8Array([...bytes.subarray(0, -1), 2, 1, 1, 0, 9, 3, 1, 2, 3]);
    assert.deepEqual(read(3, longer), { ...read(3, bytes), flag: false });
  });

  it("round-trips any message in any version it fits", () => {
    const text = fc.string({ unit: "binary", maxLength: 50 });
    const place = fc.record({ host: text, port: fc.nat(65_535) }, { noNullPrototype: true });
    const messages = fc.record({
      number: fc.integer(),
      id: fc.constant(ID),
      text: fc.option(text, { nil: null }),
      replicas: fc.array(fc.integer(), { maxLength: 5 }),
      places: fc.option(fc.array(place, { maxLength: 3 }), { nil: null }),
      home: fc.option(place, { nil: null }),
      flag: fc.boolean(),
      elders: fc.option(fc.array(fc.maxSafeInteger(), { maxLength: 3 }), { nil: null }),
      ratio: fc.double(),
    });
    fc.assert(
      fc.property(messages, (message) => {
        assert.deepEqual(read(3, written(3, message)), { ...message, old: new Uint8Array(0) });
      }),
      { numRuns: 300 },
    );
  });

  it("refuses a version that does not exist and a type that does not exist", () => {
    assert.throws(() => messageCodec(ORDER, 4), RangeError);
    const wrong = { ...ORDER, fields: [{ name: "x", type: "int128", versions: "0+" }] };
    assert.throws(() => messageCodec(wrong, 0), RangeError);
  });

  it("refuses null where it is not allowed and a value the version cannot carry", () => {
    assert.throws(() => written(0, { text: null }), RangeError);
    assert.throws(() => written(2, { replicas: null }), RangeError);
    assert.throws(() => written(1, { text: "x", home: { host: "h" } }), RangeError);
    assert.equal(read(0, written(0, { text: "x", places: [{ host: "ignorable" }] })).number, -1);
  });

  it("throws nothing but DecodeError on damaged bytes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3 }), fc.uint8Array({ maxLength: 80 }), (version, bytes) => {
        try {
          messageCodec(ORDER, version).read(new Reader(bytes));
        } catch (error) {
          assert.ok(error instanceof DecodeError, String(error));
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
