/**
 * A sheet: what one thread, or one part of it, measures, and where each number
 * lies in a flat array. The same module makes the same sheet in every thread, so
 * that an array alone says everything and crosses threads as it is. Names are
 * Prometheus' own: base units, in the name.
 *
 *     counter, gauge   | value |
 *     histogram        | sum | bucket 0 | ... | bucket 123 |
 */
import { BUCKETS } from "./histogram.ts";

export type Labels = Readonly<Record<string, string>>;

export interface Definition {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly labels: Labels;
  /** One counted unit, in the unit of the name: 1e-6 where microseconds are counted and seconds are told. */
  readonly scale: number;
  /** Where it begins in the array. */
  readonly slot: number;
}

interface Options {
  readonly labels?: Labels;
  readonly scale?: number;
}

/** Microseconds, told as seconds. */
export const MICROSECONDS = 1e-6;
const NO_LABELS: Labels = {};

export class Sheet {
  readonly definitions: Definition[] = [];
  #size = 0;

  /** Numbers in an array of this sheet. */
  get size(): number {
    return this.#size;
  }

  /** A number that only grows; gives its slot. Its name ends in `_total`. */
  counter(name: string, help: string, options: Options = {}): number {
    return this.#define("counter", name, help, options, 1);
  }

  /** A number as it is now; gives its slot. */
  gauge(name: string, help: string, options: Options = {}): number {
    return this.#define("gauge", name, help, options, 1);
  }

  /** How values are spread, usually microseconds; gives its slot. */
  histogram(name: string, help: string, options: Options = {}): number {
    return this.#define("histogram", name, help, { scale: MICROSECONDS, ...options }, 1 + BUCKETS);
  }

  #define(type: Definition["type"], name: string, help: string, options: Options, size: number): number {
    const { labels = NO_LABELS, scale = 1 } = options;
    const slot = this.#size;
    this.#size += size;
    this.definitions.push({ name, help, type, labels, scale, slot });
    return slot;
  }
}
