/**
 * What a listener measures: who comes and goes, and the stages of requests that
 * the main thread is at work in: reading them, routing them, writing answers. The
 * ends of routing and writing are looked at two thousand times a second at most:
 * on a busy listener what comes in between counts like the next that is looked at.
 */
import { Meter } from "./meter.ts";
import { Sheet } from "./sheet.ts";
import { stageOf } from "./stages.ts";
import { STOPPED, type Stopwatch } from "./stopwatch.ts";

/** Of one listener. */
export const LISTENER_SHEET = new Sheet();
const sheet = LISTENER_SHEET;
const READ = stageOf(sheet, "read");
const ROUTE = stageOf(sheet, "route");
const REPLY = stageOf(sheet, "reply");
const OPENED = sheet.counter("weir_connections_opened_total", "Connections that were let in");
const REFUSED = sheet.counter(
  "weir_connections_refused_total",
  "Connections refused: max.connections were open",
);
const IDLE = sheet.counter(
  "weir_connections_idle_closed_total",
  "Connections closed for being idle too long",
);
const RECEIVED = sheet.counter("weir_received_bytes_total", "Bytes read from sockets");
const SENT = sheet.counter("weir_sent_bytes_total", "Bytes written to sockets");

/** Between two looks at the end of a stage, at least. */
const LOOK_US = 500;

/** A stage that is not looked at each time. */
class SampledStage {
  readonly #meter: Meter;
  readonly #slot: number;
  #lookedUs = -Infinity;
  #lastUs = 0;
  /** Went through since the last look. */
  #count = 0;

  constructor(meter: Meter, slot: number) {
    this.#meter = meter;
    this.#slot = slot;
  }

  /** True when what begins now is to be looked at. */
  isDue(us: number): boolean {
    return us - this.#lookedUs >= LOOK_US;
  }

  /** So many went through it, unseen. */
  passed(count: number): void {
    this.#count += count;
  }

  /** So many went through it, for so long: those since the last look with them. */
  looked(count: number, beganUs: number): void {
    const us = this.#meter.watch.stamp();
    this.#lookedUs = us;
    this.#lastUs = us - beganUs;
    this.#count += count;
    this.settle();
  }

  /** Counts those since the last look as long as that was. */
  settle(): void {
    if (this.#count > 0) this.#meter.observe(this.#slot, this.#lastUs, this.#count);
    this.#count = 0;
  }
}

export class ListenerMeter {
  readonly #meter: Meter;
  readonly #route: SampledStage;
  readonly #reply: SampledStage;

  constructor(watch: Stopwatch = STOPPED) {
    this.#meter = new Meter(LISTENER_SHEET, watch);
    this.#route = new SampledStage(this.#meter, ROUTE);
    this.#reply = new SampledStage(this.#meter, REPLY);
  }

  /** The clock its durations are measured by. */
  get watch(): Stopwatch {
    return this.#meter.watch;
  }

  opened(): void {
    this.#meter.add(OPENED, 1);
  }

  refused(): void {
    this.#meter.add(REFUSED, 1);
  }

  idle(): void {
    this.#meter.add(IDLE, 1);
  }

  /** Bytes came in. */
  received(bytes: number): void {
    this.#meter.add(RECEIVED, bytes);
  }

  /** So many requests were cut from what was read, from `beganUs` until now; the first began to arrive `readUs` before. */
  routed(requests: number, readUs: number, beganUs: number): void {
    this.#meter.observe(READ, readUs, requests);
    if (this.#route.isDue(beganUs)) this.#route.looked(requests, beganUs);
    else this.#route.passed(requests);
  }

  /**
   * Answers are about to be written; gives what `replied` is to be told. `isLater`: not in the event that
   * brought them, so that the clock was not read for it.
   */
  replying(isLater: boolean): number {
    const { watch } = this.#meter;
    if (!this.#reply.isDue(watch.us)) return -1;
    return isLater ? watch.stamp() : watch.us;
  }

  /** So many answers were written in one go. */
  replied(answers: number, beganUs: number): void {
    if (beganUs < 0) this.#reply.passed(answers);
    else this.#reply.looked(answers, beganUs);
  }

  /** Bytes went out. */
  sent(bytes: number): void {
    this.#meter.add(SENT, bytes);
  }

  snapshot(): Float64Array {
    this.#route.settle();
    this.#reply.settle();
    return this.#meter.snapshot();
  }
}

/** For connections that nobody measures. */
export const UNMEASURED = new ListenerMeter();
