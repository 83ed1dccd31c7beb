/**
 * What a shard does to its logs though nobody asked: retention takes what the
 * settings no longer keep, the scrub looks for damage. Each in slices, a slice a
 * turn, so that readers and writers never wait for a whole log. Logs that are
 * only adopted are not in here. Called by the shard.
 */
import type { ShardOutput } from "../model/mod.ts";
import type { HostedLog } from "./hosted_log.ts";
import { type Retained, Retention, type RetentionOptions } from "./retention.ts";
import { Scrubbing, type ScrubOptions } from "./scrubbing.ts";

export interface UpkeepOptions extends RetentionOptions, ScrubOptions {
  /** Numbers from 0 to 1. */
  readonly jitter: () => number;
}

export class Upkeep {
  readonly #retention: Retention;
  readonly #scrubbing: Scrubbing;

  constructor(options: UpkeepOptions) {
    this.#retention = new Retention(options);
    this.#scrubbing = new Scrubbing(options, options.jitter);
  }

  /** When a slice is due, milliseconds since 1970: 0 is now. */
  get wakeMs(): number {
    return Math.min(this.#retention.wakeMs, this.#scrubbing.wakeMs);
  }

  /** A log that was opened, and whose files are this shard's. */
  add(host: HostedLog, nowMs: number): void {
    this.#retention.add(host, nowMs);
    this.#scrubbing.add(host, nowMs);
  }

  /** The settings of a log changed. */
  reconfigured(host: HostedLog): void {
    this.#retention.hurry(host);
  }

  /** The log is deleted. */
  drop(host: HostedLog): void {
    this.#retention.drop(host);
    this.#scrubbing.forget(host);
  }

  /** What changes the logs: before the turn's reads, which see it. Throws DiskError, but not for a full disk. */
  change(nowMs: number): Retained[] {
    return this.#retention.run(nowMs);
  }

  /** What only looks at them: after the turn's reads. */
  look(nowMs: number): ShardOutput[] {
    return this.#scrubbing.run(nowMs);
  }
}
