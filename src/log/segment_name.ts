/**
 * Names of the files in a partition's directory: the base offset in 20 digits,
 * then what the file is. Base offset: offset of the first record the segment may hold.
 *
 *     00000000000000001042.log   .index   .timeindex      (appended: .deleted going away, .aside kept, .cleaned and .swap coming)
 *     00000000000000001042.headersum     of a segment that compaction made
 *     00000000000000001042.snapshot      of the producers before that offset, a segment's base or not
 */

/** The files of one segment. */
export type SegmentSuffix = ".log" | ".index" | ".timeindex";

/** Every file a segment has. */
export const SEGMENT_SUFFIXES: readonly SegmentSuffix[] = [".log", ".index", ".timeindex"];
/** What compaction adds to a segment of its own; see `header_sums.ts`. */
export const SUMS_SUFFIX = ".headersum";
/** Appended to a file that is about to be removed. */
export const DELETED_SUFFIX = ".deleted";
/** Appended to a `.log` file that is no part of the log any more, and that nobody but the operator removes. */
export const ASIDE_SUFFIX = ".aside";
/** Appended to the files of a segment that compaction is writing, and of a whole one that takes the old ones' place. */
export const CLEANED_SUFFIX = ".cleaned";
export const SWAP_SUFFIX = ".swap";

const DIGITS = 20;
const NAME = /^([0-9]{20})(\.log|\.index|\.timeindex)$/;
const SNAPSHOT_SUFFIX = ".snapshot";

/** `"00000000000000001042.log"` for 1042. */
export function segmentFileName(baseOffset: number, suffix: SegmentSuffix | typeof SUMS_SUFFIX): string {
  return String(baseOffset).padStart(DIGITS, "0") + suffix;
}

/** What a file name says, or `null` when it is not a segment's. */
export function parseSegmentFileName(name: string): { baseOffset: number; suffix: SegmentSuffix } | null {
  const match = NAME.exec(name);
  const baseOffset = Number(match?.[1]);
  if (match === null || !Number.isSafeInteger(baseOffset)) return null;
  return { baseOffset, suffix: match[2] as SegmentSuffix };
}

/** `"00000000000000001042.snapshot"` for 1042. */
export function snapshotFileName(offset: number): string {
  return String(offset).padStart(DIGITS, "0") + SNAPSHOT_SUFFIX;
}

/** The offset in a snapshot's file name, −1 when it is no snapshot's. */
export function parseSnapshotFileName(name: string): number {
  if (!name.endsWith(SNAPSHOT_SUFFIX)) return -1;
  const offset = Number(name.slice(0, DIGITS));
  return Number.isSafeInteger(offset) && name === snapshotFileName(offset) ? offset : -1;
}
