/**
 * The native protocol's shapes: TCP, port 9292. A frame is a 4-byte big-endian
 * length and one msgpack map; the length counts the map alone.
 *
 *     0      4                        4 + length
 *     +------+------------------------+
 *     | u32  | { k, c, ... }          |   request:  k operation, c correlation id
 *     +------+------------------------+
 *     | u32  | { c, ... }             |   reply; { c, e: { code, message, retriable } } when all of it failed
 *     +------+------------------------+
 *
 * The first frame of a connection is `hello`. Replies come in request order;
 * `produce` with `acks` 0 has none. Keys a peer does not know are ignored.
 * Offsets, timestamps and sizes are integers below 2^53 (as msgpack integer or
 * float64); records are RecordBatch v2 bytes in a `bin`. Shared by the door and
 * by the TypeScript client.
 */
import type {
  BrokerDescription,
  EpochEnd,
  FaultCode,
  PartitionDescription,
  ProducerDescription,
  SettingDescription,
  TopicDescription,
} from "../model/mod.ts";
import type { GroupReplies, GroupRequests } from "./group_protocol.ts";

/** The version this code speaks; a hello with another one is refused with UNSUPPORTED_VERSION. */
export const NATIVE_VERSION = 1;

/** A failure, of a whole request or of one entry. */
export interface WireError {
  readonly code: FaultCode;
  readonly message: string;
  readonly retriable: boolean;
}

/** `-1` latest, `-2` earliest, `-3` the record with the largest timestamp, else the first record at or after it. */
export type WireTimestamp = number;

/** What each operation takes, besides `k` and `c`. */
export interface NativeRequests extends GroupRequests {
  /** `client` is what the client calls itself, as it is shown among a group's members. */
  hello: { v: number; client?: string };
  /** `topics` null asks for all; `create` makes missing ones where the broker allows it. */
  metadata: { topics: string[] | null; create?: boolean };
  /**
   * One batch per entry; `acks` −1 flushed, 1 in the log, 0 no reply. A batch with a producer id is checked for its
   * sequence, and one of the producer's last five that comes again is answered with the offset it has already.
   */
  produce: {
    acks: -1 | 0 | 1;
    timeoutMs?: number;
    entries: { topic: string; partition: number; batch: Uint8Array }[];
  };
  /**
   * Waits up to `waitMsMax` until `bytesMin` bytes are there. `epoch` −1 or absent skips the leader epoch check,
   * `lastFetchedEpoch` likewise that for a log that was cut below what the reader has.
   */
  fetch: {
    waitMsMax?: number;
    bytesMin?: number;
    bytesMax?: number;
    isolation?: "read_uncommitted" | "read_committed";
    entries: {
      topic: string;
      partition: number;
      offset: number;
      bytesMax?: number;
      epoch?: number;
      lastFetchedEpoch?: number;
    }[];
  };
  list_offsets: { entries: { topic: string; partition: number; timestamp: WireTimestamp; epoch?: number }[] };
  /** Where the largest leader epoch at or below `leaderEpoch` ends; `epoch` as in `fetch`. */
  epoch_ends: { entries: { topic: string; partition: number; leaderEpoch: number; epoch?: number }[] };
  /** Raises log start offsets; `before` −1 stands for the high watermark. */
  trim: { entries: { topic: string; partition: number; before: number }[] };
  /** `partitions` absent or −1 takes `num.partitions`. */
  create_topics: {
    topics: { name: string; partitions?: number; settings?: Record<string, string> }[];
    validateOnly?: boolean;
  };
  delete_topics: { topics: string[] };
  alter_topics: { topics: (WireSettingsChange & { name: string })[]; validateOnly?: boolean };
  /** `partitions` is the new total. */
  add_partitions: { topics: { name: string; partitions: number }[]; validateOnly?: boolean };
  describe_topics: { topics: string[] | null };
  /** The settings in force for the broker, or for a topic, without a look at any log. */
  describe_settings: { resources: ({ kind: "broker" } | { kind: "topic"; name: string })[] };
  describe_broker: Record<never, never>;
  /** Changes, while it runs, what topics without a setting of their own fall back on. */
  alter_broker: WireSettingsChange & { validateOnly?: boolean };
  /** Asks for a producer id nobody had before, to stamp batches with. */
  init_producer_id: Record<never, never>;
  describe_producers: { entries: { topic: string; partition: number }[] };
}

/** What each operation answers, besides `c`. Entries come in the order of the request's. */
export interface NativeReplies extends GroupReplies {
  hello: { v: number; node: number; cluster: string; version: string; frameBytesMax: number };
  metadata: {
    cluster: string;
    brokers: { node: number; host: string; port: number }[];
    topics: WireTopic[];
  };
  produce: {
    entries: {
      topic: string;
      partition: number;
      e?: WireError;
      baseOffset: number;
      logAppendTimeMs: number;
      logStartOffset: number;
    }[];
  };
  fetch: { entries: WireFetched[] };
  list_offsets: {
    entries: {
      topic: string;
      partition: number;
      e?: WireError;
      offset: number;
      timestamp: number;
      epoch: number;
    }[];
  };
  /** `leaderEpoch` and `endOffset` −1 when there is no such epoch. */
  epoch_ends: { entries: ({ topic: string; partition: number; e?: WireError } & EpochEnd)[] };
  trim: { entries: { topic: string; partition: number; e?: WireError; logStartOffset: number }[] };
  create_topics: { topics: { name: string; e?: WireError }[] };
  delete_topics: { topics: { name: string; e?: WireError }[] };
  alter_topics: { topics: { name: string; e?: WireError }[] };
  add_partitions: { topics: { name: string; e?: WireError }[] };
  describe_topics: { topics: WireTopicDescription[] };
  /** In the order of the request's; a resource with a fault has no settings. */
  describe_settings: { resources: { e?: WireError; settings: SettingDescription[] }[] };
  describe_broker: { broker: BrokerDescription };
  alter_broker: Record<never, never>;
  init_producer_id: { producerId: number; producerEpoch: number };
  describe_producers: {
    entries: { topic: string; partition: number; e?: WireError; producers: ProducerDescription[] }[];
  };
}

/** What becomes of the settings of one topic, or of the broker. */
export interface WireSettingsChange {
  /** Sets, or with `null` resets. */
  settings?: Record<string, string | null>;
  /** Items added to, or taken out of, the list in force; comma-separated. Only for settings that are lists. */
  append?: Record<string, string>;
  subtract?: Record<string, string>;
  /** Settings that are not named are reset too. */
  replaces?: boolean;
}

/** One topic of a metadata reply. */
export interface WireTopic {
  name: string;
  e?: WireError;
  id: string;
  internal: boolean;
  partitions: { partition: number; leader: number; epoch: number; replicas: number[]; isr: number[] }[];
  /** Only what the topic sets itself. */
  settings: Record<string, string>;
}

/** One partition of a fetch reply; `records` is last in the map. */
export interface WireFetched {
  topic: string;
  partition: number;
  e?: WireError;
  highWatermark: number;
  lastStableOffset: number;
  logStartOffset: number;
  /** The log was cut: what the reader has of later epochs, or from this offset on, is gone. Then there are no records. */
  divergingEpoch?: { leaderEpoch: number; endOffset: number };
  /** Whole batches; the first may begin before the offset asked for, the consumer skips those records. */
  records: Uint8Array;
}

/** {@linkcode TopicDescription} with its faults as {@linkcode WireError}. */
export type WireTopicDescription =
  & Omit<TopicDescription, "fault" | "partitions" | "settings">
  & {
    e?: WireError;
    partitions: (Omit<PartitionDescription, "fault"> & { e?: WireError })[];
    settings: SettingDescription[];
  };

/** The name of an operation. */
export type Operation = keyof NativeRequests;
