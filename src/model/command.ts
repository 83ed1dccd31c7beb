/**
 * Commands: what a client may ask, in Weir's own words. Both doors decode their
 * frames into these and nothing else, so a record written through one reads back
 * through the other. Records stay opaque RecordBatch v2 bytes. Offsets and
 * timestamps are safe-integer numbers; times are milliseconds since 1970.
 */

/** −1: flushed here and on every in-sync replica; 1: in the log; 0: no answer at all. */
export type Acks = -1 | 0 | 1;

/** Where a list-offsets request points: a timestamp, or one of these. Source: Kafka's ListOffsets. */
export const TIMESTAMP_LATEST = -1;
export const TIMESTAMP_EARLIEST = -2;
export const TIMESTAMP_MAX = -3;

export interface ProduceEntry {
  readonly topic: string;
  readonly partition: number;
  /** Exactly one RecordBatch v2. The view is valid only until the call that carries it returns. */
  readonly batch: Uint8Array;
}

export interface ProduceCommand {
  readonly kind: "produce";
  readonly acks: Acks;
  readonly timeoutMs: number;
  readonly entries: readonly ProduceEntry[];
}

export interface FetchEntry {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Upper bound for this partition; the first batch is always returned whole. */
  readonly bytesMax: number;
  /** Leader epoch the client knows, −1 to skip the check. */
  readonly currentLeaderEpoch: number;
}

export interface FetchCommand {
  readonly kind: "fetch";
  readonly waitMsMax: number;
  readonly bytesMin: number;
  readonly bytesMax: number;
  readonly isolation: "read_uncommitted" | "read_committed";
  readonly entries: readonly FetchEntry[];
}

export interface ListOffsetsCommand {
  readonly kind: "list_offsets";
  readonly isolation: "read_uncommitted" | "read_committed";
  readonly entries: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly timestamp: number;
    readonly currentLeaderEpoch: number;
  }[];
}

/** Moves log start offsets up; −1 stands for the high watermark. Kafka's DeleteRecords. */
export interface TrimCommand {
  readonly kind: "trim";
  readonly entries: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly beforeOffset: number;
  }[];
}

export interface MetadataCommand {
  readonly kind: "metadata";
  /** `null` asks for every topic. */
  readonly topics: readonly string[] | null;
  /** Create missing topics, if `auto.create.topics.enable` allows it. */
  readonly autoCreate: boolean;
}

export interface NewTopic {
  readonly name: string;
  /** −1 takes `num.partitions`. */
  readonly partitions: number;
  /** −1 takes the default. */
  readonly replicationFactor: number;
  readonly settings: Readonly<Record<string, string>>;
}

export interface CreateTopicsCommand {
  readonly kind: "create_topics";
  readonly topics: readonly NewTopic[];
  /** Do everything but create. */
  readonly validateOnly: boolean;
}

export interface DeleteTopicsCommand {
  readonly kind: "delete_topics";
  readonly topics: readonly string[];
}

/** Sets, or with `null` resets, settings of topics. */
export interface AlterTopicsCommand {
  readonly kind: "alter_topics";
  readonly topics: readonly {
    readonly name: string;
    readonly settings: Readonly<Record<string, string | null>>;
  }[];
  readonly validateOnly: boolean;
}

export interface AddPartitionsCommand {
  readonly kind: "add_partitions";
  /** `partitions` is the new total. */
  readonly topics: readonly { readonly name: string; readonly partitions: number }[];
  readonly validateOnly: boolean;
}

/** Topics with their settings and the state of each partition's log. */
export interface DescribeTopicsCommand {
  readonly kind: "describe_topics";
  readonly topics: readonly string[] | null;
}

export interface DescribeBrokerCommand {
  readonly kind: "describe_broker";
}

/** What the coordinator worker decides. */
export type CoordinatorCommand =
  | CreateTopicsCommand
  | DeleteTopicsCommand
  | AlterTopicsCommand
  | AddPartitionsCommand;

export type Command =
  | ProduceCommand
  | FetchCommand
  | ListOffsetsCommand
  | TrimCommand
  | MetadataCommand
  | DescribeTopicsCommand
  | DescribeBrokerCommand
  | CoordinatorCommand;
