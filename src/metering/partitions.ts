/** The logs of partitions as they lie on the disk, and which partitions cannot be used. Pure. */
import type { NamedLog } from "../mailbox/mod.ts";
import { type Family, family, type Labels, single } from "../meter/mod.ts";
import type { Image } from "../model/mod.ts";

/** What compaction did to a log since it was opened; left out by logs that know of none. */
interface Cleaned {
  readonly firstDirtyOffset?: number;
  readonly cleanings?: number;
  readonly cleanedBytesBefore?: number;
  readonly cleanedBytesAfter?: number;
}

/** A log as its worker describes it. */
type Log = NamedLog & Cleaned;

/** The families, one series a log. */
export function partitionFamilies(image: Image, logs: readonly Log[], offline: number): Family[] {
  let partitions = 0;
  for (const topic of image.topics.values()) partitions += topic.partitions.length;
  const rows = logs.map((log) => ({ log, labels: { topic: log.topic, partition: String(log.partition) } }));
  const gauge = (name: string, help: string, value: (log: Log) => number) =>
    family("gauge", name, help, rows.map(({ log, labels }) => ({ labels, value: value(log) })));
  const compacted = rows.filter(({ log }) => isCompacted(image, log));
  return [
    single("gauge", "weir_topics", "Topics", image.topics.size),
    single("gauge", "weir_partitions", "Partitions of all topics", partitions),
    single("gauge", "weir_offline_partitions", "Partitions that cannot be used now", offline),
    single("gauge", "weir_data_bytes", "Bytes of all partitions' segments", sum(logs)),
    gauge("weir_partition_log_bytes", "Bytes of a partition's segments", ({ bytes }) => bytes),
    gauge("weir_partition_segments", "Segments of a partition", ({ segments }) => segments),
    gauge(
      "weir_partition_unflushed_offsets",
      "Offsets at a log's end that are not known to be on the device",
      ({ logEndOffset, recoveryPoint }) => Math.max(0, logEndOffset - recoveryPoint),
    ),
    ...cleaningFamilies(compacted),
  ];
}

/** Compaction is a few topics' business: the others have no series of it. */
function isCompacted(image: Image, { topic, cleanings = 0 }: Log): boolean {
  const policy = image.topics.get(topic)?.settings["cleanup.policy"] ?? "";
  return cleanings > 0 || policy.includes("compact");
}

function cleaningFamilies(rows: readonly { readonly log: Log; readonly labels: Labels }[]): Family[] {
  const told = (type: "counter" | "gauge", name: string, help: string, value: (log: Log) => number) =>
    family(type, name, help, rows.map(({ log, labels }) => ({ labels, value: value(log) })));
  return [
    told(
      "counter",
      "weir_partition_cleanings_total",
      "Compactions of a log that came to their end",
      (log) => log.cleanings ?? 0,
    ),
    told(
      "counter",
      "weir_partition_cleaned_bytes_total",
      "Bytes of segments that compaction went over",
      (log) => log.cleanedBytesBefore ?? 0,
    ),
    told(
      "counter",
      "weir_partition_kept_bytes_total",
      "Bytes that compaction left of them",
      (log) => log.cleanedBytesAfter ?? 0,
    ),
    told(
      "gauge",
      "weir_partition_dirty_offsets",
      "Offsets of a log that were not compacted yet",
      (log) => Math.max(0, log.logEndOffset - Math.max(log.firstDirtyOffset ?? 0, log.logStartOffset)),
    ),
  ];
}

function sum(logs: readonly NamedLog[]): number {
  return logs.reduce((total, { bytes }) => total + bytes, 0);
}
