/** Topics under kafka_exporter's names. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { imageFamilies, offsetColumns, offsetFamilies } from "../../../src/metering/kafka_topics.ts";
import { PartitionRows } from "../../../src/metering/rows.ts";
import { type Image, OFFSETS_TOPIC } from "../../../src/model/mod.ts";
import { imageOf, told } from "./families.ts";

type Logs = Parameters<typeof offsetColumns>;

function offsets(image: Image, logs: Logs[1], groupLogs: Logs[2]) {
  const rows = new PartitionRows(image, null);
  return told(offsetFamilies(rows, offsetColumns(rows, logs, groupLogs)));
}

describe("offsetFamilies", () => {
  it("tells where each open log begins and ends, and nothing of those that are not open", () => {
    const logs = [
      { topic: "a", partition: 1, logStartOffset: 3, highWatermark: 9 },
      { topic: "gone", partition: 0, logStartOffset: 1, highWatermark: 1 },
      { topic: "a", partition: 2, logStartOffset: 1, highWatermark: 1 },
    ];
    const families = offsets(imageOf({ a: 2, b: 1 }), logs, []);
    assert.deepEqual(families.partition_current_offset, ["a/1: 9"]);
    assert.deepEqual(families.partition_oldest_offset, ["a/1: 3"]);
  });

  it("takes the logs of groups from the coordinator, empty where it wrote nothing", () => {
    const groupLogs = [{ partition: 1, logStartOffset: 2, highWatermark: 8 }];
    const families = offsets(imageOf({ [OFFSETS_TOPIC]: 2 }), [], groupLogs);
    assert.deepEqual(families.partition_current_offset, [`${OFFSETS_TOPIC}/0: 0`, `${OFFSETS_TOPIC}/1: 8`]);
    assert.deepEqual(families.partition_oldest_offset, [`${OFFSETS_TOPIC}/0: 0`, `${OFFSETS_TOPIC}/1: 2`]);
  });
});

describe("imageFamilies", () => {
  it("tells of leaders and replicas as the image has them", () => {
    const image = imageOf({ a: [{ leader: 2 }, { inSyncReplicas: [1] }, { leader: -1 }] });
    const families = told(imageFamilies(new PartitionRows(image, null)));
    assert.deepEqual(families.partitions, ["a: 3"]);
    assert.deepEqual(families.partition_leader, ["a/0: 2", "a/1: 1"]);
    assert.deepEqual(families.partition_leader_is_preferred, ["a/0: 0", "a/1: 1", "a/2: 0"]);
    assert.deepEqual(families.partition_replicas, ["a/0: 2", "a/1: 2", "a/2: 2"]);
    assert.deepEqual(families.partition_in_sync_replica, ["a/0: 2", "a/1: 1", "a/2: 2"]);
    assert.deepEqual(families.partition_under_replicated_partition, ["a/0: 0", "a/1: 1", "a/2: 0"]);
  });
});

describe("PartitionRows", () => {
  const before = new PartitionRows(imageOf({ a: 2, b: 1, "c.d": 3 }), null);

  it("finds each partition's row, under its own labels", () => {
    for (const [topic, partition] of [["a", 0], ["a", 1], ["b", 0], ["c.d", 2]] as const) {
      const row = before.find(topic, partition);
      assert.equal(before.texts[row], `{topic="${topic}",partition="${partition}"} `);
      const { labelsOf } = before.table(before.column());
      assert.deepEqual(labelsOf(row), { topic, partition: String(partition) });
    }
    for (const [topic, partition] of [["a", 2], ["b", 1], ["x", 0]] as const) {
      assert.equal(before.find(topic, partition), -1);
    }
  });

  it("takes over the texts of topics that stay as they are, and makes those of others", () => {
    const { topics } = before.image;
    const grown = imageOf({ b: 2 }).topics.get("b")!;
    const image = { ...before.image, topics: new Map([["c.d", topics.get("c.d")!], ["b", grown]]) };
    const after = new PartitionRows(image, before);
    assert.deepEqual(after.texts, [
      '{topic="c.d",partition="0"} ',
      '{topic="c.d",partition="1"} ',
      '{topic="c.d",partition="2"} ',
      '{topic="b",partition="0"} ',
      '{topic="b",partition="1"} ',
    ]);
    assert.equal(after.find("a", 0), -1);
  });
});
