/**
 * A Disk whose writes may use the reserve: what finds no room gives up a piece of
 * it and is tried again, until it succeeds or nothing is left. For the coordinator's
 * logs and the data directory's small files, never for partitions. Reads and all
 * other failures pass through. Made by compose and by the coordinator's worker.
 */
import { type Disk, type DiskEntry, DiskError, type DiskFile, type DiskStat, type OpenMode } from "./disk.ts";
import type { Reserve } from "./reserve.ts";

/** What a new name may take in a directory. */
const NAME_BYTES = 4_096;

export class ReservedDisk implements Disk {
  readonly #disk: Disk;
  readonly #reserve: Reserve;

  constructor(disk: Disk, reserve: Reserve) {
    this.#disk = disk;
    this.#reserve = reserve;
  }

  get kind(): Disk["kind"] {
    return this.#disk.kind;
  }

  open(path: string, mode: OpenMode): DiskFile {
    const file = this.attempt(NAME_BYTES, () => this.#disk.open(path, mode));
    return mode === "read" ? file : new ReservedFile(file, this);
  }

  list(path: string): DiskEntry[] {
    return this.#disk.list(path);
  }

  stat(path: string): DiskStat | null {
    return this.#disk.stat(path);
  }

  makeDirectory(path: string): void {
    this.attempt(NAME_BYTES, () => this.#disk.makeDirectory(path));
  }

  rename(from: string, to: string): void {
    this.attempt(NAME_BYTES, () => this.#disk.rename(from, to));
  }

  remove(path: string): void {
    this.attempt(NAME_BYTES, () => this.#disk.remove(path));
  }

  syncDirectory(path: string): void {
    this.#disk.syncDirectory(path);
  }

  space(path: string): ReturnType<Disk["space"]> {
    return this.#disk.space(path);
  }

  /** Called by the disk's files and by itself: `call` writes `bytes`, or throws and has written nothing. */
  attempt<T>(bytes: number, call: () => T): T {
    for (let wanted = bytes;; wanted *= 2) {
      try {
        return call();
      } catch (error) {
        if (!(error instanceof DiskError) || error.code !== "full") throw error;
        if (!this.#reserve.giveUp(wanted)) throw error;
      }
    }
  }
}

class ReservedFile implements DiskFile {
  readonly #file: DiskFile;
  readonly #disk: ReservedDisk;

  constructor(file: DiskFile, disk: ReservedDisk) {
    this.#file = file;
    this.#disk = disk;
  }

  get path(): string {
    return this.#file.path;
  }

  get size(): number {
    return this.#file.size;
  }

  read(position: number, target: Uint8Array): number {
    return this.#file.read(position, target);
  }

  view(position: number, length: number): Uint8Array {
    return this.#file.view(position, length);
  }

  write(position: number, source: Uint8Array): void {
    this.#disk.attempt(source.length, () => this.#file.write(position, source));
  }

  truncate(size: number): void {
    this.#disk.attempt(NAME_BYTES, () => this.#file.truncate(size));
  }

  sync(): void {
    this.#file.sync();
  }

  close(): void {
    this.#file.close();
  }
}
