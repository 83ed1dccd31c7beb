/**
 * Every setting a topic may override, with the broker settings that give its
 * default (the first of them that is set wins, times its factor). Names, types
 * and defaults are Apache Kafka 4.3's. All take effect without a restart. The
 * broker's entry is reused where both are written alike, so words and bounds
 * never drift apart.
 */
import { BROKER_TABLE, type BrokerKey } from "./broker_table.ts";
import { choice, integer, listMatching, LONG_MAX_TEXT, type Setting } from "./setting.ts";

/** A topic's setting and where its default comes from. */
export interface TopicSetting<Value> extends Setting<Value> {
  readonly counterparts: readonly Counterpart[];
}

/** A broker setting whose value times `factor` is the topic's default. */
export interface Counterpart {
  readonly key: BrokerKey;
  readonly factor: number;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const THROTTLED = /^(\*|\d+:\d+(,\d+:\d+)*)?$/;

function like<Key extends BrokerKey>(key: Key): (typeof BROKER_TABLE)[Key] & { counterparts: Counterpart[] } {
  return { ...BROKER_TABLE[key], counterparts: [{ key, factor: 1 }] };
}

function own<Value>(
  setting: Setting<Value>,
  ...counterparts: [key: BrokerKey, factor: number][]
): TopicSetting<Value> {
  return { ...setting, counterparts: counterparts.map(([key, factor]) => ({ key, factor })) };
}

function throttled(whose: string): TopicSetting<string> {
  return own(listMatching("", "*, or a list of PARTITION:BROKER", THROTTLED, {
    documentation: `Replicas whose ${whose} side is throttled`,
    standing: "stored",
  }));
}

function tieredOff(documentation: string): TopicSetting<"false"> {
  return own(choice(["false"], "false", { documentation, standing: "stored" }));
}

/** Every topic setting by its key, in the order Kafka's tools list them. */
export const TOPIC_TABLE = {
  "cleanup.policy": like("log.cleanup.policy"),
  "compression.gzip.level": like("compression.gzip.level"),
  "compression.lz4.level": like("compression.lz4.level"),
  "compression.type": like("compression.type"),
  "compression.zstd.level": like("compression.zstd.level"),
  "delete.retention.ms": like("log.cleaner.delete.retention.ms"),
  "file.delete.delay.ms": like("log.segment.delete.delay.ms"),
  "flush.messages": like("log.flush.interval.messages"),
  "flush.ms": own(
    integer(LONG_MAX_TEXT, {
      unit: "ms",
      minimum: 0,
      documentation: "Longest time a record stays unflushed",
    }),
    ["log.flush.interval.ms", 1],
  ),
  "follower.replication.throttled.replicas": throttled("follower"),
  "index.interval.bytes": like("log.index.interval.bytes"),
  "leader.replication.throttled.replicas": throttled("leader"),
  "local.retention.bytes": own(integer("-2", {
    unit: "bytes",
    minimum: -2,
    documentation: "Tiered storage, which Weir does not have",
    standing: "stored",
  })),
  "local.retention.ms": own(integer("-2", {
    unit: "ms",
    minimum: -2,
    documentation: "Tiered storage, which Weir does not have",
    standing: "stored",
  })),
  "max.compaction.lag.ms": like("log.cleaner.max.compaction.lag.ms"),
  "max.message.bytes": like("message.max.bytes"),
  "message.timestamp.after.max.ms": like("log.message.timestamp.after.max.ms"),
  "message.timestamp.before.max.ms": like("log.message.timestamp.before.max.ms"),
  "message.timestamp.type": like("log.message.timestamp.type"),
  "min.cleanable.dirty.ratio": like("log.cleaner.min.cleanable.ratio"),
  "min.compaction.lag.ms": like("log.cleaner.min.compaction.lag.ms"),
  "min.insync.replicas": like("min.insync.replicas"),
  "preallocate": like("log.preallocate"),
  "remote.log.copy.disable": tieredOff("Tiered storage, which Weir does not have"),
  "remote.log.delete.on.disable": tieredOff("Tiered storage, which Weir does not have"),
  "remote.storage.enable": tieredOff("Tiered storage, which Weir does not have"),
  "retention.bytes": like("log.retention.bytes"),
  "retention.ms": own(
    integer("604800000", {
      unit: "ms",
      minimum: -1,
      documentation: "Age at which records go; -1 never",
    }),
    ["log.retention.ms", 1],
    ["log.retention.minutes", MINUTE_MS],
    ["log.retention.hours", HOUR_MS],
  ),
  "segment.bytes": like("log.segment.bytes"),
  "segment.index.bytes": like("log.index.size.max.bytes"),
  "segment.jitter.ms": own(
    integer("0", {
      unit: "ms",
      minimum: 0,
      documentation: "Random time taken off segment.ms",
    }),
    ["log.roll.jitter.ms", 1],
    ["log.roll.jitter.hours", HOUR_MS],
  ),
  "segment.ms": own(
    integer("604800000", {
      unit: "ms",
      minimum: 1,
      documentation: "A segment older than this is closed",
    }),
    ["log.roll.ms", 1],
    ["log.roll.hours", HOUR_MS],
  ),
  "unclean.leader.election.enable": like("unclean.leader.election.enable"),
} satisfies Record<string, TopicSetting<unknown>>;

/** A topic setting's key. */
export type TopicKey = keyof typeof TOPIC_TABLE;

/** What a topic setting's text parses to. */
export type TopicValue<Key extends TopicKey> = (typeof TOPIC_TABLE)[Key] extends Setting<infer Value> ? Value
  : never;
