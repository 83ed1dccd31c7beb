/**
 * The Disk port with reads through mapped memory: files of the operating system,
 * written as file_disk writes them. At most 64 windows of 2 MiB are mapped per
 * disk, that is per worker, so 128 MiB of page cache at most is counted as a
 * worker's memory; the system takes it back when it needs it.
 *
 * Only for files this process owns: if another one cuts a file that is mapped
 * here, the next look at it kills this process. Readers of a running broker's
 * files (`log dump`) take FileDisk. A mapped sector that the device can't read any
 * more kills the process too, where pread would have failed.
 */
import type { DiskFile, OpenMode } from "./disk.ts";
import { FileDisk } from "./file_disk.ts";
import type { Libc } from "./libc.ts";
import { MappedFile } from "./mapped_file.ts";
import { MappedWindows } from "./mapped_windows.ts";

/** More than the 60 views the port promises to keep. */
const WINDOWS_MAX = 64;
const WINDOW_BYTES = 2_097_152;

export class MappedDisk extends FileDisk {
  override readonly kind = "mapped";
  readonly #windows: MappedWindows;

  constructor(libc: Libc) {
    super();
    this.#windows = new MappedWindows(libc, WINDOWS_MAX, WINDOW_BYTES);
  }

  override open(path: string, mode: OpenMode): DiskFile {
    return new MappedFile(this.openPositional(path, mode), this.#windows);
  }
}
