/**
 * How `kafka-consumer-groups` lays out what it changes: new offsets, deleted
 * offsets, deleted groups. Kafka 4.3's columns and words. Pure.
 */
import type { PartitionResult } from "../../client/mod.ts";
import { padded, widest } from "./consumer_groups_words.ts";
import type { ResetPlan } from "./reset_file.ts";

/** New offsets; a heading without a group is left out. */
export function resetText(plan: ResetPlan): string {
  if (plan.size === 0) return "\n";
  const rows = [...plan].flatMap(([group, entries]) =>
    entries.map(({ topic, partition, offset }) => [group, topic, String(partition), String(offset)])
  );
  const widths = [
    widest(15, [...plan.keys()]),
    widest(15, rows.map(([, topic]) => topic!)),
    10,
  ];
  const lines = [["GROUP", "TOPIC", "PARTITION", "NEW-OFFSET"], ...rows];
  return lines.map((cells) => `\n${padded(cells, widths)}`).join("") + "\n";
}

/** What came of each partition; partition −1 stands for a topic that is not there. */
export function deletedOffsetsText(results: readonly PartitionResultView[]): string {
  const sorted = results.toSorted((one, other) =>
    keyOf(one) < keyOf(other) ? -1 : keyOf(one) > keyOf(other) ? 1 : 0
  );
  const rows = sorted.map(({ topic, partition, error }) => [
    topic,
    partition < 0 ? "-" : String(partition),
    error === null ? "Successful" : `Error: ${error.message}`,
  ]);
  const widths = [widest(15, rows.map(([topic]) => topic!)), 10, 15];
  const lines = [["TOPIC", "PARTITION", "STATUS"], ...rows];
  return lines.map((cells) => `\n${padded(cells, widths)}`).join("") + "\n";
}

/** Of {@linkcode PartitionResult} what is shown. */
export type PartitionResultView = Pick<PartitionResult, "topic" | "partition"> & {
  readonly error: { readonly message: string } | null;
};

function keyOf({ topic, partition }: PartitionResultView): string {
  return `${topic}${partition}`;
}

/** Names in quotes, parted by commas. */
export function quotedNames(groups: readonly string[]): string {
  return groups.map((group) => `'${group}'`).join(", ");
}
