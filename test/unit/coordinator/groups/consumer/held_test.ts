/** What a member has behaves like a set of partitions, and every partition keeps its epoch. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  epochOf,
  type Held,
  heldSince,
  merge,
  placesOf,
  split,
} from "../../../../../src/coordinator/groups/consumer/held.ts";
import {
  canonical,
  difference,
  intersection,
  union,
} from "../../../../../src/coordinator/groups/consumer/partitions.ts";

const lists = fc.array(
  fc.record({ topicId: fc.constantFrom("a", "b", "c"), partitions: fc.array(fc.nat(12)) }),
  { maxLength: 6 },
).map(canonical);

/** One epoch for each partition, told by the partition itself. */
function heldOf(places: ReturnType<typeof canonical>): Held {
  return places.map(({ topicId, partitions }) => ({
    topicId,
    partitions,
    epochs: partitions.map((partition) => 100 + partition),
  }));
}

describe("what a member has", () => {
  it("is split and merged as sets are, and keeps its epochs", () => {
    fc.assert(fc.property(lists, lists, (had, wanted) => {
      const { kept, rest } = split(heldOf(had), wanted);
      assert.deepEqual(kept, heldOf(intersection(had, wanted)));
      assert.deepEqual(rest, heldOf(difference(had, wanted)));
      assert.deepEqual(merge(kept, rest), heldOf(had));
      assert.deepEqual(placesOf(heldOf(had)), had);
    }));
  });

  it("tells since when each partition is had", () => {
    fc.assert(fc.property(lists, lists, (had, more) => {
      const given = difference(more, had);
      const both = merge(heldOf(had), heldSince(given, 7));
      assert.deepEqual(placesOf(both), union(had, given));
      for (const { topicId, partitions } of placesOf(both)) {
        for (const partition of partitions) {
          const isGiven = given.some((list) =>
            list.topicId === topicId && list.partitions.includes(partition)
          );
          assert.equal(epochOf(both, topicId, partition), isGiven ? 7 : 100 + partition);
        }
      }
      assert.equal(epochOf(both, "a", 13), null);
    }));
  });

  it("is no set of its own when a partition is in both", () => {
    const one = heldSince([{ topicId: "a", partitions: [1] }], 1);
    assert.throws(() => merge(one, one), /a partition is had since one epoch/);
  });
});
