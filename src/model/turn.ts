/**
 * What crosses the mailbox between the main thread and a partition worker: the
 * inputs of one shard turn and its outputs. Plain data, numbers and byte views
 * only, so that it can be transferred, fuzzed and replayed by the simulation.
 * A partition is named by a `handle`, an integer the main thread gives out when
 * it opens the partition and never reuses while the broker runs.
 */
import type { Acks } from "./command.ts";
import type { Fault } from "./fault.ts";
import type { LogSettings } from "./log_settings.ts";

/** One thing a shard is asked to do. Inputs with an `id` are answered under it, exactly once: acks=0, too, for whoever sent it must know what is still on its way. */
export type ShardInput =
  | OpenInput
  | { readonly kind: "configure"; readonly handle: number; readonly settings: LogSettings }
  | DeleteInput
  | AppendInput
  | FetchInput
  /** Answers a waiting fetch at once with what it has; nothing happens when it was answered already. */
  | { readonly kind: "cancel"; readonly id: number }
  | {
    readonly kind: "list_offset";
    readonly id: number;
    readonly handle: number;
    readonly timestamp: number;
    readonly isolation: "read_uncommitted" | "read_committed";
    readonly currentLeaderEpoch: number;
  }
  | { readonly kind: "trim"; readonly id: number; readonly handle: number; readonly beforeOffset: number }
  | {
    readonly kind: "epoch_end";
    readonly id: number;
    readonly handle: number;
    readonly leaderEpoch: number;
    readonly currentLeaderEpoch: number;
  }
  | { readonly kind: "describe_producers"; readonly id: number; readonly handle: number }
  | { readonly kind: "describe_segments"; readonly id: number; readonly handle: number }
  | { readonly kind: "describe"; readonly id: number; readonly handles: readonly number[] }
  /** Flushes everything, closes every log cleanly; the last input a shard sees. */
  | { readonly kind: "stop"; readonly id: number };

/** Deletes a log and its files; also those of a partition that could not be opened. */
export interface DeleteInput {
  readonly kind: "delete";
  readonly id: number;
  readonly handle: number;
  readonly topic: string;
  readonly partition: number;
  readonly topicId: string;
}

export interface OpenInput {
  readonly kind: "open";
  readonly id: number;
  readonly handle: number;
  readonly topic: string;
  readonly partition: number;
  readonly topicId: string;
  readonly leaderEpoch: number;
  readonly settings: LogSettings;
  /** The last stop was clean: trust the checkpoint, read no record bytes. */
  readonly clean: boolean;
  /**
   * A worker of this process died over it, perhaps because a flush failed: what lies above the recovery
   * point may be in the system's memory alone though a later flush succeeds, so it is written again.
   */
  readonly isSuspect: boolean;
  /** From the data directory's checkpoint files; 0 where they say nothing. */
  readonly recoveryPoint: number;
  readonly logStartOffset: number;
  readonly highWatermark: number;
  /** Offsets below it are compacted. */
  readonly firstDirtyOffset?: number;
}

export interface AppendInput {
  readonly kind: "append";
  readonly id: number;
  readonly handle: number;
  readonly acks: Acks;
  /** One RecordBatch v2; the shard may write into it (stamping). */
  readonly batch: Uint8Array;
}

export interface FetchInput {
  readonly kind: "fetch";
  readonly id: number;
  readonly waitMsMax: number;
  readonly bytesMin: number;
  readonly bytesMax: number;
  readonly isolation: "read_uncommitted" | "read_committed";
  readonly entries: readonly {
    readonly handle: number;
    readonly offset: number;
    readonly bytesMax: number;
    readonly currentLeaderEpoch: number;
    readonly lastFetchedEpoch: number;
  }[];
}

/** What a shard answers, in the order it came to be. */
export type ShardOutput =
  | {
    readonly kind: "opened";
    readonly id: number;
    readonly handle: number;
    readonly report: readonly string[];
    readonly fault: Fault | null;
  }
  | { readonly kind: "deleted"; readonly id: number; readonly handle: number; readonly fault: Fault | null }
  | {
    readonly kind: "appended";
    readonly id: number;
    readonly baseOffset: number;
    readonly logAppendTimeMs: number;
    readonly logStartOffset: number;
    readonly fault: Fault | null;
  }
  | FetchedOutput
  | {
    readonly kind: "offset_listed";
    readonly id: number;
    readonly offset: number;
    readonly timestamp: number;
    readonly leaderEpoch: number;
    readonly fault: Fault | null;
  }
  | {
    readonly kind: "trimmed";
    readonly id: number;
    readonly logStartOffset: number;
    readonly fault: Fault | null;
  }
  | (EpochEnd & { readonly kind: "epoch_end_found"; readonly id: number; readonly fault: Fault | null })
  | {
    readonly kind: "producers_described";
    readonly id: number;
    readonly producers: readonly ProducerDescription[];
    readonly fault: Fault | null;
  }
  | {
    readonly kind: "segments_described";
    readonly id: number;
    readonly segments: readonly SegmentDescription[];
    readonly fault: Fault | null;
  }
  | { readonly kind: "described"; readonly id: number; readonly logs: readonly LogDescription[] }
  | { readonly kind: "stopped"; readonly id: number; readonly logs: readonly LogDescription[] }
  | ShardNews;

/** What a shard tells without being asked. */
export type ShardNews =
  /** Retention moved the start of a log. */
  | { readonly kind: "log_start_moved"; readonly handle: number; readonly logStartOffset: number }
  /** Something an operator should read (a repaired index, a refused file). */
  | { readonly kind: "notice"; readonly handle: number; readonly text: string };

export interface FetchedOutput {
  readonly kind: "fetched";
  readonly id: number;
  readonly entries: readonly {
    readonly handle: number;
    readonly highWatermark: number;
    readonly lastStableOffset: number;
    readonly logStartOffset: number;
    readonly divergingEpoch: EpochEnd | null;
    readonly records: Uint8Array;
    readonly fault: Fault | null;
  }[];
}

/** The largest known epoch at or below one that was asked for, and the offset where the next begins; −1 and −1 when there is none. */
export interface EpochEnd {
  readonly leaderEpoch: number;
  readonly endOffset: number;
}

/** An idempotent producer as one partition knows it. */
export interface ProducerDescription {
  readonly producerId: number;
  readonly producerEpoch: number;
  /** Sequence of the last record appended. */
  readonly lastSequence: number;
  /** Largest timestamp of its last batch, milliseconds since 1970. */
  readonly lastTimestamp: number;
  /** −1 until there is a transaction's marker. */
  readonly coordinatorEpoch: number;
  /** −1 while no transaction is open. */
  readonly currentTransactionStartOffset: number;
}

/** One segment of a log as it lies on the disk. */
export interface SegmentDescription {
  readonly baseOffset: number;
  /** The offset after its last record. */
  readonly nextOffset: number;
  /** Of the `.log` file. */
  readonly bytes: number;
  /** Of both indexes' entries. */
  readonly indexBytes: number;
  /** Largest timestamp, milliseconds since 1970; −1 when no record has one. */
  readonly maxTimestamp: number;
  readonly isActive: boolean;
  /** Compaction went over it. */
  readonly isClean: boolean;
}

/** The state of one log; `recoveryPoint` and the offsets also feed the checkpoint files. */
export interface LogDescription {
  readonly handle: number;
  readonly leaderEpoch: number;
  readonly logStartOffset: number;
  readonly lastStableOffset: number;
  readonly highWatermark: number;
  readonly logEndOffset: number;
  readonly recoveryPoint: number;
  /** Offsets below it are compacted; 0 where none are known to be. */
  readonly firstDirtyOffset: number;
  readonly bytes: number;
  readonly segments: number;
  /** Cleanings that came to their end since the log was opened, bytes of the segments they rewrote, before and after. */
  readonly cleanings: number;
  readonly cleanedBytesBefore: number;
  readonly cleanedBytesAfter: number;
  readonly fault: Fault | null;
}

/**
 * A buffer that came with outputs and must go back to its worker: whoever keeps
 * a view of it holds the lease and releases it once the bytes were written.
 */
export interface Lease {
  hold(): void;
  release(): void;
}

/** Whoever waits for one input's output. Exactly one of the two is called, once. */
export interface Receiver {
  /** `lease` covers the output's record bytes; `null` when it has none. */
  receive(output: ShardOutput, lease: Lease | null): void;
  /** The worker died or was stopped before it answered. */
  fail(fault: Fault): void;
}
