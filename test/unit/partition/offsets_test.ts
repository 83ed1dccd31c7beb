/** Offsets: trimming, offsets for times, and the check of leader epochs. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  LOG_SETTINGS_DEFAULT,
  type ShardInput,
  TIMESTAMP_EARLIEST,
  TIMESTAMP_EARLIEST_LOCAL,
  TIMESTAMP_EARLIEST_PENDING_UPLOAD,
  TIMESTAMP_LATEST,
  TIMESTAMP_LATEST_TIERED,
  TIMESTAMP_MAX,
} from "../../../src/model/mod.ts";
import { answer, append, fetch, fetched, NOW_MS, open, openWorld, World } from "./world.ts";

const HANDLE = 0;

function trim(id: number, beforeOffset: number, handle = HANDLE): ShardInput {
  return { kind: "trim", id, handle, beforeOffset };
}

function trimmed(world: World, beforeOffset: number): number | string {
  const { logStartOffset, fault } = answer(world.turn(trim(1, beforeOffset)), "trimmed", 1);
  return fault?.code ?? logStartOffset;
}

function listed(
  world: World,
  timestamp: number,
  changes: { handle?: number; currentLeaderEpoch?: number } = {},
) {
  const question = { kind: "list_offset", id: 1, handle: HANDLE, timestamp, currentLeaderEpoch: -1 } as const;
  const outputs = world.turn({ ...question, isolation: "read_uncommitted", ...changes });
  const { offset, timestamp: found, fault } = answer(outputs, "offset_listed", 1);
  return fault?.code ?? [offset, found];
}

function fiveRecords(): World {
  const world = openWorld(1);
  world.turn(...["a", "b", "c", "d", "e"].map((value, id) => append(id, HANDLE, [value])));
  return world;
}

describe("Shard.turn with a trim", () => {
  it("moves the log start up to the offset, never back", () => {
    const world = fiveRecords();
    assert.equal(trimmed(world, 2), 2);
    assert.equal(trimmed(world, 1), 2);
    assert.deepEqual(fetched(world.turn(fetch(2, [1])), 2), ["OFFSET_OUT_OF_RANGE"]);
    assert.deepEqual(fetched(world.turn(fetch(3, [2])), 3), [["c", "d", "e"]]);
  });

  it("takes -1 for the high watermark and refuses what is above it or below -1", () => {
    const world = fiveRecords();
    assert.equal(trimmed(world, 6), "OFFSET_OUT_OF_RANGE");
    assert.equal(trimmed(world, -2), "OFFSET_OUT_OF_RANGE");
    assert.equal(trimmed(world, -1), 5);
    assert.equal(answer(world.turn(append(9, HANDLE, ["f"])), "appended", 9).logStartOffset, 5);
  });

  it("refuses a log that is only compacted, as long as it is", () => {
    const world = fiveRecords();
    const configure = (cleanupDelete: boolean) => {
      const settings = { ...LOG_SETTINGS_DEFAULT, cleanupCompact: true, cleanupDelete };
      world.turn({ kind: "configure", handle: HANDLE, settings });
    };
    configure(false);
    assert.equal(trimmed(world, 2), "POLICY_VIOLATION");
    configure(true);
    assert.equal(trimmed(world, 2), 2);
  });

  it("does not take away what the same turn appends, for it is not committed yet", () => {
    const world = fiveRecords();
    const outputs = world.turn(append(8, HANDLE, ["f"]), trim(9, -1), trim(10, 6), fetch(11, [5]));
    assert.equal(answer(outputs, "trimmed", 9).logStartOffset, 5);
    assert.equal(answer(outputs, "trimmed", 10).fault?.code, "OFFSET_OUT_OF_RANGE");
    assert.deepEqual(fetched(outputs, 11), [["f"]]);
  });

  it("answers a full disk and a handle it does not hold with a fault", () => {
    const world = fiveRecords();
    world.disk.fail({ operation: "open", path: "data/orders-0/00000000000000000005.log", code: "full" });
    assert.equal(trimmed(world, -1), "KAFKA_STORAGE_ERROR");
    assert.equal(trimmed(world, -1), 5);
    assert.equal(answer(world.turn(append(8, HANDLE, ["f"])), "appended", 8).baseOffset, 5);
    assert.equal(answer(world.turn(trim(9, 0, 7)), "trimmed", 9).fault?.code, "NOT_LEADER_OR_FOLLOWER");
  });
});

describe("Shard.turn with a list_offset", () => {
  it("gives the ends of the log", () => {
    const world = fiveRecords();
    trimmed(world, 2);
    assert.deepEqual(listed(world, TIMESTAMP_EARLIEST), [2, -1]);
    assert.deepEqual(listed(world, TIMESTAMP_LATEST), [5, -1]);
    assert.deepEqual(listed(world, TIMESTAMP_EARLIEST_LOCAL), [2, -1]);
  });

  it("finds nothing of tiered storage, which is no fault", () => {
    const world = fiveRecords();
    assert.deepEqual(listed(world, TIMESTAMP_LATEST_TIERED), [-1, -1]);
    assert.deepEqual(listed(world, TIMESTAMP_EARLIEST_PENDING_UPLOAD), [-1, -1]);
  });

  it("gives the first record at or after a time, the newest, or none", () => {
    const world = openWorld(1);
    const times = [10, 30, 20, 30];
    world.turn(...times.map((time, id) => append(id, HANDLE, [`v${id}`], 1, NOW_MS + time)));
    assert.deepEqual(listed(world, NOW_MS), [0, NOW_MS + 10]);
    assert.deepEqual(listed(world, NOW_MS + 11), [1, NOW_MS + 30]);
    assert.deepEqual(listed(world, NOW_MS + 30), [1, NOW_MS + 30]);
    assert.deepEqual(listed(world, NOW_MS + 31), [-1, -1]);
    assert.deepEqual(listed(world, TIMESTAMP_MAX), [1, NOW_MS + 30]);
    assert.deepEqual(listed(openWorld(1), TIMESTAMP_MAX), [-1, -1]);
  });

  it("refuses timestamps that mean nothing and a handle it does not hold", () => {
    const world = fiveRecords();
    assert.equal(listed(world, -7), "INVALID_REQUEST");
    assert.equal(listed(world, TIMESTAMP_LATEST, { handle: 7 }), "NOT_LEADER_OR_FOLLOWER");
  });
});

describe("Shard.turn with a leader epoch", () => {
  it("fences the older and does not know the newer", () => {
    const world = new World();
    world.turn(open(HANDLE, { leaderEpoch: 5 }), append(1, HANDLE, ["a"]));
    const codes = [4, 5, 6, -1].map((currentLeaderEpoch) => {
      const question = fetch(2, [0]);
      const entries = question.entries.map((entry) => ({ ...entry, currentLeaderEpoch }));
      const [found] = fetched(world.turn({ ...question, entries }), 2);
      const offset = listed(world, TIMESTAMP_LATEST, { currentLeaderEpoch });
      return [found, offset];
    });
    assert.deepEqual(codes, [
      ["FENCED_LEADER_EPOCH", "FENCED_LEADER_EPOCH"],
      [["a"], [1, -1]],
      ["UNKNOWN_LEADER_EPOCH", "UNKNOWN_LEADER_EPOCH"],
      [["a"], [1, -1]],
    ]);
  });
});
