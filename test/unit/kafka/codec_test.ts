/**
 * Every API the Kafka door serves, its request and its reply, every version:
 * written, read and written again; cut at every byte; with lengths that lie; with
 * tagged fields nobody knows. The messages are made from the tables.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { concat } from "@std/bytes/concat";
import fc from "fast-check";
import {
  DecodeError,
  type Message,
  messageCodec,
  Reader,
  type Schema,
  Writer,
} from "../../../src/bytes/mod.ts";
import { encodeReply, readBody, readClientId, readHead } from "../../../src/kafka/frame.ts";
import { findApi, servedApis } from "../../../src/kafka/registry.ts";
import { isIn, makeMessage, requestFrame, versionsOf, wholeOf } from "../../fuzz/kafka_messages.ts";
import { seededRandom } from "../../fuzz/mutate.ts";

const SEEDS = fc.integer({ min: 0, max: 2 ** 31 });
/** What lengths and counts are overwritten with: 32 bits of lies, and varints of 2^32 − 1, of 2^31 and of six bytes. */
const LIES = ["fffffffe", "7fffffff", "80000000", "ffffffff0f", "8080808008", "ffffffffff7f"].map((hex) =>
  Uint8Array.fromHex(hex)
);

function encode(schema: Schema, version: number, message: Message): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  messageCodec(schema, version).write(writer, message);
  return wholeOf(writer);
}

/** Reads `bytes`, which may be broken: nothing but a DecodeError may come of it. */
function readsOrRefuses(schema: Schema, version: number, bytes: Uint8Array): boolean {
  try {
    messageCodec(schema, version).read(new Reader(bytes));
    return true;
  } catch (error) {
    assert.ok(error instanceof DecodeError, `${schema.name} ${version} ${bytes.toHex()}: ${error}`);
    return false;
  }
}

function check(schema: Schema, version: number, runs: number, property: (message: Message) => void): void {
  fc.assert(
    fc.property(SEEDS, (seed) => property(makeMessage(schema, version, seededRandom(seed)))),
    { numRuns: runs },
  );
}

const TABLES = servedApis().flatMap(({ request, response }) => [request, response]);

for (const schema of TABLES) {
  const versions = versionsOf(schema.validVersions);
  describe(`${schema.name}, versions ${schema.validVersions}`, () => {
    it("reads what it writes, to the last byte, and writes what it read as it was", () => {
      for (const version of versions) {
        check(schema, version, 40, (message) => {
          const bytes = encode(schema, version, message);
          const reader = new Reader(bytes);
          const read = messageCodec(schema, version).read(reader);
          assert.equal(reader.remaining, 0);
          assert.deepEqual(encode(schema, version, read), bytes);
          assertHolds(read, message);
        });
      }
    });

    it("is refused when it ends early, wherever it is cut", () => {
      for (const version of versions) {
        check(schema, version, 3, (message) => {
          const bytes = encode(schema, version, message);
          for (let length = 0; length < bytes.length; length++) {
            assert.equal(
              readsOrRefuses(schema, version, bytes.subarray(0, length)),
              false,
              `cut at ${length}`,
            );
          }
        });
      }
    });

    it("survives lengths and counts that lie, wherever they stand", () => {
      for (const version of versions) {
        check(schema, version, 3, (message) => {
          const bytes = encode(schema, version, message);
          for (const lie of LIES) {
            for (let at = 0; at + lie.length <= Math.min(bytes.length, 400); at++) {
              const lying = bytes.slice();
              lying.set(lie, at);
              readsOrRefuses(schema, version, lying);
            }
          }
        });
      }
    });

    it("steps over a tagged field it does not know", () => {
      for (const version of versions.filter((version) => isIn(schema.flexibleVersions, version))) {
        check(schema, version, 10, (message) => {
          // The last byte is the count of the message's own tagged fields, where none of them is set.
          const plain = encode(schema, version, withoutTagged(schema, version, message));
          const longer = new Uint8Array(plain.length + 6);
          longer.set(plain);
          longer.set(Uint8Array.fromHex("01e70703aabbcc"), plain.length - 1);
          const reader = new Reader(longer);
          const read = messageCodec(schema, version).read(reader);
          assert.equal(reader.remaining, 0);
          assert.deepEqual(encode(schema, version, read), plain);
        });
      }
    });
  });
}

/** Everything that was said is there again; what was not said is more than that. */
function assertHolds(read: unknown, said: unknown): void {
  if (Array.isArray(said)) {
    assert.equal((read as unknown[]).length, said.length);
    said.forEach((value, index) => assertHolds((read as unknown[])[index], value));
  } else if (typeof said === "object" && said !== null && !(said instanceof Uint8Array)) {
    for (const [name, value] of Object.entries(said)) assertHolds((read as Message)[name], value);
  } else assert.deepEqual(read, said);
}

function withoutTagged(schema: Schema, version: number, message: Message): Message {
  const tagged = schema.fields.filter(({ taggedVersions }) => isIn(taggedVersions, version));
  return Object.fromEntries(
    Object.entries(message).filter(([name]) => tagged.every((field) => field.name !== name)),
  );
}

describe("frames of the Kafka door", () => {
  it("carry a client's name, and tagged fields from the first flexible version on", () => {
    for (const api of servedApis()) {
      for (const version of versionsOf(api.request.validVersions)) {
        const body = makeMessage(api.request, version, seededRandom(version));
        for (const clientId of ["ünïcödé", "", null]) {
          const reader = new Reader(requestFrame(api, version, body, clientId));
          assert.deepEqual(readHead(reader), { key: api.key, version, correlationId: 7 });
          assert.equal(readClientId(reader, api, version), clientId);
          readBody(reader, api, version);
          assert.equal(reader.remaining, 0);
        }
      }
    }
  });

  it("are read when bytes follow the body: librdkafka 2.16 asks for all topics with three too many", () => {
    const frame = Uint8Array.fromHex("0003000d00000007000772646b61666b61" + "00" + "00000000" + "010000");
    const reader = new Reader(frame);
    const { version } = readHead(reader);
    const api = findApi(3)!;
    assert.equal(readClientId(reader, api, version), "rdkafka");
    const { topics, allowAutoTopicCreation } = readBody(reader, api, version);
    assert.deepEqual([topics, allowAutoTopicCreation, reader.remaining], [null, false, 3]);
  });

  it("answer with tagged fields in front in flexible versions, but for ApiVersions", () => {
    for (const api of servedApis()) {
      for (const version of versionsOf(api.response.validVersions)) {
        const response = makeMessage(api.response, version, seededRandom(version));
        const frame = concat(encodeReply(api, version, 9, response));
        const reader = new Reader(frame);
        assert.equal(reader.readInt32(), frame.length - 4);
        assert.equal(reader.readInt32(), 9);
        const isTagged = api.key !== 18 && isIn(api.response.flexibleVersions, version);
        if (isTagged) assert.equal(reader.readUnsignedVarint(), 0);
        messageCodec(api.response, version).read(reader);
        assert.equal(reader.remaining, 0, `${api.name} ${version}`);
      }
    }
  });

  it("can say every answer in every version, whatever its fields", () => {
    for (const api of servedApis()) {
      for (const version of versionsOf(api.response.validVersions)) {
        const response = makeMessage(api.response, version, seededRandom(version), { isFull: true });
        const frame = concat(encodeReply(api, version, 9, response));
        const isTagged = api.key !== 18 && isIn(api.response.flexibleVersions, version);
        const reader = new Reader(frame, isTagged ? 9 : 8);
        messageCodec(api.response, version).read(reader);
        assert.equal(reader.remaining, 0, `${api.name} ${version}`);
      }
    }
  });

  it("may not hold more things than memory has room for", () => {
    // Two bytes are a topic: a hundred megabytes would be fifty million of them.
    const { request } = findApi(3)!;
    const writer = new Writer();
    const topics = 2_000_000;
    writer.writeCompactArrayCount(topics);
    const bytes = new Uint8Array(writer.position + 2 * topics + 3);
    bytes.set(writer.bytes());
    bytes.fill(1, writer.position);
    assert.throws(() => messageCodec(request, 9).read(new Reader(bytes)), /more than "1000000" elements/);
  });
});
