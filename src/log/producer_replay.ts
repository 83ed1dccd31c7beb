/**
 * Brings producers up to the log's end: every batch of the segments from an offset
 * on, headers only, is taken in without a check. Damaged bytes are stepped over.
 * Runs after an unclean stop, after a cut, and where the last snapshot is damaged.
 */
import { assert } from "../model/mod.ts";
import * as batch from "../record/mod.ts";
import { BatchScan, findSoundBatch, HEADER_WINDOW_BYTES } from "./batch_scan.ts";
import type { ProducerStates } from "./producer_states.ts";
import type { Segment } from "./segment.ts";
import { seekOffset } from "./segment_read.ts";
import { isUnreadable } from "./unreadable.ts";

/** Takes in every batch at or above `fromOffset`. */
export function replayProducers(
  states: ProducerStates,
  segments: readonly Segment[],
  fromOffset: number,
): void {
  for (const segment of segments) {
    if (segment.nextOffset <= fromOffset || segment.bytes === 0) continue;
    const isWhole = fromOffset <= segment.baseOffset;
    let from = isWhole ? 0 : seekOffset(segment, fromOffset, HEADER_WINDOW_BYTES).position;
    let expected = segment.baseOffset;
    while (from >= 0) {
      const range = { from, end: segment.bytes };
      const offsets = { nextOffset: expected, limitOffset: segment.nextOffset };
      const scan = new BatchScan(segment.log, range, offsets, HEADER_WINDOW_BYTES);
      takeAll(states, scan, fromOffset);
      if (scan.damage === null) break;
      expected = scan.nextOffset;
      from = findSoundBatch(segment.log, scan.position + 1, segment.bytes, expected, segment.nextOffset);
    }
  }
}

/** True when a batch behind the segment's last index entry has a producer id. */
export function endsWithProducer(segment: Segment): boolean {
  if (segment.bytes === 0) return false;
  const { offsets } = segment;
  const position = offsets.count === 0 ? 0 : offsets.positionAt(offsets.count - 1);
  const scan = segment.scan(Math.min(position, segment.bytes), segment.baseOffset, HEADER_WINDOW_BYTES);
  while (scan.next()) if (batch.producerId(scan.view, scan.at) >= 0) return true;
  return false;
}

function takeAll(states: ProducerStates, scan: BatchScan, fromOffset: number): void {
  assert(fromOffset >= 0, "replay begins at an offset");
  while (scan.next()) {
    const id = batch.producerId(scan.view, scan.at);
    if (id < 0 || scan.baseOffset < fromOffset) continue;
    if (batch.isControl(batch.attributes(scan.view, scan.at))) takeControl(states, scan, id);
    else states.take(scan.view, scan.at);
  }
}

/** A transaction's end; an emptied control batch says nothing. */
function takeControl(states: ProducerStates, scan: BatchScan, id: number): void {
  const bytes = scan.load();
  const epoch = batch.producerEpoch(scan.view, scan.at);
  try {
    if (batch.recordCount(scan.view, scan.at) === 0) return;
    const record = batch.readControlRecord(bytes);
    const isMarker = record.type === batch.CONTROL_ABORT || record.type === batch.CONTROL_COMMIT;
    if (isMarker) states.takeMarker(id, epoch, record.coordinatorEpoch, record.timestamp);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
  }
}
