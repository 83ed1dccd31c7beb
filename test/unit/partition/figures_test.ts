/** What a shard's meter and a look at it tell of cleanings. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { familiesOf, PARTITION_SHEET, TurnMeter } from "../../../src/meter/mod.ts";
import { BACKOFF_MS, cleaning, configure, described, fill, pass, SETTINGS } from "./cleaned_world.ts";
import { openWorld, type World } from "./world.ts";

function measured(): { world: World; told: (name: string) => number[] } {
  const meter = new TurnMeter();
  const world = openWorld(2, { ...SETTINGS, cleanableRatioMin: 0.6 }, cleaning({ meter }));
  const told = (name: string) => {
    const values = meter.snapshot(world.shard.figures(world.nowMs), 0);
    const family = familiesOf(PARTITION_SHEET, values).find((family) =>
      family.name === `weir_cleaner_${name}`
    );
    return family!.samples.map(({ value }) => value);
  };
  return { world, told };
}

describe("Shard.figures", () => {
  it("tell of dirty bytes what the last look found, though no log is due", () => {
    const { world, told } = measured();
    fill(world, 0, "a1", "b1", "c1");
    pass(world, BACKOFF_MS + 100);
    assert.deepEqual(told("dirty_bytes"), [0]);
    const { bytes } = described(world, 0);
    fill(world, 0, "a2");
    pass(world, BACKOFF_MS + 100);
    const perRecord = bytes / 3;
    // Two sealed segments are clean by now, and one of what came after them is not.
    assert.deepEqual(told("dirty_bytes"), [perRecord]);
    assert.deepEqual(told("dirty_ratio"), [1 / 3]);
    world.turn(configure(0, { cleanupCompact: false }), configure(1, { cleanupCompact: false }));
    assert.deepEqual([told("dirty_bytes"), told("dirty_ratio")], [[0], [0]]);
  });
});

describe("TurnMeter of a shard that cleans", () => {
  it("counts each cleaning once, with the bytes the log's own description has", () => {
    const { world, told } = measured();
    fill(world, 0, "a1", "a2", "a3", "b1");
    fill(world, 1, "a1", "a2", "b1");
    pass(world, BACKOFF_MS + 100);
    const logs = [0, 1].map((handle) => described(world, handle));
    const sum = (of: (log: (typeof logs)[number]) => number) =>
      logs.reduce((total, log) => total + of(log), 0);
    assert.deepEqual(told("runs_total"), [sum(({ cleanings }) => cleanings), 0, 0, 0]);
    assert.deepEqual(told("cleaned_bytes_total"), [sum((log) => log.cleanedBytesBefore)]);
    assert.deepEqual(told("kept_bytes_total"), [sum((log) => log.cleanedBytesAfter)]);
    assert.deepEqual(told("at_work"), [0]);
    assert.ok(told("cleaned_bytes_total")[0]! > told("kept_bytes_total")[0]!);
  });
});
