/** Msgpack as JSON, against the package that writes it everywhere else, and against what is broken. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import * as fc from "fast-check";
import { Packr } from "msgpackr/pack";
import { msgpackText } from "../../../src/console/records/msgpack.ts";

const packr = new Packr({ useRecords: false, variableMapSize: true });

describe("msgpackText", () => {
  it("reads whatever JSON another program packed", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      const wanted = JSON.parse(JSON.stringify(value));
      assert.deepEqual(JSON.parse(msgpackText(packr.pack(wanted))!), wanted);
    }));
  });

  it("keeps every digit of an integer of 64 bits, of either sign", () => {
    assert.equal(
      msgpackText(packr.pack([2n ** 64n - 1n, -(2n ** 63n)])),
      "[18446744073709551615,-9223372036854775808]",
    );
    assert.equal(msgpackText(packr.pack([-1, -33, -129, -40_000, -3e9])), "[-1,-33,-129,-40000,-3000000000]");
  });

  it("tells bytes in base64, times as text, other extensions with their type", () => {
    assert.equal(msgpackText(packr.pack(new Uint8Array([1, 2, 3]))), '"AQID"');
    assert.equal(msgpackText(Uint8Array.of(0xd6, 0xff, 0, 0, 0, 1)), '"1970-01-01T00:00:01.000Z"');
    assert.equal(msgpackText(Uint8Array.of(0xd4, 7, 255)), '{"type":7,"data":"/w=="}');
  });

  it("keeps a map's keys, whatever they are", () => {
    assert.equal(
      msgpackText(Uint8Array.of(0x82, 1, 2, 0xa9, ...new TextEncoder().encode("__proto__"), 3)),
      '{"1":2,"__proto__":3}',
    );
  });

  it("is null for what is cut off, goes on, lies about its length, or nests without an end", () => {
    const broken = [[], [0xc1], [0x92, 1], [0xd9, 200, 65], [1, 2], [0xdd, 0xff, 0xff, 0xff, 0xff], [
      0xa1,
      0xff,
    ]];
    for (const bytes of broken) assert.equal(msgpackText(Uint8Array.from(bytes)), null, String(bytes));
    assert.equal(msgpackText(new Uint8Array(100_000).fill(0x91)), null);
  });

  it("never throws, whatever the bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const text = msgpackText(bytes);
      if (text !== null) JSON.parse(text);
    }));
  });
});
