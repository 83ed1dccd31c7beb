/** Topics under kafka_exporter's names. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { topicFamilies } from "../../../src/metering/kafka_topics.ts";
import { type Image, IMAGE_EMPTY, OFFSETS_TOPIC } from "../../../src/model/mod.ts";

const PARTITION = { leader: 1, leaderEpoch: 0, replicas: [1, 2], inSyncReplicas: [1, 2] };

function imageOf(topics: Readonly<Record<string, readonly Partial<typeof PARTITION>[]>>): Image {
  const entries = Object.entries(topics).map(([name, given]) => {
    const partitions = given.map((fields, partition) => ({ ...PARTITION, ...fields, partition }));
    return [name, { name, id: name, internal: false, partitions, settings: {} }] as const;
  });
  return { ...IMAGE_EMPTY, topics: new Map(entries) };
}

function told(...given: Parameters<typeof topicFamilies>): Record<string, string[]> {
  return Object.fromEntries(
    topicFamilies(...given).map(({ name, samples }) => [
      name.replace("kafka_topic_", ""),
      samples.map(({ labels, value }) => `${Object.values(labels).join("/")}: ${value}`),
    ]),
  );
}

describe("topicFamilies", () => {
  it("tells where each open log begins and ends, and nothing of those that are not open", () => {
    const image = imageOf({ a: [{}, {}] });
    const families = told(image, [{ topic: "a", partition: 1, logStartOffset: 3, highWatermark: 9 }], []);
    assert.deepEqual(families.partitions, ["a: 2"]);
    assert.deepEqual(families.partition_current_offset, ["a/1: 9"]);
    assert.deepEqual(families.partition_oldest_offset, ["a/1: 3"]);
  });

  it("tells of leaders and replicas as the image has them", () => {
    const image = imageOf({ a: [{ leader: 2 }, { inSyncReplicas: [1] }, { leader: -1 }] });
    const families = told(image, [], []);
    assert.deepEqual(families.partition_leader, ["a/0: 2", "a/1: 1"]);
    assert.deepEqual(families.partition_leader_is_preferred, ["a/0: 0", "a/1: 1", "a/2: 0"]);
    assert.deepEqual(families.partition_replicas, ["a/0: 2", "a/1: 2", "a/2: 2"]);
    assert.deepEqual(families.partition_in_sync_replica, ["a/0: 2", "a/1: 1", "a/2: 2"]);
    assert.deepEqual(families.partition_under_replicated_partition, ["a/0: 0", "a/1: 1", "a/2: 0"]);
  });

  it("takes the logs of groups from the coordinator, empty where it wrote nothing", () => {
    const image = imageOf({ [OFFSETS_TOPIC]: [{}, {}] });
    const families = told(image, [], [{ partition: 1, logStartOffset: 2, highWatermark: 8 }]);
    assert.deepEqual(families.partition_current_offset, [`${OFFSETS_TOPIC}/0: 0`, `${OFFSETS_TOPIC}/1: 8`]);
    assert.deepEqual(families.partition_oldest_offset, [`${OFFSETS_TOPIC}/0: 0`, `${OFFSETS_TOPIC}/1: 2`]);
  });
});
