/** The pool over threads the test plays: who gets which partition, and what a death means. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Pool } from "../../../src/mailbox/mod.ts";
import { type Fault, fault, LOG_SETTINGS_DEFAULT } from "../../../src/model/mod.ts";
import { ManualClock, Noting, NotingLogger, playedSpawn, tick } from "./world.ts";

const WORKER = {
  dataDirectory: "data",
  disk: "memory",
  waitersMax: 9,
  openFilesMax: 9,
  checkCrcOnRead: true,
  retentionIntervalMs: 9,
  retentionDiskPercent: 100,
} as const;

function world(workersMax = 2) {
  const { spawn, threads } = playedSpawn();
  const [clock, logger] = [new ManualClock(), new NotingLogger()];
  const pool = new Pool({ workersMax, worker: WORKER, clock, logger, spawn });
  return { pool, threads, clock, logger };
}

function specification(partition: number, topicId = "AAECAwQFBgcICQoLDA0ODw") {
  const known = { clean: true, recoveryPoint: 3, logStartOffset: 1, highWatermark: 3 };
  return { topic: "orders", partition, topicId, leaderEpoch: 0, settings: LOG_SETTINGS_DEFAULT, ...known };
}

/** Opens a partition; the list gets what `done` is told. */
function open(pool: Pool, partition: number, topicId?: string): (Fault | null)[] {
  const done: (Fault | null)[] = [];
  pool.open(specification(partition, topicId), (failed) => done.push(failed));
  return done;
}

/** A world whose partitions 0 to `count` − 1 are open. */
async function opened(count: number, workersMax = 2) {
  const made = world(workersMax);
  for (let partition = 0; partition < count; partition++) {
    const done = open(made.pool, partition);
    await tick();
    made.threads[made.pool.find("orders", partition)!.worker]!.opened();
    assert.deepEqual(done, [null]);
  }
  return made;
}

function faultOf(pool: Pool, partition: number): string | null {
  return pool.find("orders", partition)!.fault?.code ?? null;
}

describe("Pool.open", () => {
  it("gives each partition a worker of its own while it may, then the one with the fewest", async () => {
    const { pool, threads } = await opened(5, 2);
    const workers = [0, 1, 2, 3, 4].map((partition) => pool.find("orders", partition)!.worker);
    assert.deepEqual([workers, threads.length], [[0, 1, 0, 1, 0], 2]);
    assert.deepEqual(threads[0]!.posted[0], { kind: "start", options: WORKER });
  });

  it("uses a worker again that holds nothing any more", async () => {
    const { pool, threads } = await opened(1);
    pool.delete("orders", 0, () => {});
    await tick();
    const { id, handle } = threads[0]!.last("delete");
    threads[0]!.say({ kind: "deleted", id, handle, fault: null });
    open(pool, 1);
    assert.deepEqual([pool.find("orders", 0), pool.find("orders", 1)!.worker, threads.length], [
      undefined,
      0,
      1,
    ]);
  });

  it("tells of a partition that cannot be opened, and of that one alone", async () => {
    const { pool, threads, logger } = await opened(1, 1);
    const done = open(pool, 1);
    await tick();
    const failed = fault("KAFKA_STORAGE_ERROR", "Another topic's directory");
    threads[0]!.opened(failed);
    assert.deepEqual([done, faultOf(pool, 1), faultOf(pool, 0)], [[failed], "KAFKA_STORAGE_ERROR", null]);
    assert.deepEqual(logger.lines, ["error: Another topic's directory"]);
  });
});

describe("Pool with a worker that dies", () => {
  it("answers its partitions with a retriable fault until they are open again, and no others", async () => {
    const { pool, threads, clock } = await opened(3);
    const waiting = new Noting();
    pool.find("orders", 0)!.outbox.append(0, -1, Uint8Array.of(1), waiting);
    await tick();
    threads[0]!.die();
    assert.deepEqual(waiting.faults.map(({ code }) => code), ["KAFKA_STORAGE_ERROR"]);
    assert.deepEqual([0, 1, 2].map((partition) => faultOf(pool, partition)), [
      "KAFKA_STORAGE_ERROR",
      null,
      "KAFKA_STORAGE_ERROR",
    ]);
    clock.turn(50);
    assert.deepEqual([threads.length, faultOf(pool, 0)], [3, "KAFKA_STORAGE_ERROR"]);
    await tick();
    const opens = threads[2]!.inputs.filter((input) => input.kind === "open");
    const asked = opens.map(({ partition, clean, isSuspect, recoveryPoint }) => ({
      partition,
      clean,
      isSuspect,
      recoveryPoint,
    }));
    const again = { clean: false, isSuspect: true, recoveryPoint: 3 };
    assert.deepEqual(asked, [{ partition: 0, ...again }, { partition: 2, ...again }]);
    for (const { id, handle } of opens) {
      threads[2]!.say({ kind: "opened", id, handle, report: [], fault: null });
    }
    assert.deepEqual([0, 1, 2].map((partition) => faultOf(pool, partition)), [null, null, null]);
    assert.deepEqual(pool.describeWorkers().map(({ restarts }) => restarts), [1, 0]);
  });

  it("waits longer each time it dies again, and as at first once it served", async () => {
    const { threads, clock } = await opened(1);
    for (const pauseMs of [50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]) {
      const count = threads.length;
      threads.at(-1)!.die();
      clock.turn(pauseMs - 1);
      assert.equal(threads.length, count);
      clock.turn(1);
      assert.equal(threads.length, count + 1);
    }
    await tick();
    threads.at(-1)!.opened();
    const count = threads.length;
    threads.at(-1)!.die();
    clock.turn(50);
    assert.equal(threads.length, count + 1);
  });

  it("opens what was created meanwhile when it is back, and tells then", async () => {
    const { pool, threads, clock } = await opened(1, 1);
    threads[0]!.die();
    const done = open(pool, 1);
    assert.deepEqual([done, faultOf(pool, 1)], [[], "KAFKA_STORAGE_ERROR"]);
    clock.turn(50);
    await tick();
    threads[1]!.opened();
    assert.deepEqual([done, faultOf(pool, 1)], [[null], null]);
  });

  it("goes on with a deletion it died over, and opens the next of that name after it", async () => {
    const { pool, threads, clock } = await opened(1, 1);
    const deleted: (Fault | null)[] = [];
    pool.delete("orders", 0, (failed) => deleted.push(failed));
    const done = open(pool, 0, "Unxn5HkLRz-53YCqoDk5fA");
    await tick();
    threads[0]!.die();
    clock.turn(50);
    await tick();
    threads[1]!.opened();
    await tick();
    assert.deepEqual([deleted, done, faultOf(pool, 0)], [[], [], "KAFKA_STORAGE_ERROR"]);
    const { id, handle } = threads[1]!.last("delete");
    threads[1]!.say({ kind: "deleted", id, handle, fault: null });
    await tick();
    assert.deepEqual([deleted, done], [[null], []]);
    assert.equal(threads[1]!.last("open").topicId, "Unxn5HkLRz-53YCqoDk5fA");
    threads[1]!.opened();
    assert.deepEqual([done, faultOf(pool, 0)], [[null], null]);
  });

  it("hands the newest settings and marks to the next one", async () => {
    const { pool, threads, clock } = await opened(1);
    pool.configure("orders", 0, { ...LOG_SETTINGS_DEFAULT, flushMs: 7 });
    pool.remember("orders", 0, { recoveryPoint: 9, firstDirtyOffset: 6 });
    const { handle } = threads[0]!.last("open");
    threads[0]!.say({ kind: "log_start_moved", handle, logStartOffset: 4 });
    threads[0]!.die();
    clock.turn(50);
    await tick();
    const { settings, recoveryPoint, logStartOffset, firstDirtyOffset } = threads[1]!.last("open");
    assert.deepEqual([settings.flushMs, recoveryPoint, logStartOffset, firstDirtyOffset], [7, 9, 4, 6]);
  });
});

describe("Pool.stop", () => {
  it("is clean when every worker closed every log, and faults what comes later", async () => {
    const { pool, threads } = await opened(2);
    const stop = pool.stop();
    await tick();
    for (const thread of threads) thread.say({ kind: "stopped", id: thread.last("stop").id, logs: [] });
    assert.deepEqual(await stop, { clean: true, logs: [] });
    assert.deepEqual(threads.map(({ isEnded }) => isEnded), [true, true]);
    assert.equal(faultOf(pool, 0), "NOT_LEADER_OR_FOLLOWER");
  });

  it("is not clean when a worker is dead, dies over it, or holds a partition that is offline", async () => {
    const dead = await opened(2);
    dead.threads[0]!.die();
    const stop = dead.pool.stop();
    await tick();
    dead.threads[1]!.die();
    assert.equal((await stop).clean, false);
    dead.clock.turn(60_000);
    assert.equal(dead.threads.length, 2);
    const offline = await opened(1);
    open(offline.pool, 1);
    await tick();
    offline.threads[1]!.opened(fault("KAFKA_STORAGE_ERROR", "Damaged"));
    const second = offline.pool.stop();
    await tick();
    for (const thread of offline.threads) {
      thread.say({ kind: "stopped", id: thread.last("stop").id, logs: [] });
    }
    assert.equal((await second).clean, false);
  });
});
