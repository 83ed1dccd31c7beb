/** Hosting over a pool whose threads the test plays: what an image's change sends to which partition. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Hosting, Pool } from "../../../src/mailbox/mod.ts";
import {
  applyEvents,
  IMAGE_EMPTY,
  LOG_SETTINGS_DEFAULT,
  type MetadataEvent,
} from "../../../src/model/mod.ts";
import { ManualClock, NotingLogger, playedSpawn, tick } from "./world.ts";

const WORKER = {
  dataDirectory: "data",
  disk: "memory",
  waitersMax: 9,
  openFilesMax: 9,
  checkCrcOnRead: true,
  retentionIntervalMs: 9,
  retentionDiskPercent: 100,
} as const;

function partitions(from: number, to: number) {
  return Array.from({ length: to - from }, (_, index) => (
    { partition: from + index, leader: 1, leaderEpoch: 0, replicas: [1], inSyncReplicas: [1] }
  ));
}

function created(name: string): MetadataEvent {
  const topic = { name, id: `id of ${name}`, internal: false, partitions: partitions(0, 2), settings: {} };
  return { kind: "topic_created", topic };
}

/** One worker; a topic's `segmentMs` is its own, or the broker's, or 1. */
function world() {
  const { spawn, threads } = playedSpawn();
  const pool = new Pool({
    workersMax: 1,
    worker: WORKER,
    clock: new ManualClock(),
    logger: new NotingLogger(),
    spawn,
  });
  const hosting = new Hosting(pool, {
    settingsOf: ({ settings }, { brokerSettings }) => {
      return { ...LOG_SETTINGS_DEFAULT, segmentMs: Number(settings.segment ?? brokerSettings.segment ?? 1) };
    },
    checkpointOf: () => ({ clean: false, recoveryPoint: 0, logStartOffset: 0, highWatermark: 0 }),
    forget: () => {},
  });
  let image = IMAGE_EMPTY;
  /** Applies the event; gives what the worker was sent for it: kind, handle, segmentMs. */
  const change = async (event: MetadataEvent) => {
    const before = threads[0]?.inputs.length ?? 0;
    const after = applyEvents(image, [event]);
    hosting.change(image, after, () => {});
    image = after;
    await tick();
    const sent = (threads[0]?.inputs ?? []).slice(before);
    threads[0]?.say();
    await tick();
    return sent.map((input) => {
      assert(input.kind === "open" || input.kind === "configure");
      return [input.kind, input.handle, input.settings.segmentMs];
    });
  };
  return { change };
}

describe("Hosting.change", () => {
  it("configures every topic anew when the broker's settings change", async () => {
    const { change } = world();
    assert.deepEqual(await change(created("a")), [["open", 0, 1], ["open", 1, 1]]);
    await change(created("b"));
    await change({ kind: "topic_altered", topic: "b", settings: { segment: "9" } });
    const sent = await change({ kind: "broker_altered", settings: { segment: "5" } });
    assert.deepEqual(sent, [["configure", 0, 5], ["configure", 1, 5], ["configure", 2, 9], [
      "configure",
      3,
      9,
    ]]);
  });

  it("opens what comes later with the broker's changed settings", async () => {
    const { change } = world();
    assert.deepEqual(await change({ kind: "broker_altered", settings: { segment: "5" } }), []);
    assert.deepEqual(await change(created("a")), [["open", 0, 5], ["open", 1, 5]]);
    const added = { kind: "partitions_added", topic: "a", partitions: partitions(2, 3) } as const;
    assert.deepEqual(await change(added), [["open", 2, 5]]);
  });

  it("leaves other topics alone when one is altered, and all when ids are reserved", async () => {
    const { change } = world();
    await change(created("a"));
    await change(created("b"));
    const altered = { kind: "topic_altered", topic: "b", settings: { segment: "9" } } as const;
    assert.deepEqual(await change(altered), [["configure", 2, 9], ["configure", 3, 9]]);
    assert.deepEqual(await change({ kind: "producer_ids_reserved", nextProducerId: 1_000 }), []);
  });

  it("leaves the coordinator's own topic to the coordinator, whatever becomes of it", async () => {
    const { change } = world();
    assert.deepEqual(await change(created("__consumer_offsets")), []);
    const altered = {
      kind: "topic_altered",
      topic: "__consumer_offsets",
      settings: { segment: "9" },
    } as const;
    assert.deepEqual(await change(altered), []);
    assert.deepEqual(await change(created("a")), [["open", 0, 1], ["open", 1, 1]]);
  });
});
