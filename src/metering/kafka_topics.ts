/**
 * Topics and partitions under the names of kafka_exporter, which the dashboards
 * people have go by: names, labels and help are its own. What it asks a cluster
 * for, this reads from the image and the logs. Pure.
 */
import { type Family, family, tabled } from "../meter/mod.ts";
import { OFFSETS_TOPIC, type PartitionImage } from "../model/mod.ts";
import type { PartitionRows } from "./rows.ts";

/** Where a log stands. */
interface LogOffsets {
  readonly partition: number;
  readonly logStartOffset: number;
  readonly highWatermark: number;
}

/** Where each partition's log begins and ends for consumers, a number for each row; NaN where it is not open. */
export interface OffsetColumns {
  readonly current: Float64Array;
  readonly oldest: Float64Array;
}

/** The columns; `logs` of the pool, `groupLogs` those of the coordinator. */
export function offsetColumns(
  rows: PartitionRows,
  logs: readonly (LogOffsets & { readonly topic: string })[],
  groupLogs: readonly LogOffsets[],
): OffsetColumns {
  const [current, oldest] = [rows.column(), rows.column()];
  const set = (topic: string, partition: number, log: Omit<LogOffsets, "partition">) => {
    const row = rows.find(topic, partition);
    if (row < 0) return;
    current[row] = log.highWatermark;
    oldest[row] = log.logStartOffset;
  };
  // The coordinator tells of logs it wrote to; its others are empty.
  const ofGroups = rows.image.topics.get(OFFSETS_TOPIC)?.partitions ?? [];
  for (const { partition } of ofGroups) {
    set(OFFSETS_TOPIC, partition, { logStartOffset: 0, highWatermark: 0 });
  }
  for (const log of groupLogs) set(OFFSETS_TOPIC, log.partition, log);
  for (const log of logs) set(log.topic, log.partition, log);
  return { current, oldest };
}

/** The families that tell of logs. */
export function offsetFamilies(rows: PartitionRows, { current, oldest }: OffsetColumns): Family[] {
  return [
    tabled(
      "kafka_topic_partition_current_offset",
      "Current Offset of a Broker at Topic/Partition",
      rows.table(current),
    ),
    tabled(
      "kafka_topic_partition_oldest_offset",
      "Oldest Offset of a Broker at Topic/Partition",
      rows.table(oldest),
    ),
  ];
}

/** The families that tell of the image alone. */
export function imageFamilies(rows: PartitionRows): Family[] {
  const topics = [...rows.image.topics.values()];
  const counts = topics.map(({ name, partitions }) => (
    { labels: { topic: name }, value: partitions.length }
  ));
  const gauge = (name: string, help: string, value: (partition: PartitionImage) => number) => {
    const values = Float64Array.from(topics.flatMap(({ partitions }) => partitions.map(value)));
    return tabled(`kafka_topic_partition_${name}`, help, rows.table(values));
  };
  return [
    family("gauge", "kafka_topic_partitions", "Number of partitions for this Topic", counts),
    gauge(
      "in_sync_replica",
      "Number of In-Sync Replicas for this Topic/Partition",
      ({ inSyncReplicas }) => inSyncReplicas.length,
    ),
    gauge(
      "leader",
      "Leader Broker ID of this Topic/Partition",
      ({ leader }) => leader >= 0 ? leader : NaN,
    ),
    gauge(
      "leader_is_preferred",
      "1 if Topic/Partition is using the Preferred Broker",
      ({ leader, replicas }) => leader >= 0 && leader === replicas[0] ? 1 : 0,
    ),
    gauge("replicas", "Number of Replicas for this Topic/Partition", ({ replicas }) => replicas.length),
    gauge(
      "under_replicated_partition",
      "1 if Topic/Partition is under Replicated",
      ({ replicas, inSyncReplicas }) => inSyncReplicas.length < replicas.length ? 1 : 0,
    ),
  ];
}
