/**
 * Rebuilds the leader epochs from the batch headers of all segments: when the
 * file `leader-epoch-checkpoint` is missing or can't be read.
 */
import { assert } from "../model/mod.ts";
import * as batch from "../record/mod.ts";
import { BatchScan, HEADER_WINDOW_BYTES } from "./batch_scan.ts";
import { LeaderEpochs } from "./leader_epochs.ts";
import type { LogContext, Segment } from "./segment.ts";

/** Puts new epochs into `context` and says so in its notices. */
export function rebuildEpochs(context: LogContext, segments: readonly Segment[]): void {
  assert(segments.length > 0, "there is a log to read epochs from");
  const epochs = new LeaderEpochs([]);
  for (const segment of segments) {
    const scan = new BatchScan(segment.log, 0, segment.bytes, segment.baseOffset, HEADER_WINDOW_BYTES);
    while (scan.next()) {
      const epoch = batch.partitionLeaderEpoch(scan.view, scan.at);
      if (epoch > epochs.latest) epochs.assign(epoch, scan.baseOffset);
    }
  }
  context.epochs = epochs;
  context.notices.push(
    `Rebuilt the leader epochs of "${context.directory}": ${epochs.entries.length} entries`,
  );
}
