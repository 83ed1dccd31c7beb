/** How deep JSON lies in itself. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { isDeeperThan } from "../../../src/console/json_depth.ts";

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe("isDeeperThan", () => {
  it("tells the depth of any JSON, whatever its texts hold", () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[[\]{}"\\]*$/));
    const value = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 6 }, text, tie("list"), tie("map")),
      list: fc.array(tie("value"), { maxLength: 3 }),
      map: fc.dictionary(text, tie("value"), { maxKeys: 3 }),
    })).value;
    fc.assert(fc.property(value, fc.nat(8), (value, depthMax) => {
      assert.equal(isDeeperThan(depthMax, JSON.stringify(value)), depthOf(value) > depthMax);
    }));
  });
});
