/**
 * The logs of partitions as they lie on the disk, and which partitions cannot be
 * used. What is counted of logs is counted by their workers; of dirty offsets
 * there is a series a topic. Pure.
 */
import type { NamedLog } from "../mailbox/mod.ts";
import { type Family, family, single, tabled } from "../meter/mod.ts";
import type { Image } from "../model/mod.ts";
import type { PartitionRows } from "./rows.ts";

/** The families: of each log, and of all. */
export function partitionFamilies(rows: PartitionRows, logs: readonly NamedLog[], offline: number): Family[] {
  const { image, texts } = rows;
  const gauge = (name: string, help: string, value: (log: NamedLog) => number) => {
    const column = rows.column();
    for (const log of logs) {
      const row = rows.find(log.topic, log.partition);
      if (row >= 0) column[row] = value(log);
    }
    return tabled(name, help, rows.table(column));
  };
  return [
    single("gauge", "weir_topics", "Topics", image.topics.size),
    single("gauge", "weir_partitions", "Partitions of all topics", texts.length),
    single("gauge", "weir_offline_partitions", "Partitions that cannot be used now", offline),
    single("gauge", "weir_data_bytes", "Bytes of all partitions' segments", sum(logs)),
    gauge("weir_partition_log_bytes", "Bytes of a partition's segments", ({ bytes }) => bytes),
    gauge("weir_partition_segments", "Segments of a partition", ({ segments }) => segments),
    gauge(
      "weir_partition_unflushed_offsets",
      "Offsets at a log's end that are not known to be on the device",
      ({ logEndOffset, recoveryPoint }) => Math.max(0, logEndOffset - recoveryPoint),
    ),
    dirtyFamily(image, logs),
  ];
}

/** Of topics that are compacted, or were since their logs were opened. */
function dirtyFamily(image: Image, logs: readonly NamedLog[]): Family {
  const dirty = new Map<string, { labels: { topic: string }; value: number }>();
  for (const log of logs) {
    if (!isCompacted(image, log)) continue;
    const { topic, logStartOffset, logEndOffset, firstDirtyOffset } = log;
    const known = dirty.get(topic) ?? { labels: { topic }, value: 0 };
    dirty.set(topic, known);
    known.value += Math.max(0, logEndOffset - Math.max(firstDirtyOffset, logStartOffset));
  }
  return family(
    "gauge",
    "weir_topic_dirty_offsets",
    "Offsets of a compacted topic that were not compacted yet, those of the active segments among them",
    [...dirty.values()],
  );
}

function isCompacted(image: Image, { topic, cleanings }: NamedLog): boolean {
  const policy = image.topics.get(topic)?.settings["cleanup.policy"] ?? "";
  return cleanings > 0 || policy.includes("compact");
}

function sum(logs: readonly NamedLog[]): number {
  return logs.reduce((total, { bytes }) => total + bytes, 0);
}
