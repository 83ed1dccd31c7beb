/** What workers counted, as the main thread keeps it, also when they die. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { CoordinatorClient, type FromPartitionWorker, Outbox, Pool } from "../../../src/mailbox/mod.ts";
import {
  COORDINATOR_SHEET,
  CoordinatorMeter,
  familiesOf,
  OUTBOX_SHEET,
  OutboxMeter,
  PARTITION_SHEET,
  TurnMeter,
} from "../../../src/meter/mod.ts";
import { type CoordinatorStart, IMAGE_EMPTY, LOG_SETTINGS_DEFAULT } from "../../../src/model/mod.ts";
import { FIGURES } from "../meter/figures.ts";
import { GROUP_SETTINGS } from "../coordinator/groups/settings.ts";
import { ManualClock, Noting, NotingLogger, playedSpawn, type PlayedThread, tick } from "./world.ts";

const WORKER = {
  dataDirectory: "data",
  disk: "memory",
  waitersMax: 9,
  openFilesMax: 9,
  checkCrcOnRead: true,
  retentionIntervalMs: 9,
  retentionDiskPercent: 100,
} as const;
const PARTITION = {
  topic: "orders",
  partition: 0,
  topicId: "AAECAwQFBgcICQoLDA0ODw",
  leaderEpoch: 0,
  settings: LOG_SETTINGS_DEFAULT,
  clean: true,
  recoveryPoint: 0,
  logStartOffset: 0,
  highWatermark: 0,
};

/** A meter's array after so many turns of one input each. */
function turnsOf(count: number): Float64Array {
  const meter = new TurnMeter();
  for (let turn = 0; turn < count; turn++) meter.end([{ kind: "cancel" }], []);
  return meter.snapshot({ ...FIGURES, waiters: 3 }, 0);
}

function valueOf(sheet: typeof PARTITION_SHEET, values: Float64Array, name: string): number {
  return familiesOf(sheet, values).find((family) => family.name === name)!.samples[0]!.value;
}

/** Answers a "describe" with what was counted. */
function answerDescribe(thread: PlayedThread, counts: Float64Array): void {
  const { id } = thread.last("describe");
  const outputs = [{ kind: "described", id, logs: [] }] as const;
  const message: FromPartitionWorker = {
    kind: "turned",
    outputs,
    buffers: [],
    returned: [],
    asked: true,
    counts,
  };
  thread.events.message(message);
}

describe("Pool.counts", () => {
  it("has what a worker said when it described its logs, and keeps it when the worker dies", async () => {
    const { spawn, threads } = playedSpawn();
    const clock = new ManualClock();
    const pool = new Pool({ workersMax: 1, worker: WORKER, clock, logger: new NotingLogger(), spawn });
    pool.open(PARTITION, () => {});
    await tick();
    threads[0]!.opened();
    const asked = pool.describeAll();
    await tick();
    answerDescribe(threads[0]!, turnsOf(5));
    await asked;
    const count = (name: string) => valueOf(PARTITION_SHEET, pool.counts()[0]!.turns, name);
    assert.deepEqual([count("weir_worker_turns_total"), count("weir_waiters")], [5, 3]);
    threads[0]!.die();
    const { restarts, isUp, partitions } = pool.counts()[0]!;
    assert.deepEqual({ restarts, isUp, partitions }, { restarts: 1, isUp: false, partitions: 1 });
    assert.equal(pool.offlineCount, 1);
    assert.deepEqual([count("weir_worker_turns_total"), count("weir_waiters")], [5, 0]);
  });
});

describe("Outbox, measuring,", () => {
  it("counts what it sends, and the way there and back of each input", async () => {
    const watch = { us: 500, stamp: () => watch.us };
    const meter = new OutboxMeter(watch);
    const outbox = new Outbox(meter);
    outbox.connect(() => {});
    outbox.ask({ kind: "describe", handles: [] }, new Noting());
    watch.us = 600;
    outbox.ask({ kind: "describe", handles: [] }, new Noting());
    await tick();
    watch.us = 1_400;
    outbox.turned({ kind: "turned", outputs: [], buffers: [], returned: [], asked: false }, () => {});
    outbox.turned(
      { kind: "turned", outputs: [], buffers: [], returned: [], asked: true, busyUs: 400 },
      () => {},
    );
    const [queue, messages] = familiesOf(OUTBOX_SHEET, meter.snapshot());
    assert.deepEqual([queue!.samples[0]!.count, queue!.samples[0]!.sum], [2, 0.001]);
    assert.equal(messages!.samples[0]!.value, 1);
  });
});

const START: CoordinatorStart = {
  kind: "start",
  dataDirectory: "data",
  disk: "memory",
  settings: {
    nodeId: 1,
    partitionsDefault: 1,
    replicationFactorDefault: 1,
    deletionEnabled: true,
    groups: GROUP_SETTINGS,
    given: {},
  },
  clean: true,
  recoveryPoint: 0,
  groupLogs: [],
};

describe("CoordinatorClient.counts", () => {
  it("counts commands by kind, restarts, and what the coordinator said of its turns", async () => {
    const { spawn, threads } = playedSpawn();
    const listener = { replaced: () => {}, decided: () => {} };
    const client = new CoordinatorClient(START, listener, new ManualClock(), new NotingLogger(), spawn);
    const start = client.start();
    threads[0]!.events.message([{ kind: "ready", image: IMAGE_EMPTY, report: [] }]);
    await start;
    client.decide({ kind: "init_producer_id" }, () => {});
    client.decide({ kind: "init_producer_id" }, () => {});
    const measured = client.measure();
    await tick();
    const meter = new CoordinatorMeter();
    meter.end(7);
    answerDescribe(threads[0]!, meter.snapshot(0));
    await measured;
    const { commands, pending, turns, isUp } = client.counts();
    assert.deepEqual([...commands], [["init_producer_id", 2]]);
    assert.deepEqual([pending, isUp], [2, true]);
    assert.equal(valueOf(COORDINATOR_SHEET, turns, "weir_coordinator_inputs_total"), 7);
    threads[0]!.die();
    await client.measure();
    const after = client.counts();
    assert.deepEqual([after.restarts, after.isUp, after.pending], [1, false, 0]);
    assert.equal(valueOf(COORDINATOR_SHEET, after.turns, "weir_coordinator_inputs_total"), 7);
  });
});
