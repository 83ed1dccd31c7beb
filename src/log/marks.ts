/**
 * Where recently written and recently read batches lie, in memory: most fetches
 * follow the end of the log, and those that read old data ask next for what
 * follows their last answer. Both are then found without the index and without
 * walking batch headers. A hint that is lost costs time, never an answer.
 */
import { assert } from "../model/mod.ts";

const WRITTEN_COUNT = 128;
const READ_COUNT = 8;
const NO_NUMBERS = new Float64Array(0);

export class Marks {
  /** A ring of the newest batches: base offsets and positions, ascending from `#first`. */
  #writtenOffsets = NO_NUMBERS;
  #writtenPositions = NO_NUMBERS;
  #first = 0;
  #count = 0;
  /** The ends of the last reads, in no order. */
  #readOffsets = NO_NUMBERS;
  #readPositions = NO_NUMBERS;
  #nextRead = 0;

  /** A batch was appended. */
  written(baseOffset: number, position: number): void {
    if (this.#writtenOffsets.length === 0) {
      this.#writtenOffsets = new Float64Array(WRITTEN_COUNT);
      this.#writtenPositions = new Float64Array(WRITTEN_COUNT);
    }
    if (this.#count === WRITTEN_COUNT) this.#first = (this.#first + 1) % WRITTEN_COUNT;
    else this.#count++;
    const slot = (this.#first + this.#count - 1) % WRITTEN_COUNT;
    this.#writtenOffsets[slot] = baseOffset;
    this.#writtenPositions[slot] = position;
  }

  /** A read ended: `offset` is what comes next, at `position`. */
  read(offset: number, position: number): void {
    if (this.#readOffsets.length === 0) {
      this.#readOffsets = new Float64Array(READ_COUNT).fill(-1);
      this.#readPositions = new Float64Array(READ_COUNT);
    }
    this.#readOffsets[this.#nextRead] = offset;
    this.#readPositions[this.#nextRead] = position;
    this.#nextRead = (this.#nextRead + 1) % READ_COUNT;
  }

  /** Position of the batch that begins exactly at `offset`, or −1 when it is not known. */
  exact(offset: number): number {
    const read = this.#readOffsets.indexOf(offset);
    if (read >= 0) return this.#readPositions[read]!;
    const written = this.#floor(offset);
    return written >= 0 && this.#writtenOffsets[written] === offset ? this.#writtenPositions[written]! : -1;
  }

  /** Position of the batch that holds `offset`, if it is among the newest; else −1. */
  containing(offset: number): number {
    const written = this.#floor(offset);
    return written < 0 ? -1 : this.#writtenPositions[written]!;
  }

  /** Base offset of the newest batches' one that holds `offset`; only after `containing` found it. */
  baseOffset(offset: number): number {
    const written = this.#floor(offset);
    assert(written >= 0, "a batch that was found is found again");
    return this.#writtenOffsets[written]!;
  }

  /** Forgets everything: the segment was cut. */
  clear(): void {
    this.#writtenOffsets = this.#writtenPositions = NO_NUMBERS;
    this.#readOffsets = this.#readPositions = NO_NUMBERS;
    this.#first = this.#count = this.#nextRead = 0;
  }

  /** Slot of the newest batch that begins at or before `offset`, −1 when all begin after it. */
  #floor(offset: number): number {
    for (let back = this.#count - 1; back >= 0; back--) {
      const slot = (this.#first + back) % WRITTEN_COUNT;
      if (this.#writtenOffsets[slot]! <= offset) return slot;
    }
    return -1;
  }
}
