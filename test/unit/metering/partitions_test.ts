/** Logs as they lie on the disk, and compaction of those that are compacted. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { partitionFamilies } from "../../../src/metering/partitions.ts";
import { type Image, IMAGE_EMPTY } from "../../../src/model/mod.ts";

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

function imageOf(settings: Readonly<Record<string, Record<string, string>>>): Image {
  const partition = { partition: 0, leader: 1, leaderEpoch: 0, replicas: [1], inSyncReplicas: [1] };
  const topics = Object.entries(settings).map(([name, settings]) =>
    [name, { name, id: name, internal: false, partitions: [partition], settings }] as const
  );
  return { ...IMAGE_EMPTY, topics: new Map(topics) };
}

function told(...given: Parameters<typeof partitionFamilies>): Record<string, string[]> {
  return Object.fromEntries(
    partitionFamilies(...given).map(({ name, samples }) => [
      name.replace("weir_", ""),
      samples.map(({ labels, value }) => `${labels.topic ?? "all"}: ${value}`),
    ]),
  );
}

describe("partitionFamilies", () => {
  it("tells sizes, what is not flushed, and how many cannot be used", () => {
    const families = told(
      imageOf({ a: {}, b: {} }),
      [logOf("a"), logOf("b", { bytes: 7, recoveryPoint: 9 })],
      1,
    );
    assert.deepEqual(families.partition_log_bytes, ["a: 100", "b: 7"]);
    assert.deepEqual(families.partition_unflushed_offsets, ["a: 5", "b: 0"]);
    assert.deepEqual(families.data_bytes, ["all: 107"]);
    assert.deepEqual(families.partitions, ["all: 2"]);
    assert.deepEqual(families.offline_partitions, ["all: 1"]);
  });

  it("tells of compaction where a topic is compacted, or was", () => {
    const image = imageOf({ a: {}, b: { "cleanup.policy": "compact,delete" }, c: {} });
    const cleaned = { firstDirtyOffset: 6, cleanings: 2, cleanedBytesBefore: 50, cleanedBytesAfter: 20 };
    const families = told(image, [logOf("a"), logOf("b", { logStartOffset: 3 }), logOf("c", cleaned)], 0);
    assert.deepEqual(families.partition_cleanings_total, ["b: 0", "c: 2"]);
    assert.deepEqual(families.partition_cleaned_bytes_total, ["b: 0", "c: 50"]);
    assert.deepEqual(families.partition_kept_bytes_total, ["b: 0", "c: 20"]);
    assert.deepEqual(families.partition_dirty_offsets, ["b: 6", "c: 3"]);
  });
});
