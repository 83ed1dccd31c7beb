/**
 * What the main thread's end of a worker's mailbox measures: how long inputs are
 * under way, there and back, without the time the worker was at work on them. The
 * clock is not read here: it was when the event began that brings each.
 */
import { Meter } from "./meter.ts";
import { Sheet } from "./sheet.ts";
import { stageOf } from "./stages.ts";
import { STOPPED, type Stopwatch } from "./stopwatch.ts";

/** Of one outbox. */
export const OUTBOX_SHEET = new Sheet();
const QUEUE = stageOf(OUTBOX_SHEET, "worker_queue");
const MESSAGES = OUTBOX_SHEET.counter("weir_worker_messages_total", "Messages sent to a worker");

export class OutboxMeter {
  readonly #meter: Meter;
  /** Of the few messages under way: when the first input of each was there, and how many there were. */
  readonly #sentUs: number[] = [];
  readonly #sentInputs: number[] = [];
  #collectedUs = 0;

  constructor(watch: Stopwatch = STOPPED) {
    this.#meter = new Meter(OUTBOX_SHEET, watch);
  }

  /** The first input of the next message is here. */
  collects(): void {
    this.#collectedUs = this.#meter.watch.us;
  }

  /** A message with so many inputs leaves. */
  sent(inputs: number): void {
    this.#meter.add(MESSAGES, 1);
    this.#sentUs.push(this.#collectedUs);
    this.#sentInputs.push(inputs);
  }

  /** The oldest message under way was answered, after the worker was at work on it for `busyUs`. */
  answered(busyUs: number): void {
    const sentUs = this.#sentUs.shift();
    const inputs = this.#sentInputs.shift();
    if (sentUs === undefined || inputs === undefined) return;
    const underWayUs = this.#meter.watch.us - sentUs;
    this.#meter.observe(QUEUE, Math.max(0, underWayUs - busyUs), inputs);
  }

  /** The worker is gone, and with it what was under way. */
  lost(): void {
    this.#sentUs.length = this.#sentInputs.length = 0;
  }

  snapshot(): Float64Array {
    return this.#meter.snapshot();
  }
}
