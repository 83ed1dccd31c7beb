/**
 * A topic that was deleted takes the offsets committed to it along, in every
 * group. They are told by the value they had: what is committed later is to
 * another topic of the same name.
 */
import type { CommittedOffset, GroupRecord } from "../record.ts";
import type { OffsetStore } from "./store.ts";

/** A group's offsets that are to go. */
export interface DoomedOffsets {
  readonly group: string;
  readonly offsets: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly value: CommittedOffset;
  }[];
}

/** The offsets of topics that are gone, group by group. */
export function doomedOffsets(offsets: OffsetStore, isGone: (topic: string) => boolean): DoomedOffsets[] {
  const doomed: DoomedOffsets[] = [];
  for (const group of offsets.groups()) {
    const gone = [...offsets.entries(group)].filter(({ topic }) => isGone(topic));
    if (gone.length > 0) doomed.push({ group, offsets: gone });
  }
  return doomed;
}

/** Tombstones of those that are still as they were. */
export function doomedTombstones(
  { group, offsets: doomed }: DoomedOffsets,
  offsets: OffsetStore,
): GroupRecord[] {
  return doomed
    .filter(({ topic, partition, value }) => offsets.get(group, topic, partition) === value)
    .map(({ topic, partition }) => ({ kind: "offset", group, topic, partition, value: null }));
}
