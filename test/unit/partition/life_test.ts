/** Opening, deleting, stopping, and what damage to one partition means for the others. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { LOG_SETTINGS_DEFAULT } from "../../../src/model/mod.ts";
import { answer, append, fetch, fetched, FIRST_LOG, open, openWorld, remove, World } from "./world.ts";

/** Its first partition's directory belongs to another topic, so it can't be opened. */
function damagedWorld(): World {
  const before = new World();
  before.turn(open(0, { topicId: "Unxn5HkLRz-53YCqoDk5fA" }), append(1, 0, ["a"]));
  before.disk.kill();
  return new World({}, before.disk);
}

describe("Shard.turn with opens", () => {
  it("leaves a partition that cannot be opened offline and serves the others", () => {
    const world = damagedWorld();
    const outputs = world.turn(open(0), open(1), append(1, 0, ["a"]), append(2, 1, ["b"]), fetch(3, [0, 0]));
    assert.equal(answer(outputs, "opened", 1_000).fault?.code, "KAFKA_STORAGE_ERROR");
    assert.equal(answer(outputs, "opened", 1_001).fault, null);
    assert.equal(answer(outputs, "appended", 1).fault?.code, "NOT_LEADER_OR_FOLLOWER");
    assert.deepEqual(fetched(outputs, 3), ["NOT_LEADER_OR_FOLLOWER", ["b"]]);
  });

  it("tells what was repaired", () => {
    const before = openWorld(1);
    before.turn(append(1, 0, ["a"]), append(2, 0, ["b"]));
    before.disk.kill();
    const end = 8 * before.disk.stat(`data/orders-0/${FIRST_LOG}`)!.size;
    before.disk.flipBit(`data/orders-0/${FIRST_LOG}`, end - 3);
    const world = new World({}, before.disk);
    const outputs = world.turn(open(0, { clean: false }), fetch(3, [0]));
    assert.notDeepEqual(answer(outputs, "opened", 1_000).report, []);
    assert.deepEqual(fetched(outputs, 3), [["a"]]);
  });

  it("says CORRUPT_MESSAGE for a flipped bit, at once, while the other partition serves, and tells the operator once", () => {
    const world = openWorld(2);
    world.turn(append(1, 0, ["aaaa"]), append(2, 1, ["b"]));
    const end = 8 * world.disk.stat(`data/orders-0/${FIRST_LOG}`)!.size;
    world.disk.flipBit(`data/orders-0/${FIRST_LOG}`, end - 20);
    const patient = { waitMsMax: 500, bytesMin: 100_000 };
    const outputs = world.turn(fetch(3, [0, 0], patient), append(4, 1, ["c"]));
    assert.deepEqual(fetched(outputs, 3), ["CORRUPT_MESSAGE", ["b", "c"]]);
    // Kafka's clients are told a code and no more: where it is, the operator reads.
    const told = outputs.flatMap((output) => output.kind === "notice" ? [[output.handle, output.text]] : []);
    const words =
      `Batch at position "0" of "data/orders-0/${FIRST_LOG}" is damaged: its CRC does not fit its bytes`;
    assert.deepEqual(told, [[0, `${words}; reads of it will fail, the others are served`]]);
    const again = world.turn(fetch(5, [0]));
    assert.deepEqual([fetched(again, 5), again.length], [["CORRUPT_MESSAGE"], 1]);
  });
});

describe("Shard.turn with deletes", () => {
  it("removes the files and forgets the handle", () => {
    const world = openWorld(2);
    world.turn(append(1, 0, ["a"]));
    const outputs = world.turn(append(2, 0, ["b"]), remove(3, 0), append(4, 0, ["c"]));
    assert.deepEqual([answer(outputs, "appended", 2).fault, answer(outputs, "deleted", 3).fault], [
      null,
      null,
    ]);
    assert.equal(answer(outputs, "appended", 4).fault?.code, "NOT_LEADER_OR_FOLLOWER");
    assert.deepEqual(world.disk.list("data").map(({ name }) => name), ["orders-1"]);
  });

  it("removes the files of a log that is not open, and is content when there are none", () => {
    const world = damagedWorld();
    world.turn(open(0));
    assert.equal(answer(world.turn(remove(1, 0)), "deleted", 1).fault, null);
    assert.deepEqual(world.disk.list("data"), []);
    assert.equal(answer(world.turn(remove(2, 0)), "deleted", 2).fault, null);
  });

  it("starts a new log of the same name at offset 0", () => {
    const world = openWorld(1);
    world.turn(append(1, 0, ["a"]));
    const again = open(5, { partition: 0, topicId: "Unxn5HkLRz-53YCqoDk5fA" });
    const outputs = world.turn(remove(2, 0), again, append(3, 5, ["b"]));
    assert.equal(answer(outputs, "opened", 1_005).fault, null);
    assert.equal(answer(outputs, "appended", 3).baseOffset, 0);
  });
});

describe("Shard.turn with a stop", () => {
  it("takes the turn's other inputs first, answers who waits and closes cleanly", () => {
    const world = openWorld(2);
    world.turn(fetch(1, [0], { waitMsMax: 500 }), append(2, 1, ["a"], 1));
    const outputs = world.turn({ kind: "stop", id: 3 }, append(4, 1, ["b"], 0));
    assert.deepEqual(fetched(outputs, 1), [[]]);
    assert.equal(answer(outputs, "appended", 4).baseOffset, 1);
    const stopped = answer(outputs, "stopped", 3);
    const ends = stopped.logs.map(({ handle, logEndOffset, recoveryPoint, fault }) => ({
      handle,
      logEndOffset,
      recoveryPoint,
      fault,
    }));
    assert.deepEqual(ends, [
      { handle: 0, logEndOffset: 0, recoveryPoint: 0, fault: null },
      { handle: 1, logEndOffset: 2, recoveryPoint: 2, fault: null },
    ]);
    assert.deepEqual([outputs.at(-1)?.kind, world.shard.waiterCount], ["stopped", 0]);
  });

  it("leaves files that are opened again without reading a record", () => {
    const settings = { ...LOG_SETTINGS_DEFAULT, segmentBytesMax: 400 };
    const before = openWorld(1, settings);
    for (let id = 0; id < 20; id++) before.turn(append(id, 0, [`value ${id}`], 1));
    const [log] = answer(before.turn({ kind: "stop", id: 99 }), "stopped", 99).logs;
    assert.ok(log!.segments > 3);
    const reads = before.disk.count("read");
    const world = new World({}, before.disk);
    const outputs = world.turn(open(0, { settings, recoveryPoint: log!.recoveryPoint }));
    assert.deepEqual(answer(outputs, "opened", 1_000).report, []);
    assert.equal(world.disk.count("read"), reads);
    const [again] = answer(world.turn({ kind: "describe", id: 1, handles: [0] }), "described", 1).logs;
    assert.deepEqual(again, log);
    assert.deepEqual(fetched(world.turn(fetch(2, [19])), 2), [["value 19"]]);
  });
});

describe("Shard.turn with a describe", () => {
  it("tells the state of each log in the order asked, and a fault for one it does not hold", () => {
    const world = openWorld(2);
    world.turn(append(1, 1, ["a", "b"], 1));
    const { logs } = answer(world.turn({ kind: "describe", id: 2, handles: [1, 7, 0] }), "described", 2);
    assert.deepEqual(logs.map(({ handle, highWatermark }) => [handle, highWatermark]), [[1, 2], [7, -1], [
      0,
      0,
    ]]);
    assert.deepEqual(logs.map(({ fault }) => fault?.code ?? null), [null, "NOT_LEADER_OR_FOLLOWER", null]);
    assert.equal(logs[0]!.recoveryPoint, 0);
  });
});
