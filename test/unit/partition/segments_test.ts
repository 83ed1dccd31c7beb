/** Segments as a shard describes them. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { answer, append, NOW_MS, openWorld } from "./world.ts";

describe("Shard.turn with describe_segments", () => {
  it("gives every segment with its offsets, bytes and newest time, the active one last", () => {
    const world = openWorld(1, { segmentBytesMax: 100 });
    world.turn(append(1, 0, ["a"], 1, NOW_MS - 5));
    world.turn(append(2, 0, ["b", "c"], 1, NOW_MS));
    const outputs = world.turn({ kind: "describe_segments", id: 3, handle: 0 });
    const { segments, fault } = answer(outputs, "segments_described", 3);
    assert.equal(fault, null);
    assert.deepEqual(
      segments.map((
        { baseOffset, nextOffset, maxTimestamp, isActive, isClean },
      ) => [baseOffset, nextOffset, maxTimestamp, isActive, isClean]),
      [[0, 1, NOW_MS - 5, false, false], [1, 3, NOW_MS, true, false]],
    );
    assert.ok(segments.every(({ bytes }) => bytes > 60), "bytes are those of the files");
    assert.ok(segments[0]!.indexBytes > 0, "a sealed segment has index entries");
  });

  it("gives one empty segment of a new log, and a fault for a handle it does not hold", () => {
    const world = openWorld(1);
    const outputs = world.turn(
      { kind: "describe_segments", id: 1, handle: 0 },
      { kind: "describe_segments", id: 2, handle: 9 },
    );
    const [only, ...rest] = answer(outputs, "segments_described", 1).segments;
    assert.deepEqual([only?.bytes, only?.isActive, only?.maxTimestamp, rest.length], [0, true, -1, 0]);
    const gone = answer(outputs, "segments_described", 2);
    assert.deepEqual([gone.fault?.code, gone.segments], ["NOT_LEADER_OR_FOLLOWER", []]);
  });
});
