/** What ends a cleaning before its time, and what a shard that opens a log knows of those before. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { LOG_SETTINGS_DEFAULT, type LogSettings } from "../../../src/model/mod.ts";
import {
  BACKOFF_MS,
  cleanedFiles,
  CLEANER,
  cleaning,
  configure,
  described,
  fill,
  pass,
  SETTINGS,
  values,
} from "./cleaned_world.ts";
import { answer, NEVER, open, openWorld, remove, World } from "./world.ts";

/** A world in the middle of a cleaning: the first group's new segment is being written. */
function midway(changes: Partial<LogSettings> = {}): World {
  const cleaner = { ...CLEANER, bytesPerSecond: 100 };
  const world = openWorld(1, { ...SETTINGS, ...changes }, cleaning({ cleaner }));
  fill(world, 0, "a1", "b1", "c1", "a2", "b2", "c2", "z1");
  while (cleanedFiles(world, 0).length === 0) {
    world.nowMs = Math.max(world.nowMs, world.shard.wakeMs);
    assert.deepEqual(world.turn(), []);
  }
  return world;
}

describe("Shard.turn in the middle of a cleaning", () => {
  it("serves the whole log", () => {
    assert.deepEqual(values(midway(), 0), ["a1", "b1", "c1", "a2", "b2", "c2", "z1"]);
  });

  it("leaves nothing of it behind at a stop, and the next start cleans anew", () => {
    const world = midway();
    const stopped = answer(world.turn({ kind: "stop", id: 5 }), "stopped", 5);
    assert.deepEqual(cleanedFiles(world, 0), []);
    const { recoveryPoint, firstDirtyOffset } = stopped.logs[0]!;
    assert.deepEqual([recoveryPoint, firstDirtyOffset], [7, 0]);
    const again = cleaning({}, world.disk);
    const settings = { ...LOG_SETTINGS_DEFAULT, ...SETTINGS };
    again.turn(open(0, { settings, recoveryPoint, firstDirtyOffset }));
    pass(again, BACKOFF_MS + 100);
    assert.deepEqual(values(again, 0), ["a2", "b2", "c2", "z1"]);
  });

  it("gives it up when the topic is deleted or no longer compacted", () => {
    const deleted = midway();
    deleted.turn({ ...remove(6, 0) });
    assert.deepEqual([deleted.disk.list("data").length, deleted.shard.wakeMs], [0, NEVER]);
    const changed = midway();
    changed.turn(configure(0, { cleanupCompact: false, cleanupDelete: true, retentionMs: NEVER }));
    assert.deepEqual([cleanedFiles(changed, 0), changed.shard.wakeMs], [[], NEVER]);
    assert.deepEqual(values(changed, 0).length, 7);
  });

  it("begins anew, without a word, when retention or a trim took segments", () => {
    const old = midway({ cleanupDelete: true });
    old.turn(configure(0, { cleanupDelete: true, retentionBytes: 350 }));
    const { logStartOffset } = described(old, 0);
    assert.ok(logStartOffset > 0);
    assert.deepEqual(pass(old, 60_000).outputs, []);
    assert.deepEqual(values(old, 0), ["a2", "b2", "c2", "z1"].slice(-(7 - logStartOffset)));
    const trimmed = midway({ cleanupDelete: true });
    trimmed.turn({ kind: "trim", id: 7, handle: 0, beforeOffset: 4 });
    assert.deepEqual(pass(trimmed, 60_000).outputs, []);
    assert.deepEqual(values(trimmed, 0), ["b2", "c2", "z1"]);
    assert.equal(described(trimmed, 0).firstDirtyOffset, 6);
  });

  it("waits for room on a full disk, and says so once", () => {
    const world = midway();
    world.disk.full = true;
    const told = pass(world, 120_000).outputs;
    assert.equal(told.length, 1, JSON.stringify(told));
    assert.equal(described(world, 0).cleanings, 0);
    world.disk.full = false;
    assert.deepEqual(pass(world, 120_000).outputs, []);
    assert.deepEqual(values(world, 0), ["a2", "b2", "c2", "z1"]);
  });
});

describe("Shard.turn with a damaged log to clean", () => {
  function damage(world: World): void {
    const file = world.disk.open("data/orders-0/00000000000000000001.log", "write");
    const byte = new Uint8Array(1);
    file.read(file.size - 1, byte);
    file.write(file.size - 1, Uint8Array.of(byte[0]! ^ 1));
    file.close();
  }

  it("leaves it alone, says so once, and goes on when what began with the damage is gone", () => {
    const world = openWorld(2, { ...SETTINGS, cleanupDelete: true }, cleaning());
    for (const handle of [0, 1]) fill(world, handle, "a1", "b1", "a2", "b2", "z1");
    damage(world);
    const { outputs } = pass(world, 60_000);
    assert.equal(outputs.length, 1);
    assert.ok(outputs[0]!.kind === "notice" && outputs[0].text.includes('position "0" of "data/orders-0'));
    assert.equal(described(world, 0).cleanings, 0);
    assert.equal(world.shard.figures(world.nowMs).uncleanableLogs, 1);
    assert.deepEqual(values(world, 1), ["a2", "b2", "z1"]);
    world.turn({ kind: "trim", id: 7, handle: 0, beforeOffset: 2 });
    assert.equal(world.shard.figures(world.nowMs).uncleanableLogs, 0);
    assert.deepEqual(pass(world, 60_000).outputs, []);
    assert.deepEqual(values(world, 0), ["a2", "b2", "z1"]);
    assert.equal(described(world, 0).cleanings, 1);
  });
});

describe("Shard.turn of an open with a first dirty offset", () => {
  const settings = { ...LOG_SETTINGS_DEFAULT, ...SETTINGS };

  function reopened(firstDirtyOffset: number): World {
    const world = openWorld(1, SETTINGS);
    fill(world, 0, "a1", "a2", "z1");
    world.turn({ kind: "stop", id: 5 });
    const again = cleaning({}, world.disk);
    again.turn(open(0, { settings, recoveryPoint: 3, firstDirtyOffset }));
    return again;
  }

  it("cleans no record before it again", () => {
    const world = reopened(2);
    pass(world, 60_000);
    assert.deepEqual([described(world, 0).cleanings, values(world, 0)], [0, ["a1", "a2", "z1"]]);
  });

  it("takes one above the log's end for none: what is yet to be written is not clean", () => {
    const world = reopened(4);
    assert.equal(described(world, 0).firstDirtyOffset, 0);
    pass(world, 60_000);
    assert.deepEqual(values(world, 0), ["a2", "z1"]);
  });
});

describe("Shard.turn with a scrub while segments are replaced", () => {
  it("finds no damage where there is none, and none of the files that went", () => {
    const world = openWorld(
      1,
      SETTINGS,
      cleaning({ scrubBytesPerSecond: 400, scrubIntervalMs: 1 }),
    );
    for (let round = 0; round < 20; round++) {
      fill(world, 0, `a${round % 10}`, `b${round % 10}`, `c${round % 7}`);
      assert.deepEqual(pass(world, 20_000).outputs, []);
    }
    assert.ok(described(world, 0).cleanings > 10);
  });
});
