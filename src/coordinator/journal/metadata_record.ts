/**
 * Apache Kafka's own metadata records, the five that Weir needs: one is the value
 * of one record of the journal, so that Kafka's tools can dump it.
 *
 *     frame version uvarint = 1 | api key uvarint | version uvarint | message, flexible
 *      2 TopicRecord        name | topic id
 *      3 PartitionRecord    partition i32 | topic id | replicas | in-sync | removing | adding [i32]
 *                           leader i32 | leader epoch i32 | partition epoch i32 | (v1: directories [uuid])
 *      4 ConfigRecord       resource type i8 | topic (2) or node id (4) | key | value or null
 *      9 RemoveTopicRecord  topic id
 *     15 ProducerIdsRecord  broker id i32 | broker epoch i64 | next producer id i64
 *
 * Written in version 0; partition records are read up to version 2. Whatever
 * else comes is a DecodeError. Source: `MetadataRecordSerde`, KIP-631.
 */
import { DecodeError, type Reader, type Writer } from "../../bytes/mod.ts";

const FRAME_VERSION = 1;
const TOPIC = 2;
const PARTITION = 3;
const CONFIG = 4;
const REMOVE_TOPIC = 9;
const PRODUCER_IDS = 15;
const PARTITION_VERSION_MAX = 2;
/** Kafka's ConfigResource.Type. */
const RESOURCE_TOPIC = 2;
const RESOURCE_BROKER = 4;
/** There is one broker, which has no epoch of its own. */
const BROKER_EPOCH_NONE = -1;
const UUID_BYTES = 16;

/** One metadata record, reduced to what Weir keeps. */
export type MetadataRecord =
  | { readonly kind: "topic"; readonly name: string; readonly id: string }
  | PartitionRecord
  | { readonly kind: "config"; readonly topic: string; readonly name: string; readonly value: string | null }
  /** `broker` is a node id as text. */
  | {
    readonly kind: "broker_config";
    readonly broker: string;
    readonly name: string;
    readonly value: string | null;
  }
  | { readonly kind: "producer_ids"; readonly brokerId: number; readonly nextProducerId: number }
  | { readonly kind: "remove_topic"; readonly id: string };

export interface PartitionRecord {
  readonly kind: "partition";
  readonly topicId: string;
  readonly partition: number;
  readonly replicas: readonly number[];
  readonly inSyncReplicas: readonly number[];
  readonly leader: number;
  readonly leaderEpoch: number;
}

/** Writes one record's value. */
export function writeMetadataRecord(writer: Writer, record: MetadataRecord): void {
  switch (record.kind) {
    case "topic":
      writeFrame(writer, TOPIC);
      writer.writeCompactString(record.name);
      writer.writeUuid(record.id);
      break;
    case "partition":
      writePartition(writer, record);
      break;
    case "config":
      writeConfig(writer, RESOURCE_TOPIC, record.topic, record);
      break;
    case "broker_config":
      writeConfig(writer, RESOURCE_BROKER, record.broker, record);
      break;
    case "producer_ids":
      writeFrame(writer, PRODUCER_IDS);
      writer.writeInt32(record.brokerId);
      writer.writeInt64(BROKER_EPOCH_NONE);
      writer.writeInt64(record.nextProducerId);
      break;
    case "remove_topic":
      writeFrame(writer, REMOVE_TOPIC);
      writer.writeUuid(record.id);
  }
  writer.writeUnsignedVarint(0); // no tagged fields
}

/** Reads one record's value, which must end where the record ends. Throws DecodeError. */
export function readMetadataRecord(reader: Reader): MetadataRecord {
  const frameVersion = reader.readUnsignedVarint();
  if (frameVersion !== FRAME_VERSION) {
    throw new DecodeError(`Metadata record's frame version "${frameVersion}" must be ${FRAME_VERSION}`);
  }
  const apiKey = reader.readUnsignedVarint();
  const version = reader.readUnsignedVarint();
  if (version > (apiKey === PARTITION ? PARTITION_VERSION_MAX : 0)) {
    throw new DecodeError(`Metadata record of type "${apiKey}" has version "${version}", which is too new`);
  }
  const record = readMessage(reader, apiKey, version);
  reader.skipTaggedFields();
  if (reader.remaining === 0) return record;
  throw new DecodeError(`Metadata record of type "${apiKey}" is followed by "${reader.remaining}" bytes`);
}

function readMessage(reader: Reader, apiKey: number, version: number): MetadataRecord {
  switch (apiKey) {
    case TOPIC:
      return { kind: "topic", name: reader.readCompactString(), id: reader.readUuid() };
    case PARTITION:
      return readPartition(reader, version);
    case CONFIG:
      return readConfig(reader);
    case REMOVE_TOPIC:
      return { kind: "remove_topic", id: reader.readUuid() };
    case PRODUCER_IDS:
      return readProducerIds(reader);
    default:
      throw new DecodeError(`Metadata record of type "${apiKey}" is not one of ${TOPIC}, 3, 4, 9 and 15`);
  }
}

function writeFrame(writer: Writer, apiKey: number): void {
  writer.writeUnsignedVarint(FRAME_VERSION);
  writer.writeUnsignedVarint(apiKey);
  writer.writeUnsignedVarint(0);
}

function writePartition(writer: Writer, record: PartitionRecord): void {
  writeFrame(writer, PARTITION);
  writer.writeInt32(record.partition);
  writer.writeUuid(record.topicId);
  writeInt32Array(writer, record.replicas);
  writeInt32Array(writer, record.inSyncReplicas);
  writer.writeCompactArrayCount(0);
  writer.writeCompactArrayCount(0);
  writer.writeInt32(record.leader);
  writer.writeInt32(record.leaderEpoch);
  writer.writeInt32(0);
}

function readPartition(reader: Reader, version: number): PartitionRecord {
  const partition = reader.readInt32();
  const topicId = reader.readUuid();
  const replicas = readInt32Array(reader);
  const inSyncReplicas = readInt32Array(reader);
  readInt32Array(reader); // removing
  readInt32Array(reader); // adding
  const leader = reader.readInt32();
  const leaderEpoch = reader.readInt32();
  reader.readInt32(); // partition epoch
  if (version >= 1) reader.skip(Math.max(0, reader.readCompactArrayCount()) * UUID_BYTES);
  return { kind: "partition", topicId, partition, replicas, inSyncReplicas, leader, leaderEpoch };
}

function writeConfig(
  writer: Writer,
  resourceType: number,
  resource: string,
  { name, value }: { readonly name: string; readonly value: string | null },
): void {
  writeFrame(writer, CONFIG);
  writer.writeInt8(resourceType);
  writer.writeCompactString(resource);
  writer.writeCompactString(name);
  writer.writeCompactString(value);
}

function readConfig(reader: Reader): MetadataRecord {
  const resourceType = reader.readInt8();
  const resource = reader.readCompactString();
  const name = reader.readCompactString();
  const value = reader.readCompactNullableString();
  if (resourceType === RESOURCE_TOPIC) return { kind: "config", topic: resource, name, value };
  if (resourceType === RESOURCE_BROKER) return { kind: "broker_config", broker: resource, name, value };
  throw new DecodeError(`Config record's resource type "${resourceType}" must be topic (2) or broker (4)`);
}

function readProducerIds(reader: Reader): MetadataRecord {
  const brokerId = reader.readInt32();
  reader.skip(8); // broker epoch
  return { kind: "producer_ids", brokerId, nextProducerId: reader.readInt64() };
}

function writeInt32Array(writer: Writer, values: readonly number[]): void {
  writer.writeCompactArrayCount(values.length);
  for (const value of values) writer.writeInt32(value);
}

function readInt32Array(reader: Reader): number[] {
  const count = reader.readCompactArrayCount();
  const values: number[] = [];
  for (let index = 0; index < count; index++) values.push(reader.readInt32());
  return values;
}
