/**
 * Time, as a port: the only file that reads a clock or sets a timer. Shell rooms
 * take a Clock; pure rooms get the moment as a number.
 */

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `action` once, `delayMs` from now; gives a function that calls it off. */
  after(delayMs: number, action: () => void): () => void;
  /** Calls `action` every `periodMs` until called off. Neither kind keeps the process alive. */
  every(periodMs: number, action: () => void): () => void;
  /** Resolves `delayMs` from now. Keeps the process alive: somebody has work left that waits for it. */
  sleep(delayMs: number): Promise<void>;
}

/** The longest delay a timer can have; longer ones fire then, and the caller looks again. */
const DELAY_MS_MAX = 2_147_483_647;

/** The machine's clock. What a timer brings is an event of its own: it begins with a look at the stopwatch. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, action) {
    const timer = setTimeout(() => stamped(action), Math.min(Math.max(delayMs, 0), DELAY_MS_MAX));
    Deno.unrefTimer(timer);
    return () => clearTimeout(timer);
  },
  every(periodMs, action) {
    const timer = setInterval(() => stamped(action), Math.min(periodMs, DELAY_MS_MAX));
    Deno.unrefTimer(timer);
    return () => clearInterval(timer);
  },
  sleep: (delayMs) =>
    new Promise((resolve) => setTimeout(() => stamped(resolve), Math.min(delayMs, DELAY_MS_MAX))),
};

function stamped(action: () => void): void {
  stopwatch.stamp();
  action();
}

/** Milliseconds since the process (not this thread) started. */
export function processUptimeMs(): number {
  return Date.now() - performance.timeOrigin;
}

/** Milliseconds on a clock that never jumps, with a fraction: for measuring, only differences mean anything. */
export function monotonicMs(): number {
  return performance.now();
}

/**
 * The thread's stopwatch: microseconds on the clock that never jumps, as the last `stamp` read it. Read at the
 * beginning of every event that may answer somebody: bytes of a client, a worker's message, a timer.
 */
export const stopwatch = {
  us: 0,
  stamp(): number {
    return this.us = performance.now() * 1_000;
  },
};

/** Resolves once what was set off until now has run, and at once then: a timer's shortest wait is 2 ms. */
export function ranOn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
