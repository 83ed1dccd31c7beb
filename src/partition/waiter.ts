/**
 * A long poll: a fetch that found fewer bytes than it asked for and waits in the
 * shard until an append brings them or its time is over. Waiters are indexed by
 * each log they read and by the earliest deadline; their number is bounded.
 */
import type { FetchInput } from "../model/mod.ts";
import type { HostedLog } from "./hosted_log.ts";

export interface Waiter {
  readonly input: FetchInput;
  readonly deadlineMs: number;
  /** The logs it is registered with. */
  readonly hosts: readonly HostedLog[];
}

/** All long polls of one shard. */
export class Waiters {
  readonly #byId = new Map<number, Waiter>();
  #earliestDeadlineMs = Number.MAX_SAFE_INTEGER;

  get count(): number {
    return this.#byId.size;
  }

  /** No waiter is due before this moment. */
  get earliestDeadlineMs(): number {
    return this.#byId.size === 0 ? Number.MAX_SAFE_INTEGER : this.#earliestDeadlineMs;
  }

  /** Takes a waiter in; it is woken through its hosts' sets. */
  add(waiter: Waiter): void {
    this.#byId.set(waiter.input.id, waiter);
    for (const host of waiter.hosts) host.waiters.add(waiter);
    if (waiter.deadlineMs < this.#earliestDeadlineMs) this.#earliestDeadlineMs = waiter.deadlineMs;
  }

  find(id: number): Waiter | undefined {
    return this.#byId.get(id);
  }

  remove(waiter: Waiter): void {
    this.#byId.delete(waiter.input.id);
    for (const host of waiter.hosts) host.waiters.delete(waiter);
  }

  /** The waiters whose time is over at `nowMs`, oldest first. */
  due(nowMs: number): Waiter[] {
    if (nowMs < this.earliestDeadlineMs) return [];
    const due: Waiter[] = [];
    let earliestDeadlineMs = Number.MAX_SAFE_INTEGER;
    for (const waiter of this.#byId.values()) {
      if (waiter.deadlineMs <= nowMs) due.push(waiter);
      else if (waiter.deadlineMs < earliestDeadlineMs) earliestDeadlineMs = waiter.deadlineMs;
    }
    this.#earliestDeadlineMs = earliestDeadlineMs;
    return due;
  }
}
