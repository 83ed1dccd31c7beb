/**
 * The end of the active segment: looked at before the first append, for opening
 * believed the last index entry of a segment that was closed cleanly, and writing
 * behind it must not; cut where a replica diverged. Called by the log.
 */
import { assert } from "../model/mod.ts";
import { findSoundBatch, HEADER_WINDOW_BYTES } from "./batch_scan.ts";
import { recoverSegment } from "./recovery.ts";
import type { Segment } from "./segment.ts";
import { endsInSoundBatch, seekOffset } from "./segment_read.ts";
import { checkTimes } from "./time_lookup.ts";

/** True when the file ends where its last index entry says. If not the log must go on in a new segment, and a notice says so. */
export function checkTail(active: Segment): boolean {
  assert(!active.isTailChecked, "an end is checked once");
  const isWhole = endsInSoundBatch(active);
  active.isTailChecked = true;
  checkTimes(active);
  if (isWhole) return true;
  const what = `The last batch of "${active.log.path}" is damaged`;
  active.context.notices.push(`${what}; the file is kept, and the log goes on in a new segment`);
  return false;
}

/** Cuts the file so that it ends at or before `offset`, at a batch's border; the indexes follow it. Durable when it returns. */
export function cutTail(active: Segment, offset: number): void {
  const { position, nextOffset } = findCut(active, Math.max(offset, active.baseOffset));
  if (position < active.bytes) active.cutLog(position, nextOffset);
  const bounds = {
    recoveryPoint: active.nextOffset,
    limitOffset: Number.MAX_SAFE_INTEGER,
    mayHaveGaps: true,
  };
  recoverSegment(active, bounds, active.context.notices, () => {});
  active.sync();
}

/** Where the first batch with a record at or above `offset` begins. Damaged bytes with a sound batch below it behind them stay. */
function findCut(active: Segment, offset: number): { position: number; nextOffset: number } {
  let scan = seekOffset(active, offset, HEADER_WINDOW_BYTES);
  while (scan.damage !== null) {
    const { position, nextOffset } = scan;
    const sound = findSoundBatch(active.log, position + 1, active.bytes, nextOffset, offset);
    if (sound < 0) return { position, nextOffset };
    scan = active.scan(sound, nextOffset, HEADER_WINDOW_BYTES);
    while (scan.next() && scan.lastOffset < offset);
  }
  return { position: scan.position, nextOffset: scan.nextOffset };
}
