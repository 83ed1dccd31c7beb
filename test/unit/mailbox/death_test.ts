/**
 * A partition worker's death, with real threads and files: its partition's
 * directory is moved away under it, so that the next segment cannot be made.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { silentLogger } from "../../../src/host/mod.ts";
import { Pool } from "../../../src/mailbox/mod.ts";
import {
  type Fault,
  isRetriable,
  LOG_SETTINGS_DEFAULT,
  type Receiver,
  type ShardOutput,
} from "../../../src/model/mod.ts";
import { encodeBatch } from "../../../src/record/mod.ts";
import { ManualClock } from "./world.ts";

const SETTINGS = { ...LOG_SETTINGS_DEFAULT, segmentBytesMax: 300 };

function open(pool: Pool, partition: number): Promise<Fault | null> {
  const known = { clean: true, recoveryPoint: 0, logStartOffset: 0, highWatermark: 0 };
  const identity = { topic: "orders", partition, topicId: "AAECAwQFBgcICQoLDA0ODw", leaderEpoch: 0 };
  return new Promise((resolve) => pool.open({ ...identity, settings: SETTINGS, ...known }, resolve));
}

function answerOf(ask: (receiver: Receiver) => void): Promise<ShardOutput | Fault> {
  return new Promise((resolve) => ask({ receive: resolve, fail: resolve }));
}

/** Appends one record; gives its offset or the fault. */
async function append(pool: Pool, partition: number): Promise<number | Fault> {
  const { outbox, handle } = pool.find("orders", partition)!;
  const batch = Uint8Array.from(encodeBatch([{ timestamp: 1, value: "x".repeat(100) }]));
  const answer = await answerOf((receiver) => outbox.append(handle, -1, batch, receiver));
  if ("code" in answer) return answer;
  assert.equal(answer.kind, "appended");
  return answer.kind === "appended" && answer.fault === null ? answer.baseOffset : assert.fail("refused");
}

/** Bytes of records a partition serves from `offset`; −1 for a fault. */
async function fetch(pool: Pool, partition: number, offset: number): Promise<number> {
  const { outbox, handle } = pool.find("orders", partition)!;
  const entries = [{ handle, offset, bytesMax: 1_000_000, currentLeaderEpoch: -1, lastFetchedEpoch: -1 }];
  const bounds = { waitMsMax: 0, bytesMin: 1, bytesMax: 1_000_000, isolation: "read_uncommitted" } as const;
  const answer = await answerOf((receiver) => outbox.ask({ kind: "fetch", ...bounds, entries }, receiver));
  if ("code" in answer || answer.kind !== "fetched" || answer.entries[0]!.fault !== null) return -1;
  return answer.entries[0]!.records.length;
}

/** Waits until the partition's own fault is gone. */
async function untilBack(pool: Pool, partition: number): Promise<void> {
  while (pool.find("orders", partition)!.fault !== null) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Two partitions on two real workers over `directory`; the clock decides when a dead one is replaced. */
async function withPool(action: (pool: Pool, clock: ManualClock, directory: string) => Promise<void>) {
  const directory = await Deno.makeTempDir();
  const clock = new ManualClock();
  const retention = { retentionIntervalMs: 300_000, retentionDiskPercent: 100 };
  const bounds = { waitersMax: 9, openFilesMax: 9, checkCrcOnRead: true, ...retention };
  const worker = { dataDirectory: directory, disk: "file", ...bounds } as const;
  const pool = new Pool({ workersMax: 2, worker, clock, logger: silentLogger });
  let isClean = false;
  try {
    assert.deepEqual([await open(pool, 0), await open(pool, 1)], [null, null]);
    await action(pool, clock, directory);
  } finally {
    isClean = (await pool.stop()).clean;
    await Deno.remove(directory, { recursive: true });
  }
  assert.ok(isClean, "after all that the pool stops cleanly");
}

/** Appends to partition 0 until its worker dies; gives the fault and how many appends were acknowledged. */
async function appendUntilDeath(pool: Pool): Promise<{ failed: Fault; acknowledged: number }> {
  for (let acknowledged = 0; acknowledged < 10; acknowledged++) {
    const answer = await append(pool, 0);
    if (typeof answer !== "number") return { failed: answer, acknowledged };
  }
  assert.fail("The worker lives though its directory is gone");
}

describe("Pool over real workers", () => {
  it("recovers a worker whose directory was away for a while; nothing acknowledged is lost", async () => {
    await withPool(async (pool, clock, directory) => {
      for (let offset = 0; offset < 5; offset++) assert.equal(await append(pool, 0), offset);
      assert.equal(await append(pool, 1), 0);
      await Deno.rename(`${directory}/orders-0`, `${directory}/away`);
      const { failed, acknowledged } = await appendUntilDeath(pool);
      assert.ok(isRetriable(failed.code), failed.code);
      assert.equal(pool.find("orders", 0)!.fault?.code, "KAFKA_STORAGE_ERROR");
      assert.equal(await append(pool, 1), 1);
      await Deno.rename(`${directory}/away`, `${directory}/orders-0`);
      clock.turn(50);
      await untilBack(pool, 0);
      const next = await append(pool, 0);
      assert.ok(typeof next === "number" && next >= 5 + acknowledged, `${JSON.stringify(next)}`);
      for (let offset = 0; offset <= next; offset++) assert.ok(await fetch(pool, 0, offset) > 0, `${offset}`);
      assert.equal(await append(pool, 1), 2);
      assert.deepEqual(pool.describeWorkers().map(({ restarts }) => restarts), [1, 0]);
    });
  });

  it("takes appends again after a directory was deleted, and serves the other partition all the time", async () => {
    await withPool(async (pool, clock, directory) => {
      assert.deepEqual([await append(pool, 0), await append(pool, 1)], [0, 0]);
      await Deno.remove(`${directory}/orders-0`, { recursive: true });
      await appendUntilDeath(pool);
      assert.ok(await fetch(pool, 1, 0) > 0);
      clock.turn(50);
      const reopened = untilBack(pool, 0);
      assert.equal(await append(pool, 1), 1);
      await reopened;
      assert.deepEqual([await append(pool, 0), await append(pool, 0)], [0, 1]);
      assert.deepEqual([await fetch(pool, 1, 1) > 0, await fetch(pool, 0, 1) > 0], [true, true]);
    });
  });
});
