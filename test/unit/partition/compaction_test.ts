/** When a shard cleans its logs, which one, how much of it a turn, and what ends it. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  LOG_SETTINGS_DEFAULT,
  type LogDescription,
  type LogSettings,
  type ShardOutput,
} from "../../../src/model/mod.ts";
import type { ShardOptions } from "../../../src/partition/mod.ts";
import { encodeBatch } from "../../../src/record/mod.ts";
import {
  answer,
  fetch,
  fetched,
  NEVER,
  NOW_MS,
  open,
  openWorld,
  remove,
  WatchedDisk,
  World,
} from "./world.ts";

const BACKOFF_MS = 1_000;
const SECRET = Uint32Array.of(1, 2, 3, 4);
const CLEANER = { dedupeBytesMax: 1_000_000, bytesPerSecond: Infinity, backoffMs: BACKOFF_MS };
/** Every batch gets a segment of its own, and all that is dirty is due. */
const SETTINGS: Partial<LogSettings> = {
  segmentBytesMax: 100,
  cleanupDelete: false,
  cleanupCompact: true,
  cleanableRatioMin: 0,
};

function cleaning(options: Partial<ShardOptions> = {}, disk = new WatchedDisk()): World {
  return new World({ cleaner: CLEANER, cleanerSecret: SECRET, ...options }, disk);
}

function put(world: World, handle: number, key: string | null, value: string | null): ShardOutput[] {
  const batch = Uint8Array.from(encodeBatch([{ timestamp: NOW_MS, key, value }]));
  return world.turn({ kind: "append", id: 9, handle, acks: -1, batch });
}

/** Appends "a1", "b1", "a2" ...: each letter a key, each pair a segment. */
function fill(world: World, handle: number, ...pairs: string[]): void {
  for (const pair of pairs) {
    assert.equal(answer(put(world, handle, pair[0]!, pair), "appended", 9).fault, null);
  }
}

function configure(handle: number, changes: Partial<LogSettings>) {
  const settings = { ...LOG_SETTINGS_DEFAULT, ...SETTINGS, ...changes };
  return { kind: "configure", handle, settings } as const;
}

/** Turns without inputs whenever the shard asks for one, for so long; gives what they said, and how many there were. */
function pass(world: World, ms: number): { outputs: ShardOutput[]; turns: number } {
  const endMs = world.nowMs + ms;
  const outputs: ShardOutput[] = [];
  let turns = 0;
  while (world.shard.wakeMs <= endMs) {
    world.nowMs = Math.max(world.nowMs, world.shard.wakeMs);
    outputs.push(...world.turn());
    assert.ok(turns++ < 10_000, "the shard comes to rest");
  }
  world.nowMs = endMs;
  return { outputs, turns };
}

function described(world: World, handle: number): LogDescription {
  return answer(world.turn({ kind: "describe", id: 70, handles: [handle] }), "described", 70).logs[0]!;
}

/** Values of a whole log. */
function values(world: World, handle: number): string[] {
  const found: string[] = [];
  const { logStartOffset, logEndOffset } = described(world, handle);
  for (let offset = logStartOffset; offset < logEndOffset;) {
    const entries = [{ handle, offset, bytesMax: 1, currentLeaderEpoch: -1, lastFetchedEpoch: -1 }];
    const outputs = world.turn(fetch(71, [], { entries }));
    const [read] = fetched(outputs, 71);
    assert.ok(Array.isArray(read));
    found.push(...read);
    const { records } = answer(outputs, "fetched", 71).entries[0]!;
    const view = new DataView(records.buffer, records.byteOffset);
    offset = Number(view.getBigInt64(0)) + view.getInt32(23) + 1;
  }
  return found;
}

function cleanedFiles(world: World, handle: number): string[] {
  return world.disk.list(`data/orders-${handle}`).map(({ name }) => name)
    .filter((name) => /\.(cleaned|swap)$/.test(name));
}

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
    const world = openWorld(1, SETTINGS, cleaning());
    fill(world, 0, "a1", "a2", "a3");
    world.nowMs += BACKOFF_MS;
    let busyMs = 0;
    for (; described(world, 0).cleanings === 0; busyMs++, world.nowMs++) assert.ok(busyMs < 1_000);
    assert.ok(busyMs > 20, `${busyMs} ms`);
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
    assert.deepEqual(values(world, 1), ["a2", "b2", "z1"]);
    world.turn({ kind: "trim", id: 7, handle: 0, beforeOffset: 2 });
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
