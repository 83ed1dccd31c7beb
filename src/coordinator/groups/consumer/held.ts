/**
 * What a member has, each partition with the epoch since which it has it: the epoch
 * of the target that gave it. A partition that stays keeps its epoch, also while it
 * is to be given up; one that goes and comes back begins anew, so that commits from
 * before are told from those since. Canonical like all sets of partitions. Called by
 * whoever moves partitions and by the check of commits. Source: KIP-1251.
 */
import { assert } from "../../../model/mod.ts";
import type { HeldPartitions } from "../record.ts";
import { fromSets, type Partitions } from "./partitions.ts";

/** Partitions with their epochs, in canonical form. */
export type Held = readonly HeldPartitions[];

/** All of `partitions` since `epoch`. */
export function heldSince(partitions: Partitions, epoch: number): Held {
  return partitions.map(({ topicId, partitions }) => ({
    topicId,
    partitions,
    epochs: partitions.map(() => epoch),
  }));
}

/** The partitions alone. */
export function placesOf(held: Held): Partitions {
  return held.map(({ topicId, partitions }) => ({ topicId, partitions }));
}

/** What of `held` is wanted, and what is not. */
export function split(held: Held, wanted: Partitions): { readonly kept: Held; readonly rest: Held } {
  const sets = new Map(wanted.map(({ topicId, partitions }) => [topicId, new Set(partitions)]));
  const isWanted = (topicId: string, partition: number) => sets.get(topicId)?.has(partition) ?? false;
  return {
    kept: pick(held, isWanted),
    rest: pick(held, (topicId, partition) => !isWanted(topicId, partition)),
  };
}

/** Both together, which have no partition in common. */
export function merge(one: Held, other: Held): Held {
  assert(split(one, other).kept.length === 0, "a partition is had since one epoch");
  if (other.length === 0) return one;
  if (one.length === 0) return other;
  const epochs = new Map<string, Map<number, number>>();
  for (const { topicId, partitions, epochs: since } of [...one, ...other]) {
    let known = epochs.get(topicId);
    if (known === undefined) epochs.set(topicId, known = new Map());
    for (const [index, partition] of partitions.entries()) known.set(partition, since[index]!);
  }
  const places = fromSets(new Map([...epochs].map(([topicId, known]) => [topicId, known.keys()])));
  return places.map(({ topicId, partitions }) => ({
    topicId,
    partitions,
    epochs: partitions.map((partition) => epochs.get(topicId)!.get(partition)!),
  }));
}

/** Since which epoch the partition is had; `null` when it is not. */
export function epochOf(held: Held, topicId: string, partition: number): number | null {
  for (const { topicId: ofTopic, partitions, epochs } of held) {
    if (ofTopic !== topicId) continue;
    const epoch = epochs[partitions.indexOf(partition)];
    if (epoch !== undefined) return epoch;
  }
  return null;
}

function pick(held: Held, isWanted: (topicId: string, partition: number) => boolean): Held {
  return held.flatMap(({ topicId, partitions, epochs }) => {
    const indexes = [...partitions.keys()].filter((index) => isWanted(topicId, partitions[index]!));
    if (indexes.length === 0) return [];
    const at = (list: readonly number[]) => indexes.map((index) => list[index]!);
    return [{ topicId, partitions: at(partitions), epochs: at(epochs) }];
  });
}
