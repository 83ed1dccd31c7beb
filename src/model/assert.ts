/**
 * The project's own assertion, always on: a broken invariant stops the turn
 * (and with it the worker) before a wrong byte reaches the disk or a client.
 * Never used for input from outside: that is answered with a Fault.
 */

/** A broken invariant: a bug in Weir, or memory or disk that lies. */
export class AssertionError extends Error {
  override name = "AssertionError";
}

/**
 * Throws {@linkcode AssertionError} unless `condition` holds.
 *
 * @example
 * ```ts
 * assert(nextOffset > baseOffset, "a batch holds at least one offset");
 * ```
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Offsets, positions and sizes are safe integers at or above `minimum`, in memory always `number`. */
export function assertInteger(value: number, minimum: number, name: string): void {
  if (!Number.isSafeInteger(value) || value < minimum) {
    throw new AssertionError(`${name} must be a safe integer of at least ${minimum}, not ${value}`);
  }
}
