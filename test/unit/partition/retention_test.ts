/** When a shard looks for what its logs no longer keep, how much of it one turn does, and who is told. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { LOG_SETTINGS_DEFAULT, type LogSettings, type ShardOutput } from "../../../src/model/mod.ts";
import { answer, append, fetch, fetched, NEVER, NOW_MS, openWorld, remove, World } from "./world.ts";

const FIRST_LOOK_MS = 30_000;
const INTERVAL_MS = 300_000;
const HOUR_MS = 3_600_000;
/** Every batch gets a segment of its own. */
const SETTINGS = { segmentBytesMax: 100, retentionMs: HOUR_MS, deleteDelayMs: 1_000 };

/** Partitions 0 to `count` − 1 with these records each, as old as the list says. */
function filled(count: number, agesMs: readonly number[], changes: Partial<LogSettings> = {}): World {
  const world = openWorld(
    count,
    { ...SETTINGS, ...changes },
    new World({ retentionIntervalMs: INTERVAL_MS }),
  );
  let id = 0;
  for (let handle = 0; handle < count; handle++) {
    for (const ageMs of agesMs) world.turn(append(id++, handle, [`${handle}`], -1, NOW_MS - ageMs));
  }
  return world;
}

function moves(outputs: readonly ShardOutput[]): number[][] {
  return outputs.flatMap((output) =>
    output.kind === "log_start_moved" ? [[output.handle, output.logStartOffset]] : []
  );
}

function configure(handle: number, changes: Partial<LogSettings>) {
  const settings = { ...LOG_SETTINGS_DEFAULT, ...SETTINGS, ...changes };
  return { kind: "configure", handle, settings } as const;
}

function deletedFiles(world: World, handle: number): number {
  return world.disk.list(`data/orders-${handle}`).filter(({ name }) => name.endsWith(".log.deleted")).length;
}

describe("Shard.turn with retention", () => {
  it("looks some seconds after the opening and then once an interval, and tells where the log starts", () => {
    const world = filled(1, [HOUR_MS, HOUR_MS - INTERVAL_MS, 0]);
    assert.equal(world.shard.wakeMs, NOW_MS + FIRST_LOOK_MS);
    world.nowMs = NOW_MS + FIRST_LOOK_MS - 1;
    assert.deepEqual(world.turn(), []);
    world.nowMs++;
    assert.deepEqual(world.turn(), [{ kind: "log_start_moved", handle: 0, logStartOffset: 1 }]);
    assert.deepEqual(fetched(world.turn(fetch(50, [0])), 50), ["OFFSET_OUT_OF_RANGE"]);
    world.nowMs += INTERVAL_MS - 1;
    assert.deepEqual(world.turn(), []);
    world.nowMs++;
    assert.deepEqual(moves(world.turn()), [[0, 2]]);
  });

  it("removes the files when their time has come, and asks to be woken for it", () => {
    const world = filled(1, [2 * HOUR_MS, 0]);
    world.nowMs = NOW_MS + FIRST_LOOK_MS;
    world.turn();
    assert.equal(deletedFiles(world, 0), 1);
    assert.equal(world.shard.wakeMs, world.nowMs + 1_000);
    world.nowMs += 1_000;
    world.turn();
    assert.deepEqual([deletedFiles(world, 0), world.shard.wakeMs], [0, NOW_MS + FIRST_LOOK_MS + INTERVAL_MS]);
  });

  it("leaves the files alone once the logs are closed", () => {
    const world = filled(1, [2 * HOUR_MS, 0]);
    answer(world.turn({ kind: "stop", id: 60 }), "stopped", 60);
    assert.equal(world.shard.wakeMs, NEVER);
    world.nowMs += 2 * INTERVAL_MS;
    assert.deepEqual(world.turn(), []);
    assert.equal(deletedFiles(world, 0), 0);
  });

  it("looks at once when settings changed, before it answers what the turn asks", () => {
    const world = filled(2, [5, 0], { retentionMs: NEVER });
    const outputs = world.turn(configure(0, { retentionMs: 2 }), fetch(50, [0, 0]));
    assert.deepEqual(moves(outputs), [[0, 1]]);
    assert.deepEqual(fetched(outputs, 50), ["OFFSET_OUT_OF_RANGE", ["1"]]);
    const bySize = world.turn(configure(1, { retentionMs: NEVER, retentionBytes: 10 }));
    assert.deepEqual(moves(bySize), [[1, 1]]);
    assert.deepEqual(world.turn(configure(1, { retentionBytes: 10, cleanupDelete: false })), []);
  });

  it("does a little each turn and asks for another one until all is done", () => {
    const world = filled(2, [HOUR_MS, HOUR_MS, HOUR_MS, 0], { deleteDelayMs: 0 });
    world.nowMs = NOW_MS + FIRST_LOOK_MS;
    const turns: number[][][] = [];
    for (let count = 0; count < 9 && world.shard.wakeMs <= world.nowMs; count++) {
      const before = deletedFiles(world, 0) + deletedFiles(world, 1);
      turns.push(moves(world.turn()));
      const after = deletedFiles(world, 0) + deletedFiles(world, 1);
      assert.ok(before - after <= 4, `${before - after} were removed at once`);
    }
    assert.deepEqual(turns.filter((turn) => turn.length > 0), [[[0, 3], [1, 1]], [[1, 3]]]);
    assert.deepEqual([deletedFiles(world, 0), deletedFiles(world, 1)], [0, 0]);
  });

  it("answers a long poll for records that are gone", () => {
    const world = filled(1, [HOUR_MS, 0]);
    assert.deepEqual(world.turn(fetch(50, [0], { waitMsMax: 60_000, bytesMin: 9_999 })), []);
    world.nowMs = NOW_MS + FIRST_LOOK_MS;
    assert.deepEqual(fetched(world.turn(), 50), ["OFFSET_OUT_OF_RANGE"]);
    assert.equal(world.shard.waiterCount, 0);
  });

  it("says so when a full disk is in the way, goes on with the other logs, and tries again", () => {
    const world = filled(2, [HOUR_MS], {});
    world.nowMs = NOW_MS + FIRST_LOOK_MS;
    world.disk.fail({ operation: "open", path: "data/orders-0/00000000000000000001.log", code: "full" });
    const outputs = world.turn();
    assert.match(outputs.map((output) => output.kind === "notice" ? output.text : "").join(), /"orders-0"/);
    assert.deepEqual(moves(outputs), [[1, 1]]);
    world.nowMs += INTERVAL_MS;
    assert.deepEqual(moves(world.turn()), [[0, 1]]);
  });

  it("leaves alone what was deleted", () => {
    const world = filled(2, [2 * HOUR_MS, 2 * HOUR_MS, 0]);
    world.nowMs = NOW_MS + FIRST_LOOK_MS;
    world.turn();
    assert.deepEqual([deletedFiles(world, 0), deletedFiles(world, 1)], [2, 2]);
    answer(world.turn(remove(60, 0)), "deleted", 60);
    world.nowMs += 2 * HOUR_MS;
    assert.deepEqual(moves(world.turn()), [[1, 3]]);
    assert.equal(world.disk.stat("data/orders-0"), null);
    assert.equal(deletedFiles(world, 1), 1);
  });

  it("keeps the offsets of a partition whose records all went, over a stop", () => {
    const world = filled(1, [HOUR_MS, HOUR_MS]);
    world.nowMs = NOW_MS + FIRST_LOOK_MS;
    assert.deepEqual(moves(world.turn()), [[0, 2]]);
    const [log] = answer(world.turn({ kind: "stop", id: 60 }), "stopped", 60).logs;
    assert.deepEqual([log!.logStartOffset, log!.logEndOffset, log!.bytes, log!.recoveryPoint], [2, 2, 0, 2]);
  });
});
