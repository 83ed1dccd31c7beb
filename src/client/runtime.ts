/**
 * The client's clock, timers and randomness: the only file of the client that
 * names them. Times are milliseconds. Everything that waits takes a signal.
 */
import { abortedError } from "./error.ts";

/** Milliseconds since 1970, by the machine's clock. */
export function nowMs(): number {
  return Date.now();
}

/** A number in [0, 1). */
export function random(): number {
  return Math.random();
}

/** A UUID nobody else has, 36 characters. */
export function newId(): string {
  return globalThis.crypto.randomUUID();
}

/** A timer that was started; hand it to {@linkcode stopTimer}. */
export type Timer = ReturnType<typeof setTimeout>;

/** Calls `run` once, `delayMs` from now. */
export function startTimer(delayMs: number, run: () => void): Timer {
  return setTimeout(run, Math.max(0, delayMs));
}

/** Stops a timer; nothing happens when it ran already. */
export function stopTimer(timer: Timer | null): void {
  if (timer !== null) clearTimeout(timer);
}

/** Waits `delayMs`. Rejects with ABORTED when `signal` fires first. */
export function pause(delayMs: number, signal: AbortSignal | undefined, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortedError(signal, what));
    const onAbort = () => {
      stopTimer(timer);
      reject(abortedError(signal!, what));
    };
    const timer = startTimer(delayMs, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

/** `promise`, unless `signal` fires first: then a rejection with ABORTED. The work behind it goes on. */
export function abortable<Value>(
  promise: Promise<Value>,
  signal: AbortSignal | undefined,
  what: string,
): Promise<Value> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(abortedError(signal, what));
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

/** A promise with its ends in hand (`Promise.withResolvers`, which Node 20 lacks). */
export interface Deferred<Value> {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: Error) => void;
}

/** Makes a {@linkcode Deferred}. */
export function defer<Value>(): Deferred<Value> {
  let resolve!: (value: Value) => void;
  let reject!: (error: Error) => void;
  const promise = new Promise<Value>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

/** How long to wait before attempt `attempt` (1 is the first one after a failure): doubling, with a jitter of a fifth. */
export function backoffMs(attempt: number, firstMs: number, maxMs: number): number {
  const delayMs = Math.min(maxMs, firstMs * 2 ** Math.min(attempt - 1, 20));
  return delayMs * (0.8 + 0.4 * random());
}
