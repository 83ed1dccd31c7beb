import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { runGroupSeed } from "./groups/run.ts";
import { GROUP_SABOTAGES } from "./groups/sabotage.ts";
import { KNOWN_GROUP_SEEDS } from "./seed_file.ts";

/** Seeds after which an oracle that has not complained is blind. */
const SEEDS_MAX = 60;
/** What some run of a few must see happen. */
const EVENTS = [
  "commits",
  "commit ILLEGAL_GENERATION",
  "commit UNKNOWN_MEMBER_ID",
  "commit STALE_MEMBER_EPOCH",
  "syncs",
  "revocations",
  "REBALANCE_IN_PROGRESS",
  "ILLEGAL_GENERATION",
  "UNKNOWN_MEMBER_ID",
  "FENCED_MEMBER_EPOCH",
  "UNRELEASED_INSTANCE_ID",
  "FENCED_INSTANCE_ID",
  "static members",
  "Classic Stable",
  "Consumer Stable",
  "Consumer Reconciling",
  "to Consumer",
  "to Classic",
  "delete_topics",
  "replayed",
  "crashes",
  "stops",
];

describe("simulation of groups", () => {
  it("runs the seeds that failed once", () => {
    assert.ok(KNOWN_GROUP_SEEDS.length > 0);
    for (const seed of KNOWN_GROUP_SEEDS) assert.equal(runGroupSeed(seed).violation, null, `seed ${seed}`);
  });

  it("gives the same trace for the same seed, and another for another", () => {
    for (const seed of [3, 17, 42]) {
      const once = runGroupSeed(seed, true);
      const again = runGroupSeed(seed, true);
      assert.deepEqual(again.lines, once.lines);
      assert.equal(again.hash, once.hash);
      assert.equal(again.events, once.events);
    }
    assert.notEqual(runGroupSeed(3).hash, runGroupSeed(4).hash);
  });

  it("lets members and coordinators see everything", () => {
    const totals: Record<string, number> = {};
    for (let seed = 200; seed < 320; seed++) {
      const { counts, violation } = runGroupSeed(seed);
      assert.equal(violation, null, `seed ${seed}`);
      for (const [name, count] of Object.entries(counts)) totals[name] = (totals[name] ?? 0) + count;
    }
    for (const name of EVENTS) assert.ok((totals[name] ?? 0) > 0, `"${name}" never happens`);
    assert.ok(totals.commits! > 5_000, JSON.stringify(totals));
  });
});

describe("oracle of groups", () => {
  for (const [what, { complaint, ...sabotage }] of Object.entries(GROUP_SABOTAGES)) {
    it(`complains of ${what}`, () => {
      for (let seed = 1; seed <= SEEDS_MAX; seed++) {
        const { violation } = runGroupSeed(seed, false, sabotage);
        if (violation !== null) return assert.match(violation, complaint);
      }
      assert.fail(`${SEEDS_MAX} seeds passed`);
    });
  }
});
