/** Appends: one flush for all of a turn, nothing promised is seen before it, and what a full disk means. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { LOG_SETTINGS_DEFAULT } from "../../../src/model/mod.ts";
import {
  answer,
  append,
  fetch,
  fetched,
  FIRST_LOG,
  NEVER,
  NOW_MS,
  open,
  openWorld,
  remove,
  World,
} from "./world.ts";

describe("Shard.turn with appends", () => {
  it("flushes once for many acks=all appends on one log", () => {
    const world = openWorld(1);
    const outputs = world.turn(...[1, 2, 3, 4, 5].map((id) => append(id, 0, [`a${id}`, `b${id}`])));
    const offsets = [1, 2, 3, 4, 5].map((id) => answer(outputs, "appended", id).baseOffset);
    assert.deepEqual(offsets, [0, 2, 4, 6, 8]);
    assert.deepEqual([world.disk.count("write"), world.disk.count("sync")], [5, 1]);
  });

  it("flushes only the logs that were promised a flush", () => {
    const world = openWorld(3);
    world.turn(
      append(1, 0, ["a"], 1),
      append(2, 1, ["b"], -1),
      append(3, 2, ["c"], 0),
      append(4, 0, ["d"], 0),
    );
    const syncs = [0, 1, 2].map((handle) => world.disk.count("sync", `orders-${handle}/`));
    assert.deepEqual(syncs, [0, 1, 0]);
    world.turn(append(5, 0, ["e"], 1), append(6, 0, ["f"], -1), append(7, 0, ["g"], 1));
    assert.equal(world.disk.count("sync", "orders-0/"), 1);
  });

  it("answers acks=0 too, for whoever sent it counts what is on its way", () => {
    const world = openWorld(1);
    const outputs = world.turn(append(1, 0, ["a"], 0));
    assert.deepEqual([outputs.length, answer(outputs, "appended", 1).fault], [1, null]);
  });

  it("serves a fetch of the same turn what was appended after it, but only from the device", () => {
    const world = openWorld(1);
    const outputs = world.turn(fetch(1, [0]), append(2, 0, ["a"]), append(3, 0, ["b"]));
    assert.deepEqual(fetched(outputs, 1), [["a", "b"]]);
    const order = world.disk.seen.map(({ what }) => what).filter((what) => what !== "read");
    assert.deepEqual(order, ["write", "write", "sync", "answer"]);
    assert.ok(world.disk.seen.findIndex(({ what }) => what === "read") >= order.indexOf("sync"));
  });

  it("says nothing when the flush fails, and throws", () => {
    const world = openWorld(1);
    world.disk.fail({ operation: "sync", path: `data/orders-0/${FIRST_LOG}` });
    assert.throws(() => world.turn(append(1, 0, ["a"]), fetch(2, [0])), { name: "DiskError", code: "io" });
    assert.equal(world.disk.seen.some(({ what }) => what === "answer"), false);
  });

  it("does not show a long poll that ends in the same turn what is not flushed yet", () => {
    const world = openWorld(2);
    world.turn(fetch(1, [0, 0], { waitMsMax: 100 }));
    const outputs = world.turn(append(2, 1, ["a"]), remove(3, 0));
    assert.deepEqual(fetched(outputs, 1), ["NOT_LEADER_OR_FOLLOWER", []]);
    assert.equal(answer(outputs, "fetched", 1).entries[1]!.highWatermark, 0);
    assert.deepEqual(fetched(world.turn(fetch(4, [0, 0])), 4)[1], ["a"]);
  });

  it("answers a batch that is no batch, and a handle it does not hold, with a fault for that one alone", () => {
    const world = openWorld(1);
    const torn = append(2, 0, ["torn"]);
    torn.batch[torn.batch.length - 1]! ^= 1;
    const outputs = world.turn(append(1, 0, ["a"]), torn, append(3, 7, ["nowhere"]), append(4, 0, ["b"]));
    const faults = [1, 2, 3, 4].map((id) => answer(outputs, "appended", id).fault?.code ?? null);
    assert.deepEqual(faults, [null, "CORRUPT_MESSAGE", "NOT_LEADER_OR_FOLLOWER", null]);
    assert.deepEqual(fetched(world.turn(fetch(5, [0])), 5), [["a", "b"]]);
  });

  it("answers a full disk with a fault, serves reads, and goes on where it was once there is room", () => {
    const world = openWorld(1);
    world.turn(append(1, 0, ["a"]));
    world.disk.full = true;
    const outputs = world.turn(append(2, 0, ["b"]), fetch(3, [0]));
    assert.equal(answer(outputs, "appended", 2).fault?.code, "KAFKA_STORAGE_ERROR");
    assert.deepEqual(fetched(outputs, 3), [["a"]]);
    world.disk.full = false;
    assert.equal(answer(world.turn(append(4, 0, ["c"])), "appended", 4).baseOffset, 1);
    assert.deepEqual(fetched(world.turn(fetch(5, [0])), 5), [["a", "c"]]);
  });

  it("gives the broker's time when the topic asks for it", () => {
    const world = openWorld(1, { timestampType: "LogAppendTime" });
    world.nowMs += 5;
    assert.equal(answer(world.turn(append(1, 0, ["a"])), "appended", 1).logAppendTimeMs, NOW_MS + 5);
  });
});

describe("Shard.wakeMs with flush settings", () => {
  it("flushes after flush.messages records", () => {
    const world = openWorld(1, { flushMessages: 3 });
    world.turn(append(1, 0, ["a", "b"], 1));
    assert.equal(world.disk.count("sync"), 0);
    world.turn(append(2, 0, ["c"], 0));
    assert.equal(world.disk.count("sync"), 1);
    world.turn(append(3, 0, ["d", "e"], 1));
    assert.equal(world.disk.count("sync"), 1);
  });

  it("asks to be called when flush.ms are over, counted from the oldest record, and flushes then", () => {
    const world = openWorld(1, { flushMs: 100 });
    assert.equal(world.shard.wakeMs, NEVER);
    world.turn(append(1, 0, ["a"], 1));
    world.nowMs += 40;
    world.turn(append(2, 0, ["b"], 1));
    assert.equal(world.shard.wakeMs, NOW_MS + 100);
    world.nowMs = NOW_MS + 99;
    world.turn();
    assert.equal(world.disk.count("sync"), 0);
    world.nowMs = NOW_MS + 100;
    assert.deepEqual(world.turn(), []);
    assert.deepEqual([world.disk.count("sync"), world.shard.wakeMs], [1, NEVER]);
  });

  it("owes nothing after an acks=all append flushed the rest", () => {
    const world = openWorld(1, { flushMs: 100 });
    world.turn(append(1, 0, ["a"], 1));
    world.turn(append(2, 0, ["b"], -1));
    assert.deepEqual([world.disk.count("sync"), world.shard.wakeMs], [1, NEVER]);
  });

  it("obeys settings that change while records are unflushed", () => {
    const world = openWorld(1);
    world.turn(append(1, 0, ["a"], 1));
    const settings = { ...LOG_SETTINGS_DEFAULT, flushMs: 100 };
    world.turn({ kind: "configure", handle: 0, settings });
    assert.equal(world.shard.wakeMs, NOW_MS + 100);
    world.turn({ kind: "configure", handle: 0, settings: { ...settings, flushMessages: 1 } });
    assert.deepEqual([world.disk.count("sync"), world.shard.wakeMs], [1, NEVER]);
  });

  it("has nothing to flush after a recovery, which flushes what it found above the recovery point", () => {
    const before = openWorld(1);
    before.turn(append(1, 0, ["a"], 1));
    const settings = { ...LOG_SETTINGS_DEFAULT, flushMs: 100 };
    before.disk.kill();
    const world = new World({}, before.disk);
    world.turn(open(0, { settings, clean: false }));
    assert.equal(world.shard.wakeMs, NEVER);
  });
});
