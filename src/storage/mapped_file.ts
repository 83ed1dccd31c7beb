/**
 * One open file, written with pwrite and read through windows of mapped memory.
 * What keeps a mapping from killing the process (SIGBUS, FACTS "mmap, used safely"):
 * only bytes below `size` are looked at; the file is unmapped before it is cut and
 * when it is closed; nobody else may cut it. What is read once is read with pread,
 * for showing a window costs about as much as reading 100 KiB; a second read near
 * the same place maps it. Long runs (a fetch's records) always are: pread copies
 * them faster than the page faults of a mapping let them be touched, and without
 * the lock on the address space that all threads share (consuming: 1.6 GB/s
 * against 1.2). A file never viewed is never mapped.
 */
import type { DiskFile } from "./disk.ts";
import { checkRange, checkTruncate, checkWritable } from "./disk_checks.ts";
import type { MappedWindows, Window, WindowOwner } from "./mapped_windows.ts";
import type { PositionalFile } from "./positional_file.ts";

const NOWHERE = -1;
/** Longer reads and views are copied with pread. */
const MAPPED_BYTES_MAX = 65_536;

export class MappedFile implements DiskFile, WindowOwner {
  readonly #file: PositionalFile;
  readonly #windows: MappedWindows;
  readonly #own: Window[] = [];
  /** Start of the window the last pread would have been served from. */
  #missedStart = NOWHERE;
  #isMappable = true;

  constructor(file: PositionalFile, windows: MappedWindows) {
    this.#file = file;
    this.#windows = windows;
  }

  get path(): string {
    return this.#file.path;
  }

  get size(): number {
    return this.#file.size;
  }

  read(position: number, target: Uint8Array): number {
    const length = Math.min(target.length, this.#file.size - position);
    const isShort = length > 0 && length <= MAPPED_BYTES_MAX;
    const window = isShort ? this.#showing(position, length) : null;
    if (window === null) return this.#file.read(position, target);
    target.set(bytesOf(window, position, length));
    return length;
  }

  view(position: number, length: number): Uint8Array {
    checkRange(this.path, this.#file.size, position, length);
    if (length > MAPPED_BYTES_MAX) return this.#file.view(position, length);
    const window = this.#showing(position, length) ?? this.#map(position, length);
    return window === null ? this.#file.view(position, length) : bytesOf(window, position, length);
  }

  write(position: number, source: Uint8Array): void {
    this.#file.write(position, source);
  }

  truncate(size: number): void {
    checkWritable(this.path, this.#file.mode);
    checkTruncate(this.path, this.#file.size, size);
    this.#unmap();
    this.#file.truncate(size);
  }

  sync(): void {
    this.#file.sync();
  }

  close(): void {
    this.#unmap();
    this.#isMappable = false;
    this.#file.close();
  }

  /** Called when a window goes to another file. */
  lose(window: Window): void {
    const index = this.#own.indexOf(window);
    if (index >= 0) this.#own.splice(index, 1);
  }

  #showing(position: number, length: number): Window | null {
    for (const window of this.#own) {
      if (position < window.start || position + length > window.end) continue;
      this.#windows.use(window);
      return window;
    }
    return null;
  }

  /** A new window for a range that was missed before at the same place; `null` means: read it. */
  #map(position: number, length: number): Window | null {
    const step = this.#windows.stepBytes;
    if (!this.#isMappable || length === 0 || length > step) return null;
    const start = Math.floor(position / step) * step;
    if (start !== this.#missedStart) {
      this.#missedStart = start;
      return null;
    }
    this.#missedStart = NOWHERE;
    const window = this.#windows.open(this, this.path, start, this.#file.size);
    if (window === null) this.#isMappable = false;
    else this.#own.push(window);
    return window;
  }

  #unmap(): void {
    while (this.#own.length > 0) this.#windows.close(this.#own[this.#own.length - 1]!);
  }
}

function bytesOf(window: Window, position: number, length: number): Uint8Array {
  const from = position - window.start;
  return window.range.bytes.subarray(from, from + length);
}
