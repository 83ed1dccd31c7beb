/**
 * One open file of a faulty disk: passes every call to the file in memory, after
 * asking the disk whether a fault is due, and records what a crash may lose.
 */
import type { DiskFile } from "./disk.ts";
import type { DurableFile } from "./durability.ts";
import { type FaultyOperation, refuse } from "./faults.ts";

/** What a file asks its disk. */
export interface FaultyOwner {
  readonly life: number;
  readonly full: boolean;
  enter(operation: FaultyOperation, path: string): void;
  bytesKeptOfTornWrite(path: string): number | null;
}

export class FaultyFile implements DiskFile {
  readonly #disk: FaultyOwner;
  readonly #inner: DiskFile;
  readonly #record: DurableFile;
  readonly #life: number;

  constructor(readonly path: string, disk: FaultyOwner, inner: DiskFile, record: DurableFile) {
    this.#disk = disk;
    this.#inner = inner;
    this.#record = record;
    this.#life = disk.life;
  }

  get size(): number {
    return this.#inner.size;
  }

  read(position: number, target: Uint8Array): number {
    this.#enter("read");
    return this.#inner.read(position, target);
  }

  view(position: number, length: number): Uint8Array {
    this.#enter("read");
    return this.#inner.view(position, length);
  }

  write(position: number, source: Uint8Array): void {
    this.#enter("write");
    const kept = this.#disk.bytesKeptOfTornWrite(this.path);
    if (kept !== null) this.#tear(position, source.subarray(0, kept));
    const sizeBefore = this.#inner.size;
    if (this.#disk.full && position + source.length > sizeBefore) this.#overflow(position, source);
    this.#inner.write(position, source);
    this.#record.record({ kind: "write", position, bytes: source.slice() });
  }

  truncate(size: number): void {
    this.#enter("truncate");
    this.#inner.truncate(size);
    this.#record.record({ kind: "cut", size });
  }

  sync(): void {
    try {
      this.#enter("sync");
    } catch (error) {
      this.#record.forget();
      throw error;
    }
    this.#inner.sync();
    this.#record.sync();
  }

  close(): void {
    this.#inner.close();
  }

  #enter(operation: FaultyOperation): void {
    if (this.#life !== this.#disk.life) {
      throw refuse("io", operation, this.path, "it was opened before the crash");
    }
    this.#disk.enter(operation, this.path);
  }

  /** What the device got before the power went is durable, and with it what was written earlier. */
  #tear(position: number, kept: Uint8Array): never {
    if (kept.length > 0) this.#record.record({ kind: "write", position, bytes: kept.slice() });
    this.#record.sync();
    throw refuse("io", "write", this.path, "the power is cut");
  }

  /** As a real disk does: half is written before the space runs out, then taken back; neither is durable yet. */
  #overflow(position: number, source: Uint8Array): never {
    const bytes = source.slice(0, source.length >> 1);
    if (position <= this.size && bytes.length > 0 && position + bytes.length > this.size) {
      const start = this.size - position;
      this.#record.record({ kind: "write", position: this.size, bytes: bytes.slice(start) });
      this.#record.record({ kind: "cut", size: this.size });
    }
    throw refuse("full", "write", this.path, "no space left on the device");
  }
}
