/**
 * Commands: what a client may ask, in Weir's own words. Both doors decode their
 * frames into these and nothing else, so a record written through one reads back
 * through the other. Records stay opaque RecordBatch v2 bytes. Offsets and
 * timestamps are safe-integer numbers; times are milliseconds since 1970.
 */
import type { GroupCommand } from "./group_command.ts";

/** −1: flushed here and on every in-sync replica; 1: in the log; 0: no answer at all. */
export type Acks = -1 | 0 | 1;

/** Where a list-offsets request points: a timestamp, or one of these. Source: Kafka's ListOffsets. */
export const TIMESTAMP_LATEST = -1;
export const TIMESTAMP_EARLIEST = -2;
export const TIMESTAMP_MAX = -3;
/** The first offset on this broker's own disk; without tiered storage the same as the earliest. */
export const TIMESTAMP_EARLIEST_LOCAL = -4;
/** Tiered storage, which there is none of: answered with offset −1. */
export const TIMESTAMP_LATEST_TIERED = -5;
export const TIMESTAMP_EARLIEST_PENDING_UPLOAD = -6;

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
  /** Leader epoch of the last record the client has, −1 to skip the check for a log that was cut (KIP-320, KIP-595). */
  readonly lastFetchedEpoch: number;
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

/** Where leader epochs end: how a client finds out that a log was cut. Kafka's OffsetForLeaderEpoch (KIP-101, KIP-320). */
export interface EpochEndsCommand {
  readonly kind: "epoch_ends";
  readonly entries: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly leaderEpoch: number;
    /** Leader epoch the client knows, −1 to skip the check. */
    readonly currentLeaderEpoch: number;
  }[];
}

/** The idempotent producers whose state partitions hold. Kafka's DescribeProducers (KIP-664). */
export interface DescribeProducersCommand {
  readonly kind: "describe_producers";
  readonly entries: readonly { readonly topic: string; readonly partition: number }[];
}

/** A producer id that nobody had before. Kafka's InitProducerId without a transactional id. */
export interface InitProducerIdCommand {
  readonly kind: "init_producer_id";
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
  /** Node ids of each partition's replicas, by partition; then both counts are −1. `null` leaves it to the broker. */
  readonly assignments: readonly (readonly number[])[] | null;
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

/** What becomes of the settings of one topic, or of the broker. */
export interface SettingsChange {
  /** Sets, or with `null` resets. */
  readonly settings: Readonly<Record<string, string | null>>;
  /** Items added to, or taken out of, the list in force; comma-separated. Only for settings that are lists. */
  readonly append?: Readonly<Record<string, string>>;
  readonly subtract?: Readonly<Record<string, string>>;
  /** Settings that are not named are reset too: Kafka's AlterConfigs. */
  readonly replaces?: boolean;
}

/** Changes settings of topics. */
export interface AlterTopicsCommand {
  readonly kind: "alter_topics";
  readonly topics: readonly (SettingsChange & { readonly name: string })[];
  readonly validateOnly: boolean;
}

/** Changes, while it runs, the broker's settings that topics fall back on. */
export interface AlterBrokerCommand extends SettingsChange {
  readonly kind: "alter_broker";
  readonly validateOnly: boolean;
}

export interface AddPartitionsCommand {
  readonly kind: "add_partitions";
  /** `partitions` is the new total. */
  readonly topics: readonly {
    readonly name: string;
    readonly partitions: number;
    /** Node ids of each new partition's replicas; `null` leaves it to the broker. */
    readonly assignments: readonly (readonly number[])[] | null;
  }[];
  readonly validateOnly: boolean;
}

/** Topics with their settings and the state of each partition's log. */
export interface DescribeTopicsCommand {
  readonly kind: "describe_topics";
  readonly topics: readonly string[] | null;
}

/** Settings in force, without a look at any log. Kafka's DescribeConfigs. */
export interface DescribeSettingsCommand {
  readonly kind: "describe_settings";
  /** The broker's, or one topic's. */
  readonly resources: readonly (
    { readonly kind: "broker" } | { readonly kind: "topic"; readonly name: string }
  )[];
}

export interface DescribeBrokerCommand {
  readonly kind: "describe_broker";
}

/** What the coordinator worker decides. */
export type CoordinatorCommand =
  | CreateTopicsCommand
  | DeleteTopicsCommand
  | AlterTopicsCommand
  | AlterBrokerCommand
  | AddPartitionsCommand
  | InitProducerIdCommand
  | GroupCommand;

export type Command =
  | ProduceCommand
  | FetchCommand
  | ListOffsetsCommand
  | TrimCommand
  | EpochEndsCommand
  | DescribeProducersCommand
  | MetadataCommand
  | DescribeTopicsCommand
  | DescribeSettingsCommand
  | DescribeBrokerCommand
  | CoordinatorCommand;
