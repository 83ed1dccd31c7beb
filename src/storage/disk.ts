/**
 * The Disk port: every synchronous thing the log asks of a file system, and
 * nothing else. Three implementations behave alike (one shared case suite):
 * `mapped_disk`, `file_disk`, `memory_disk`. Paths are plain strings with `/`,
 * joined by the caller. Every method throws DiskError and no other error.
 */

/** What went wrong, in words the broker acts on. */
export type DiskErrorCode =
  /** No space left, or a quota reached: nothing was written, reads go on, a retry may succeed. Never of a sync. */
  | "full"
  | "not_found"
  /** Something of that name is there already, or in the way: a file where a directory is wanted or the other way round. */
  | "exists"
  /** Permission denied, or the file system is read-only. */
  | "denied"
  | "too_many_open_files"
  /** Anything else: treat the file as lost. */
  | "io";

/** An operation on the disk that failed. */
export class DiskError extends Error {
  override name = "DiskError";
  readonly code: DiskErrorCode;
  readonly path: string;
  constructor(code: DiskErrorCode, path: string, message: string) {
    super(message);
    this.code = code;
    this.path = path;
  }
}

export interface DiskEntry {
  readonly name: string;
  readonly isDirectory: boolean;
}

export interface DiskStat {
  readonly size: number;
  readonly modifiedMs: number;
  readonly isDirectory: boolean;
}

/** "read": must exist; "write": must exist, read and write; "create": like write, made when missing. */
export type OpenMode = "read" | "write" | "create";

/**
 * One open file. Positions and sizes in bytes. Not shared between threads. A file is open at most once in a
 * process, and whoever reads another process's files takes `file_disk`: a mapping must not see a file shrink.
 */
export interface DiskFile {
  readonly path: string;
  /** Bytes in the file now. Kept by the object: no system call. */
  readonly size: number;
  /** Copies bytes from `position` into `target`; returns how many, fewer than asked only at the end of the file. */
  read(position: number, target: Uint8Array): number;
  /**
   * The bytes `[position, position + length)`, which must exist, perhaps without a copy. For reading only;
   * valid until the next call of any method on this file, and no longer than the next 60 views of other files.
   */
  view(position: number, length: number): Uint8Array;
  /** Writes all of `source` at `position` (at most `size`: no holes), or throws and leaves `size` as it was. */
  write(position: number, source: Uint8Array): void;
  /** Cuts the file to `size` bytes, never lengthens it. */
  truncate(size: number): void;
  /** Returns when everything written is on the device (fdatasync). When it throws, nobody knows what is. */
  sync(): void;
  /** Gives the file back; idempotent. */
  close(): void;
}

export interface Disk {
  /** "mapped", "file" or "memory": what `describe_broker` shows. */
  readonly kind: "mapped" | "file" | "memory";
  open(path: string, mode: OpenMode): DiskFile;
  /** Entries of a directory, sorted by name. */
  list(path: string): DiskEntry[];
  /** `null` when nothing is there. */
  stat(path: string): DiskStat | null;
  /** Makes a directory and its parents; fine when it exists. */
  makeDirectory(path: string): void;
  /** Renames a file or directory, replacing a file that has the new name. */
  rename(from: string, to: string): void;
  /** Removes a file, or a directory with all in it; fine when nothing is there. */
  remove(path: string): void;
  /** The same for a file, in the background: it may be there for a while, and for good when it fails. Not every disk can. */
  removeSoon?(path: string): void;
  /**
   * Begins to put what a file, or a directory, has now on the device, in the background. Gives what tells
   * whether it is over, and throws DiskError when it failed. Not every disk can.
   */
  startSync?(path: string): () => boolean;
  /** Makes renames, creations and removals in the directory durable (fsync of the directory). */
  syncDirectory(path: string): void;
  /** Free and total bytes of the file system that holds `path`. */
  space(path: string): { readonly freeBytes: number; readonly totalBytes: number };
}
