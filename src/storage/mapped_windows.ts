/**
 * A bounded set of windows onto files. Each is a range of addresses with one
 * ArrayBuffer for ever: mapping a file into it replaces what it shows, so no
 * mapping makes garbage (a fresh 1 GiB ArrayBuffer costs a full collection), and
 * at most `count` times `bytes` of files are mapped, or counted as this process's
 * memory, at once.
 *
 *     file    |----step----|----step----|----step----|----
 *     window  |<-------- 2 steps ------>|
 *                          |<-------- 2 steps ------>|
 *
 * A window starts at a multiple of a step and is two steps long: any range of at
 * most one step fits in one. The least recently used window is taken first.
 */
import type { Libc, Range } from "./libc.ts";

/** Who a window shows a file for; told when it is taken away. */
export interface WindowOwner {
  lose(window: Window): void;
}

export interface Window {
  readonly range: Range;
  owner: WindowOwner | null;
  /** Position in the file of the window's first byte. */
  start: number;
  /** Position in the file up to which it may be read, as far as the file goes. */
  end: number;
  lastUse: number;
}

/** A window that maps past the end of a file shows what is appended there; only Linux promises it. */
const SHOWS_GROWTH = Deno.build.os === "linux";

export class MappedWindows {
  readonly stepBytes: number;
  readonly #libc: Libc;
  readonly #countMax: number;
  readonly #windows: Window[] = [];
  #uses = 0;

  constructor(libc: Libc, countMax: number, bytes: number) {
    this.#libc = libc;
    this.#countMax = countMax;
    this.stepBytes = bytes / 2;
  }

  /** Marks a window as the last used. */
  use(window: Window): void {
    window.lastUse = ++this.#uses;
  }

  /** Shows a file of `size` bytes from `start` on, a multiple of a step; `null` when the system refuses. */
  open(owner: WindowOwner, path: string, start: number, size: number): Window | null {
    const window = this.#next();
    if (window === null) return null;
    this.close(window);
    if (!this.#libc.show(window.range, path, start)) {
      this.#libc.clear(window.range);
      return null;
    }
    window.owner = owner;
    window.start = start;
    window.end = SHOWS_GROWTH ? start + 2 * this.stepBytes : Math.min(start + 2 * this.stepBytes, size);
    this.use(window);
    return window;
  }

  /** Takes a window away from its file: from here on it shows zeros. */
  close(window: Window): void {
    if (window.owner === null) return;
    window.owner.lose(window);
    window.owner = null;
    window.lastUse = 0;
    this.#libc.clear(window.range);
  }

  #next(): Window | null {
    let oldest: Window | null = null;
    for (const window of this.#windows) {
      if (window.owner === null) return window;
      if (oldest === null || window.lastUse < oldest.lastUse) oldest = window;
    }
    return this.#windows.length < this.#countMax ? this.#reserve() ?? oldest : oldest;
  }

  #reserve(): Window | null {
    const range = this.#libc.reserve(2 * this.stepBytes);
    if (range === null) return null;
    const window: Window = { range, owner: null, start: 0, end: 0, lastUse: 0 };
    this.#windows.push(window);
    return window;
  }
}
