/**
 * How topics look on a terminal: the tables of `topic describe`. Pure.
 */
import type { PartitionDescription, SettingDescription, TopicDescription } from "../model/mod.ts";
import { type Column, countOf, formatSize, formatTable } from "./format.ts";

/** What these tables show of a topic: no matter how the client words its faults. */
export interface TopicView extends Pick<TopicDescription, "name" | "id" | "settings"> {
  readonly partitions: readonly PartitionView[];
}

type PartitionView =
  & Pick<
    PartitionDescription,
    "partition" | "leader" | "logStartOffset" | "logEndOffset" | "bytes" | "segments"
  >
  & { readonly error: { readonly message: string } | null };

const PARTITION_COLUMNS: readonly Column[] = [
  { heading: "partition", align: "right" },
  { heading: "leader", align: "right" },
  { heading: "start", align: "right" },
  { heading: "end", align: "right" },
  { heading: "records", align: "right" },
  { heading: "size", align: "right" },
  { heading: "segments", align: "right" },
  { heading: "", align: "left" },
];

const SETTING_COLUMNS: readonly Column[] = [
  { heading: "  setting", align: "left" },
  { heading: "value", align: "left" },
  { heading: "from", align: "left" },
];

/** The whole description: a line on the topic, its partitions, its settings. */
export function describeTopicText(topic: TopicView): string {
  const bytes = topic.partitions.reduce((sum, partition) => sum + Math.max(0, partition.bytes), 0);
  const partitions = countOf(topic.partitions.length, "partition");
  const differs = topic.settings.some((setting) => setting.value !== setting.defaultValue);
  return `${topic.name}: ${partitions}, ${formatSize(bytes)}, id ${topic.id}\n\n` +
    `${formatTable(PARTITION_COLUMNS, topic.partitions.map(partitionRow))}\n` +
    `${formatTable(SETTING_COLUMNS, topic.settings.map(settingRow))}` +
    (differs ? "\n* differs from the default\n" : "");
}

function partitionRow(partition: PartitionView): string[] {
  const identity = [String(partition.partition), partition.leader < 0 ? "none" : String(partition.leader)];
  if (partition.error !== null) return [...identity, "-", "-", "-", "-", "-", partition.error.message];
  return [
    ...identity,
    String(partition.logStartOffset),
    String(partition.logEndOffset),
    String(partition.logEndOffset - partition.logStartOffset),
    formatSize(partition.bytes),
    String(partition.segments),
    "",
  ];
}

function settingRow(setting: SettingDescription): string[] {
  const differs = setting.value !== setting.defaultValue;
  const from = differs ? `${setting.source} (default ${setting.defaultValue || "unset"})` : setting.source;
  return [`${differs ? "*" : " "} ${setting.name}`, setting.value || "unset", from];
}
