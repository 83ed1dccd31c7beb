/**
 * What a shard does to its logs though nobody asked: retention takes what the
 * settings no longer keep, compaction what a later record of the same key stands
 * for, the scrub looks for damage. Each in slices, a slice a
 * turn, so that readers and writers never wait for a whole log. Logs that are
 * only adopted are not in here. Called by the shard.
 */
import type { ShardOutput } from "../model/mod.ts";
import { Compaction, type CompactionFigures, type CompactionOptions } from "./compaction.ts";
import type { HostedLog } from "./hosted_log.ts";
import { type Retained, Retention, type RetentionOptions } from "./retention.ts";
import { Scrubbing, type ScrubOptions } from "./scrubbing.ts";

export interface UpkeepOptions extends RetentionOptions, ScrubOptions, CompactionOptions {
  /** Numbers from 0 to 1. */
  readonly jitter: () => number;
}

export class Upkeep {
  readonly #retention: Retention;
  readonly #scrubbing: Scrubbing;
  readonly #compaction: Compaction;
  #seenMs = 0;

  constructor(options: UpkeepOptions) {
    this.#retention = new Retention(options);
    this.#scrubbing = new Scrubbing(options, options.jitter);
    this.#compaction = new Compaction(options);
  }

  /** When a slice is due, milliseconds since 1970: 0 is now. */
  get wakeMs(): number {
    return Math.min(this.#retention.wakeMs, this.#compaction.wakeMs, this.#scrubbing.wakeMs);
  }

  /** How compaction stands. */
  get compaction(): CompactionFigures {
    return this.#compaction.figures;
  }

  /** A log that was opened, and whose files are this shard's. */
  add(host: HostedLog, nowMs: number): void {
    this.#retention.add(host, nowMs);
    this.#scrubbing.add(host, nowMs);
    this.#compaction.add(host, nowMs);
  }

  /** The settings of a log changed. */
  reconfigured(host: HostedLog): void {
    this.#retention.hurry(host);
    this.#compaction.reconfigured(host);
  }

  /** The log is deleted. Throws DiskError. */
  drop(host: HostedLog): void {
    this.#retention.drop(host);
    this.#scrubbing.forget(host);
    this.#compaction.drop(host);
  }

  /** All logs are about to be closed. Throws DiskError. */
  stop(): void {
    this.#retention.stop();
    this.#scrubbing.stop();
    this.#compaction.stop();
  }

  /** What changes the logs: before the turn's reads, which see it. Throws DiskError, but not for a full disk. */
  change(nowMs: number): Retained[] {
    this.#follow(nowMs);
    return this.#retention.run(nowMs);
  }

  /** A clock that is set back, as by a machine that begins with a wrong one, takes with it what is to be done at a time. */
  #follow(nowMs: number): void {
    const backMs = this.#seenMs - nowMs;
    this.#seenMs = nowMs;
    if (backMs <= 0) return;
    for (const work of [this.#retention, this.#compaction, this.#scrubbing]) work.setBack(backMs);
  }

  /** The same, for changes that nobody waits for; `isIdle`: the turn has nothing else to do. */
  clean(nowMs: number, isIdle: boolean): ShardOutput[] {
    return this.#compaction.run(nowMs, isIdle);
  }

  /** What only looks at them: after the turn's reads. */
  look(nowMs: number): ShardOutput[] {
    return this.#scrubbing.run(nowMs);
  }
}
