/**
 * Commands that wait for workers, and when their clients stop waiting. A worker
 * that hangs must not keep a reply slot for ever: `expire`, called now and then,
 * ends what is overdue. Late outputs are ignored by the gather that expired.
 */

export interface Expiring {
  readonly deadlineMs: number;
  expire(): void;
}

export class Deadlines {
  readonly #waiting = new Set<Expiring>();

  get count(): number {
    return this.#waiting.size;
  }

  add(waiting: Expiring): void {
    this.#waiting.add(waiting);
  }

  remove(waiting: Expiring): void {
    this.#waiting.delete(waiting);
  }

  /** Ends everything whose deadline is over at `nowMs`. */
  expire(nowMs: number): void {
    for (const waiting of [...this.#waiting]) {
      if (waiting.deadlineMs > nowMs) continue;
      this.#waiting.delete(waiting);
      waiting.expire();
    }
  }
}
