/**
 * Which logs of a shard are flushed when: those that promised it to an append of
 * the running turn, and those whose `flush.messages` or `flush.ms` ask for it.
 * At most one flush per log and turn. Called by the shard.
 */
import { TurnMeter } from "../meter/mod.ts";
import type { HostedLog } from "./hosted_log.ts";

export class Flushing {
  readonly #meter: TurnMeter;
  /** Logs with unflushed records whose settings ask for a flush some time; within a turn perhaps others, too. */
  readonly #hosts = new Set<HostedLog>();

  constructor(meter: TurnMeter = new TurnMeter()) {
    this.#meter = meter;
  }

  /** When the next flush is due, milliseconds since 1970: 0 is now. */
  get wakeMs(): number {
    let wakeMs = Number.MAX_SAFE_INTEGER;
    for (const host of this.#hosts) if (host.flushDueMs < wakeMs) wakeMs = host.flushDueMs;
    return wakeMs;
  }

  /** A log that may have a flush due some time. */
  add(host: HostedLog): void {
    this.#hosts.add(host);
  }

  /** The log is deleted. */
  drop(host: HostedLog): void {
    this.#hosts.delete(host);
  }

  /** Flushes what is due; `touched` are the logs of this turn. */
  run(touched: readonly HostedLog[], nowMs: number): void {
    if (touched.length > 0 || this.#hosts.size > 0) this.#meter.taken();
    for (const host of touched) {
      if (!host.appendedInTurn) continue;
      if (host.flushPromised) this.#flush(host);
      host.flushPromised = false;
      if (host.flushDueMs < Number.MAX_SAFE_INTEGER) this.#hosts.add(host);
    }
    for (const host of this.#hosts) {
      if (host.flushDueMs <= nowMs) this.#flush(host);
      if (host.flushDueMs === Number.MAX_SAFE_INTEGER) this.#hosts.delete(host);
    }
  }

  #flush({ log }: HostedLog): void {
    log.flush();
    this.#meter.flushed();
  }
}
