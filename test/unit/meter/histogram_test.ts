/** Buckets of log-linear histograms. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { bucketOf, BUCKETS, lowestOf } from "../../../src/meter/histogram.ts";

const LARGEST = 2 ** 32 - 1;

describe("bucketOf", () => {
  it("puts every value between the lowest of its bucket and that of the next", () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: LARGEST }), (value) => {
      const bucket = bucketOf(value);
      assert.ok(lowestOf(bucket) <= value && value < lowestOf(bucket + 1), `${value} in ${bucket}`);
    }));
  });

  it("makes no bucket wider than a quarter of what it holds", () => {
    for (let bucket = 4; bucket < BUCKETS; bucket++) {
      const width = lowestOf(bucket + 1) - lowestOf(bucket);
      assert.ok(width * 4 <= lowestOf(bucket), `bucket ${bucket}`);
    }
  });

  it("never falls as values grow", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 2 ** 40, noNaN: true }),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        (
          value,
          more,
        ) => assert.ok(bucketOf(value) <= bucketOf(value + more)),
      ),
    );
  });

  it("counts what is below 0 as 0, and what is too large as the largest", () => {
    assert.deepEqual([-1, -0.5, 0, 0.9].map(bucketOf), [0, 0, 0, 0]);
    assert.deepEqual([LARGEST, 2 ** 32, 1e300, Infinity].map(bucketOf), Array(4).fill(BUCKETS - 1));
  });
});
