/** JSON values one after another, cut anywhere. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { Concatenated } from "../../../src/console/records/concatenated.ts";

const encoder = new TextEncoder();

function takeAll(text: string, bytesMax = 1_000): unknown[] {
  const values = new Concatenated(bytesMax);
  const taken = values.take(encoder.encode(text));
  values.end();
  return taken;
}

describe("Concatenated", () => {
  it("gives objects as they were, however they are cut and spaced", () => {
    const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 6 });
    const space = fc.constantFrom("", " ", "\n", "\r\n\t");
    fc.assert(
      fc.property(objects, space, fc.array(fc.nat(40), { maxLength: 20 }), (wanted, between, cuts) => {
        const bytes = encoder.encode(wanted.map((object) => JSON.stringify(object) + between).join(""));
        const values = new Concatenated(100_000);
        const taken: unknown[] = [];
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          taken.push(...values.take(bytes.subarray(at, at + cut)));
          at += cut;
        }
        values.end();
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
    assert.throws(() => new Concatenated(10).take(Uint8Array.of(123, 34, 255, 34, 125)), /not UTF-8/);
  });

  it("refuses a value past the bound before it is whole, not values that are many", () => {
    const values = new Concatenated(100);
    assert.equal(values.take(encoder.encode("{}".repeat(1_000))).length, 1_000);
    assert.throws(() => values.take(encoder.encode(`{"a":"${"x".repeat(200)}`)), /at most 100 bytes/);
  });
});
