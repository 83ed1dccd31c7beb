/**
 * Small files read and written whole, over any Disk: checkpoints, properties,
 * markers. A replacement is atomic and durable: bytes to NAME.tmp, sync, rename
 * over NAME, sync of the directory. A crash leaves the old file or the new one.
 */
import type { Disk } from "./disk.ts";
import { directoryOf } from "./paths.ts";

/** All bytes of a file, a copy of the caller's own; `null` when there is none. Throws DiskError. */
export function readWhole(disk: Disk, path: string): Uint8Array | null {
  if (disk.stat(path) === null) return null;
  const file = disk.open(path, "read");
  try {
    const content = new Uint8Array(file.size);
    return content.subarray(0, file.read(0, content));
  } finally {
    file.close();
  }
}

/**
 * Puts `content` in place of a file, or makes the file. Throws DiskError and then leaves the old file as it was.
 *
 * @example
 * ```ts
 * replaceFile(disk, "data/orders-0/leader-epoch-checkpoint", new TextEncoder().encode("0\n0\n"));
 * ```
 */
export function replaceFile(disk: Disk, path: string, content: Uint8Array): void {
  const temporary = `${path}.tmp`;
  try {
    writeWhole(disk, temporary, content);
    disk.rename(temporary, path);
  } catch (error) {
    removeQuietly(disk, temporary);
    throw error;
  }
  disk.syncDirectory(directoryOf(path));
}

function writeWhole(disk: Disk, path: string, content: Uint8Array): void {
  const file = disk.open(path, "create");
  try {
    if (file.size > 0) file.truncate(0);
    file.write(0, content);
    file.sync();
  } finally {
    file.close();
  }
}

/** The first failure is the one to tell; a leftover is cut at the next replacement. */
function removeQuietly(disk: Disk, path: string): void {
  try {
    disk.remove(path);
  } catch {
    // Nothing depends on it.
  }
}
