/**
 * From a time to a record, exact to the record (KIP-33): the time index gives a
 * batch to start from, headers lead to the first batch late enough, and only that
 * one is unfolded. Every batch on the way is checked, and so is the time entry
 * that was used: a lying index is rebuilt, never believed.
 */
import { assert, type Fault } from "../model/mod.ts";
import * as batch from "../record/mod.ts";
import { type BatchScan, DATA_WINDOW_BYTES, HEADER_WINDOW_BYTES } from "./batch_scan.ts";
import { WRONG_HEADER } from "./header_sums.ts";
import { rebuildIndexes } from "./index_rebuild.ts";
import type { Segment } from "./segment.ts";
import { damageFault, findWrong, readFirstTimestamp, seekOffset } from "./segment_read.ts";
import { isUnreadable } from "./unreadable.ts";

/** A record that was found by its time. */
export interface TimestampHit {
  readonly offset: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly leaderEpoch: number;
}

/** The first record of `segments` at or above `fromOffset` whose time is at or after `timestamp`. */
export function findTimestamp(
  segments: readonly Segment[],
  timestamp: number,
  fromOffset: number,
): TimestampHit | Fault | null {
  for (const segment of segments) {
    if (segment.nextOffset <= fromOffset || maxTimestampFrom(segment, segment.baseOffset) < timestamp) {
      continue;
    }
    const found = findTimeInSegment(segment, timestamp, fromOffset);
    if (found !== null) return found;
  }
  return null;
}

/** The first record of `segments` at or above `fromOffset` that has the largest timestamp of them. */
export function findMaxTimestamp(
  segments: readonly Segment[],
  fromOffset: number,
): TimestampHit | Fault | null {
  // A batch that compaction emptied keeps its time, which the indexes know: then all headers are read.
  return findLargest(segments, fromOffset, false) ?? findLargest(segments, fromOffset, true);
}

function findLargest(
  segments: readonly Segment[],
  fromOffset: number,
  isByHeaders: boolean,
): TimestampHit | Fault | null {
  let best: Segment | null = null;
  let largest = -1;
  for (const segment of segments) {
    if (segment.nextOffset <= fromOffset) continue;
    const timestamp = maxTimestampFrom(segment, fromOffset, isByHeaders);
    if (timestamp <= largest) continue;
    best = segment;
    largest = timestamp;
  }
  return best === null ? null : findTimeInSegment(best, largest, fromOffset);
}

/** Largest timestamp of the segment's batches with records at or above `fromOffset`, −1 for none. */
function maxTimestampFrom(segment: Segment, fromOffset: number, isByHeaders = false): number {
  checkTimes(segment);
  if (fromOffset <= segment.baseOffset && !isByHeaders) return segment.maxTimestamp;
  let largest = -1;
  const scan = seekOffset(segment, fromOffset, HEADER_WINDOW_BYTES);
  for (; scan.bytes > 0; scan.next()) {
    const ofBatch = batch.maxTimestamp(scan.view, scan.at);
    if (ofBatch <= largest || batch.recordCount(scan.view, scan.at) === 0) continue;
    largest = scan.baseOffset >= fromOffset
      ? ofBatch
      : Math.max(largest, maxTimestampBehind(scan, fromOffset));
  }
  return largest;
}

/** Largest timestamp among the batch's records at or above `fromOffset`. */
function maxTimestampBehind(scan: BatchScan, fromOffset: number): number {
  let largest = -1;
  try {
    const cursor = new batch.RecordCursor();
    cursor.open(scan.load());
    while (cursor.next()) if (cursor.offset >= fromOffset) largest = Math.max(largest, cursor.timestamp);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return batch.maxTimestamp(scan.view, scan.at);
  }
  return largest;
}

/**
 * Compares the last time entry with its batch, once after opening: the segment's largest timestamp
 * hangs on it. Called before anything is added to the index.
 */
export function checkTimes(segment: Segment): void {
  if (segment.isTimeChecked) return;
  const { count } = segment.times;
  const isTrue = count > 0 ? isTrueEntry(segment, count - 1) : readFirstTimestamp(segment) < 0;
  if (!isTrue || !segment.times.file.isWhole) {
    rebuildIndexes(segment, "the last time entry does not agree with the log");
  }
  segment.isTimeChecked = true;
}

/** The first record at or above `fromOffset` whose time is at or after `timestamp`. */
function findTimeInSegment(
  segment: Segment,
  timestamp: number,
  fromOffset: number,
): TimestampHit | Fault | null {
  const from = Math.max(fromOffset, offsetBefore(segment, timestamp));
  const scan = seekOffset(segment, from, DATA_WINDOW_BYTES);
  while (scan.bytes > 0) {
    const wrong = findWrong(segment, scan);
    if (wrong !== null) return damageFault(segment, scan.position, wrong);
    if (batch.maxTimestamp(scan.view, scan.at) >= timestamp) {
      const hit = findInBatch(scan, timestamp, fromOffset);
      if (hit !== null) return vouchFor(segment, scan, hit);
    }
    scan.next();
  }
  return scan.damage === null ? null : damageFault(segment, scan.position, scan.damage);
}

/** The hit, or the fault when compaction wrote another header to its batch. */
function vouchFor(segment: Segment, { position, bytes }: BatchScan, hit: TimestampHit): TimestampHit | Fault {
  const wrong = segment.sums?.findWrong(position, position + bytes, segment.bytes) ?? -1;
  return wrong < 0 ? hit : damageFault(segment, wrong, WRONG_HEADER);
}

/** An offset such that no record of the segment below it has reached `timestamp`. */
function offsetBefore(segment: Segment, timestamp: number): number {
  for (let attempt = 0; attempt < 2; attempt++) {
    const entry = segment.times.floor(timestamp);
    if (entry < 0) break;
    // Read first: checking the entry may rebuild the index under it.
    const offset = segment.baseOffset + segment.times.offsetAt(entry);
    if (isTrueEntry(segment, entry)) return offset;
    if (attempt === 0) rebuildIndexes(segment, "a time entry does not agree with the log");
  }
  return segment.baseOffset;
}

/** True when the batch the entry names ends at its offset and reaches exactly its timestamp. */
function isTrueEntry(segment: Segment, entry: number): boolean {
  const offset = segment.baseOffset + segment.times.offsetAt(entry);
  const timestamp = segment.times.timestampAt(entry);
  if (offset < segment.baseOffset || offset >= segment.nextOffset) return false;
  const scan = seekOffset(segment, offset, HEADER_WINDOW_BYTES);
  return scan.bytes > 0 && scan.lastOffset === offset &&
    batch.maxTimestamp(scan.view, scan.at) === timestamp;
}

function findInBatch(scan: BatchScan, timestamp: number, fromOffset: number): TimestampHit | null {
  assert(scan.bytes > 0, "a batch that is read was found");
  const leaderEpoch = batch.partitionLeaderEpoch(scan.view, scan.at);
  const cursor = new batch.RecordCursor();
  try {
    cursor.open(scan.load());
    while (cursor.next()) {
      if (cursor.offset >= fromOffset && cursor.timestamp >= timestamp) {
        return { offset: cursor.offset, timestamp: cursor.timestamp, leaderEpoch };
      }
    }
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    const offset = Math.max(scan.baseOffset, fromOffset);
    if (offset > scan.lastOffset) return null;
    return { offset, timestamp: batch.maxTimestamp(scan.view, scan.at), leaderEpoch };
  }
  return null;
}
