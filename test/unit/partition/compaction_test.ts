/** When a shard cleans its logs, which one, and how much of it a turn. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  BACKOFF_MS,
  CLEANER,
  cleaning,
  configure,
  described,
  fill,
  pass,
  put,
  SETTINGS,
  values,
} from "./cleaned_world.ts";
import { NEVER, NOW_MS, openWorld, type World } from "./world.ts";

describe("Shard.turn with a cleaner", () => {
  it("keeps the last record of each key, once the first look is due", () => {
    const world = openWorld(1, SETTINGS, cleaning());
    fill(world, 0, "a1", "b1", "a2", "c1", "b2", "a3");
    assert.equal(world.shard.wakeMs, NOW_MS + BACKOFF_MS);
    pass(world, BACKOFF_MS - 1);
    assert.equal(described(world, 0).cleanings, 0);
    pass(world, 100);
    // The last segment is written to: its record stays, and says nothing of what is before.
    assert.deepEqual(values(world, 0), ["a2", "c1", "b2", "a3"]);
    const { cleanings, firstDirtyOffset, cleanedBytesBefore, cleanedBytesAfter } = described(world, 0);
    assert.deepEqual([cleanings, firstDirtyOffset], [1, 5]);
    assert.ok(cleanedBytesAfter < cleanedBytesBefore);
  });

  it("looks at once when settings changed, and no more when they no longer ask for it", () => {
    const world = openWorld(1, { ...SETTINGS, cleanupCompact: false }, cleaning());
    fill(world, 0, "a1", "a2", "a3");
    assert.equal(world.shard.wakeMs, NEVER);
    world.turn(configure(0, {}));
    pass(world, 100);
    assert.deepEqual(values(world, 0), ["a2", "a3"]);
    world.turn(configure(0, { cleanupCompact: false }));
    assert.equal(world.shard.wakeMs, NEVER);
  });

  it("never cleans without a cleaner", () => {
    const world = openWorld(1, SETTINGS);
    fill(world, 0, "a1", "a2", "a3");
    assert.equal(world.shard.wakeMs, NEVER);
    world.turn(configure(0, {}));
    assert.equal(world.shard.wakeMs, NEVER);
  });

  it("takes the log with the largest share of dirty bytes first, then at once the next", () => {
    const world = openWorld(3, { ...SETTINGS, cleanableRatioMin: 0.3 }, cleaning());
    for (const handle of [0, 1]) fill(world, handle, "a1", "b1", "c1", "d1");
    pass(world, BACKOFF_MS + 100);
    fill(world, 0, "a2", "b2");
    fill(world, 1, "a2", "b2", "c2", "d2");
    fill(world, 2, "a1", "b1");
    world.turn(configure(1, { cleanableRatioMin: 0.3 }));
    const order: number[] = [];
    const before = [0, 1, 2].map((handle) => described(world, handle).cleanings);
    for (let turns = 0; turns < 100; turns++) {
      world.nowMs = Math.max(world.nowMs, world.shard.wakeMs);
      world.turn();
      for (const handle of [0, 1, 2]) {
        const isNew = described(world, handle).cleanings > before[handle]! && !order.includes(handle);
        if (isNew) order.push(handle);
      }
    }
    assert.deepEqual(order, [2, 1, 0]);
  });

  it("leaves what is not due: a small share, young records", () => {
    const world = openWorld(2, SETTINGS, cleaning());
    world.turn(configure(0, { cleanableRatioMin: 1 }), configure(1, { compactionLagMsMin: 60_000 }));
    for (const handle of [0, 1]) fill(world, handle, "a1", "a2", "a3");
    pass(world, 59_000);
    assert.deepEqual([0, 1].map((handle) => described(world, handle).cleanings), [0, 0]);
    pass(world, 3_000);
    assert.deepEqual([0, 1].map((handle) => described(world, handle).cleanings), [0, 1]);
    // The ratio is out of reach, but a day is more than they may wait.
    world.turn(configure(0, { cleanableRatioMin: 1, compactionLagMsMax: 60_000 }));
    pass(world, BACKOFF_MS);
    assert.deepEqual(values(world, 0), ["a2", "a3"]);
  });

  it("does a slice a turn, no faster than its rate", () => {
    const cleaner = { ...CLEANER, bytesPerSecond: 1_000 };
    const world = openWorld(1, SETTINGS, cleaning({ cleaner }));
    fill(world, 0, ..."abcdefghijklmnopqrst".split("").map((key) => `${key}1`));
    const { bytes } = described(world, 0);
    pass(world, BACKOFF_MS);
    const startMs = world.nowMs;
    while (described(world, 0).cleanings === 0) {
      world.nowMs = Math.max(world.nowMs, world.shard.wakeMs);
      world.turn();
    }
    // Keys are read, then all is read again and written.
    const secondsMin = 3 * (bytes - 200) / 1_000;
    assert.ok(world.nowMs - startMs >= 1_000 * secondsMin, `${world.nowMs - startMs} ms`);
    assert.ok(world.nowMs - startMs <= 2_000 * secondsMin);
  });

  it("waits while turns have other work, but not for ever", () => {
    const waited = (work: (world: World) => boolean) => {
      const world = openWorld(1, SETTINGS, cleaning());
      fill(world, 0, "a1", "a2", "a3");
      world.nowMs += BACKOFF_MS;
      let ms = 0;
      for (; !work(world); ms++, world.nowMs++) assert.ok(ms < 1_000);
      return ms;
    };
    const isCleaned = (world: World) => described(world, 0).cleanings > 0;
    const busyMs = waited(isCleaned);
    const idleMs = waited((world) => {
      world.turn();
      return isCleaned(world);
    });
    assert.ok(busyMs > 1.5 * idleMs, `${busyMs} ms busy, ${idleMs} ms idle`);
  });

  it("goes over a log again at once while its keys do not fit the map", () => {
    // Room for four keys.
    const cleaner = { ...CLEANER, dedupeBytesMax: 5 * 24 };
    const world = openWorld(1, SETTINGS, cleaning({ cleaner }));
    const pairs = "abcdefghij".split("");
    fill(world, 0, ...pairs.map((key) => `${key}1`), ...pairs.map((key) => `${key}2`), "z1");
    pass(world, BACKOFF_MS + 500);
    assert.equal(described(world, 0).firstDirtyOffset, 20);
    assert.ok(described(world, 0).cleanings >= 5);
    assert.deepEqual(values(world, 0), [...pairs.map((key) => `${key}2`), "z1"]);
  });

  it("drops tombstones when their time is over, with the next cleaning", () => {
    const world = openWorld(1, { ...SETTINGS, tombstoneMs: 5_000 }, cleaning());
    fill(world, 0, "a1", "b1");
    put(world, 0, "a", null);
    fill(world, 0, "c1");
    pass(world, BACKOFF_MS + 100);
    const bytes = described(world, 0).bytes;
    pass(world, 10_000);
    assert.equal(described(world, 0).bytes, bytes);
    fill(world, 0, "d1");
    pass(world, BACKOFF_MS + 100);
    assert.deepEqual(values(world, 0), ["b1", "c1", "d1"]);
  });
});
