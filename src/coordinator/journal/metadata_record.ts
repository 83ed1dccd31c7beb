/**
 * Apache Kafka's own metadata records, the six that Weir needs: one is the value
 * of one record of the journal, so that Kafka itself can read it.
 *
 *     frame version uvarint = 1 | api key uvarint | version uvarint | message, flexible
 *      2 TopicRecord        name | topic id
 *      3 PartitionRecord    partition i32 | topic id | replicas | in-sync | removing | adding [i32]
 *                           leader i32 | leader epoch i32 | partition epoch i32 | (v1: directories [uuid])
 *      4 ConfigRecord       resource type i8 | topic (2) or node id (4) | key | value or null
 *      9 RemoveTopicRecord  topic id
 *     12 FeatureLevelRecord name | level i16
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
const FEATURE_LEVEL = 12;
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
  | { readonly kind: "remove_topic"; readonly id: string }
  /** Which records there may be: Kafka does not read metadata without it. */
  | { readonly kind: "feature_level"; readonly name: string; readonly level: number };

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
      break;
    case "feature_level":
      writeFrame(writer, FEATURE_LEVEL);
      writer.writeCompactString(record.name);
      writer.writeInt16(record.level);
  }
  writer.writeUnsignedVarint(0); // no tagged fields
}

/** Reads one record's value, which must end where the record ends. Throws DecodeError. */
export function readMetadataRecord(reader: Reader): MetadataRecord {
  const { apiKey, version } = readFrame(reader);
  const record = readMessage(reader, apiKey, version);
  if (record !== null) return record;
  throw new DecodeError(`Metadata record of type "${apiKey}" is not one of those that Weir writes`);
}

/** What comes before a record's message. Throws DecodeError. */
export function readFrame(reader: Reader): { readonly apiKey: number; readonly version: number } {
  const frameVersion = reader.readUnsignedVarint();
  if (frameVersion !== FRAME_VERSION) {
    throw new DecodeError(`Metadata record's frame version "${frameVersion}" must be ${FRAME_VERSION}`);
  }
  return { apiKey: reader.readUnsignedVarint(), version: reader.readUnsignedVarint() };
}

/**
 * Reads the message behind a record's frame, to its end; `null` when it is of a type, or a setting of a
 * resource, that Weir has not. Throws DecodeError.
 */
export function readMessage(reader: Reader, apiKey: number, version: number): MetadataRecord | null {
  const read = READERS[apiKey];
  if (read === undefined) return null;
  if (version > (apiKey === PARTITION ? PARTITION_VERSION_MAX : 0)) {
    throw new DecodeError(`Metadata record of type "${apiKey}" has version "${version}", which is too new`);
  }
  const record = read(reader, version);
  reader.skipTaggedFields();
  if (reader.remaining === 0) return record;
  throw new DecodeError(`Metadata record of type "${apiKey}" is followed by "${reader.remaining}" bytes`);
}

const READERS: Readonly<Record<number, (reader: Reader, version: number) => MetadataRecord | null>> = {
  [TOPIC]: (reader) => ({ kind: "topic", name: reader.readCompactString(), id: reader.readUuid() }),
  [PARTITION]: readPartition,
  [CONFIG]: readConfig,
  [REMOVE_TOPIC]: (reader) => ({ kind: "remove_topic", id: reader.readUuid() }),
  [FEATURE_LEVEL]: (reader) => (
    { kind: "feature_level", name: reader.readCompactString(), level: reader.readInt16() }
  ),
  [PRODUCER_IDS]: readProducerIds,
};

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

function readConfig(reader: Reader): MetadataRecord | null {
  const resourceType = reader.readInt8();
  const resource = reader.readCompactString();
  const name = reader.readCompactString();
  const value = reader.readCompactNullableString();
  if (resourceType === RESOURCE_TOPIC) return { kind: "config", topic: resource, name, value };
  if (resourceType === RESOURCE_BROKER) return { kind: "broker_config", broker: resource, name, value };
  return null;
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

export function readInt32Array(reader: Reader): number[] {
  const count = reader.readCompactArrayCount();
  const values: number[] = [];
  for (let index = 0; index < count; index++) values.push(reader.readInt32());
  return values;
}
