import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { runSeed } from "./run.ts";
import { SABOTAGES } from "./sabotage.ts";
import { UPKEEP_SABOTAGES } from "./sabotage_upkeep.ts";
import { KNOWN_SEEDS } from "./seed_file.ts";

/** Seeds after which an oracle that has not complained is blind. */
const SEEDS_MAX = 60;

describe("simulation", () => {
  it("runs the seeds that failed once", async () => {
    assert.ok(KNOWN_SEEDS.length > 0);
    for (const { seed, version } of KNOWN_SEEDS) {
      assert.equal((await runSeed(seed, false, {}, version)).violation, null, `seed ${seed}`);
    }
  });

  it("gives the same trace for the same seed, and another for another", async () => {
    for (const seed of [3, 17, 42]) {
      const once = await runSeed(seed, true);
      const again = await runSeed(seed, true);
      assert.deepEqual(again.lines, once.lines);
      assert.equal(again.hash, once.hash);
      assert.equal(again.events, once.events);
    }
    assert.notEqual((await runSeed(3)).hash, (await runSeed(4)).hash);
  });

  it("loads the broker and lets everything happen to it", async () => {
    const totals: Record<string, number> = {};
    for (let seed = 200; seed < 220; seed++) {
      const { counts } = await runSeed(seed);
      for (const [name, count] of Object.entries(counts)) totals[name] = (totals[name] ?? 0) + count;
    }
    // Rarer than one in twenty seeds.
    const { fullCleanings: _, ...expected } = totals;
    for (const [name, count] of Object.entries(expected)) assert.ok(count > 0, `${name} never happens`);
    assert.ok(totals.acked! > 5_000 && totals.shown! > 5_000, JSON.stringify(totals));
  });
});

describe("oracle", () => {
  for (const [what, { complaint, ...sabotage }] of Object.entries({ ...SABOTAGES, ...UPKEEP_SABOTAGES })) {
    it(`complains of ${what}`, async () => {
      for (let seed = 1; seed <= SEEDS_MAX; seed++) {
        const { violation } = await runSeed(seed, false, sabotage);
        if (violation !== null) return assert.match(violation, complaint);
      }
      assert.fail(`${SEEDS_MAX} seeds passed`);
    });
  }
});
