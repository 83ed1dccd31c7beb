/** Long polls: what wakes them, what they wait for, and how many may wait. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { answer, append, fetch, fetched, NEVER, NOW_MS, openWorld, remove, World } from "./world.ts";

const WAIT = { waitMsMax: 500 };

describe("Shard.turn with long polls", () => {
  it("wakes one by an append of a later turn", () => {
    const world = openWorld(1);
    assert.deepEqual(world.turn(fetch(1, [0], WAIT)), []);
    assert.equal(world.shard.waiterCount, 1);
    const outputs = world.turn(append(2, 0, ["a"], 1));
    assert.deepEqual(outputs.map(({ kind }) => kind), ["appended", "fetched"]);
    assert.deepEqual(fetched(outputs, 1), [["a"]]);
    assert.deepEqual([world.shard.waiterCount, world.shard.wakeMs], [0, NEVER]);
  });

  it("wakes all that wait for a log, and nobody else", () => {
    const world = openWorld(2);
    const onlySecond = fetch(3, [0, 0], WAIT);
    world.turn(fetch(1, [0], WAIT), fetch(2, [0, 0], WAIT), {
      ...onlySecond,
      entries: onlySecond.entries.slice(1),
    });
    const outputs = world.turn(append(4, 0, ["a"]));
    assert.deepEqual(fetched(outputs, 1), [["a"]]);
    assert.deepEqual(fetched(outputs, 2), [["a"], []]);
    assert.deepEqual([outputs.length, world.shard.waiterCount], [3, 1]);
  });

  it("counts bytesMin over all its logs", () => {
    const world = openWorld(2);
    const first = append(2, 0, ["a"]);
    world.turn(fetch(1, [0, 0], { ...WAIT, bytesMin: first.batch.length + 1 }));
    assert.equal(world.turn(first).length, 1);
    const outputs = world.turn(append(3, 1, ["b"]));
    assert.deepEqual(fetched(outputs, 1), [["a"], ["b"]]);
  });

  it("answers at once when there is enough, when nobody wants to wait, and when an entry has a fault", () => {
    const world = openWorld(2);
    world.turn(append(1, 0, ["a"]));
    assert.deepEqual(fetched(world.turn(fetch(2, [0], WAIT)), 2), [["a"]]);
    assert.deepEqual(fetched(world.turn(fetch(3, [1])), 3), [[]]);
    assert.deepEqual(fetched(world.turn(fetch(4, [1, 5], WAIT)), 4), [[], "OFFSET_OUT_OF_RANGE"]);
    assert.deepEqual(fetched(world.turn(fetch(5, [1, 0, 0], WAIT)), 5), [[], [], "NOT_LEADER_OR_FOLLOWER"]);
  });

  it("answers when the time is over with what there is, not earlier", () => {
    const world = openWorld(1);
    world.turn(fetch(1, [0], { waitMsMax: 500, bytesMin: 100_000 }), fetch(2, [0], { waitMsMax: 300 }));
    assert.equal(world.shard.wakeMs, NOW_MS + 300);
    world.nowMs = NOW_MS + 299;
    assert.deepEqual(world.turn(), []);
    world.nowMs = NOW_MS + 300;
    assert.deepEqual(fetched(world.turn(), 2), [[]]);
    assert.equal(world.shard.wakeMs, NOW_MS + 500);
    world.turn(append(3, 0, ["a"]));
    world.nowMs = NOW_MS + 500;
    assert.deepEqual(fetched(world.turn(), 1), [["a"]]);
    assert.deepEqual([world.shard.waiterCount, world.shard.wakeMs], [0, NEVER]);
  });

  it("answers a cancelled one with what it has, once", () => {
    const world = openWorld(1);
    world.turn(fetch(1, [0], { ...WAIT, bytesMin: 100_000 }), append(2, 0, ["a"]));
    assert.deepEqual(fetched(world.turn({ kind: "cancel", id: 1 }), 1), [["a"]]);
    assert.deepEqual(world.turn({ kind: "cancel", id: 1 }, { kind: "cancel", id: 99 }), []);
    world.nowMs += 500;
    assert.deepEqual(world.turn(append(3, 0, ["b"])).map(({ kind }) => kind), ["appended"]);
  });

  it("refuses more than waitersMax, and takes one again when one was answered", () => {
    const world = openWorld(1, {}, new World({ waitersMax: 2 }));
    const outputs = world.turn(fetch(1, [0], WAIT), fetch(2, [0], WAIT), fetch(3, [0], WAIT), fetch(4, [0]));
    assert.deepEqual(fetched(outputs, 3), ["THROTTLING_QUOTA_EXCEEDED"]);
    assert.deepEqual(fetched(outputs, 4), [[]]);
    assert.deepEqual([outputs.length, world.shard.waiterCount], [2, 2]);
    world.turn({ kind: "cancel", id: 1 });
    assert.deepEqual(world.turn(fetch(5, [0], WAIT)), []);
  });

  it("answers those of a log that is deleted, and only those", () => {
    const world = openWorld(2);
    const onlySecond = fetch(2, [0, 0], WAIT);
    world.turn(fetch(1, [0, 0], WAIT), { ...onlySecond, entries: onlySecond.entries.slice(1) });
    const outputs = world.turn(remove(3, 0));
    assert.deepEqual(fetched(outputs, 1), ["NOT_LEADER_OR_FOLLOWER", []]);
    assert.equal(answer(outputs, "deleted", 3).fault, null);
    assert.deepEqual([outputs.length, world.shard.waiterCount], [2, 1]);
    assert.deepEqual(fetched(world.turn(append(4, 1, ["a"])), 2), [["a"]]);
  });

  it("keeps to bytesMax in all and to each entry's, but gives the first batch whole", () => {
    const world = openWorld(2);
    world.turn(append(1, 0, ["a"]), append(2, 0, ["b"]), append(3, 1, ["c"]));
    assert.deepEqual(fetched(world.turn(fetch(4, [0, 0], { bytesMax: 1 })), 4), [["a"], []]);
    const size = append(0, 0, ["a"]).batch.length;
    assert.deepEqual(fetched(world.turn(fetch(5, [0, 0], { bytesMax: 2 * size })), 5), [["a", "b"], []]);
    const narrow = fetch(6, [0, 0]);
    const entries = narrow.entries.map((entry) => ({ ...entry, bytesMax: size }));
    assert.deepEqual(fetched(world.turn({ ...narrow, entries }), 6), [["a"], ["c"]]);
  });
});
