import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { flyRoundTrip } from "./round_trip.ts";

describe("a broker process", () => {
  it("gives a hundred thousand real flights back unchanged, in order per key, also after a restart and kill -9", async () => {
    const result = await flyRoundTrip(100_000, () => {});
    assert.equal(result.difference, null);
    assert.equal(result.records, 100_000);
    assert.ok(result.origins > 100, "the data has many keys");
  });
});
