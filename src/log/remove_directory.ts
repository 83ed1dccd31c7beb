/**
 * Deleting a log's directory: renamed first, so that a broker that stops half way
 * finds something it knows to be rubbish. Kafka's name for it:
 *
 *     <topic>-<partition>.<32 hexadecimal digits>-delete        at most 255 characters
 */
import { putUuid, UUID_BYTES } from "../bytes/mod.ts";
import { assert } from "../model/mod.ts";
import { type Disk, DiskError } from "../storage/disk.ts";

const NAME_LENGTH_MAX = 255;

/** Removes the directory; its files are closed. Durable when it returns. Throws DiskError. */
export function removeDirectory(disk: Disk, directory: string, topicId: string): void {
  const cut = directory.lastIndexOf("/") + 1;
  const parent = directory.slice(0, cut);
  const doomed = parent + doomedName(directory.slice(cut), topicId);
  disk.remove(doomed);
  disk.remove(rename(disk, directory, doomed));
  disk.syncDirectory(parent === "" ? "." : parent);
}

/** Gives the name it has then. A longer one may find no room on a full disk: removing makes some. */
function rename(disk: Disk, directory: string, doomed: string): string {
  try {
    disk.rename(directory, doomed);
    return doomed;
  } catch (error) {
    if (!(error instanceof DiskError) || error.code !== "full") throw error;
    return directory;
  }
}

function doomedName(name: string, topicId: string): string {
  const dash = name.lastIndexOf("-");
  assert(dash > 0, "a partition's directory is named topic-partition");
  const bytes = new Uint8Array(UUID_BYTES);
  putUuid(bytes, 0, topicId);
  const tail = `${name.slice(dash)}.${bytes.toHex()}-delete`;
  return name.slice(0, Math.min(dash, NAME_LENGTH_MAX - tail.length)) + tail;
}
