/**
 * After an unclean stop: reads a log from its recovery point on, keeps what is
 * sound, cuts what is torn. Below the recovery point everything was promised to
 * be on the device, so nothing there is ever cut: damage is reported and stepped
 * over, and if no sound batch follows, the file is left as it is for inspection
 * and the log goes on in a new segment. Compaction, ours or another broker's, and
 * replication of what it left, make gaps between batches: those are no damage,
 * but where only one flipped bit of an offset can have made them. Source: Kafka's `LogLoader` and
 * `LogSegment.recover`; the time it takes is bounded by the bytes behind the last
 * index entry below the recovery point.
 *
 *     | entry ... trusted | headers | recovery point: CRCs ... sound | torn -> cut |
 */
import { assert } from "../model/mod.ts";
import * as batch from "../record/mod.ts";
import { BatchScan, DATA_WINDOW_BYTES, findSoundBatch, HEADER_WINDOW_BYTES } from "./batch_scan.ts";
import type { Segment } from "./segment.ts";

/** How a segment came out. */
export interface Recovered {
  /** The offset after the last batch that was kept. */
  readonly endOffset: number;
  /** Bytes cut off its end: nothing that comes after them may stay. */
  readonly cutBytes: number;
  /** Promised bytes at its end are damaged and were left alone: nothing may be appended to it. */
  readonly isDamagedAtEnd: boolean;
  /** There are gaps between batches, in it or in what came before. */
  readonly hasGaps: boolean;
}

/** What a segment lies between. */
export interface RecoveryBounds {
  /** The segment ends above it. */
  readonly recoveryPoint: number;
  /** Its batches lie below it: the next segment begins there. */
  readonly limitOffset: number;
  /** Compaction was at work on the log, or on the one it was copied from. */
  readonly mayHaveGaps: boolean;
}

/** What is known while the batches of a segment are read. */
interface Reading extends RecoveryBounds {
  mayHaveGaps: boolean;
}

/**
 * Recovers one segment. Adds sentences to `report`; calls `beforeCut` before it cuts anything off. Throws DiskError.
 */
export function recoverSegment(
  segment: Segment,
  bounds: RecoveryBounds,
  report: string[],
  beforeCut: () => void,
): Recovered {
  const { recoveryPoint, limitOffset } = bounds;
  const reading: Reading = { ...bounds };
  assert(limitOffset > segment.baseOffset, "a segment may hold at least one offset");
  const trusted = trustIndexes(segment, recoveryPoint);
  let position = trusted.position;
  let expected = trusted.nextOffset;
  for (;;) {
    const stopped = keepBatches(segment, position, expected, reading, position !== trusted.position);
    const hasGaps = reading.mayHaveGaps;
    expected = stopped.nextOffset;
    if (stopped.why === null) return { ...end(segment, expected, 0, false), hasGaps };
    if (expected >= recoveryPoint) {
      // Behind the last batch before the next segment there is only what a full disk left of a write it refused.
      if (expected < limitOffset) beforeCut();
      return { ...cut(segment, stopped.position, expected, stopped.why, report), hasGaps };
    }
    report.push(
      `Damaged batch at position "${stopped.position}" of "${segment.log.path}": ${stopped.why}; ` +
        `it was flushed before, so it is kept, and reads of it will fail`,
    );
    position = findSoundBatch(segment.log, stopped.position + 1, segment.bytes, expected, limitOffset);
    if (position < 0) {
      report.push(`No sound batch follows it; "${segment.log.path}" is not written to any more`);
      return { ...end(segment, Math.min(recoveryPoint, limitOffset), 0, true), hasGaps };
    }
  }
}

type Ended = Omit<Recovered, "hasGaps">;

function end(segment: Segment, endOffset: number, cutBytes: number, isDamagedAtEnd: boolean): Ended {
  segment.nextOffset = endOffset;
  segment.isTailChecked = segment.isTimeChecked = !isDamagedAtEnd;
  return { endOffset, cutBytes, isDamagedAtEnd };
}

function cut(
  segment: Segment,
  position: number,
  endOffset: number,
  why: string,
  report: string[],
): Ended {
  const cutBytes = segment.bytes - position;
  report.push(`Cut ${cutBytes} bytes at position "${position}" off "${segment.log.path}": ${why}`);
  segment.cutLog(position, endOffset);
  // Or a crash could bring back what is cut now, behind or instead of what is appended next.
  segment.log.sync();
  return end(segment, endOffset, cutBytes, false);
}

/** Keeps the index entries that may be believed; gives the batch to read on from, and its lowest offset. */
function trustIndexes(segment: Segment, recoveryPoint: number): { position: number; nextOffset: number } {
  const { baseOffset, offsets } = segment;
  const isBelow = recoveryPoint > baseOffset && offsets.count > 0;
  const entry = isBelow ? offsets.floor(recoveryPoint - 1 - baseOffset) : -1;
  if (entry >= 0 && segment.times.file.isWhole && isAscending(segment, entry)) {
    const relative = offsets.offsetAt(entry);
    const scan = batchOfEntry(segment, entry);
    const timeCount = timeEntriesUpTo(segment, relative);
    // An entry that only seems to lie behind the trusted ones would be missed.
    const isNextTrue = timeCount === segment.times.count || isTrueTime(segment, timeCount);
    if (scan !== null && isNextTrue && isTrueTime(segment, timeCount - 1)) {
      segment.cutIndexes(entry + 1, timeCount);
      return { position: scan.position, nextOffset: scan.baseOffset };
    }
  }
  segment.cutIndexes(0, 0);
  return { position: 0, nextOffset: baseOffset };
}

/** A scan at the batch an offset entry points at, `null` when the entry does not fit the log. */
function batchOfEntry(segment: Segment, entry: number): BatchScan | null {
  const { baseOffset, bytes, log, offsets } = segment;
  const position = entry < 0 ? 0 : offsets.positionAt(entry);
  if (position >= bytes) return null;
  const expected = { nextOffset: baseOffset, limitOffset: Number.MAX_SAFE_INTEGER };
  const scan = new BatchScan(log, { from: position, end: bytes }, expected, HEADER_WINDOW_BYTES);
  if (!scan.next()) return null;
  return entry < 0 || scan.lastOffset === baseOffset + offsets.offsetAt(entry) ? scan : null;
}

/** True when the batch a time entry names has its time; without an entry, when the first batch has none. */
function isTrueTime(segment: Segment, entry: number): boolean {
  const relative = entry < 0 ? 0 : segment.times.offsetAt(entry);
  const scan = batchOfEntry(segment, entry < 0 ? -1 : segment.offsets.floor(relative));
  if (scan === null) return false;
  const timestamp = entry < 0 ? -1 : segment.times.timestampAt(entry);
  while (scan.bytes > 0 && scan.lastOffset < segment.baseOffset + relative) scan.next();
  return scan.bytes > 0 && batch.maxTimestamp(scan.view, scan.at) === timestamp;
}

/** True when both indexes ascend, the offsets up to `entry`. */
function isAscending(segment: Segment, entry: number): boolean {
  const { offsets, times } = segment;
  for (let index = 0; index <= entry; index++) {
    const offset = offsets.offsetAt(index);
    const position = offsets.positionAt(index);
    if (offset < 0 || position < 0) return false;
    if (index > 0 && (offset <= offsets.offsetAt(index - 1) || position <= offsets.positionAt(index - 1))) {
      return false;
    }
  }
  const count = timeEntriesUpTo(segment, offsets.offsetAt(entry));
  for (let index = 0; index < count; index++) {
    const isAbove = index === 0 || times.timestampAt(index) > times.timestampAt(index - 1);
    const isLater = index === 0 || times.offsetAt(index) > times.offsetAt(index - 1);
    if (!isAbove || !isLater || times.offsetAt(index) < 0) return false;
  }
  return true;
}

/** Time entries before the first one above `relativeOffset`. */
function timeEntriesUpTo(segment: Segment, relativeOffset: number): number {
  const { times } = segment;
  let count = 0;
  while (count < times.count && times.offsetAt(count) <= relativeOffset) count++;
  return count;
}

/** Notes sound batches from `from` on; stops at the end of the file or at the first bad one. */
function keepBatches(
  segment: Segment,
  from: number,
  expected: number,
  reading: Reading,
  isBehindDamage: boolean,
): { position: number; nextOffset: number; why: string | null } {
  const { recoveryPoint, limitOffset } = reading;
  const range = { from, end: segment.bytes };
  const scan = new BatchScan(segment.log, range, { nextOffset: expected, limitOffset }, DATA_WINDOW_BYTES);
  while (scan.next()) {
    const { position, lastOffset } = scan;
    const isGap = scan.baseOffset > scan.nextOffset && !(isBehindDamage && position === from);
    if (isGap && isDoubtful(segment, scan, reading)) {
      const why = `its offsets are ${scan.baseOffset} to ${lastOffset}, expected is ${scan.nextOffset}`;
      return { position, nextOffset: scan.nextOffset, why };
    }
    reading.mayHaveGaps ||= isGap;
    // The log's end hangs on the last batch, so that one is checked even below the recovery point.
    const isFinal = position + scan.bytes === segment.bytes;
    if ((lastOffset >= recoveryPoint || isFinal) && !scan.isSound()) {
      return { position, nextOffset: scan.nextOffset, why: "its CRC does not fit its bytes" };
    }
    if (lastOffset - segment.baseOffset > segment.offsets.lastOffset) {
      const maxTimestamp = batch.maxTimestamp(scan.view, scan.at);
      segment.note(position, scan.bytes, lastOffset, maxTimestamp, isBehindDamage && position === from);
      takeEpoch(segment, scan);
    } else {
      segment.remember(position, lastOffset);
    }
  }
  return { position: scan.position, nextOffset: scan.nextOffset, why: scan.damage };
}

/**
 * True when a gap before the batch is a flipped bit in its base offset sooner than compaction's work. Of a batch
 * with one behind it that one tells, to the scan; so only the log's last batch is in doubt, where nothing else has
 * a gap; and one that reaches over the recovery point, for a flush ends behind a batch.
 */
function isDoubtful(segment: Segment, scan: BatchScan, reading: Reading): boolean {
  const { recoveryPoint, limitOffset, mayHaveGaps } = reading;
  if (limitOffset < Number.MAX_SAFE_INTEGER) return false;
  const isFinal = scan.position + scan.bytes === segment.bytes;
  return (isFinal && !mayHaveGaps) || (scan.nextOffset < recoveryPoint && scan.lastOffset >= recoveryPoint);
}

/** The epoch file may have been lost with the crash: what the batches say completes it. */
function takeEpoch(segment: Segment, scan: BatchScan): void {
  const { epochs, leaderEpoch } = segment.context;
  const epoch = batch.partitionLeaderEpoch(scan.view, scan.at);
  if (epoch > epochs.latest && epoch <= leaderEpoch) epochs.assign(epoch, scan.baseOffset);
}
