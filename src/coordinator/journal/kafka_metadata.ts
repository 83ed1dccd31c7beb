/**
 * Apache Kafka's metadata as Kafka itself wrote it, batch for batch: which topics
 * there are in the end, with what settings. Of the records that Weir has not, those
 * of Kafka's own housekeeping are passed over, and the rest is told, for somebody
 * will miss it. What a transaction of the controller's began and never ended is
 * not there (KIP-868). Called by `adopt.ts`.
 *
 *     PartitionChangeRecord  partition i32 | topic id | tagged: 1 leader i32, 2 replicas [i32], ...
 */
import { DecodeError, Reader } from "../../bytes/mod.ts";
import { RecordCursor } from "../../record/mod.ts";
import {
  type MetadataRecord,
  type PartitionRecord,
  readFrame,
  readInt32Array,
  readMessage,
} from "./metadata_record.ts";

/** A topic of Kafka's. */
export interface KafkaTopic {
  readonly name: string;
  readonly id: string;
  readonly settings: Map<string, string>;
  /** By their numbers. */
  readonly partitions: Map<number, PartitionRecord>;
}

interface PartitionChange {
  readonly kind: "partition_change";
  readonly topicId: string;
  readonly partition: number;
  /** `null` where it stays. */
  readonly replicas: readonly number[] | null;
  readonly changesLeader: boolean;
}

const PARTITION_CHANGE = 5;
const PARTITION_CHANGE_VERSION_MAX = 2;
const TAG_LEADER = 1;
const TAG_REPLICAS = 2;
const LEADER_STAYS = -2;
const BEGIN_TRANSACTION = 23;
const END_TRANSACTION = 24;
const ABORT_TRANSACTION = 25;

/** What is missed, by the type of the record that says it. */
const MISSED: Readonly<Record<number, string>> = {
  4: "settings of client metrics and groups",
  10: "delegation tokens",
  11: "SCRAM credentials",
  14: "client quotas",
  18: "access control entries",
};

export class KafkaMetadata {
  readonly topics = new Map<string, KafkaTopic>();
  /** By node id as text, empty for all nodes; then by name. */
  readonly brokerSettings = new Map<string, Map<string, string>>();
  nextProducerId = 0;
  /** What Weir has not, in words. */
  readonly missed = new Set<string>();
  readonly #namesById = new Map<string, string>();
  readonly #cursor = new RecordCursor();
  readonly #reader = new Reader(new Uint8Array(0));
  /** The records of a transaction that has not ended. */
  #pending: (MetadataRecord | PartitionChange)[] | null = null;

  /** Takes in a batch of records, whole and sound, in the order of the log. Throws DecodeError. */
  read(batch: Uint8Array): void {
    this.#cursor.open(batch);
    while (this.#cursor.next()) {
      const { value } = this.#cursor;
      if (value === null) {
        throw new DecodeError(`Metadata record at "${this.#cursor.offset}" must have a value`);
      }
      this.#reader.reset(value);
      this.#readRecord(this.#reader);
    }
  }

  #readRecord(reader: Reader): void {
    const { apiKey, version } = readFrame(reader);
    if (apiKey === BEGIN_TRANSACTION) {
      this.#pending = [];
      return;
    }
    if (apiKey === END_TRANSACTION || apiKey === ABORT_TRANSACTION) {
      const records = this.#pending ?? [];
      this.#pending = null;
      if (apiKey === END_TRANSACTION) { for (const record of records) this.#apply(record); }
      return;
    }
    const record = apiKey === PARTITION_CHANGE
      ? readPartitionChange(reader, version)
      : readMessage(reader, apiKey, version);
    if (record === null) {
      const missed = MISSED[apiKey];
      if (missed !== undefined) this.missed.add(missed);
    } else if (this.#pending === null) this.#apply(record);
    else this.#pending.push(record);
  }

  #apply(record: MetadataRecord | PartitionChange): void {
    switch (record.kind) {
      case "topic": {
        const { name, id } = record;
        this.topics.set(name, { name, id, settings: new Map(), partitions: new Map() });
        this.#namesById.set(id, name);
        return;
      }
      case "partition":
        this.#topic(record.topicId)?.partitions.set(record.partition, record);
        return;
      case "partition_change":
        return this.#change(record);
      case "config":
        return set(this.topics.get(record.topic)?.settings, record);
      case "broker_config":
        return this.#setBroker(record);
      case "remove_topic":
        this.topics.delete(this.#namesById.get(record.id) ?? "");
        this.#namesById.delete(record.id);
        return;
      case "producer_ids":
        this.nextProducerId = record.nextProducerId;
        return;
      case "feature_level":
        // It says what other brokers may do.
    }
  }

  #topic(id: string): KafkaTopic | undefined {
    return this.topics.get(this.#namesById.get(id) ?? "");
  }

  #change({ topicId, partition, replicas, changesLeader }: PartitionChange): void {
    const known = this.#topic(topicId)?.partitions.get(partition);
    if (known === undefined) return;
    // Kafka counts an epoch for each leader, and says so nowhere.
    const leaderEpoch = known.leaderEpoch + (changesLeader ? 1 : 0);
    const changed = { ...known, leaderEpoch, replicas: replicas ?? known.replicas };
    this.#topic(topicId)!.partitions.set(partition, changed);
  }

  #setBroker(record: Extract<MetadataRecord, { kind: "broker_config" }>): void {
    let settings = this.brokerSettings.get(record.broker);
    if (settings === undefined) this.brokerSettings.set(record.broker, settings = new Map());
    set(settings, record);
  }
}

function set(
  settings: Map<string, string> | undefined,
  { name, value }: { readonly name: string; readonly value: string | null },
): void {
  if (value === null) settings?.delete(name);
  else settings?.set(name, value);
}

function readPartitionChange(reader: Reader, version: number): PartitionChange {
  if (version > PARTITION_CHANGE_VERSION_MAX) {
    throw new DecodeError(`Partition change has version "${version}", which is too new`);
  }
  const partition = reader.readInt32();
  const topicId = reader.readUuid();
  let replicas: readonly number[] | null = null;
  let changesLeader = false;
  for (let left = reader.readUnsignedVarint(); left > 0; left--) {
    const tag = reader.readUnsignedVarint();
    const field = new Reader(reader.readView(reader.readUnsignedVarint()));
    if (tag === TAG_REPLICAS) replicas = readInt32Array(field);
    if (tag === TAG_LEADER) changesLeader = field.readInt32() !== LEADER_STAYS;
  }
  return { kind: "partition_change", topicId, partition, replicas, changesLeader };
}
