/**
 * Putting files on the device while the worker does other things: an fsync of a
 * large one takes tens of milliseconds, and of a directory one or two. Where the
 * disk can't, it is done at once. Called by a cleaning, of what it reads and writes.
 */
import type { Disk } from "../../storage/disk.ts";
import type { FileHandle } from "../open_files.ts";
import type { Segment } from "../segment.ts";

/** Tells whether what was begun is over. Throws DiskError when it failed. */
export type Started = () => boolean;

/** Begins it for all that was written to the segment's files. Throws DiskError. */
export function startSync({ context, handles }: Segment): Started {
  const dirty = handles.filter((handle) => handle.isDirty);
  const started = dirty.map((handle) => startHandle(context.files.disk, handle));
  return () => started.every((isOver) => isOver());
}

/** Begins it for the names in a directory. Throws DiskError. */
export function startDirectorySync(disk: Disk, directory: string): Started {
  if (disk.startSync !== undefined) return disk.startSync(directory);
  disk.syncDirectory(directory);
  return isOver;
}

function startHandle(disk: Disk, handle: FileHandle): Started {
  const { changeCount } = handle;
  const isThere = disk.startSync?.(handle.path);
  if (isThere === undefined) {
    handle.sync();
    return isOver;
  }
  return () => {
    if (!isThere()) return false;
    handle.noteSynced(changeCount);
    return true;
  };
}

function isOver(): boolean {
  return true;
}
