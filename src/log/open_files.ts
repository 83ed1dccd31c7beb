/**
 * Open files, bounded: a handle opens its file when it is first used and may
 * lose it again when another one needs the place, least recently used first.
 * So a thousand idle partitions hold no descriptor. A file with unsynced writes
 * is synced before it is given up: an error of the device must reach us, and a
 * closed file has nobody to tell. One OpenFiles serves all logs of a worker.
 */
import { assert, OPEN_FILES_PER_WORKER_MAX } from "../model/mod.ts";
import { type Disk, DiskError, type DiskFile, type OpenMode } from "../storage/disk.ts";

/** A log and its two indexes are used together, and views of one must outlive the opening of the others. */
const COUNT_MIN = 4;

/** The files a worker has open. */
export class OpenFiles {
  readonly disk: Disk;
  readonly countMax: number;
  readonly #open = new Set<FileHandle>();
  #tick = 0;

  constructor(disk: Disk, countMax: number = OPEN_FILES_PER_WORKER_MAX) {
    assert(countMax >= COUNT_MIN, `at least ${COUNT_MIN} files are open at once`);
    this.disk = disk;
    this.countMax = countMax;
  }

  /** Files open now. */
  get count(): number {
    return this.#open.size;
  }

  /** A number above all earlier ones: when a handle was last used. */
  tick(): number {
    return ++this.#tick;
  }

  /** Opens the handle's file, after making room for it. */
  open(handle: FileHandle, mode: OpenMode): DiskFile {
    while (this.#open.size >= this.countMax) this.#evict();
    let file: DiskFile;
    try {
      file = this.disk.open(handle.path, mode);
    } catch (error) {
      if (!(error instanceof DiskError) || error.code !== "too_many_open_files") throw error;
      if (this.#open.size <= COUNT_MIN) throw error;
      for (let half = this.#open.size >> 1; half > 0; half--) this.#evict();
      file = this.disk.open(handle.path, mode);
    }
    this.#open.add(handle);
    return file;
  }

  /** The handle has closed its file. */
  forget(handle: FileHandle): void {
    this.#open.delete(handle);
  }

  #evict(): void {
    let oldest: FileHandle | null = null;
    for (const handle of this.#open) {
      if (oldest === null || handle.usedAt < oldest.usedAt) oldest = handle;
    }
    assert(oldest !== null, "a full set of files has a least recently used one");
    oldest.sync();
    oldest.close();
  }
}

/** One file that is opened when it is used. */
export class FileHandle {
  readonly path: string;
  readonly #files: OpenFiles;
  #file: DiskFile | null = null;
  #isDirty = false;
  #changeCount = 0;
  /** The last write was refused: part of it may have been written and taken back, and a crash could bring it back. */
  #hasRefused = false;
  /** Tick of the last use. */
  usedAt = 0;

  constructor(files: OpenFiles, path: string) {
    this.#files = files;
    this.path = path;
  }

  /** Written to since the last sync. */
  get isDirty(): boolean {
    return this.#isDirty;
  }

  /** The open file, opened in `mode` if it is not open; with "create" made when missing. Throws DiskError. */
  use(mode: OpenMode = "write"): DiskFile {
    this.usedAt = this.#files.tick();
    return this.#file ??= this.#files.open(this, mode);
  }

  /** Writes at the end of the file. Throws DiskError and leaves the file as it was. */
  append(bytes: Uint8Array): void {
    const file = this.use("create");
    this.markDirty();
    this.#hasRefused = true;
    file.write(file.size, bytes);
    this.#hasRefused = false;
  }

  /** Cuts the file. */
  truncate(size: number): void {
    this.use().truncate(size);
    this.markDirty();
  }

  /** The file holds what may not be on the device: a later sync must not be skipped. */
  markDirty(): void {
    this.#isDirty = true;
    this.#changeCount++;
  }

  /** Nothing will be written over what a refused write left: that it is gone goes on the device. */
  settle(): void {
    if (this.#hasRefused) this.sync();
    this.#hasRefused = false;
  }

  /** Makes everything written durable; nothing happens when all is. */
  sync(): void {
    if (!this.#isDirty) return;
    this.use().sync();
    this.#isDirty = false;
  }

  /** Grows with every change: see {@linkcode noteSynced}. */
  get changeCount(): number {
    return this.#changeCount;
  }

  /** What was written when `changeCount` was this is on the device, by other means than `sync`. */
  noteSynced(changeCount: number): void {
    if (changeCount === this.#changeCount) this.#isDirty = false;
  }

  /** Gives the file back without syncing it; the next use opens it again. */
  close(): void {
    this.#file?.close();
    this.#file = null;
    this.#files.forget(this);
  }
}
