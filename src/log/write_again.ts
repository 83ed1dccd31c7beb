/**
 * What a dead worker may have failed to flush, written once more: the same bytes,
 * so that the next fsync has them to write. Part of opening a suspect log.
 */
import { HEADER_WINDOW_BYTES } from "./batch_scan.ts";
import type { Segment } from "./segment.ts";
import { seekOffset } from "./segment_read.ts";

/** Bytes written at once. */
const WRITE_BYTES = 65_536;

/**
 * Writes a segment's bytes from the recovery point on once more, the same ones. After a failed fsync Linux
 * takes pages it could not write for clean: the next fsync succeeds and has written nothing.
 */
export function writeAgain(segment: Segment, recoveryPoint: number): void {
  if (segment.nextOffset <= recoveryPoint || segment.bytes === 0) return;
  const from = seekOffset(segment, Math.max(recoveryPoint, segment.baseOffset), HEADER_WINDOW_BYTES).position;
  const buffer = new Uint8Array(Math.min(WRITE_BYTES, segment.bytes - from));
  const file = segment.log.use();
  for (let position = from; position < segment.bytes; position += buffer.length) {
    const bytes = buffer.subarray(0, file.read(position, buffer));
    file.write(position, bytes);
  }
}
