/** JSON values one after another, cut anywhere. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { Concatenated, Room } from "../../../src/console/records/concatenated.ts";

const encoder = new TextEncoder();

/** The values of a text that comes whole; throws what is wrong with it. */
function takeAll(text: string | Uint8Array, bytesMax = 1_000): readonly unknown[] {
  const concatenated = new Concatenated(bytesMax, new Room(10_000_000));
  const { values, failure } = concatenated.take(typeof text === "string" ? encoder.encode(text) : text);
  const wrong = failure ?? concatenated.end();
  if (wrong !== null) throw wrong;
  return values;
}

/** The values of bytes that come in pieces, and what ends them. */
function takeCut(bytes: Uint8Array, cuts: readonly number[], bytesMax: number) {
  const concatenated = new Concatenated(bytesMax, new Room(10_000_000));
  const taken: unknown[] = [];
  let at = 0;
  for (const cut of [...cuts, bytes.length]) {
    const { values, failure } = concatenated.take(bytes.subarray(at, at + cut));
    taken.push(...values);
    if (failure !== null) return { taken, message: failure.message };
    at += cut;
  }
  return { taken, message: concatenated.end()?.message ?? null };
}

describe("Concatenated", () => {
  it("gives objects as they were, however they are cut and spaced", () => {
    const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 6 });
    const space = fc.constantFrom("", " ", "\n", "\r\n\t");
    fc.assert(
      fc.property(objects, space, fc.array(fc.nat(40), { maxLength: 20 }), (wanted, between, cuts) => {
        const bytes = encoder.encode(wanted.map((object) => JSON.stringify(object) + between).join(""));
        const { taken, message } = takeCut(bytes, cuts, 100_000);
        assert.equal(message, null);
        // As text: numbers of many digits stay as they are written.
        assert.equal(JSON.stringify(taken), JSON.stringify(JSON.parse(JSON.stringify(wanted))));
      }),
      { numRuns: 200 },
    );
  });

  it("is not fooled by brackets and quotes inside of texts", () => {
    assert.deepEqual(takeAll('{"a":"}\\"{"}{"b":["]"]}'), [{ a: '}"{' }, { b: ["]"] }]);
  });

  it("refuses what is no object, what is no JSON, and what is cut off", () => {
    assert.throws(() => takeAll("[1]"), /JSON objects/);
    assert.throws(() => takeAll("{}x"), /JSON objects/);
    assert.throws(() => takeAll("{a}"), /not JSON/);
    assert.throws(() => takeAll('{"a":1'), /ends inside/);
    assert.throws(() => takeAll(Uint8Array.of(123, 34, 255, 34, 125)), /not UTF-8/);
  });

  it("gives what lies before a fault, wherever the bytes are cut", () => {
    const good = '{"a":1} {"b":2}';
    const faults = fc.constantFrom("x", "{c}", "[1]", '{"c":', "}", '{"c":"' + "x".repeat(200));
    fc.assert(
      fc.property(faults, fc.array(fc.nat(9), { maxLength: 9 }), (fault, cuts) => {
        const { taken, message } = takeCut(encoder.encode(good + fault), cuts, 100);
        assert.deepEqual(taken, [{ a: 1 }, { b: 2 }]);
        assert.notEqual(message, null);
      }),
    );
  });

  it("refuses a value past the bound before it is whole, not values that are many", () => {
    const concatenated = new Concatenated(100, new Room(10_000));
    assert.equal(concatenated.take(encoder.encode("{}".repeat(1_000))).values.length, 1_000);
    assert.match(
      concatenated.take(encoder.encode(`{"a":"${"x".repeat(200)}`)).failure?.message ?? "",
      /at most 100 bytes/,
    );
    assert.throws(() => takeAll(`{"a":"${"x".repeat(200)}"}`, 100), /at most 100 bytes/);
  });

  it("refuses what is deeper than readers go", () => {
    const deep = (depth: number) => `{"a":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;
    assert.equal(takeAll(deep(1_000), 10_000).length, 1);
    assert.throws(() => takeAll(deep(1_001), 10_000), /at most 1000 deep/);
  });

  it("takes a large value in pieces of one byte", () => {
    const bytes = encoder.encode(`{"a":"${"x".repeat(300_000)}"}`);
    const cuts = Array.from({ length: bytes.length }, () => 1);
    assert.equal(takeCut(bytes, cuts, 1_000_000).taken.length, 1);
  });

  it("takes room for what is not whole, gives it back, and refuses where there is none", () => {
    const room = new Room(156_000);
    const [one, other] = [new Concatenated(90_000, room), new Concatenated(90_000, room)];
    const large = encoder.encode(`{"a":"${"x".repeat(80_000)}`);
    assert.equal(one.take(large).failure, null);
    assert.equal(other.take(large).failure?.code, 42901);
    assert.equal(one.take(encoder.encode('"}')).values.length, 1);
    assert.equal(new Concatenated(90_000, room).take(large).failure?.code, undefined);
    one.close();
  });

  it("gives room back when it is closed with a value half taken", () => {
    const room = new Room(156_000);
    const large = encoder.encode(`{"a":"${"x".repeat(80_000)}`);
    for (let again = 0; again < 3; again++) {
      const concatenated = new Concatenated(90_000, room);
      assert.equal(concatenated.take(large).failure, null);
      concatenated.close();
    }
  });
});
