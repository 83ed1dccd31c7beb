/**
 * Replies: one kind per command, entries in the order of the command's. An
 * entry that failed carries a Fault and only its identity; the others are not
 * touched by it. Both doors encode these.
 */
import type { Fault } from "./fault.ts";
import type { Command } from "./command.ts";
import type { GroupReply } from "./group_reply.ts";
import type { TopicImage } from "./image.ts";
import type { EpochEnd, Lease, ProducerDescription } from "./turn.ts";

/** The identity every per-partition answer carries. */
export interface PartitionAnswer {
  readonly topic: string;
  readonly partition: number;
  readonly fault: Fault | null;
}

export interface ProducedEntry extends PartitionAnswer {
  /** Offset of the batch's first record; −1 with a fault. */
  readonly baseOffset: number;
  /** −1 unless `message.timestamp.type` is LogAppendTime. */
  readonly logAppendTimeMs: number;
  readonly logStartOffset: number;
}

export interface FetchedEntry extends PartitionAnswer {
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  /** The log was cut below what the client has: go on from here; then there are no records. */
  readonly divergingEpoch: EpochEnd | null;
  /** Whole batches, the first of which may begin before the offset asked for. Empty, never null. */
  readonly records: Uint8Array;
}

const NO_BYTES = new Uint8Array(0);

/** The entry of a partition that nothing was read from: refused, or not answered yet. */
export function fetchedNothing(topic: string, partition: number, fault: Fault | null): FetchedEntry {
  return {
    topic,
    partition,
    fault,
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    divergingEpoch: null,
    records: NO_BYTES,
  };
}

export interface ListedOffset extends PartitionAnswer {
  /** −1 when no record is at or after the timestamp. */
  readonly offset: number;
  readonly timestamp: number;
  readonly leaderEpoch: number;
}

export interface EpochEndEntry extends PartitionAnswer, EpochEnd {}

export interface ProducersEntry extends PartitionAnswer {
  readonly producers: readonly ProducerDescription[];
}

export interface TrimmedEntry extends PartitionAnswer {
  readonly logStartOffset: number;
}

export interface TopicAnswer {
  readonly name: string;
  readonly fault: Fault | null;
  /** Of a topic that was created, or would have been; its id is empty when it was only validated. */
  readonly created?: TopicImage;
}

/** One partition's log, as its owner sees it. */
export interface PartitionDescription {
  readonly partition: number;
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly logStartOffset: number;
  readonly lastStableOffset: number;
  readonly highWatermark: number;
  readonly logEndOffset: number;
  /** Bytes of all `.log` files. */
  readonly bytes: number;
  readonly segments: number;
  /** Which worker of the pool owns it, from 0; −1 when it is offline. */
  readonly worker: number;
  readonly fault: Fault | null;
}

/** Where a value comes from: the topic, the broker changed while it runs, the broker's start, or nobody. */
export type SettingSource = "topic" | "dynamic" | "broker" | "default";

/** A setting as it is in force. */
export interface SettingDescription {
  readonly name: string;
  readonly value: string;
  readonly source: SettingSource;
  readonly type: "boolean" | "int" | "long" | "double" | "string" | "list";
  /** It cannot be changed while the broker runs. */
  readonly isReadOnly: boolean;
  readonly defaultValue: string;
  readonly documentation: string;
  /** Every place that gives it a value, the one in force first, by the names it has there. */
  readonly synonyms: readonly {
    readonly name: string;
    readonly value: string;
    readonly source: SettingSource;
  }[];
}

/** The settings of one resource of the command, in its place. */
export interface SettingsAnswer {
  readonly fault: Fault | null;
  readonly settings: readonly SettingDescription[];
}

export interface TopicDescription extends TopicAnswer {
  readonly id: string;
  readonly internal: boolean;
  readonly partitions: readonly PartitionDescription[];
  readonly settings: readonly SettingDescription[];
}

export interface BrokerDescription {
  readonly nodeId: number;
  readonly clusterId: string;
  readonly version: string;
  readonly dataDirectory: string;
  /** "mapped", "file" or "memory". */
  readonly disk: string;
  /** Of the file system the data directory is on; −1 where it cannot be told. */
  readonly diskBytesTotal: number;
  readonly diskBytesUsable: number;
  readonly upMs: number;
  readonly connections: number;
  readonly topics: number;
  readonly partitions: number;
  readonly workers: readonly {
    readonly worker: number;
    readonly partitions: number;
    readonly restarts: number;
  }[];
}

export type Reply =
  | { readonly kind: "produced"; readonly entries: readonly ProducedEntry[] }
  /** Whoever takes it releases `lease` once the records were written; the caller of the reply holds it for them. */
  | { readonly kind: "fetched"; readonly entries: readonly FetchedEntry[]; readonly lease: Lease | null }
  | { readonly kind: "offsets_listed"; readonly entries: readonly ListedOffset[] }
  | { readonly kind: "trimmed"; readonly entries: readonly TrimmedEntry[] }
  | { readonly kind: "epoch_ends"; readonly entries: readonly EpochEndEntry[] }
  | { readonly kind: "producers_described"; readonly entries: readonly ProducersEntry[] }
  | { readonly kind: "producer_id"; readonly producerId: number; readonly producerEpoch: number }
  | {
    readonly kind: "metadata";
    readonly topics: readonly (TopicAnswer & { readonly image: TopicImage | null })[];
  }
  | { readonly kind: "topics_changed"; readonly topics: readonly TopicAnswer[] }
  | { readonly kind: "broker_altered" }
  | { readonly kind: "settings_described"; readonly resources: readonly SettingsAnswer[] }
  | { readonly kind: "topics_described"; readonly topics: readonly TopicDescription[] }
  | { readonly kind: "broker_described"; readonly broker: BrokerDescription }
  | GroupReply
  /** The whole command failed. */
  | { readonly kind: "failed"; readonly fault: Fault };

/** How a door hands a command in; `reply` is called exactly once, perhaps at once. */
export type Submit = (command: Command, reply: (reply: Reply) => void) => void;
