/**
 * `__consumer_offsets`, which the coordinator makes for itself before the first
 * record of a group. Its partition count is for ever: it says where a group's
 * records lie.
 */
import { assert, type GroupSettings, type MetadataEvent, OFFSETS_TOPIC } from "../../model/mod.ts";
import { newPartitions } from "./partitions.ts";

/** The event that makes the topic, with the id and the settings given, led by broker `nodeId`. */
export function offsetsTopicCreated(id: string, settings: GroupSettings, nodeId: number): MetadataEvent {
  assert(settings.topicPartitions >= 1, "a topic has a partition");
  return {
    kind: "topic_created",
    topic: {
      name: OFFSETS_TOPIC,
      id,
      internal: true,
      partitions: newPartitions(0, settings.topicPartitions, nodeId),
      settings: {
        "cleanup.policy": "compact",
        "compression.type": "producer",
        "segment.bytes": String(settings.topicSegmentBytes),
      },
    },
  };
}
