/** The shard searches its logs for damage in the background, as fast as it may and no faster. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { LOG_SETTINGS_DEFAULT, type ShardOutput } from "../../../src/model/mod.ts";
import { answer, append, fetch, fetched, FIRST_LOG, NEVER, NOW_MS, open, openWorld, World } from "./world.ts";

const SETTINGS = { segmentBytesMax: 1_000, indexIntervalBytes: 100 };
const DAY_MS = 86_400_000;

/** Two partitions of many segments each. */
function world(scrubBytesPerSecond: number): World {
  const world = openWorld(2, SETTINGS, new World({ scrubBytesPerSecond, scrubIntervalMs: DAY_MS }));
  for (let index = 0; index < 100; index++) {
    for (const handle of [0, 1]) world.turn(append(1, handle, [`value number ${index} of ${handle}`]));
  }
  world.disk.seen.length = 0;
  return world;
}

/** Lets the shard do what it wants until `untilMs`; gives all that it said. */
function live(world: World, untilMs: number): ShardOutput[] {
  const outputs: ShardOutput[] = [];
  for (let turns = 0; world.shard.wakeMs <= untilMs; turns++) {
    assert.ok(turns < 10_000, "the shard rests now and then");
    world.nowMs = Math.max(world.nowMs, world.shard.wakeMs);
    outputs.push(...world.turn());
  }
  world.nowMs = untilMs;
  return outputs;
}

function paths(outputs: readonly ShardOutput[]): string[] {
  return outputs.map((output) =>
    output.kind === "notice" ? /of "([^"]+)"/.exec(output.text)![1]! : output.kind
  );
}

describe("Shard scrub", () => {
  it("is off where its rate is 0", () => {
    const idle = world(0);
    assert.equal(idle.shard.wakeMs, NEVER);
    assert.deepEqual(idle.turn(), []);
    assert.equal(idle.disk.count("read"), 0);
  });

  it("tells of damage in any of its logs, each once, with the handle", () => {
    const busy = world(10_000);
    for (const partition of [0, 1]) busy.disk.flipBit(`data/orders-${partition}/${FIRST_LOG}`, 8 * 300);
    const told = live(busy, NOW_MS + DAY_MS / 2);
    assert.deepEqual(paths(told), [0, 1].map((partition) => `data/orders-${partition}/${FIRST_LOG}`));
    assert.deepEqual(told.map((output) => output.kind === "notice" && output.handle), [0, 1]);
    assert.deepEqual(live(busy, NOW_MS + 3 * DAY_MS), []);
  });

  it("begins anew after the interval and finds what was damaged since", () => {
    const busy = world(10_000);
    assert.deepEqual(live(busy, NOW_MS + DAY_MS / 2), []);
    busy.disk.flipBit(`data/orders-1/${FIRST_LOG}`, 8 * 300);
    assert.deepEqual(live(busy, NOW_MS + DAY_MS / 2 + 60_000), []);
    assert.deepEqual(paths(live(busy, NOW_MS + 2 * DAY_MS)), [`data/orders-1/${FIRST_LOG}`]);
  });

  it("keeps to its rate: a round takes as long as its bytes ask for", () => {
    const slow = world(100);
    const logs = [0, 1].flatMap((partition) =>
      slow.disk.list(`data/orders-${partition}`).filter(({ name }) => name.endsWith(".log")).slice(0, -1)
        .map(({ name }) => slow.disk.stat(`data/orders-${partition}/${name}`)!.size)
    );
    const bytes = logs.reduce((sum, size) => sum + size, 0);
    let lastMs = 0;
    for (let reads = -1; reads < slow.disk.count("read") && slow.shard.wakeMs < NOW_MS + DAY_MS;) {
      reads = slow.disk.count("read");
      lastMs = slow.nowMs = slow.shard.wakeMs;
      slow.turn();
    }
    const seconds = (lastMs - NOW_MS - 60_000) / 1_000;
    assert.ok(seconds >= bytes / 100 - 5 && seconds <= bytes / 100 + 60, `${bytes} bytes in ${seconds} s`);
  });

  it("leaves a log that is deleted alone", () => {
    const busy = world(1_000);
    live(busy, NOW_MS + 61_000);
    const { topic, partition, topicId } = {
      topic: "orders",
      partition: 0,
      topicId: "AAECAwQFBgcICQoLDA0ODw",
    };
    busy.turn({ kind: "delete", id: 1, handle: 0, topic, partition, topicId });
    assert.deepEqual(live(busy, NOW_MS + DAY_MS), []);
  });
});

describe("Shard.turn with fetches over a damaged index", () => {
  it("says in the same turn that it was rebuilt, and serves the records", () => {
    const before = openWorld(1, SETTINGS);
    for (let index = 0; index < 30; index++) before.turn(append(1, 0, [`value number ${index}`]));
    before.turn({ kind: "stop", id: 9 });
    const path = `data/orders-0/${FIRST_LOG.replace("log", "index")}`;
    for (let entry = 0; entry < 3; entry++) before.disk.flipBit(path, 8 * (8 * entry + 7));
    const after = new World({}, before.disk);
    const settings = { ...LOG_SETTINGS_DEFAULT, ...SETTINGS };
    assert.equal(answer(after.turn(open(0, { settings, recoveryPoint: 30 })), "opened", 1_000).fault, null);
    const outputs = after.turn(fetch(2, [5]));
    const notices = outputs.filter((output) => output.kind === "notice");
    assert.equal(notices.length, 1);
    assert.match(notices[0]!.text, /^Rebuilt the indexes of "data\/orders-0\/0+\.log"/);
    assert.equal(fetched(outputs, 2)[0]![0], "value number 5");
  });
});
