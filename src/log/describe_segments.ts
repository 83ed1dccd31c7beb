/**
 * The segments of a log as they lie on the disk, for who draws or lists them.
 * Reads no record; at most the last entry of a time index. Called by the shard.
 */
import { assert, type SegmentDescription } from "../model/mod.ts";
import type { Log } from "./log.ts";
import { OFFSET_ENTRY_BYTES } from "./offset_index.ts";
import { TIME_ENTRY_BYTES } from "./time_index.ts";

/** Every segment, the active one last. `firstDirtyOffset`: compaction went over what lies below it. */
export function describeSegments(log: Log, firstDirtyOffset: number): SegmentDescription[] {
  const { segments } = log.cleanable.context;
  assert(segments.length > 0, "a log has a segment");
  return segments.map((segment, index) => {
    const isActive = index === segments.length - 1;
    return {
      baseOffset: segment.baseOffset,
      nextOffset: segment.nextOffset,
      bytes: segment.bytes,
      indexBytes: segment.offsets.count * OFFSET_ENTRY_BYTES + segment.times.count * TIME_ENTRY_BYTES,
      maxTimestamp: segment.maxTimestamp,
      isActive,
      isClean: !isActive && segment.bytes > 0 && segment.nextOffset <= firstDirtyOffset,
    };
  });
}
