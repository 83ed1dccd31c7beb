/**
 * Small text files of a partition, whole in and whole out. Written beside the
 * old one and renamed over it, so that a reader finds the old text or the new
 * one and never half of either.
 */
import { type Disk, DiskError } from "../storage/disk.ts";

/** Far above any honest file of this kind: a larger one is not read into memory. */
const TEXT_BYTES_MAX = 16_777_216;

/** The file's text, or `null` when there is none. Throws DiskError. */
export function readTextFile(disk: Disk, path: string): string | null {
  try {
    const file = disk.open(path, "read");
    try {
      if (file.size > TEXT_BYTES_MAX) {
        throw new DiskError("io", path, `File "${path}" is too large for a text`);
      }
      return new TextDecoder().decode(file.view(0, file.size));
    } finally {
      file.close();
    }
  } catch (error) {
    if (error instanceof DiskError && error.code === "not_found") return null;
    throw error;
  }
}

/** Replaces the file's text; durable when it returns. `directory` holds `path`. Throws DiskError. */
export function writeTextFile(disk: Disk, directory: string, path: string, text: string): void {
  const temporary = `${path}.tmp`;
  disk.remove(temporary);
  const file = disk.open(temporary, "create");
  try {
    file.write(0, new TextEncoder().encode(text));
    file.sync();
  } finally {
    file.close();
  }
  disk.rename(temporary, path);
  disk.syncDirectory(directory);
}
