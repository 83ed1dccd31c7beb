/** Sets of partitions behave like sets, and stay in canonical form. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import {
  canonical,
  difference,
  includes,
  intersection,
  isSame,
  type Partitions,
  union,
} from "../../../../../src/coordinator/groups/consumer/partitions.ts";

const lists = fc.array(
  fc.record({ topicId: fc.constantFrom("a", "b", "c"), partitions: fc.array(fc.nat(5)) }),
  { maxLength: 6 },
);

function keys(lists: Partitions): Set<string> {
  return new Set(
    lists.flatMap(({ topicId, partitions }) => partitions.map((partition) => `${topicId}${partition}`)),
  );
}

describe("sets of partitions", () => {
  it("are canonical whatever they are made of", () => {
    assert.deepEqual(
      canonical([
        { topicId: "b", partitions: [2, 1] },
        { topicId: "a", partitions: [] },
        { topicId: "b", partitions: [1, 10] },
      ]),
      [{ topicId: "b", partitions: [1, 2, 10] }],
    );
  });

  it("join, meet and differ as sets do", () => {
    fc.assert(fc.property(lists, lists, (left, right) => {
      const [one, other] = [canonical(left), canonical(right)];
      const [here, there] = [keys(one), keys(other)];
      for (
        const [made, wanted] of [
          [union(one, other), here.union(there)],
          [intersection(one, other), here.intersection(there)],
          [difference(one, other), here.difference(there)],
        ] as const
      ) {
        assert.deepEqual(keys(made), wanted);
        assert.deepEqual(canonical(made), made);
      }
      assert.equal(includes(one, other), there.isSubsetOf(here));
      assert.equal(isSame(one, other), here.symmetricDifference(there).size === 0);
    }));
  });
});
