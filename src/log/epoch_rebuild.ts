/**
 * Rebuilds the leader epochs from the batch headers of all segments: when the
 * file `leader-epoch-checkpoint` is missing or can't be read, when it and a
 * batch disagree, or when it begins behind the log's start. Neither has a checksum, so a header's word counts only if the
 * next batch bears it out: one flipped bit convinces nobody.
 */
import * as batch from "../record/mod.ts";
import { HEADER_WINDOW_BYTES } from "./batch_scan.ts";
import { LeaderEpochs } from "./leader_epochs.ts";
import type { LogContext } from "./log_context.ts";
import type { Segment } from "./segment.ts";

/**
 * Puts the epochs that the batches tell of into `context`, if they fit more batches than the ones there;
 * true, with a notice, if it did.
 */
export function rebuildEpochs(context: LogContext, segments: readonly Segment[]): boolean {
  const epochs = readEpochs(context, segments);
  const before = countStrays(context.epochs, segments);
  const isMissing = context.epochs.entries.length === 0;
  // One batch against the file: either may have the flipped bit, and a wrong epoch must not be served.
  if (countStrays(epochs, segments) >= before || (before === 1 && !isMissing)) return false;
  context.epochs = epochs;
  context.areEpochsStored = false;
  const { length } = epochs.entries;
  context.notices.push(
    `Rebuilt the leader epochs of "${context.directory}" from its batches: ${length} entries`,
  );
  return true;
}

/**
 * Adds the epochs of batches that lie before the first known epoch: a crash undid the move of the log's start for
 * which they were dropped.
 */
export function reachBack(context: LogContext, segments: readonly Segment[], logStartOffset: number): void {
  const [first] = context.epochs.entries;
  const startOffset = Math.max(logStartOffset, segments[0]?.baseOffset ?? 0);
  if (first === undefined || first.startOffset <= startOffset) return;
  const before = segments.filter(({ baseOffset }) => baseOffset < first.startOffset);
  const found = readEpochs(context, before).entries.filter((entry) => {
    return entry.startOffset < first.startOffset && entry.epoch <= first.epoch;
  });
  const latest = found.at(-1)?.epoch ?? -1;
  context.epochs = new LeaderEpochs([
    ...found,
    ...context.epochs.entries.filter(({ epoch }) => epoch > latest),
  ]);
}

function readEpochs(context: LogContext, segments: readonly Segment[]): LeaderEpochs {
  const epochs = new LeaderEpochs([]);
  let claimed = { epoch: -1, baseOffset: -1 };
  forEachHeader(segments, (epoch, baseOffset) => {
    if (claimed.epoch > epochs.latest && epoch >= claimed.epoch) {
      epochs.assign(claimed.epoch, claimed.baseOffset);
    }
    claimed = { epoch: epoch <= context.leaderEpoch ? epoch : -1, baseOffset };
  });
  if (claimed.epoch > epochs.latest) epochs.assign(claimed.epoch, claimed.baseOffset);
  return epochs;
}

/** Batches whose epoch is another one than `epochs` says. */
function countStrays(epochs: LeaderEpochs, segments: readonly Segment[]): number {
  let count = 0;
  forEachHeader(segments, (epoch, baseOffset) => {
    if (epochs.at(baseOffset) !== epoch) count++;
  });
  return count;
}

function forEachHeader(
  segments: readonly Segment[],
  visit: (epoch: number, baseOffset: number) => void,
): void {
  for (const segment of segments) {
    const scan = segment.scan(0, segment.baseOffset, HEADER_WINDOW_BYTES);
    while (scan.next()) visit(batch.partitionLeaderEpoch(scan.view, scan.at), scan.baseOffset);
  }
}
