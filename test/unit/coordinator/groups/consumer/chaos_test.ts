/**
 * Members that come, go and fail in any way: no partition ever has two owners in the
 * members' own view, and once it is calm the group settles and everything subscribed
 * to is owned.
 */
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { ACTIONS, World } from "./chaos_world.ts";

describe("members of the consumer protocol", () => {
  for (const assignors of [["uniform", "range"], ["range", "uniform"]]) {
    it(`never share a partition, and settle (${assignors[0]})`, () => {
      fc.assert(
        fc.property(ACTIONS, (actions) => {
          const world = new World(assignors);
          for (const [kind, who, what] of actions) world.act(kind, who, what);
          world.calm();
          world.checkSettled();
        }),
        { numRuns: 150 },
      );
    });
  }
});
