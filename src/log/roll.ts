/**
 * When a new segment begins: asked on each append, never by a timer. Source:
 * Kafka's `LogSegment.shouldRoll`.
 */
import type { LogSettings } from "../model/mod.ts";
import type { Segment } from "./segment.ts";
import { readFirstTimestamp } from "./segment_read.ts";

/** The golden ratio's fraction: multiples of it spread evenly over [0, 1). */
const SPREAD = 0.618_033_988_749_895;

/** The batch about to be appended. */
export interface Incoming {
  readonly bytes: number;
  readonly lastOffset: number;
  /** −1 when no record has a time. */
  readonly maxTimestamp: number;
  readonly nowMs: number;
}

/** True when `incoming` must go to a new segment. `jitter` is the log's own number from 0 to 1. */
export function isRollDue(
  active: Segment,
  incoming: Incoming,
  settings: LogSettings,
  jitter: number,
): boolean {
  if (active.bytes === 0) return false;
  return active.bytes + incoming.bytes > settings.segmentBytesMax ||
    !active.fits(incoming.bytes, incoming.lastOffset) || active.isIndexFull ||
    ageMs(active, incoming) > segmentMsMax(settings) - jitterMs(active, settings, jitter);
}

/** Compaction leaves the active segment alone, so it must be sealed before its records have to be compacted. */
function segmentMsMax({ segmentMs, cleanupCompact, compactionLagMsMax }: LogSettings): number {
  return cleanupCompact && compactionLagMsMax > 0 ? Math.min(segmentMs, compactionLagMsMax) : segmentMs;
}

/** Time from the first batch to the incoming one by their own clocks; without one, since the segment was made. */
function ageMs(active: Segment, incoming: Incoming): number {
  if (Number.isNaN(active.firstTimestamp)) active.firstTimestamp = readFirstTimestamp(active);
  if (active.firstTimestamp >= 0) return incoming.maxTimestamp - active.firstTimestamp;
  return incoming.nowMs - active.createdMs;
}

/** The same for a segment's whole life, different from segment to segment. */
function jitterMs(active: Segment, settings: LogSettings, jitter: number): number {
  const fraction = (jitter + (active.baseOffset % 1_000_003) * SPREAD) % 1;
  return Math.floor(fraction * Math.min(settings.segmentJitterMs, settings.segmentMs));
}
