/**
 * Rebuilds a segment's indexes from its batches: when an index file is missing,
 * when an entry does not agree with the log, and in recovery. Reads headers only.
 * Damaged bytes inside the segment are stepped over to the next sound batch,
 * which then gets an entry of its own, so that reads find what lies behind them.
 */
import * as batch from "../record/mod.ts";
import { BatchScan, findSoundBatch, HEADER_WINDOW_BYTES } from "./batch_scan.ts";
import type { Segment } from "./segment.ts";

/** Builds both indexes anew and says so in the log's notices. `why` ends the sentence. */
export function rebuildIndexes(segment: Segment, why: string): void {
  const { nextOffset } = segment;
  segment.cutIndexes(0, 0);
  segment.context.notices.push(`Rebuilt the indexes of "${segment.log.path}": ${why}`);
  let from = 0;
  let expected = segment.baseOffset;
  while (from >= 0) {
    const scan = noteBatches(segment, from, { nextOffset: expected, limitOffset: nextOffset });
    if (scan.damage === null) break;
    expected = scan.nextOffset;
    from = findSoundBatch(segment.log, scan.position + 1, segment.bytes, expected, nextOffset);
  }
  // What is known of the end does not come from headers alone: keep it.
  segment.nextOffset = nextOffset;
  segment.completeIndexes();
  segment.spillIfRoom();
  segment.isTimeChecked = true;
}

/** Notes the batches from a position on; the scan it returns stands at the end or at damage. */
function noteBatches(
  segment: Segment,
  from: number,
  offsets: { readonly nextOffset: number; readonly limitOffset: number },
): BatchScan {
  const scan = new BatchScan(segment.log, { from, end: segment.bytes }, offsets, HEADER_WINDOW_BYTES);
  while (scan.next()) {
    const isFirst = scan.position === from && from > 0;
    const maxTimestamp = batch.maxTimestamp(scan.view, scan.at);
    segment.note(scan.position, scan.bytes, scan.lastOffset, maxTimestamp, isFirst);
  }
  return scan;
}
