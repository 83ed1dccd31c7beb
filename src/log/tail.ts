/**
 * The end of a segment that was closed cleanly and is about to be written to
 * again: opening believed its last index entry, writing behind it must not.
 * Called by the log before its first append.
 */
import { assert } from "../model/mod.ts";
import type { Segment } from "./segment.ts";
import { endsInSoundBatch } from "./segment_read.ts";
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
