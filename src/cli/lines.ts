/**
 * A stream of bytes cut into lines at each newline (0x0A), nothing else touched:
 * a carriage return stays, bytes need not be UTF-8. Memory is bounded by the
 * longest line allowed. The caller feeds chunks in order and ends with `rest`.
 */
import { CommandError } from "./command.ts";

const NEWLINE = 0x0a;

/** Cuts chunks into lines. */
export class LineSplitter {
  readonly #lineBytesMax: number;
  /** The beginning of a line that has no end yet; grown by doubling up to the bound. */
  #pending = new Uint8Array(4_096);
  #pendingBytes = 0;
  #count = 0;

  /** Refuses lines of more than `lineBytesMax` bytes, the newline not counted. */
  constructor(lineBytesMax: number) {
    this.#lineBytesMax = lineBytesMax;
  }

  /** Lines cut so far. */
  get count(): number {
    return this.#count;
  }

  /**
   * The lines that end in `chunk`. Views into `chunk` (or a copy where a line began before it): valid
   * while the caller leaves `chunk` alone. Throws {@linkcode CommandError} at a line that is too long.
   */
  *lines(chunk: Uint8Array): Generator<Uint8Array, void, undefined> {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      yield this.#finish(chunk.subarray(start, end));
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  /** What follows the last newline, when there is anything: a last line that was not ended. */
  rest(): Uint8Array | null {
    return this.#pendingBytes === 0 ? null : this.#finish(new Uint8Array(0));
  }

  #finish(tail: Uint8Array): Uint8Array {
    if (this.#pendingBytes === 0) {
      this.#check(tail.length);
      this.#count++;
      return tail;
    }
    this.#keep(tail);
    const line = this.#pending.slice(0, this.#pendingBytes);
    this.#pendingBytes = 0;
    this.#count++;
    return line;
  }

  #keep(bytes: Uint8Array): void {
    const wanted = this.#pendingBytes + bytes.length;
    this.#check(wanted);
    if (wanted > this.#pending.length) {
      const larger = new Uint8Array(Math.max(wanted, this.#pending.length * 2));
      larger.set(this.#pending.subarray(0, this.#pendingBytes));
      this.#pending = larger;
    }
    this.#pending.set(bytes, this.#pendingBytes);
    this.#pendingBytes = wanted;
  }

  #check(length: number): void {
    if (length <= this.#lineBytesMax) return;
    throw new CommandError(
      `Line ${
        this.#count + 1
      } is longer than ${this.#lineBytesMax} bytes, the largest record the topic takes`,
    );
  }
}
