/** Partitions that could not be opened: the pool tries them again. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Pool } from "../../../src/mailbox/mod.ts";
import { fault, LOG_SETTINGS_DEFAULT } from "../../../src/model/mod.ts";
import { ManualClock, NotingLogger, playedSpawn, tick } from "./world.ts";

const AGAIN_MS = 2_000;
const FAILED = fault("KAFKA_STORAGE_ERROR", "No space left on the device");

async function refused() {
  const { spawn, threads } = playedSpawn();
  const [clock, logger] = [new ManualClock(), new NotingLogger()];
  const worker = {
    dataDirectory: "data",
    disk: "memory",
    waitersMax: 9,
    openFilesMax: 9,
    checkCrcOnRead: true,
    retentionIntervalMs: 9,
    retentionDiskPercent: 100,
  } as const;
  const pool = new Pool({ workersMax: 1, worker, clock, logger, spawn });
  const known = { clean: true, recoveryPoint: 0, logStartOffset: 0, highWatermark: 0 };
  const specification = {
    topic: "orders",
    partition: 0,
    topicId: "AAECAwQFBgcICQoLDA0ODw",
    leaderEpoch: 0,
    settings: LOG_SETTINGS_DEFAULT,
    ...known,
  };
  pool.open(specification, () => {});
  await tick();
  threads[0]!.opened(FAILED);
  const opens = () => threads[0]!.inputs.filter(({ kind }) => kind === "open").length;
  return { pool, clock, logger, thread: threads[0]!, opens };
}

describe("Pool with a partition that cannot be opened", () => {
  it("tries it again until it can be, and names a reason once", async () => {
    const { pool, clock, logger, thread, opens } = await refused();
    clock.turn(AGAIN_MS);
    await tick();
    thread.opened(FAILED);
    assert.deepEqual([opens(), pool.find("orders", 0)!.fault], [2, FAILED]);
    clock.turn(AGAIN_MS);
    await tick();
    thread.opened();
    clock.turn(AGAIN_MS);
    await tick();
    assert.deepEqual([opens(), pool.find("orders", 0)!.fault], [3, null]);
    assert.deepEqual(logger.lines, ["error: No space left on the device"]);
  });

  it("leaves it alone once it is deleted", async () => {
    const { pool, clock, thread, opens } = await refused();
    pool.delete("orders", 0, () => {});
    await tick();
    const { id, handle } = thread.last("delete");
    thread.say({ kind: "deleted", id, handle, fault: null });
    clock.turn(AGAIN_MS);
    await tick();
    assert.equal(opens(), 1);
  });
});
