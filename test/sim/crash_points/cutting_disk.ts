/**
 * A disk that counts every operation that changes something, and ends the process
 * at one of them: before it, or in the middle of a write. From then on nothing
 * reaches the disk, until somebody says what the end left, and starts anew.
 */
import type { Disk, DiskEntry, DiskFile, DiskStat, FaultyDisk, OpenMode } from "../../../src/storage/mod.ts";

/** What is counted. */
export type Operation =
  | "create"
  | "write"
  | "truncate"
  | "sync"
  | "rename"
  | "remove"
  | "make directory"
  | "sync directory";

/** The process ended here: no rule of the broker's takes it for a fault of the disk. */
export class Cut extends Error {
  override name = "Cut";
}

export interface Counted {
  readonly operation: Operation;
  readonly path: string;
}

export class CuttingDisk implements Disk {
  readonly kind = "memory";
  /** Since counting began. */
  readonly counted: Counted[] = [];
  readonly #disk: FaultyDisk;
  #cutAt = Infinity;
  /** A write at which the process ends is half done: in memory alone, or on the device. */
  #torn: "no" | "in memory" | "on the device" = "no";
  #isCounting = false;
  #isOver = false;

  constructor(disk: FaultyDisk) {
    this.#disk = disk;
  }

  /** Counts from 0 on, and ends the process instead of operation `cutAt`. */
  count(cutAt = Infinity, torn: "no" | "in memory" | "on the device" = "no"): void {
    this.counted.length = 0;
    this.#isCounting = true;
    this.#cutAt = cutAt;
    this.#torn = torn;
  }

  /** Counts no more; a new process begins. */
  restart(): void {
    this.#isOver = this.#isCounting = false;
    this.#cutAt = Infinity;
  }

  open(path: string, mode: OpenMode): DiskFile {
    if (mode === "create" && this.#disk.stat(path) === null) this.#enter("create", path);
    else this.#look();
    return this.#watched(this.#disk.open(path, mode));
  }

  list(path: string): DiskEntry[] {
    this.#look();
    return this.#disk.list(path);
  }

  stat(path: string): DiskStat | null {
    this.#look();
    return this.#disk.stat(path);
  }

  makeDirectory(path: string): void {
    if (this.#disk.stat(path) === null) this.#enter("make directory", path);
    this.#disk.makeDirectory(path);
  }

  rename(from: string, to: string): void {
    this.#enter("rename", to);
    this.#disk.rename(from, to);
  }

  remove(path: string): void {
    if (this.#disk.stat(path) !== null) this.#enter("remove", path);
    this.#disk.remove(path);
  }

  syncDirectory(path: string): void {
    this.#enter("sync directory", path);
    this.#disk.syncDirectory(path);
  }

  space(path: string): { readonly freeBytes: number; readonly totalBytes: number } {
    return this.#disk.space(path);
  }

  #watched(file: DiskFile): DiskFile {
    const enter = (operation: Operation) => this.#enter(operation, file.path);
    return {
      path: file.path,
      get size() {
        return file.size;
      },
      read: (position, target) => (this.#look(), file.read(position, target)),
      view: (position, length) => (this.#look(), file.view(position, length)),
      write: (position, source) => {
        if (this.#isDue && this.#torn !== "no") this.#tear(file, position, source);
        enter("write");
        file.write(position, source);
      },
      truncate: (size) => (enter("truncate"), file.truncate(size)),
      sync: () => (enter("sync"), file.sync()),
      close: () => file.close(),
    };
  }

  get #isDue(): boolean {
    return this.#isCounting && !this.#isOver && this.counted.length === this.#cutAt;
  }

  #enter(operation: Operation, path: string): void {
    if (this.#isDue) this.#isOver = true;
    this.#look();
    if (this.#isCounting) this.counted.push({ operation, path });
  }

  /** A process that is over does nothing. */
  #look(): void {
    if (this.#isOver) throw new Cut("The process is over");
  }

  #tear(file: DiskFile, position: number, source: Uint8Array): void {
    const keepBytes = source.length >> 1;
    if (this.#torn === "in memory") file.write(position, source.subarray(0, keepBytes));
    else {
      this.#disk.tearWrite({ path: file.path, keepBytes });
      try {
        file.write(position, source);
      } catch { /* The power is cut. */ }
    }
  }
}
