/** The stand-ins under src/std behave as the packages they stand in for (deno.jsr.json runs this against those). */
import assert from "node:assert/strict";
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from "@std/testing/bdd";

describe("bdd", () => {
  const seen: string[] = [];

  describe("hooks", () => {
    beforeAll(() => void seen.push("outer before all"));
    beforeEach(() => void seen.push("outer before"));
    afterEach(() => void seen.push("outer after"));
    afterAll(() => void seen.push("outer after all"));

    it("run around an example", () => void seen.push("first"));

    describe("nested", () => {
      beforeEach(async () => {
        await Promise.resolve();
        seen.push("inner before");
      });
      afterEach(() => void seen.push("inner after"));
      it("run outer before first, inner after first", () => void seen.push("second"));
    });
  });

  it("hooks ran once or around each, in order", () => {
    assert.deepEqual(seen, [
      "outer before all",
      "outer before",
      "first",
      "outer after",
      "outer before",
      "inner before",
      "second",
      "inner after",
      "outer after",
      "outer after all",
    ]);
  });
});
