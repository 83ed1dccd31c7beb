/**
 * Patience with an answer that may be long in coming: waits for it as long as it
 * is worth waiting, then makes do with the one before. Asks for no other while one
 * is still outstanding, so that what is slow is not asked ever more.
 */
import type { Clock } from "./clock.ts";

export class Patience<Answer> {
  readonly #clock: Pick<Clock, "after">;
  readonly #waitMsMax: number;
  #last: Answer;
  #outstanding: Promise<void> | null = null;

  /** `first`: what to make do with before there was an answer. */
  constructor(clock: Pick<Clock, "after">, waitMsMax: number, first: Answer) {
    this.#clock = clock;
    this.#waitMsMax = waitMsMax;
    this.#last = first;
  }

  /** The answer to `ask`, or the last one there was. Rejects when the answer does in time. */
  async answer(ask: () => Promise<Answer>): Promise<Answer> {
    this.#outstanding ??= this.#keep(ask);
    let callOff = () => {};
    const late = new Promise<void>((resolve) => callOff = this.#clock.after(this.#waitMsMax, resolve));
    try {
      await Promise.race([this.#outstanding, late]);
    } finally {
      callOff();
    }
    return this.#last;
  }

  async #keep(ask: () => Promise<Answer>): Promise<void> {
    try {
      this.#last = await ask();
    } finally {
      this.#outstanding = null;
    }
  }
}
