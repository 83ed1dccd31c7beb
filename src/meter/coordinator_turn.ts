/**
 * What the coordinator worker measures: its turns, and in them the flush of what
 * they decided. The loop stamps the clock where a turn begins and ends, the
 * coordinator around its flush.
 */
import { Meter } from "./meter.ts";
import { MICROSECONDS, Sheet } from "./sheet.ts";
import { STOPPED, type Stopwatch } from "./stopwatch.ts";

/** Of the coordinator worker. */
export const COORDINATOR_SHEET = new Sheet();
const sheet = COORDINATOR_SHEET;
const TURN = sheet.histogram("weir_coordinator_turn_duration_seconds", "Turns of the coordinator");
const FLUSH = sheet.histogram(
  "weir_coordinator_flush_duration_seconds",
  "Flushes of the coordinator's journal and group logs, one a turn that changed something",
);
const TURNS = sheet.counter("weir_coordinator_turns_total", "Turns the coordinator took");
const INPUTS = sheet.counter("weir_coordinator_inputs_total", "Commands the coordinator decided");
const BUSY = sheet.counter("weir_coordinator_busy_seconds_total", "Time the coordinator spent in its turns", {
  scale: MICROSECONDS,
});
const HEAP = sheet.gauge("weir_coordinator_heap_bytes", "JavaScript heap of the coordinator in use");

export class CoordinatorMeter {
  readonly #meter: Meter;
  #beganUs = 0;
  #flushingUs = 0;

  constructor(watch: Stopwatch = STOPPED) {
    this.#meter = new Meter(COORDINATOR_SHEET, watch);
  }

  /** A turn begins. */
  begin(): void {
    this.#beganUs = this.#meter.watch.stamp();
  }

  /** The turn's changes are about to be flushed. */
  flushing(): void {
    this.#flushingUs = this.#meter.watch.stamp();
  }

  /** They are on the device. */
  flushed(): void {
    this.#meter.observe(FLUSH, this.#meter.watch.stamp() - this.#flushingUs);
  }

  /** The turn of so many inputs is over. */
  end(inputs: number): void {
    const durationUs = this.#meter.watch.stamp() - this.#beganUs;
    this.#meter.add(TURNS, 1);
    this.#meter.add(INPUTS, inputs);
    this.#meter.add(BUSY, durationUs);
    this.#meter.observe(TURN, durationUs);
  }

  /** The numbers, and what only this moment tells. */
  snapshot(heapBytes: number): Float64Array {
    this.#meter.set(HEAP, heapBytes);
    return this.#meter.snapshot();
  }
}
