/**
 * A segment's files leave the log: renamed first, the `.log` file before the others,
 * so that a crash leaves nothing that looks like half a segment.
 */
import { type Disk, DiskError } from "../storage/disk.ts";
import type { FileHandle } from "./open_files.ts";
import { DELETED_SUFFIX } from "./segment_name.ts";

/**
 * Renames what is there of these closed files `.deleted`; gives the new paths. What a full disk has no room to
 * rename is removed, which makes some. Throws DiskError.
 */
export function retireFiles(disk: Disk, files: readonly Pick<FileHandle, "path">[]): string[] {
  const paths = files.map(({ path }) => path).filter((path) => disk.stat(path) !== null);
  for (const path of paths) {
    try {
      disk.rename(path, path + DELETED_SUFFIX);
    } catch (error) {
      if (!(error instanceof DiskError) || error.code !== "full") throw error;
      disk.remove(path);
    }
  }
  return paths.map((path) => path + DELETED_SUFFIX);
}
