/**
 * Metadata events as the records of one batch: what one command does is in the
 * journal whole or not at all. The inverse is `decode_events.ts`.
 */
import { Writer } from "../../bytes/mod.ts";
import {
  assert,
  type Image,
  type MetadataEvent,
  type PartitionImage,
  type TopicImage,
} from "../../model/mod.ts";
import type { BatchBuilder } from "../../record/mod.ts";
import { type MetadataRecord, writeMetadataRecord } from "./metadata_record.ts";

/**
 * What Kafka is to take the journal for: written by a Kafka 4.0, whose records every Kafka 4 reads. Without
 * the first no Kafka reads any of it; the second is that of consumer groups.
 */
const FEATURE_LEVELS = { "metadata.version": 25, "group.version": 1 } as const;

/** Puts records into a batch that is being built. */
export class EventEncoder {
  readonly #writer = new Writer();
  readonly #nodeId: number;

  /** For the journal of broker `nodeId`. */
  constructor(nodeId: number) {
    this.#nodeId = nodeId;
  }

  /** Appends the records of `events`, which `image` is about to get, to `builder`. */
  encode(builder: BatchBuilder, image: Image, events: readonly MetadataEvent[], nowMs: number): void {
    assert(events.length > 0, "a batch holds at least one event");
    const put = (record: MetadataRecord) => this.#put(builder, record, nowMs);
    for (const event of events) putEvent(put, image, event, this.#nodeId);
  }

  /** Appends the records a journal begins with. */
  encodeFeatures(builder: BatchBuilder, nowMs: number): void {
    for (const [name, level] of Object.entries(FEATURE_LEVELS)) {
      this.#put(builder, { kind: "feature_level", name, level }, nowMs);
    }
  }

  /** Appends the records of what an image holds besides its topics. */
  encodeBroker(builder: BatchBuilder, image: Image, nowMs: number): void {
    this.encodeFeatures(builder, nowMs);
    const put = (record: MetadataRecord) => this.#put(builder, record, nowMs);
    putBrokerSettings(put, this.#nodeId, image.brokerSettings);
    if (image.nextProducerId > 0) putProducerIds(put, this.#nodeId, image.nextProducerId);
  }

  /** Appends the records that make up `topic`. */
  encodeTopic(builder: BatchBuilder, topic: TopicImage, nowMs: number): void {
    putTopic((record) => this.#put(builder, record, nowMs), topic);
  }

  #put(builder: BatchBuilder, record: MetadataRecord, nowMs: number): void {
    this.#writer.reset();
    writeMetadataRecord(this.#writer, record);
    builder.append(nowMs, null, this.#writer.bytes());
  }
}

type Put = (record: MetadataRecord) => void;

function putEvent(put: Put, image: Image, event: MetadataEvent, nodeId: number): void {
  if (event.kind === "topic_created") return putTopic(put, event.topic);
  if (event.kind === "broker_altered") return putBrokerSettings(put, nodeId, event.settings);
  if (event.kind === "producer_ids_reserved") return putProducerIds(put, nodeId, event.nextProducerId);
  const id = image.topics.get(event.topic)?.id;
  assert(id !== undefined, "an event concerns a topic that exists");
  switch (event.kind) {
    case "partitions_added":
      return putPartitions(put, id, event.partitions);
    case "topic_altered":
      return putSettings(put, event.topic, event.settings);
    case "topic_deleted":
      return put({ kind: "remove_topic", id });
  }
}

function putTopic(put: Put, topic: TopicImage): void {
  assert(topic.partitions.length > 0, "a topic has at least one partition");
  put({ kind: "topic", name: topic.name, id: topic.id });
  putSettings(put, topic.name, topic.settings);
  putPartitions(put, topic.id, topic.partitions);
}

function putSettings(put: Put, topic: string, settings: Readonly<Record<string, string | null>>): void {
  for (const [name, value] of Object.entries(settings)) put({ kind: "config", topic, name, value });
}

function putBrokerSettings(
  put: Put,
  nodeId: number,
  settings: Readonly<Record<string, string | null>>,
): void {
  const broker = String(nodeId);
  for (const [name, value] of Object.entries(settings)) put({ kind: "broker_config", broker, name, value });
}

function putProducerIds(put: Put, brokerId: number, nextProducerId: number): void {
  put({ kind: "producer_ids", brokerId, nextProducerId });
}

function putPartitions(put: Put, topicId: string, partitions: readonly PartitionImage[]): void {
  for (const partition of partitions) put({ kind: "partition", topicId, ...partition });
}
