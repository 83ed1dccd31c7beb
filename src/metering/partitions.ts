/** The logs of partitions as they lie on the disk, and which partitions cannot be used. Pure. */
import type { NamedLog } from "../mailbox/mod.ts";
import { type Family, family, single } from "../meter/mod.ts";
import type { Image } from "../model/mod.ts";

/** The families, one series a log. */
export function partitionFamilies(image: Image, logs: readonly NamedLog[], offline: number): Family[] {
  let partitions = 0;
  for (const topic of image.topics.values()) partitions += topic.partitions.length;
  const rows = logs.map((log) => ({ log, labels: { topic: log.topic, partition: String(log.partition) } }));
  const gauge = (name: string, help: string, value: (log: NamedLog) => number) =>
    family("gauge", name, help, rows.map(({ log, labels }) => ({ labels, value: value(log) })));
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
  ];
}

function sum(logs: readonly NamedLog[]): number {
  return logs.reduce((total, { bytes }) => total + bytes, 0);
}
