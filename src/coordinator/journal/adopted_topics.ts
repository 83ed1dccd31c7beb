/**
 * What a foreign directory holds as events of Weir's own: topics as Kafka's
 * metadata has them, or as nothing but their directories tell. Every partition
 * gets this broker as its only replica, and an epoch no batch of it is beyond.
 * Settings that Weir does not take are left out, and told. Called by `adopt.ts`.
 */
import { validateBrokerChange, validateTopicSettings } from "../../config/mod.ts";
import { type MetadataEvent, type PartitionImage, PARTITIONS_PER_TOPIC_MAX } from "../../model/mod.ts";
import { checkName, isInternalTopic } from "../topics/names.ts";
import type { FoundPartition } from "./found_partitions.ts";
import type { KafkaMetadata, KafkaTopic } from "./kafka_metadata.ts";

/** A foreign directory's content. */
export interface Adopted {
  readonly events: readonly MetadataEvent[];
  /** What was left out, in sentences. */
  readonly words: readonly string[];
}

/** A foreign directory that cannot be adopted: why. */
export class AdoptionError extends Error {
  override name = "AdoptionError";
}

/** By topic, then by number. */
export type Found = ReadonlyMap<string, ReadonlyMap<number, FoundPartition>>;

/** Of a topic whose settings are lost: it may have been one that is only compacted, or kept for ever. */
const KEPT = { "retention.ms": "-1", "retention.bytes": "-1" };

/** What Kafka's metadata says, for node `nodeId`. Throws AdoptionError where not all of it is in the directory. */
export function eventsOfMetadata(metadata: KafkaMetadata, found: Found, nodeId: number): Adopted {
  const words: string[] = [];
  const events: MetadataEvent[] = [];
  for (const topic of metadata.topics.values()) {
    // It becomes a directory's name.
    const refused = checkName(topic.name);
    if (refused !== null) {
      throw new AdoptionError(`Kafka's metadata cannot be taken over: ${refused.message}`);
    }
    const settings = topicSettings(topic, words);
    const partitions = partitionsOf(topic, found, nodeId);
    const { name, id } = topic;
    events.push({
      kind: "topic_created",
      topic: { name, id, internal: isInternalTopic(name), partitions, settings },
    });
  }
  const settings = brokerSettings(metadata, nodeId, words);
  if (Object.keys(settings).length > 0) events.push({ kind: "broker_altered", settings });
  const { nextProducerId } = metadata;
  if (nextProducerId > 0) events.push({ kind: "producer_ids_reserved", nextProducerId });
  if (metadata.missed.size > 0) {
    words.push(`Left out what Weir does not have: ${[...metadata.missed].sort().join(", ")}`);
  }
  return { events, words };
}

/** What the directories alone tell: names, numbers and ids. Throws AdoptionError where they contradict each other. */
export function eventsOfDirectories(found: Found, nodeId: number, newId: () => string): Adopted {
  const events: MetadataEvent[] = [];
  const words: string[] = [];
  for (const [name, numbered] of found) {
    const ids = new Set([...numbered.values()].flatMap(({ topicId }) => topicId ?? []));
    if (ids.size > 1) {
      throw new AdoptionError(`Partitions of topic "${name}" have different topic ids: ${quoted(ids)}`);
    }
    const count = [...numbered.keys()].reduce((largest, number) => Math.max(largest, number), 0) + 1;
    if (count > PARTITIONS_PER_TOPIC_MAX) {
      const words = `Partition "${name}-${count - 1}" has a directory here`;
      throw new AdoptionError(`${words}, but a topic has at most ${PARTITIONS_PER_TOPIC_MAX} partitions`);
    }
    const partitions = Array.from({ length: count }, (_, partition) => {
      return partitionOf(partition, numbered.get(partition)?.leaderEpoch ?? 0, nodeId);
    });
    const missing = partitions.filter(({ partition }) => !numbered.has(partition));
    if (missing.length > 0) {
      const numbers = quoted(missing.map(({ partition }) => String(partition)));
      words.push(`Topic "${name}" has no directory of its partitions ${numbers}: they begin empty`);
    }
    const [id = newId()] = ids;
    events.push({
      kind: "topic_created",
      topic: { name, id, internal: isInternalTopic(name), partitions, settings: KEPT },
    });
  }
  return { events, words };
}

function partitionsOf(topic: KafkaTopic, found: Found, nodeId: number): PartitionImage[] {
  const { name, partitions } = topic;
  const numbers = [...partitions.keys()].sort((left, right) => left - right);
  if (numbers.length === 0) throw new AdoptionError(`Topic "${name}" has no partitions in Kafka's metadata`);
  return numbers.map((number, index) => {
    const { replicas, leaderEpoch } = partitions.get(number)!;
    if (number !== index) throw new AdoptionError(`Topic "${name}" has no partition "${index}"`);
    if (!replicas.includes(nodeId)) {
      const nodes = quoted(replicas.map(String));
      throw new AdoptionError(
        `Partition "${name}-${number}" lies on nodes ${nodes}, not on this one, which is "${nodeId}": ` +
          "a directory of a cluster of several brokers cannot be taken over",
      );
    }
    const here = found.get(name)?.get(number);
    if (here === undefined) {
      throw new AdoptionError(
        `Partition "${name}-${number}" is in Kafka's metadata, but has no directory here: bring the partitions of ` +
          "all of Kafka's log.dirs into one directory, or make an empty one of that name for one that shall begin anew",
      );
    }
    return partitionOf(number, Math.max(leaderEpoch, here.leaderEpoch), nodeId);
  });
}

function partitionOf(partition: number, leaderEpoch: number, nodeId: number): PartitionImage {
  return { partition, leader: nodeId, leaderEpoch, replicas: [nodeId], inSyncReplicas: [nodeId] };
}

function topicSettings({ name, settings }: KafkaTopic, words: string[]): Record<string, string> {
  const taken: Record<string, string> = {};
  for (const [key, value] of settings) {
    const refused = validateTopicSettings({ [key]: value });
    if (refused === null) taken[key] = value;
    else words.push(`Left out "${key}" of topic "${name}": ${refused.message}`);
  }
  return taken;
}

/** Those of the node win over those of all nodes. */
function brokerSettings(metadata: KafkaMetadata, nodeId: number, words: string[]): Record<string, string> {
  const taken: Record<string, string> = {};
  for (const broker of ["", String(nodeId)]) {
    for (const [key, value] of metadata.brokerSettings.get(broker) ?? []) {
      const refused = validateBrokerChange(key, value);
      if (refused === null) taken[key] = value;
      else words.push(`Left out "${key}" of the broker: ${refused.message}`);
    }
  }
  return taken;
}

function quoted(items: Iterable<string>): string {
  return [...items].map((item) => `"${item}"`).join(", ");
}
