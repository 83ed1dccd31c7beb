/** When a broker is struck. */
import type { Moment } from "./moments.ts";

/** What the striking thread is told. Times in milliseconds. */
export interface Strike {
  readonly pid: number;
  readonly directories: readonly string[];
  /** Strikes when it comes; `null`: whatever there is. */
  readonly moment: Moment | null;
  /** Does not look before. */
  readonly afterMs: number;
  /** Strikes then, come or not. */
  readonly withinMs: number;
  /** Between seeing and striking. */
  readonly lateMs: number;
}

/** The shorter a moment the more often. */
const MOMENTS = [null, "cleaning", "cleaning", "swapping", "replacing", "replacing", "replacing"] as const;

/** A thread that strikes. */
export class Striker {
  readonly #worker = new Worker(new URL("./strike_worker.ts", import.meta.url).href, { type: "module" });

  /** Stops a process, in six of seven cases while a log in one of the directories is cleaned or its segments swapped. */
  async stopOne(pid: number, directories: readonly string[], random: () => number): Promise<void> {
    const moment = MOMENTS[Math.floor(random() * MOMENTS.length)]!;
    const struck = Promise.withResolvers<void>();
    this.#worker.onmessage = () => struck.resolve();
    this.#worker.onerror = (event) => {
      event.preventDefault();
      struck.reject(new Error(event.message));
    };
    const strike: Strike = {
      pid,
      directories,
      moment,
      afterMs: 150 + random() * 450,
      withinMs: moment === null ? 0 : 2_000,
      lateMs: moment === "cleaning" ? Math.max(0, random() * 6 - 3) : 0,
    };
    this.#worker.postMessage(strike);
    await struck.promise;
  }

  end(): void {
    this.#worker.terminate();
  }
}
