/**
 * What compaction needs of a log, and the log hands out: its parts, and the one
 * change it makes, neighbouring sealed segments replaced by one that holds what is
 * left of them.
 */
import type { LastBatch } from "../producer_states.ts";
import type { LogContext, Segment } from "../segment.ts";

export interface CleanableLog {
  readonly context: LogContext;
  readonly logStartOffset: number;
  readonly logEndOffset: number;
  readonly lastStableOffset: number;
  /** False when no batch of the log has a producer id. */
  readonly hasProducers: boolean;
  /** Where each active producer's last batch is, by producer id. */
  lastBatches(): ReadonlyMap<number, LastBatch>;
  /** Takes `fresh` into the list in the place of `old`, whose files are gone. */
  replace(old: readonly Segment[], fresh: Segment): void;
}
