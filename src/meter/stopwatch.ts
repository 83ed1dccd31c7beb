/**
 * A clock for measuring, as a port: whole rooms measure without reading a clock
 * of their own. One call to the machine's clock serves all that happens in the
 * same event: `stamp` reads it, `us` is what it read last.
 */

export interface Stopwatch {
  /** Microseconds at the last stamp; only differences mean anything. */
  readonly us: number;
  /** Reads the clock; gives the new `us`. */
  stamp(): number;
}

/** Of who measures nothing: time stands still. */
export const STOPPED: Stopwatch = { us: 0, stamp: () => 0 };
