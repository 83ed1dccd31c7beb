/**
 * How late the main thread's event loop is: a timer that ought to fire every so
 * often says by how much it did not. Everything else the thread does was late by
 * as much.
 */
import { Meter } from "./meter.ts";
import { Sheet } from "./sheet.ts";
import type { Stopwatch } from "./stopwatch.ts";

/** Of the main thread's event loop. */
export const LOOP_SHEET = new Sheet();
const LAG = LOOP_SHEET.histogram("weir_event_loop_lag_seconds", "How late the main thread's timers fire");
const LAST = LOOP_SHEET.gauge("weir_event_loop_last_lag_seconds", "How late the last one was", {
  scale: 1e-6,
});

export class LoopMeter {
  readonly #meter: Meter;
  readonly #periodUs: number;
  #lastUs: number;

  /** To be told of each firing of a timer of this period. */
  constructor(periodMs: number, watch: Stopwatch) {
    this.#meter = new Meter(LOOP_SHEET, watch);
    this.#periodUs = periodMs * 1_000;
    this.#lastUs = watch.stamp();
  }

  /** The timer fired. */
  fired(): void {
    const us = this.#meter.watch.stamp();
    const lagUs = Math.max(0, us - this.#lastUs - this.#periodUs);
    this.#lastUs = us;
    this.#meter.observe(LAG, lagUs);
    this.#meter.set(LAST, lagUs);
  }

  snapshot(): Float64Array {
    return this.#meter.snapshot();
  }
}
