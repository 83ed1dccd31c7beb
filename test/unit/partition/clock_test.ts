/** What a shard does of itself while the clock is set back: a machine may start with a wrong one. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { ShardOptions } from "../../../src/partition/mod.ts";
import { cleaning, fill, SETTINGS } from "./cleaned_world.ts";
import { NEVER, openWorld, World } from "./world.ts";

const YEAR_MS = 31_536_000_000;

/** When each kind of work is due by itself, from now on. */
const WORLDS: Readonly<Record<string, () => World>> = {
  "retention's next look": () => new World({ retentionIntervalMs: 300_000 }),
  "the next look at the disk's share": () => filling({ retentionDiskPercent: 90 }),
  "the next look for what is to be compacted": () => cleaning(),
  "the next slice of the scrub": () => new World({ scrubBytesPerSecond: 1_000 }),
};

function filling(options: Partial<ShardOptions>): World {
  const world = new World(options);
  world.disk.space = () => ({ freeBytes: 99, totalBytes: 100 });
  return world;
}

describe("Shard.wakeMs after the clock was set back", () => {
  for (const [name, newWorld] of Object.entries(WORLDS)) {
    it(`is as far away as before for ${name}`, () => {
      const world = openWorld(1, SETTINGS, newWorld());
      fill(world, 0, "a1", "a2", "a3");
      const waitMs = world.shard.wakeMs - world.nowMs;
      assert.ok(waitMs > 0 && waitMs < NEVER - world.nowMs);
      world.nowMs -= YEAR_MS;
      world.turn();
      assert.equal(world.shard.wakeMs - world.nowMs, waitMs);
    });
  }

  it("stays never where nothing is to be done", () => {
    const world = openWorld(1, SETTINGS);
    world.nowMs -= YEAR_MS;
    world.turn();
    assert.equal(world.shard.wakeMs, NEVER);
  });
});
