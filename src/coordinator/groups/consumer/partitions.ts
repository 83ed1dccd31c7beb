/**
 * Sets of partitions as lists in canonical form: topics by their id, partitions
 * ascending, each once, no topic without partitions. Equal sets are equal lists,
 * so they go into records as they are. Called by every file of the consumer
 * protocol that moves partitions.
 */
import type { TopicPartitions } from "../../../model/mod.ts";

/** A set of partitions in canonical form. */
export type Partitions = readonly TopicPartitions[];

/** No partition. */
export const NONE: Partitions = [];

/** The canonical form of what anybody says: topics may repeat, partitions may be in any order. */
export function canonical(lists: Iterable<TopicPartitions>): Partitions {
  const byTopic = new Map<string, Set<number>>();
  for (const { topicId, partitions } of lists) {
    let known = byTopic.get(topicId);
    if (known === undefined) byTopic.set(topicId, known = new Set());
    for (const partition of partitions) known.add(partition);
  }
  return fromSets(byTopic);
}

/** The canonical form of one set of partitions for each topic. */
export function fromSets(byTopic: ReadonlyMap<string, Iterable<number>>): Partitions {
  return [...byTopic].sort(([one], [other]) => one < other ? -1 : 1).flatMap(([topicId, set]) => {
    const partitions = [...set].sort((one, other) => one - other);
    return partitions.length === 0 ? [] : [{ topicId, partitions }];
  });
}

/** Partitions of both. */
export function union(one: Partitions, other: Partitions): Partitions {
  if (other.length === 0) return one;
  return one.length === 0 ? other : canonical([...one, ...other]);
}

/** Partitions of `one` that are in `other` too. */
export function intersection(one: Partitions, other: Partitions): Partitions {
  return pick(one, other, true);
}

/** Partitions of `one` that are not in `other`. */
export function difference(one: Partitions, other: Partitions): Partitions {
  return pick(one, other, false);
}

/** True when every partition of `other` is in `one`. */
export function includes(one: Partitions, other: Partitions): boolean {
  return difference(other, one).length === 0;
}

/** True when both are the same set. */
export function isSame(one: Partitions, other: Partitions): boolean {
  if (one === other) return true;
  return one.length === other.length && one.every(({ topicId, partitions }, index) => {
    const { topicId: otherId, partitions: others } = other[index]!;
    return topicId === otherId && partitions.length === others.length &&
      partitions.every((partition, at) => partition === others[at]);
  });
}

/** Partitions of `all` for which `isWanted` says so. */
export function filter(
  all: Partitions,
  isWanted: (topicId: string, partition: number) => boolean,
): Partitions {
  return all.flatMap(({ topicId, partitions }) => {
    const kept = partitions.filter((partition) => isWanted(topicId, partition));
    return kept.length === 0 ? [] : [{ topicId, partitions: kept }];
  });
}

function pick(one: Partitions, other: Partitions, isIn: boolean): Partitions {
  if (one.length === 0) return NONE;
  const sets = new Map(other.map(({ topicId, partitions }) => [topicId, new Set(partitions)]));
  return filter(one, (topicId, partition) => (sets.get(topicId)?.has(partition) ?? false) === isIn);
}
