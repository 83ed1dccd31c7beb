/**
 * Which neighbours become one segment: small ones are joined as far as the size of
 * a segment and of its indexes allow, by what they have before the cleaning.
 * Source: Kafka's `Cleaner.groupSegmentsBySize`.
 */
import type { LogSettings } from "../../model/mod.ts";
import { OFFSET_ENTRY_BYTES } from "../offset_index.ts";
import type { Segment } from "../segment.ts";
import { TIME_ENTRY_BYTES } from "../time_index.ts";

/** Relative offsets and positions are kept in 32 bits. */
const INT32_MAX = 2_147_483_647;

/** `segments`, in order, cut into groups of one or more. */
export function groupSegments(segments: readonly Segment[], settings: LogSettings): Segment[][] {
  const groups: Segment[][] = [];
  for (const segment of segments) {
    const group = groups.at(-1);
    if (group !== undefined && fits([...group, segment], settings)) group.push(segment);
    else groups.push([segment]);
  }
  return groups;
}

function fits(group: readonly Segment[], settings: LogSettings): boolean {
  let [bytes, offsetBytes, timeBytes] = [0, 0, 0];
  for (const segment of group) {
    bytes += segment.bytes;
    offsetBytes += segment.offsets.count * OFFSET_ENTRY_BYTES;
    timeBytes += segment.times.count * TIME_ENTRY_BYTES;
  }
  const offsets = group.at(-1)!.nextOffset - 1 - group[0]!.baseOffset;
  return bytes <= settings.segmentBytesMax && offsetBytes <= settings.indexBytesMax &&
    timeBytes <= settings.indexBytesMax && offsets <= INT32_MAX;
}
