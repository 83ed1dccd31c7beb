/**
 * What compaction needs of a log: its parts, and whom to tell of the one change it
 * makes, neighbouring sealed segments replaced by one that holds what is left of them.
 */
import type { ProducerStore } from "../producer_store.ts";
import type { LogContext } from "../log_context.ts";
import type { Segment } from "../segment.ts";

export interface CleanableLog {
  readonly log: {
    readonly logStartOffset: number;
    readonly logEndOffset: number;
    readonly lastStableOffset: number;
  };
  readonly context: LogContext;
  readonly producers: ProducerStore;
  /** The log's own sums follow: `fresh` stands for `old` in the list of segments. */
  takeReplaced(old: readonly Segment[], fresh: Segment): void;
}
