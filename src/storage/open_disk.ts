/** Chooses between the two disks over the operating system's files. Called by compose, the workers and the commands. */
import type { Disk } from "./disk.ts";
import { FileDisk } from "./file_disk.ts";
import { loadLibc } from "./libc.ts";
import { MappedDisk } from "./mapped_disk.ts";

/** "auto": mapped where it works, otherwise file. */
export type DiskChoice = "auto" | "mapped" | "file";

/**
 * Opens the disk. `notice` is a line for the log when mapping isn't possible and files are read with pread
 * instead; it is said again for every worker, so only one of them should print it.
 *
 * @example
 * ```ts
 * const { disk, notice } = openDisk("auto");
 * ```
 */
export function openDisk(choice: DiskChoice): { readonly disk: Disk; readonly notice: string | null } {
  if (choice === "file") return { disk: new FileDisk(), notice: null };
  const libc = loadLibc();
  if (typeof libc !== "string") return { disk: new MappedDisk(libc), notice: null };
  return { disk: new FileDisk(), notice: `Files are read without memory mapping: ${libc}` };
}
