/**
 * Where a sealed segment ends, and what is missing behind it. A log of ours has no
 * holes: a segment ends where the next begins, and what compaction leaves of it,
 * too. Another broker's cleaner may end one earlier, and a crash may take its tail.
 *
 *     | batch | batch | last batch ]  hole  [ the next segment
 *                       ^ its index entry, which a roll puts on the device
 *
 * The entry tells the two apart: one that names a batch behind the file's end, the
 * last one before the next segment, was there before a crash took the batch.
 * Nobody's cleaner leaves such an entry. Called when a log is opened.
 */
import { assert } from "../model/mod.ts";
import { DiskError } from "../storage/disk.ts";
import { HEADER_WINDOW_BYTES } from "./batch_scan.ts";
import type { Segment } from "./segment.ts";

/**
 * True when a sealed segment once reached up to `limitOffset`, where the next one begins, and a crash took
 * its end, at or above the recovery point. Reads, changes nothing. Throws DiskError.
 */
export function isCutShort(segment: Segment, recoveryPoint: number, limitOffset: number): boolean {
  assert(limitOffset > segment.baseOffset, "segments ascend");
  const last = lastEntry(segment);
  if (last === null || last.nextOffset !== limitOffset || last.position < segment.bytes) return false;
  const endOffset = scanFrom(segment, 0, segment.baseOffset).nextOffset;
  return endOffset < limitOffset && endOffset >= recoveryPoint;
}

/**
 * A sentence on each hole between two segments, and before the first when the log began at `firstOffset`.
 * A log that was compacted, which shows in gaps between its batches, may have holes: nothing is said of them.
 */
export function describeHoles(segments: readonly Segment[], firstOffset: number): string[] {
  const found: string[] = [];
  const first = segments[0];
  if (first !== undefined && first.baseOffset > firstOffset) {
    found.push(words(first, firstOffset, first.baseOffset, `before "${first.log.path}"`));
  }
  for (let index = 0; index + 1 < segments.length; index++) {
    const segment = segments[index]!;
    const next = segments[index + 1]!;
    const endOffset = findEnd(segment, next.baseOffset);
    if (endOffset === null || endOffset === next.baseOffset || hasGaps(segment)) continue;
    const place = `between "${segment.log.path}", position "${segment.bytes}", and "${next.log.path}"`;
    found.push(words(segment, endOffset, next.baseOffset, place));
  }
  return found;
}

function words({ context }: Segment, from: number, to: number, place: string): string {
  const partition = context.directory.slice(context.directory.lastIndexOf("/") + 1);
  return `Offsets "${from}" to "${to - 1}" of "${partition}" are missing ${place}; reads go on behind them`;
}

/** The offset after the segment's last batch; `null` when damage hides it. */
function findEnd(segment: Segment, limitOffset: number): number | null {
  try {
    const last = lastEntry(segment);
    const isThere = last !== null && last.position < segment.bytes;
    if (isThere && last.nextOffset === limitOffset) return limitOffset;
    const behind = isThere ? scanFrom(segment, last.position, segment.baseOffset) : null;
    if (behind !== null && behind.damage === null) return behind.nextOffset;
    const scan = scanFrom(segment, 0, segment.baseOffset);
    return scan.damage === null ? scan.nextOffset : null;
  } catch (error) {
    // What can't be read is told of by whoever has to.
    if (!(error instanceof DiskError)) throw error;
    return null;
  }
}

/** True when a batch does not begin where the one before ends: compaction took what was between them. */
function hasGaps(segment: Segment): boolean {
  const scan = segment.scan(0, segment.baseOffset, HEADER_WINDOW_BYTES);
  while (scan.next()) if (scan.baseOffset > scan.nextOffset) return true;
  return false;
}

/** A scan that stands at the end of the file or at damage. */
function scanFrom(segment: Segment, position: number, nextOffset: number) {
  const scan = segment.scan(position, nextOffset, HEADER_WINDOW_BYTES);
  while (scan.next());
  return scan;
}

/** What the last offset entry says: where its batch begins, and the offset after it. */
function lastEntry({ offsets, baseOffset }: Segment): { position: number; nextOffset: number } | null {
  if (offsets.count === 0) return null;
  return { position: offsets.positionAt(offsets.count - 1), nextOffset: baseOffset + offsets.lastOffset + 1 };
}
