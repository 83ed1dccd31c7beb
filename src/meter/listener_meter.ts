/**
 * What a listener measures: who comes and goes, and the stages of requests that
 * the main thread is at work in: reading them, routing them, writing answers.
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

export class ListenerMeter {
  readonly #meter: Meter;

  constructor(watch: Stopwatch = STOPPED) {
    this.#meter = new Meter(LISTENER_SHEET, watch);
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

  /** So many requests were cut from what was read, the first of which began to arrive `readUs` before. */
  routed(requests: number, readUs: number, routeUs: number): void {
    this.#meter.observe(READ, readUs, requests);
    this.#meter.observe(ROUTE, routeUs, requests);
  }

  /** So many answers were written in one go. */
  replied(answers: number, durationUs: number): void {
    this.#meter.observe(REPLY, durationUs, answers);
  }

  /** Bytes went out. */
  sent(bytes: number): void {
    this.#meter.add(SENT, bytes);
  }

  snapshot(): Float64Array {
    return this.#meter.snapshot();
  }
}

/** For connections that nobody measures. */
export const UNMEASURED = new ListenerMeter();
