/**
 * Topics named in a request about a group's offsets: by name, or from some version
 * on by id. What the broker does not have is refused at the door, as Kafka does
 * it; the coordinator decides on the rest, and the answer has all of them in the
 * request's order. Called by OffsetCommit, OffsetFetch and OffsetDelete.
 */
import { type Fault, fault, type Image } from "../model/mod.ts";

/** A topic as the request has it; the field that its version does not use is empty. */
export interface AskedTopic<Partition> {
  readonly name: string;
  readonly topicId: string;
  readonly partitions: readonly Partition[];
}

/** A topic with its name, or with the reason why the coordinator is not asked about it. */
export interface NamedTopic<Partition> extends AskedTopic<Partition> {
  readonly refused: Fault | null;
}

/** Takes a topic by name, whether the broker has it or not. */
export function named<Partition>(topic: AskedTopic<Partition>): NamedTopic<Partition> {
  return { ...topic, refused: null };
}

/** Takes a topic by name; refuses one the broker does not have. */
export function knownByName<Partition>(image: Image, topic: AskedTopic<Partition>): NamedTopic<Partition> {
  if (image.topics.has(topic.name)) return named(topic);
  return { ...topic, refused: fault("UNKNOWN_TOPIC_OR_PARTITION", `There is no topic "${topic.name}"`) };
}

/** Takes a topic by its id; refuses one the broker does not have. */
export function knownById<Partition>(image: Image, topic: AskedTopic<Partition>): NamedTopic<Partition> {
  const name = image.topicNamesById.get(topic.topicId);
  if (name !== undefined) return { ...topic, name, refused: null };
  return { ...topic, refused: fault("UNKNOWN_TOPIC_ID", `No topic has the id "${topic.topicId}"`) };
}

/** The partitions the coordinator is asked about. */
export function entriesOf<Partition, Entry>(
  topics: readonly NamedTopic<Partition>[],
  entryOf: (topic: string, partition: Partition) => Entry,
): Entry[] {
  return topics.flatMap(({ name, refused, partitions }) =>
    refused === null ? partitions.map((partition) => entryOf(name, partition)) : []
  );
}

/** Why each partition of each topic failed, `faults` being those of {@linkcode entriesOf} in its order. */
export function faultsByTopic<Partition>(
  topics: readonly NamedTopic<Partition>[],
  faults: readonly (Fault | null)[],
): (Fault | null)[][] {
  let next = 0;
  return topics.map(({ refused, partitions }) => partitions.map(() => refused ?? faults[next++] ?? null));
}
