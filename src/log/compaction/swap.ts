/**
 * Puts a cleaned segment in the place of the ones it was made of, so that a crash
 * at any point leaves the old ones or the new one, whole. Source: Kafka's
 * `UnifiedLog.replaceSegments`.
 *
 *     .cleaned   -> .swap      indexes first, `.log` last: with it the swap is decided
 *     old ones   removed       in order, the one with the same base first
 *     .swap      -> in place   indexes first, `.log` last
 *
 * At open `finishSwaps` goes on from wherever that stopped. Between two steps the
 * directory is synced; within one its journal keeps the order.
 */
import { assert } from "../../model/mod.ts";
import { Segment } from "../segment.ts";
import { CLEANED_SUFFIX, segmentFileName, SUMS_SUFFIX, SWAP_SUFFIX } from "../segment_name.ts";
import type { CleanableLog } from "./cleanable_log.ts";

/** The order in which files get a new name. */
const RENAME_ORDER = [SUMS_SUFFIX, ".index", ".timeindex", ".log"] as const;

/**
 * Replaces `old`, neighbours in `log`, by `cleaned`, whose files are closed and on the device. Throws
 * DiskError: then the log must be opened anew.
 */
export function swapIn(log: CleanableLog, cleaned: Segment, old: readonly Segment[], nowMs: number): void {
  const { context } = log;
  const { disk } = context.files;
  const paths = RENAME_ORDER.map((suffix) =>
    `${context.directory}/${segmentFileName(cleaned.baseOffset, suffix)}`
  );
  for (const path of paths) disk.rename(path + CLEANED_SUFFIX, path + SWAP_SUFFIX);
  disk.syncDirectory(context.directory);
  for (const segment of old) segment.remove();
  for (const path of paths) disk.rename(path + SWAP_SUFFIX, path);
  disk.syncDirectory(context.directory);
  const { baseOffset, bytes } = cleaned;
  const nextOffset = old.at(-1)!.nextOffset;
  const fresh = new Segment(context, baseOffset, { bytes, nextOffset, isNew: false, nowMs, hasSums: true });
  fresh.isTailChecked = fresh.isTimeChecked = true;
  replace(log, old, fresh);
}

/** Readers find `fresh` from here on. */
function replace(log: CleanableLog, old: readonly Segment[], fresh: Segment): void {
  const { segments } = log.context;
  const at = segments.indexOf(old[0]!);
  assert(at >= 0 && at + old.length < segments.length, "only sealed segments are replaced");
  segments.splice(at, old.length, fresh);
  for (const { baseOffset } of old) if (baseOffset !== fresh.baseOffset) log.producers.drop(baseOffset);
  log.takeReplaced(old, fresh);
}
