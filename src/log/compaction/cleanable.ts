/**
 * What of a log is to be compacted, and whether it is worth it. Source: Kafka's
 * `LogCleanerManager.cleanableOffsets` and `grabFilthiestCompactedLog`.
 *
 *     log start        first dirty            end of the dirty part                 log end
 *     | clean segments | dirty segments .....| too young | undecided | active segment |
 *
 * Only whole sealed segments are cleaned: below the last stable offset, and none
 * whose newest record is younger than `min.compaction.lag.ms`.
 */
import { DiskError } from "../../storage/disk.ts";
import type { Log } from "../log.ts";
import { type Segment, sumBytes } from "../segment.ts";
import { readFirstTimestamp } from "../segment_read.ts";
import type { CleanableLog } from "./cleanable_log.ts";

/** What a cleaning of one log would work on. */
export interface Cleanable {
  /** Offsets below it were compacted before. */
  readonly firstDirtyOffset: number;
  /** Base of the first segment that may not be cleaned now. */
  readonly endOffset: number;
  /** Bytes of segments that begin below the first dirty offset, and of those that reach above it. */
  readonly cleanBytes: number;
  readonly dirtyBytes: number;
  /** Dirty bytes by all, 0 to 1: the log with the largest is cleaned first. */
  readonly ratio: number;
  /** The ratio is above `min.cleanable.dirty.ratio`, or records are older than `max.compaction.lag.ms` allows. */
  readonly isDue: boolean;
}

/**
 * Judges `log`. `checkpointOffset` comes from `cleaner-offset-checkpoint`, 0 where that says nothing; one
 * that does not lie in the log is taken for the log's start. Throws DiskError.
 *
 * @example
 * ```ts
 * const found = findCleanable(log, 0, nowMs);
 * if (found.isDue) cleaning = new Cleaning(log, found, options);
 * ```
 */
export function findCleanable(log: Log, checkpointOffset: number, nowMs: number): Cleanable {
  const parts = log.cleanable;
  const { context } = parts;
  const { logStartOffset, logEndOffset } = log;
  const isInside = checkpointOffset >= logStartOffset && checkpointOffset <= logEndOffset;
  const firstDirtyOffset = isInside ? checkpointOffset : logStartOffset;
  const sealed = sealedSegments(parts, firstDirtyOffset, nowMs);
  const endOffset = sealed.at(-1)?.nextOffset ?? context.segments[0]!.baseOffset;
  const dirty = sealed.filter((segment) => segment.nextOffset > firstDirtyOffset);
  const cleanBytes = sumBytes(sealed.filter((segment) => segment.baseOffset < firstDirtyOffset));
  const dirtyBytes = sumBytes(dirty);
  const ratio = dirtyBytes === 0 ? 0 : dirtyBytes / (cleanBytes + dirtyBytes);
  const isDue = dirtyBytes > 0 &&
    (ratio > context.settings.cleanableRatioMin ||
      isOverdue(dirty, context.settings.compactionLagMsMax, nowMs));
  return { firstDirtyOffset, endOffset, cleanBytes, dirtyBytes, ratio, isDue };
}

/** The sealed ones of a log's segments that end at `endOffset` or before. */
export function segmentsBelow(segments: readonly Segment[], endOffset: number): Segment[] {
  return segments.slice(0, -1).filter((segment) => segment.nextOffset <= endOffset);
}

/**
 * How many of `found`, from the first on, are clean and went from the log: no loss while its dirty part is read. A
 * log in which retention drops a segment whenever one is full would else never be cleaned.
 */
export function countRetained(
  found: readonly Segment[],
  segments: readonly Segment[],
  firstDirtyOffset: number,
): number {
  const startOffset = segments[0]!.baseOffset;
  const first = found.findIndex(({ baseOffset, nextOffset }) =>
    baseOffset >= startOffset || nextOffset > firstDirtyOffset
  );
  return Math.max(0, first);
}

/** The segments, from the first one on, that may be cleaned. */
function sealedSegments(parts: CleanableLog, firstDirtyOffset: number, nowMs: number): Segment[] {
  const { segments, settings } = parts.context;
  const youngestMs = nowMs - settings.compactionLagMsMin;
  const end = segments.findIndex((segment, index) =>
    index === segments.length - 1 || segment.nextOffset > parts.log.lastStableOffset ||
    (settings.compactionLagMsMin > 0 && segment.nextOffset > firstDirtyOffset &&
      segment.maxTimestamp > youngestMs)
  );
  return segments.slice(0, end);
}

function isOverdue(dirty: readonly Segment[], lagMsMax: number, nowMs: number): boolean {
  if (lagMsMax >= nowMs) return false;
  return dirty.some((segment) => {
    if (Number.isNaN(segment.firstTimestamp)) segment.firstTimestamp = findFirstTimestamp(segment);
    return segment.firstTimestamp > 0 && segment.firstTimestamp < nowMs - lagMsMax;
  });
}

/** −1 where it can't be read: the damage is found when the log is cleaned. */
function findFirstTimestamp(segment: Segment): number {
  try {
    return readFirstTimestamp(segment);
  } catch (error) {
    if (!(error instanceof DiskError) || error.path !== segment.log.path) throw error;
    return -1;
  }
}
