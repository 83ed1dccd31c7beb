/**
 * How `kafka-topics --describe` lays out topics and partitions: Kafka's columns,
 * parted by tabs. Pure.
 */
import type { PartitionMetadata, TopicMetadata } from "../../client/mod.ts";
import type { SettingDescription } from "../../model/mod.ts";

/** What is shown of a setting. */
export type ShownSetting = Pick<SettingDescription, "name" | "value" | "source">;

/** Settings whose value somebody gave. */
export function overridden(settings: readonly ShownSetting[]): ShownSetting[] {
  return settings.filter(({ source }) => source !== "default");
}

/** The line of a topic. */
export function topicLine(topic: TopicMetadata, settings: readonly ShownSetting[]): string {
  const { name, id, partitions } = topic;
  const replicas = partitions[0]?.replicas.length ?? 0;
  const configs = overridden(settings).map((setting) => `${setting.name}=${setting.value}`).join(",");
  return `Topic: ${name}\tTopicId: ${id}\tPartitionCount: ${partitions.length}\t` +
    `ReplicationFactor: ${replicas}\tConfigs: ${configs}\n`;
}

/** The line of a partition. */
export function partitionLine(topic: string, partition: PartitionMetadata): string {
  const leader = partition.leader < 0 ? "none" : String(partition.leader);
  return `\tTopic: ${topic}\tPartition: ${partition.partition}\tLeader: ${leader}\t` +
    `Replicas: ${partition.replicas.join(",")}\tIsr: ${partition.inSyncReplicas.join(",")}\t` +
    `Elr: \tLastKnownElr: \n`;
}

/** Which partitions `--describe` reports alone, by the option's name. */
export const PARTITION_REPORTS: Readonly<
  Record<string, (partition: PartitionMetadata, insyncMin: number) => boolean>
> = {
  "under-replicated-partitions": ({ replicas, inSyncReplicas }) => inSyncReplicas.length < replicas.length,
  "unavailable-partitions": ({ leader }) => leader < 0,
  "under-min-isr-partitions": ({ leader, inSyncReplicas }, insyncMin) =>
    leader < 0 || inSyncReplicas.length < insyncMin,
  "at-min-isr-partitions": ({ inSyncReplicas }, insyncMin) => inSyncReplicas.length === insyncMin,
};

/** Kafka's word of warning on a name with a dot or an underscore. */
export const COLLISION_WARNING =
  "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could collide. " +
  "To avoid issues it is best to use either, but not both.\n";
