/**
 * The search for damage over all logs of a shard, in the background: one log after
 * the other, a slice at a time, as fast as `log.scrub.bytes.per.second` lets it. A
 * round over all logs begins every `log.scrub.interval.ms`; where it stands is
 * kept from slice to slice. What is found becomes a notice. Called by the shard.
 */
import type { LogScrub } from "../log/mod.ts";
import type { TurnMeter } from "../meter/mod.ts";
import { assert, type ShardOutput } from "../model/mod.ts";
import type { HostedLog } from "./hosted_log.ts";
import { noticesOf } from "./notices.ts";

export interface ScrubOptions {
  /** Bytes of log checked in a second; 0 or left out: never. */
  readonly scrubBytesPerSecond?: number;
  /** From the beginning of one round to that of the next. Default a day. */
  readonly scrubIntervalMs?: number;
  /** Told of what was searched. Default: nothing is measured. */
  readonly meter?: TurnMeter;
}

const NEVER = Number.MAX_SAFE_INTEGER;
const INTERVAL_MS = 86_400_000;
/** A broker that starts has other things to do first. */
const FIRST_MS = 60_000;
/** One slice: a millisecond's work or less, where it lies in memory. */
const SLICE_BYTES_MAX = 262_144;

export class Scrubbing {
  readonly #bytesPerSecond: number;
  readonly #intervalMs: number;
  readonly #share: () => number;
  readonly #meter: TurnMeter | undefined;
  readonly #hosts = new Map<HostedLog, LogScrub>();
  /** Logs that are still to be searched in this round, in their order. */
  readonly #left = new Set<HostedLog>();
  #roundMs = NEVER;
  #sliceMs = NEVER;

  /** `share` gives numbers from 0 to 1: where in a log its first round begins. */
  constructor(options: ScrubOptions, share: () => number) {
    const { scrubBytesPerSecond = 0, scrubIntervalMs = INTERVAL_MS } = options;
    assert(scrubBytesPerSecond >= 0, "a rate is not negative");
    this.#bytesPerSecond = scrubBytesPerSecond;
    this.#intervalMs = scrubIntervalMs;
    this.#share = share;
    this.#meter = options.meter;
  }

  /** When the next slice is due. */
  get wakeMs(): number {
    return this.#sliceMs;
  }

  /** A log was opened. */
  add(host: HostedLog, nowMs: number): void {
    if (this.#bytesPerSecond === 0) return;
    const scrub = host.log.scrub();
    scrub.startAt(this.#share());
    this.#hosts.set(host, scrub);
    if (this.#sliceMs === NEVER) this.#roundMs = this.#sliceMs = nowMs + FIRST_MS;
  }

  /** A log went away. */
  forget(host: HostedLog): void {
    this.#hosts.delete(host);
    this.#left.delete(host);
  }

  /** All logs are about to be closed. */
  stop(): void {
    this.#hosts.clear();
    this.#left.clear();
    this.#sliceMs = NEVER;
  }

  /** The clock was set back: so is the next slice. */
  setBack(backMs: number): void {
    if (this.#sliceMs < NEVER) this.#sliceMs = Math.max(0, this.#sliceMs - backMs);
    if (this.#roundMs < NEVER) this.#roundMs = Math.max(0, this.#roundMs - backMs);
  }

  /** Does a slice if one is due; gives what it found. */
  run(nowMs: number): ShardOutput[] {
    if (nowMs < this.#sliceMs) return [];
    if (this.#left.size === 0) this.#beginRound(nowMs);
    for (const host of this.#left) {
      const bytes = this.#hosts.get(host)!.step(Math.min(SLICE_BYTES_MAX, this.#bytesPerSecond));
      if (bytes === 0) {
        this.#left.delete(host);
        continue;
      }
      this.#sliceMs = nowMs + Math.ceil(1_000 * bytes / this.#bytesPerSecond);
      const found = noticesOf(host);
      this.#meter?.scrubbed(bytes, found.length);
      return found;
    }
    this.#sliceMs = Math.max(this.#roundMs, nowMs + 1);
    return [];
  }

  #beginRound(nowMs: number): void {
    this.#roundMs = nowMs + this.#intervalMs;
    for (const [host, scrub] of this.#hosts) if (scrub.hasWork) this.#left.add(host);
  }
}
