/**
 * What a partition worker measures, and the meter of its turns: the loop stamps
 * the clock where a turn begins and ends, the shard where it flushes, four times
 * a turn and not for each request.
 *
 *     began  -> inputs taken  -> flushed        -> reads, answers -> ended
 *            append stage      flush stage       fetch stage
 */
import { Meter } from "./meter.ts";
import { MICROSECONDS, Sheet } from "./sheet.ts";
import { stageOf } from "./stages.ts";
import { STOPPED, type Stopwatch } from "./stopwatch.ts";

/** Of a partition worker. */
export const PARTITION_SHEET = new Sheet();
const sheet = PARTITION_SHEET;
const APPEND = stageOf(sheet, "append");
const FLUSH = stageOf(sheet, "flush");
const FETCH = stageOf(sheet, "fetch");
const TURN = sheet.histogram("weir_worker_turn_duration_seconds", "Turns of partition workers");
const FLUSHES = sheet.histogram("weir_flush_duration_seconds", "Flushes of one log to the device");
const TURNS = sheet.counter("weir_worker_turns_total", "Turns a worker took");
const BUSY = sheet.counter("weir_worker_busy_seconds_total", "Time a worker spent in its turns", {
  scale: MICROSECONDS,
});
const INPUTS = sheet.counter("weir_worker_inputs_total", "Inputs a worker took");
const BATCHES = sheet.counter("weir_appended_batches_total", "Record batches appended");
const BYTES = sheet.counter("weir_appended_bytes_total", "Bytes of record batches appended");
const REFUSED = sheet.counter("weir_refused_batches_total", "Record batches that were not appended");
const FETCHES = sheet.counter("weir_fetches_total", "Fetches answered by the workers");
const FETCHED = sheet.counter("weir_fetched_bytes_total", "Bytes of record batches fetched");
const WAITERS = sheet.gauge("weir_waiters", "Long polls that wait for records");
const HEAP = sheet.gauge("weir_worker_heap_bytes", "JavaScript heap of a worker in use");
const DROPPED = sheet.counter("weir_retention_segments_total", "Segments that retention took");
const DROPPED_BYTES = sheet.counter("weir_retention_bytes_total", "Bytes of segments that retention took");

/** One input and one output, as far as counting looks at them. */
interface Input {
  readonly kind: string;
  readonly batch?: Uint8Array;
}
interface Output {
  readonly kind: string;
  readonly fault?: unknown;
  readonly entries?: readonly { readonly records: Uint8Array }[];
}

export class TurnMeter {
  readonly #meter: Meter;
  #beganUs = 0;
  #takenUs = 0;
  #flushedUs = 0;

  constructor(watch: Stopwatch = STOPPED) {
    this.#meter = new Meter(PARTITION_SHEET, watch);
  }

  /** A turn begins. */
  begin(): void {
    this.#beganUs = this.#takenUs = this.#flushedUs = this.#meter.watch.stamp();
  }

  /** The inputs were taken: flushes come next. */
  taken(): void {
    this.#takenUs = this.#flushedUs = this.#meter.watch.stamp();
  }

  /** One log was flushed, the last thing since `taken` or the flush before. */
  flushed(): void {
    const us = this.#meter.watch.stamp();
    this.#meter.observe(FLUSHES, us - this.#flushedUs);
    this.#flushedUs = us;
  }

  /** Retention took segments from a log. */
  dropped(segments: number, bytes: number): void {
    this.#meter.add(DROPPED, segments);
    this.#meter.add(DROPPED_BYTES, bytes);
  }

  /** The turn is over, its answers are made; gives how long it took, in microseconds. */
  end(inputs: readonly Input[], outputs: readonly Output[]): number {
    const meter = this.#meter;
    const endedUs = meter.watch.stamp();
    meter.add(TURNS, 1);
    meter.add(INPUTS, inputs.length);
    meter.add(BUSY, endedUs - this.#beganUs);
    meter.observe(TURN, endedUs - this.#beganUs);
    for (const { batch } of inputs) if (batch !== undefined) meter.add(BYTES, batch.length);
    this.#countOutputs(outputs, endedUs);
    return endedUs - this.#beganUs;
  }

  /** The numbers, and what only this moment tells. */
  snapshot(waiters: number, heapBytes: number): Float64Array {
    this.#meter.set(WAITERS, waiters);
    this.#meter.set(HEAP, heapBytes);
    return this.#meter.snapshot();
  }

  #countOutputs(outputs: readonly Output[], endedUs: number): void {
    const meter = this.#meter;
    let appended = 0;
    let fetches = 0;
    for (const output of outputs) {
      if (output.kind === "appended") {
        if (output.fault === null) appended++;
        else meter.add(REFUSED, 1);
      } else if (output.kind === "fetched") {
        fetches++;
        for (const { records } of output.entries!) meter.add(FETCHED, records.length);
      }
    }
    if (appended > 0) {
      meter.add(BATCHES, appended);
      meter.observe(APPEND, this.#takenUs - this.#beganUs, appended);
      if (this.#flushedUs > this.#takenUs) meter.observe(FLUSH, this.#flushedUs - this.#takenUs, appended);
    }
    if (fetches === 0) return;
    meter.add(FETCHES, fetches);
    meter.observe(FETCH, endedUs - this.#flushedUs, fetches);
  }
}
