/**
 * What a reader gets from an offset on, over the segments of a log. Batches that
 * compaction left without a record only mark where others were: where records
 * follow, a reader gets those at once, for some (kafkajs) take an answer with
 * nothing but such batches for none and ask for it for ever. At the log's end they
 * are given out: they tell how far it goes. Called by the log.
 */
import type { Fault } from "../model/mod.ts";
import type { Segment } from "./segment.ts";
import { indexOfSegment, type LogSlice, type ReadBounds, readSlice } from "./segment_read.ts";

/** The batches from `offset` on in one segment, as far as `bounds` go; an empty slice when there are none. */
export function findSlice(
  segments: readonly Segment[],
  offset: number,
  bounds: ReadBounds,
): LogSlice | Fault {
  const isWanted = offset < bounds.upperOffset && (bounds.bytesMax > 0 || bounds.atLeastOne);
  let hollow: LogSlice | null = null;
  for (let index = indexOfSegment(segments, offset); isWanted && index < segments.length; index++) {
    const segment = segments[index]!;
    for (let from = Math.max(offset, segment.baseOffset);;) {
      const found = readSlice(segment, from, bounds);
      if (found === null) break;
      if ("code" in found || found.hasRecords) return found;
      if (found.length === 0) return hollow ?? found;
      hollow ??= found;
      from = found.nextOffset;
    }
  }
  const nothing = { position: 0, length: 0, firstOffset: offset, nextOffset: offset, hasRecords: false };
  return hollow ?? { segment: segments.at(-1)!, ...nothing };
}
