/**
 * Records of one batch of the journal as metadata events, checked against the
 * image they are about to change: a topic is created once, its partitions are
 * numbered without a gap, nothing concerns a topic that is not there, producer ids
 * only grow. So what this gives always applies; anything else is a DecodeError. The inverse of
 * `encode_events.ts`.
 */
import { DecodeError, Reader } from "../../bytes/mod.ts";
import {
  type Image,
  type MetadataEvent,
  type PartitionImage,
  PARTITIONS_PER_TOPIC_MAX,
  type TopicImage,
} from "../../model/mod.ts";
import { RecordCursor } from "../../record/mod.ts";
import { checkName, isInternalTopic } from "../topics/names.ts";
import { type MetadataRecord, type PartitionRecord, readMetadataRecord } from "./metadata_record.ts";

/** The events of one batch, given whole. Throws DecodeError. */
export function decodeEvents(batch: Uint8Array, image: Image): MetadataEvent[] {
  const fold = new EventFold(image);
  const cursor = new RecordCursor();
  const reader = new Reader(new Uint8Array(0));
  cursor.open(batch);
  while (cursor.next()) {
    const value = cursor.value;
    if (value === null) {
      throw new DecodeError(`Metadata record at offset "${cursor.offset}" must have a value`);
    }
    reader.reset(value);
    fold.add(readMetadataRecord(reader));
  }
  return fold.events;
}

/** A topic of the batch or of the image, as far as the batch has come. */
interface TopicSoFar {
  readonly name: string;
  partitionCount: number;
  /** The topic itself when this batch creates it. */
  readonly created: { partitions: PartitionImage[]; settings: Record<string, string> } | null;
}

class EventFold {
  readonly events: MetadataEvent[] = [];
  readonly #image: Image;
  readonly #byId = new Map<string, TopicSoFar>();
  readonly #byName = new Map<string, TopicSoFar>();
  readonly #removed = new Set<string>();
  #nextProducerId: number;

  constructor(image: Image) {
    this.#image = image;
    this.#nextProducerId = image.nextProducerId;
  }

  add(record: MetadataRecord): void {
    switch (record.kind) {
      case "topic":
        return this.#create(record.name, record.id);
      case "partition":
        return this.#addPartition(record);
      case "config":
        return this.#set(record.topic, record.name, record.value);
      case "remove_topic":
        return this.#remove(record.id);
      case "broker_config":
        return this.#setBroker(record.name, record.value);
      case "producer_ids":
        return this.#reserve(record.nextProducerId);
      case "feature_level":
        // For Kafka's eyes: Weir reads all it writes.
    }
  }

  /** Whatever node id the record names: a journal is one broker's, and the data directory says whose. */
  #setBroker(key: string, value: string | null): void {
    const last = this.events.at(-1);
    if (last?.kind === "broker_altered") (last.settings as Record<string, string | null>)[key] = value;
    else this.events.push({ kind: "broker_altered", settings: { [key]: value } });
  }

  #reserve(nextProducerId: number): void {
    if (nextProducerId <= this.#nextProducerId) {
      throw new DecodeError(
        `Next producer id "${nextProducerId}" must be above ${this.#nextProducerId}, which was reserved before`,
      );
    }
    this.#nextProducerId = nextProducerId;
    this.events.push({ kind: "producer_ids_reserved", nextProducerId });
  }

  #create(name: string, id: string): void {
    if (checkName(name) !== null) throw new DecodeError(`Topic record's name "${name}" is not a topic name`);
    if (this.#image.topics.has(name) || this.#byName.has(name)) {
      throw new DecodeError(`Topic "${name}" must be created once`);
    }
    if (this.#image.topicNamesById.has(id) || this.#byId.has(id)) {
      throw new DecodeError(`Topic id "${id}" must be given out once`);
    }
    const partitions: PartitionImage[] = [];
    const settings: Record<string, string> = {};
    const topic: TopicImage = { name, id, internal: isInternalTopic(name), partitions, settings };
    this.events.push({ kind: "topic_created", topic });
    this.#remember(id, { name, partitionCount: 0, created: { partitions, settings } });
  }

  #addPartition(record: PartitionRecord): void {
    const topic = this.#byIdOrThrow(record.topicId);
    const { kind: _kind, topicId: _topicId, ...partition } = record;
    if (partition.partition !== topic.partitionCount || topic.partitionCount >= PARTITIONS_PER_TOPIC_MAX) {
      throw new DecodeError(
        `Partition "${partition.partition}" of topic "${topic.name}" must have number ${topic.partitionCount}`,
      );
    }
    topic.partitionCount++;
    if (topic.created !== null) {
      topic.created.partitions.push(partition);
      return;
    }
    const last = this.events.at(-1);
    if (last?.kind === "partitions_added" && last.topic === topic.name) {
      (last.partitions as PartitionImage[]).push(partition);
    } else {
      this.events.push({ kind: "partitions_added", topic: topic.name, partitions: [partition] });
    }
  }

  #set(name: string, key: string, value: string | null): void {
    const topic = this.#byNameOrThrow(name);
    if (topic.created !== null) {
      if (value === null) delete topic.created.settings[key];
      else topic.created.settings[key] = value;
      return;
    }
    const last = this.events.at(-1);
    if (last?.kind === "topic_altered" && last.topic === name) {
      (last.settings as Record<string, string | null>)[key] = value;
    } else {
      this.events.push({ kind: "topic_altered", topic: name, settings: { [key]: value } });
    }
  }

  #remove(id: string): void {
    const topic = this.#byIdOrThrow(id);
    if (topic.created !== null) {
      throw new DecodeError(`Topic "${topic.name}" must outlive the batch that made it`);
    }
    this.#removed.add(topic.name);
    this.events.push({ kind: "topic_deleted", topic: topic.name });
  }

  #byIdOrThrow(id: string): TopicSoFar {
    const name = this.#image.topicNamesById.get(id);
    const topic = this.#byId.get(id) ?? (name === undefined ? undefined : this.#fromImage(name));
    if (topic === undefined || this.#removed.has(topic.name)) {
      throw new DecodeError(`Topic id "${id}" must belong to a topic that exists`);
    }
    return topic;
  }

  #byNameOrThrow(name: string): TopicSoFar {
    const topic = this.#byName.get(name) ?? this.#fromImage(name);
    if (topic === undefined || this.#removed.has(name)) {
      throw new DecodeError(`Topic "${name}" must exist before it is changed`);
    }
    return topic;
  }

  #fromImage(name: string): TopicSoFar | undefined {
    const topic = this.#image.topics.get(name);
    if (topic === undefined) return undefined;
    const soFar = { name, partitionCount: topic.partitions.length, created: null };
    this.#remember(topic.id, soFar);
    return soFar;
  }

  #remember(id: string, topic: TopicSoFar): void {
    this.#byId.set(id, topic);
    this.#byName.set(topic.name, topic);
  }
}
