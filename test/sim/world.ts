/**
 * Virtual time: everything that happens in a run is an event in one heap, taken
 * in the order of its moment, then of its making. Between two events the
 * microtasks of the rooms under test get a fixed number of rounds, so promises
 * run, always in the same order. Keeps the trace: a line an event that matters,
 * hashed, so that two runs of a seed can be compared.
 */
import type { Clock } from "../../src/host/mod.ts";
import { SeededRandom } from "./random.ts";

interface Happening {
  readonly atMs: number;
  readonly order: number;
  readonly action: () => void;
}

/** Rounds of microtasks after each event: deeper than any chain of promises the rooms have. */
const MICROTASK_ROUNDS = 12;
/** Where the wall clock stands when a run begins. */
const EPOCH_MS = 1_700_000_000_000;

/** What a run must not do, found by the oracle. */
export class Violation extends Error {
  override name = "Violation";
}

export class World {
  readonly random: SeededRandom;
  /** Lines of the trace, kept only when asked for. */
  readonly lines: string[] = [];
  readonly #keepsLines: boolean;
  readonly #heap: Happening[] = [];
  #order = 0;
  #nowMs = 0;
  #jumpMs = 0;
  #wallMaxMs = 0;
  #wallBackMs = 0;
  #hash = 2_166_136_261;
  #events = 0;

  constructor(seed: number, keepsLines: boolean) {
    this.random = new SeededRandom(seed);
    this.#keepsLines = keepsLines;
  }

  /** Virtual milliseconds since the run began: never goes back. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** What the wall clock of the simulated machine shows: may jump. */
  get wallMs(): number {
    return Math.floor(EPOCH_MS + this.#nowMs + this.#jumpMs);
  }

  /** The latest it has ever shown. */
  get wallMaxMs(): number {
    return Math.max(this.#wallMaxMs, this.wallMs);
  }

  /** What it was set back by, all in all. */
  get wallBackMs(): number {
    return this.#wallBackMs;
  }

  get events(): number {
    return this.#events;
  }

  /** A number that stands for everything traced so far. */
  get hash(): number {
    return this.#hash >>> 0;
  }

  jump(byMs: number): void {
    this.#wallMaxMs = this.wallMaxMs;
    this.#wallBackMs += Math.max(0, -byMs);
    this.#jumpMs += byMs;
  }

  trace(line: string): void {
    for (let index = 0; index < line.length; index++) {
      this.#hash = Math.imul(this.#hash ^ line.charCodeAt(index), 16_777_619);
    }
    if (this.#keepsLines) this.lines.push(`${this.#nowMs.toFixed(3)} ${line}`);
  }

  /** Has `action` happen `delayMs` from now. */
  after(delayMs: number, action: () => void): void {
    this.#push({ atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, action });
  }

  /** Has `action` happen at a moment: two of the same moment keep their order. */
  at(atMs: number, action: () => void): void {
    this.#push({ atMs: Math.max(this.#nowMs, atMs), order: this.#order++, action });
  }

  /** Lets events happen until there are none, the time is over, or `isDone`. */
  async run(untilMs: number, isDone: () => boolean): Promise<void> {
    while (this.#takeNext(untilMs, isDone)) {
      for (let round = 0; round < MICROTASK_ROUNDS; round++) await null;
    }
  }

  /** The same for a world without promises. */
  runNow(untilMs: number, isDone: () => boolean): void {
    while (this.#takeNext(untilMs, isDone));
  }

  #takeNext(untilMs: number, isDone: () => boolean): boolean {
    if (this.#heap.length === 0 || isDone() || this.#heap[0]!.atMs > untilMs) return false;
    const { atMs, action } = this.#pop();
    this.#nowMs = atMs;
    this.#events++;
    action();
    return true;
  }

  #push(happening: Happening): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(happening);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(happening, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = happening;
  }

  #pop(): Happening {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(one: Happening, other: Happening): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}

/** A clock of the world that stops when `isAlive` says that its process is gone. */
export function worldClock(world: World, isAlive: () => boolean): Clock {
  const after = (delayMs: number, action: () => void): () => void => {
    let off = false;
    world.after(delayMs, () => {
      if (!off && isAlive()) action();
    });
    return () => {
      off = true;
    };
  };
  return {
    now: () => world.wallMs,
    sleep: (delayMs) => new Promise((resolve) => after(delayMs, resolve)),
    after,
    every(periodMs, action) {
      let callOff = () => {};
      const again = () => {
        callOff = after(periodMs, () => {
          again();
          action();
        });
      };
      again();
      return () => callOff();
    },
  };
}
