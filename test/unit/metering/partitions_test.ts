/** Logs as they lie on the disk, and what of those that are compacted is dirty. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { partitionFamilies } from "../../../src/metering/partitions.ts";
import { PartitionRows } from "../../../src/metering/rows.ts";
import { imageOf, told } from "./families.ts";

type Logs = Parameters<typeof partitionFamilies>[1];

function logOf(topic: string, changes: Partial<Logs[number]> = {}): Logs[number] {
  const offsets = {
    leaderEpoch: 0,
    logStartOffset: 0,
    lastStableOffset: 9,
    highWatermark: 9,
    logEndOffset: 9,
  };
  const state = { handle: 0, recoveryPoint: 4, bytes: 100, segments: 2, fault: null };
  const cleaned = { firstDirtyOffset: 0, cleanings: 0, cleanedBytesBefore: 0, cleanedBytesAfter: 0 };
  return { topic, partition: 0, ...offsets, ...state, ...cleaned, ...changes };
}

describe("partitionFamilies", () => {
  it("tells sizes, what is not flushed, and how many cannot be used", () => {
    const rows = new PartitionRows(imageOf({ a: 1, b: 1 }), null);
    const families = told(
      partitionFamilies(rows, [logOf("a"), logOf("b", { bytes: 7, recoveryPoint: 9 })], 1),
    );
    assert.deepEqual(families.partition_log_bytes, ["a/0: 100", "b/0: 7"]);
    assert.deepEqual(families.partition_segments, ["a/0: 2", "b/0: 2"]);
    assert.deepEqual(families.partition_unflushed_offsets, ["a/0: 5", "b/0: 0"]);
    assert.deepEqual(families.data_bytes, ["107"]);
    assert.deepEqual(families.partitions, ["2"]);
    assert.deepEqual(families.offline_partitions, ["1"]);
  });

  it("tells what is dirty of each topic that is compacted, or was", () => {
    const image = imageOf({ a: 1, b: 2, c: 1 }, { b: { "cleanup.policy": "compact,delete" } });
    const logs = [
      logOf("a"),
      logOf("b", { logStartOffset: 3 }),
      logOf("b", { partition: 1, firstDirtyOffset: 8 }),
      logOf("c", { firstDirtyOffset: 6, cleanings: 2 }),
    ];
    const families = told(partitionFamilies(new PartitionRows(image, null), logs, 0));
    assert.deepEqual(families.topic_dirty_offsets, ["b: 7", "c: 3"]);
  });
});
