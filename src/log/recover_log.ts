/**
 * Recovery of a whole log: every segment that reaches above the recovery point is
 * read, and what a crash tore off is told from what compaction took.
 *
 *     damaged above the recovery point       torn: cut there
 *     ends before the next segment begins    torn, if its index says that it once did not; else it stays so
 *
 * Behind a torn place nothing was ever promised to be on the device, and serving it
 * would hide that records before it are gone: later segments leave the log, and are
 * kept aside. A crash on the way leaves something that is recovered alike: later
 * segments go before the torn one is touched, and a sealed segment is put on the
 * device before its index, the witness of where it ended, is. Called by `openLog`.
 */
import { assert } from "../model/mod.ts";
import { recoverSegment } from "./recovery.ts";
import { isCutShort } from "./sealed_end.ts";
import type { LogContext } from "./log_context.ts";
import type { Segment } from "./segment.ts";
import { writeAgain } from "./write_again.ts";

/** What is known of a log that is recovered. */
export interface BeforeRecovery {
  /** Everything below it was promised to be on the device. */
  readonly recoveryPoint: number;
  /** See `LogOpenOptions`. */
  readonly isSuspect: boolean;
  /** The log is compacted, or was. */
  readonly mayHaveGaps: boolean;
}

/** Where a log ends. */
export interface LogEnd {
  readonly segments: Segment[];
  /** First offset that is not known to be flushed. */
  readonly recoveryPoint: number;
  /** The last segment must not be written to. */
  readonly isDamagedAtEnd: boolean;
}

/** Recovers every segment that reaches above the recovery point; `segments` loses what is behind a torn place. Throws DiskError. */
export function recoverLog(context: LogContext, segments: Segment[], before: BeforeRecovery): LogEnd {
  assert(segments.length > 0, "there is something to recover");
  const { recoveryPoint, isSuspect } = before;
  let { mayHaveGaps } = before;
  let isDamagedAtEnd = false;
  for (let index = 0; index < segments.length; index++) {
    const segment = segments[index]!;
    if (limitOf(segments, index) <= recoveryPoint) continue;
    if (index < segments.length - 1) secure(segment, recoveryPoint, isSuspect);
    const setLaterAside = () => setAside(context, segments, index);
    if (isCutShort(segment, recoveryPoint, limitOf(segments, index))) setLaterAside();
    const bounds = { recoveryPoint, limitOffset: limitOf(segments, index), mayHaveGaps };
    const recovered = recoverSegment(segment, bounds, context.notices, setLaterAside);
    ({ isDamagedAtEnd, hasGaps: mayHaveGaps } = recovered);
    segment.log.markDirty();
    segment.completeIndexes();
    if (index < segments.length - 1) segment.spillIfRoom();
    else if (isSuspect) writeAgain(segment, recoveryPoint);
  }
  return { segments, recoveryPoint: endedAt(context, segments, recoveryPoint), isDamagedAtEnd };
}

/** Where the next segment begins. */
function limitOf(segments: readonly Segment[], index: number): number {
  return segments[index + 1]?.baseOffset ?? Number.MAX_SAFE_INTEGER;
}

/** What the file holds is on the device from here on: its index may change. */
function secure(segment: Segment, recoveryPoint: number, isSuspect: boolean): void {
  if (segment.bytes === 0) return;
  if (isSuspect) writeAgain(segment, recoveryPoint);
  segment.log.markDirty();
  segment.log.sync();
}

/** Takes the segments behind one that is torn out of the log, durably. */
function setAside(context: LogContext, segments: Segment[], index: number): void {
  const later = segments.splice(index + 1);
  if (later.length === 0) return;
  for (const segment of later.toReversed()) segment.setAside();
  context.files.disk.syncDirectory(context.directory);
  const places = later.filter(({ bytes }) => bytes > 0).map(({ log }) => `"${log.path}"`);
  if (places.length === 0) return;
  context.notices.push(
    `Set aside ${places.join(", ")}, as .log.aside: "${segments[index]!.log.path}" before it is torn, ` +
      `and nothing behind was flushed`,
  );
}

/** The recovery point, or the log's end, when that is below; a notice says so. */
function endedAt(context: LogContext, segments: readonly Segment[], recoveryPoint: number): number {
  const endOffset = segments.at(-1)!.nextOffset;
  if (endOffset >= recoveryPoint) return recoveryPoint;
  context.notices.push(
    `Log "${context.directory}" ends at offset "${endOffset}", but was flushed up to "${recoveryPoint}": ` +
      `records are missing`,
  );
  return endOffset;
}
