/**
 * Gives live tails their turns to send, a few at a time, and leaves the thread to
 * others for twice as long as those took: ten thousand tails and a record for each are
 * minutes of nobody's time, and produce and fetch run on the same thread. While
 * tails wait for their turns records heap up in their feed, not here, so the turn
 * that comes sends more at once.
 */
import { type Clock, monotonicMs, ranOn } from "../../host/mod.ts";

/** Who waits for a turn; may be named more than once. */
export interface Waiting {
  /** It is your turn. */
  wakeUp(): void;
}

/** Turns given at most before the thread is left to others, and how long those may take before there are fewer. */
const TURNS_MAX = 32;
const TURNS_MS_MAX = 1;
/** How much longer than they took the thread is left to others. */
const REST_FACTOR = 2;

export class Pacer {
  readonly #clock: Clock;
  #batches: Iterator<Waiting>[] = [];
  #isRunning = false;
  #turns = 4;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Gives each of them a turn, behind those who came before. Costs the same however many they are. */
  add(waiting: Iterable<Waiting>): void {
    this.#batches.push(waiting[Symbol.iterator]());
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#batches.length > 0) {
      const beganMs = monotonicMs();
      for (let turn = 0; turn < this.#turns; turn++) this.#next()?.wakeUp();
      await ranOn();
      const tookMs = monotonicMs() - beganMs;
      this.#turns = tookMs > TURNS_MS_MAX ? Math.ceil(this.#turns / 2) : Math.min(this.#turns + 1, TURNS_MAX);
      await this.#clock.sleep(REST_FACTOR * tookMs);
    }
    this.#isRunning = false;
  }

  #next(): Waiting | null {
    while (this.#batches.length > 0) {
      const { done, value } = this.#batches[0]!.next();
      if (!done) return value;
      this.#batches.shift();
    }
    return null;
  }
}
