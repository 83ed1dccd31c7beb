/**
 * Putting a segment on the device while the worker does other things: an fsync of
 * a large file takes it tens of milliseconds, one of a file that is there already
 * next to none. Called by a cleaning, of what it reads and of what it writes.
 */
import type { Segment } from "../segment.ts";

/** Tells whether what was begun is over. Throws DiskError when it failed. */
export type Started = () => boolean;

/** Begins it for all that was written to the segment's files; where the disk can't, the sync that follows does all. */
export function startSync(segment: Segment): Started {
  const { disk } = segment.context.files;
  const dirty = segment.handles.filter((handle) => handle.isDirty);
  const started = dirty.map(({ path }) => disk.startSync?.(path) ?? isOver);
  return () => started.every((isOver) => isOver());
}

function isOver(): boolean {
  return true;
}
