/**
 * The numbers of a thread that may die and come back: it counts from 0 again, and
 * whoever reads must not see a counter fall. What the lost thread had counted, as
 * far as it said so, stays in the total; its gauges go. Kept by the main thread.
 */
import { BUCKETS } from "./histogram.ts";
import type { Sheet } from "./sheet.ts";

export class Tally {
  readonly #sheet: Sheet;
  readonly #lost: Float64Array;
  #last: Float64Array | null = null;

  constructor(sheet: Sheet) {
    this.#sheet = sheet;
    this.#lost = new Float64Array(sheet.size);
  }

  /** The thread's numbers, all of them since its start. An array of another sheet is let be. */
  heard(values: Float64Array): void {
    if (values.length === this.#sheet.size) this.#last = values;
  }

  /** The thread is gone; another will begin at 0. */
  ended(): void {
    const last = this.#last;
    this.#last = null;
    if (last === null) return;
    for (const { type, slot } of this.#sheet.definitions) {
      if (type === "gauge") continue;
      const end = slot + (type === "histogram" ? 1 + BUCKETS : 1);
      for (let index = slot; index < end; index++) this.#lost[index]! += last[index]!;
    }
  }

  /** All that was ever counted. */
  total(): Float64Array {
    const last = this.#last;
    return last === null ? this.#lost.slice() : this.#lost.map((value, index) => value + last[index]!);
  }
}
