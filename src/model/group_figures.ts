/**
 * What is measured of all groups at once: who they are, and what they committed,
 * in two columns for all of them together. A hundred thousand offsets cross from
 * thread to thread as two arrays, not as as many objects.
 *
 *     groups      | a: topics x (2), y (1) | b: topics x (1) | ...
 *     partitions  |  0   7       3         |  0              | ...
 *     offsets     | 40  12       9         | 41              | ...
 */
import type { GroupStateName, GroupTypeName } from "./group_reply.ts";

/** Committed offsets that are measured at most; the rest is only counted. */
export const OFFSETS_MEASURED_MAX = 100_000;

export interface GroupFigures {
  readonly groups: readonly GroupFigure[];
  /** Partition and committed offset, group by group and topic by topic, in the order of `groups`. */
  readonly partitions: Int32Array;
  readonly offsets: Float64Array;
  /** Offsets that are not in here because there are too many. */
  readonly leftOut: number;
}

export interface GroupFigure {
  readonly group: string;
  readonly type: GroupTypeName;
  readonly state: GroupStateName;
  readonly members: number;
  /** Topics it committed an offset of, and of how many partitions. */
  readonly topics: readonly { readonly topic: string; readonly count: number }[];
}

export const NO_GROUPS: GroupFigures = {
  groups: [],
  partitions: new Int32Array(0),
  offsets: new Float64Array(0),
  leftOut: 0,
};
