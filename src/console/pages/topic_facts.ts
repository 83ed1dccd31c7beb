/** What the pages know of a topic: its logs as their owners see them, and its settings. */
import { assert, type Fault, type PartitionDescription, type TopicDescription } from "../../model/mod.ts";
import { failed, RequestError } from "../failure.ts";
import type { ConsoleView } from "../view.ts";
import { rowsFrom } from "./paging.ts";
import { bytes, count } from "./words.ts";

/** Records of a log, as far as offsets tell: what compaction took is not known. */
export function recordsIn({ logStartOffset, highWatermark }: PartitionDescription): number {
  return Math.max(0, highWatermark - logStartOffset);
}

/** The topic, or 404. */
export async function topicNamed(view: ConsoleView, name: string): Promise<TopicDescription> {
  const [topic] = await describe(view, [name]);
  assert(topic !== undefined, "one topic is answered by one");
  if (topic.fault !== null) throw missing(topic.fault, name);
  return topic;
}

/** Every topic, by name, the broker's own last. */
export async function allTopics(view: ConsoleView): Promise<TopicDescription[]> {
  const topics = await describe(view, null);
  return topics.filter(({ fault }) => fault === null).sort((a, b) =>
    Number(a.internal) - Number(b.internal) || (a.name < b.name ? -1 : 1)
  );
}

async function describe(
  view: ConsoleView,
  topics: readonly string[] | null,
): Promise<readonly TopicDescription[]> {
  const reply = await view.ask({ kind: "describe_topics", topics });
  if (reply.kind === "failed") throw failed(reply.fault);
  assert(reply.kind === "topics_described", "topics are described when they are asked for");
  return reply.topics;
}

function missing(fault: Fault, name: string): RequestError {
  if (fault.code !== "UNKNOWN_TOPIC_OR_PARTITION") return failed(fault);
  return new RequestError(40403, `Topic "${name}" does not exist`);
}

/** Records and bytes of all of a topic's partitions. */
export function sizesOf(
  { partitions }: TopicDescription,
): { records: number; bytes: number; segments: number } {
  const sums = { records: 0, bytes: 0, segments: 0 };
  for (const partition of partitions) {
    if (partition.fault !== null) continue;
    sums.records += recordsIn(partition);
    sums.bytes += partition.bytes;
    sums.segments += partition.segments;
  }
  return sums;
}

/** The texts of a topic's page that change; `first`: of a page of its partitions, not a number for none. */
export async function topicNumbers(
  view: ConsoleView,
  name: string,
  first: number,
): Promise<Record<string, string>> {
  if (!view.image().topics.has(name)) return {};
  const topic = await topicNamed(view, name);
  const sizes = sizesOf(topic);
  const numbers: Record<string, string> = {
    "size records": count(sizes.records),
    "size bytes": bytes(sizes.bytes),
    "size segments": count(sizes.segments),
  };
  for (const partition of rowsFrom(topic.partitions, first)) {
    const key = `partition ${partition.partition}`;
    numbers[`${key} start`] = count(partition.logStartOffset);
    numbers[`${key} end`] = count(partition.highWatermark);
    numbers[`${key} records`] = count(recordsIn(partition));
    numbers[`${key} bytes`] = bytes(partition.bytes);
  }
  return numbers;
}
