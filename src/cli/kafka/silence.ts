/**
 * `--timeout-ms` of `kafka-console-consumer`: how long no record may come. Begun
 * when the command waits for records, ended when they are there.
 */
import { systemClock } from "../../host/mod.ts";

/** The time in which no record comes: its signal fires when it was too long. */
export class Silence {
  readonly #late = new AbortController();
  readonly #timeoutMs: number;
  #callOff: () => void = () => {};

  /** `timeoutMs` −1: it is never too long. */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  get signal(): AbortSignal {
    return this.#late.signal;
  }

  begin(): void {
    if (this.#timeoutMs >= 0) this.#callOff = systemClock.after(this.#timeoutMs, () => this.#late.abort());
  }

  end(): void {
    this.#callOff();
  }
}
