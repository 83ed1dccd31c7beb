/** Records as the oracle knows them, as they were sent and as readers got them. */
import type { PartitionModel } from "./partition_model.ts";

/** One record that was sent, once. */
export interface SentRecord {
  readonly value: string;
  readonly partition: PartitionModel;
  readonly acks: -1 | 0 | 1;
  readonly producer: number;
  /** Ascends with each record a producer sends to a partition. */
  readonly sequence: number;
  /** As sent; the log's own time once a reader saw it. */
  timestamp: number;
  /** "pending" may still be written, "failed" is certain not to be. */
  state: "pending" | "acked" | "failed";
  /** Where it was seen; −1 nowhere. */
  offset: number;
  /** An idempotent producer will send it again: it may come into the log later. */
  isRetried: boolean;
  /** `null` in topics that are not compacted. */
  readonly key: string | null;
  /** Its value is null, and its header tells what `value` tells of others. */
  readonly isTombstone: boolean;
  /** When it was sent, on the clock that never goes back. */
  readonly sentMs: number;
  /** The same for all records of a batch; bytes stand at the first one. */
  batch: number;
  batchBytes: number;
}

/** A record as a reader got it. */
export interface ShownRecord {
  /** Of a tombstone: what its header says. */
  readonly value: string;
  readonly key: string | null;
  readonly isTombstone: boolean;
  readonly timestamp: number;
}

/** What only records of compacted topics have. */
export interface Keyed {
  readonly key?: string | null;
  readonly isTombstone?: boolean;
}
