/**
 * Which of a log's oldest segments its settings no longer keep. Decides only; the
 * log drops them. Whole segments go, the oldest first, up to the first one that
 * has to stay; the last one, too, which the log replaces by an empty one before.
 * What lies at or above the high watermark stays whatever the settings say.
 *
 *     | below the log start: always | beyond retention.bytes or retention.ms: with "delete" | kept ...
 *
 * Source: Kafka's `UnifiedLog.deletableSegments` and the rules it is given.
 */
import { assert, type LogSettings } from "../model/mod.ts";
import { DiskError } from "../storage/disk.ts";
import type { Segment } from "./segment.ts";
import { checkTimes } from "./time_lookup.ts";

/** Where a log begins and ends, and bytes of all its segments. */
export interface LogExtent {
  readonly logStartOffset: number;
  readonly highWatermark: number;
  readonly logEndOffset: number;
  readonly bytes: number;
}

/** How many of the oldest segments go at `nowMs`, `countMax` at most. Reads time indexes, nothing else. */
export function countDue(
  segments: readonly Segment[],
  extent: LogExtent,
  settings: LogSettings,
  nowMs: number,
  countMax: number,
): number {
  assert(extent.highWatermark <= extent.logEndOffset, "what is committed is in the log");
  let bytesAfter = extent.bytes;
  for (let index = 0; index < segments.length && index < countMax; index++) {
    const segment = segments[index]!;
    const endOffset = segments[index + 1]?.baseOffset ?? extent.logEndOffset;
    const isEmptyEnd = index === segments.length - 1 && segment.bytes === 0;
    if (endOffset > extent.highWatermark || isEmptyEnd) return index;
    bytesAfter -= segment.bytes;
    const isDue = endOffset <= extent.logStartOffset ||
      (settings.cleanupDelete && (bytesAfter >= settings.retentionBytes || isOld(segment, settings, nowMs)));
    if (!isDue) return index;
  }
  return Math.min(segments.length, countMax);
}

/**
 * Largest timestamp of the oldest segment, milliseconds since 1970, if it may go where there is no room for it;
 * `MAX_SAFE_INTEGER` when it has to stay: the active one, what is not committed, a log that is not to be deleted from.
 */
export function oldestMs(segments: readonly Segment[], extent: LogExtent, settings: LogSettings): number {
  const isKept = segments.length < 2 || !settings.cleanupDelete ||
    segments[1]!.baseOffset > extent.highWatermark;
  if (isKept) return Number.MAX_SAFE_INTEGER;
  try {
    return largestTimestamp(segments[0]!);
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    return Number.MAX_SAFE_INTEGER;
  }
}

/** True when the segment's largest timestamp is out of date; one that can't be read for it stays. */
function isOld(segment: Segment, { retentionMs }: LogSettings, nowMs: number): boolean {
  if (retentionMs >= nowMs) return false;
  try {
    return nowMs - largestTimestamp(segment) > retentionMs;
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    segment.context.notices.push(`Kept "${segment.log.path}", for its age can't be read: ${error.message}`);
    return false;
  }
}

/** By its records; of a segment whose records have no time, when its file was last changed. */
function largestTimestamp(segment: Segment): number {
  checkTimes(segment);
  if (segment.maxTimestamp >= 0) return segment.maxTimestamp;
  return segment.context.files.disk.stat(segment.log.path)?.modifiedMs ?? Number.MAX_SAFE_INTEGER;
}
