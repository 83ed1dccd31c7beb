/**
 * A meter: the numbers of one sheet, counted where things happen. Adding is an
 * addition in a typed array: nothing is allocated, looked up or awaited. A copy
 * of the array is all there is to hand on.
 */
import { bucketOf } from "./histogram.ts";
import type { Sheet } from "./sheet.ts";
import { STOPPED, type Stopwatch } from "./stopwatch.ts";

export class Meter {
  readonly #values: Float64Array;
  readonly watch: Stopwatch;

  /** Without a stopwatch, all durations are 0. */
  constructor({ size }: Sheet, watch: Stopwatch = STOPPED) {
    this.#values = new Float64Array(size);
    this.watch = watch;
  }

  /** Adds to a counter or a gauge. */
  add(slot: number, count: number): void {
    this.#values[slot]! += count;
  }

  /** Sets a gauge. */
  set(slot: number, value: number): void {
    this.#values[slot] = value;
  }

  /** Puts `count` times `value` into a histogram. */
  observe(slot: number, value: number, count = 1): void {
    const values = this.#values;
    values[slot]! += value * count;
    values[slot + 1 + bucketOf(value)]! += count;
  }

  /** A copy of the numbers, to be kept or sent away. */
  snapshot(): Float64Array {
    return this.#values.slice();
  }
}
