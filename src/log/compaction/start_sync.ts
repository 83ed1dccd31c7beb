/**
 * Putting files on the device while the worker does other things: an fsync of a
 * large one takes tens of milliseconds, and of a directory one or two. Where the
 * disk can't, it is done at once. Called by a cleaning, of what it reads and writes.
 */
import { type Disk, DiskError } from "../../storage/disk.ts";
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
  return start(disk, directory, () => disk.syncDirectory(directory));
}

function startHandle(disk: Disk, handle: FileHandle): Started {
  const { changeCount } = handle;
  const isThere = start(disk, handle.path, () => handle.sync());
  return () => {
    if (!isThere()) return false;
    handle.noteSynced(changeCount);
    return true;
  };
}

/** Where there is no background, or no descriptor left for it, `sync` does it. */
function start(disk: Disk, path: string, sync: () => void): Started {
  const isThere = disk.startSync?.(path);
  if (isThere === undefined) {
    sync();
    return () => true;
  }
  return () => {
    try {
      return isThere();
    } catch (error) {
      if (!(error instanceof DiskError) || error.code !== "too_many_open_files") throw error;
      sync();
      return true;
    }
  };
}
