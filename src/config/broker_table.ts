/**
 * Every setting of the broker: names and defaults of Apache Kafka 4.3 wherever
 * Kafka has the setting, Weir's own where it has none. This table is the only
 * source of defaults, types, units and words; `BrokerValues` is derived from
 * it, so a setting is added by adding one entry. Keys of one topic sit in
 * `topic_table.ts` and fall back on these.
 */
import { PARTITIONS_PER_TOPIC_MAX } from "../model/mod.ts";
import { GROUPS } from "./group_table.ts";
import {
  advertised,
  boolean,
  choice,
  decimal,
  INT32_MAX,
  integer,
  integerOrUnset,
  listener,
  listMatching,
  listOf,
  LONG_MAX_TEXT,
  type Setting,
  text,
} from "./setting.ts";

const stored = "stored";

/** Settings of the process: identity, doors, bounds, workers, topics. */
const PROCESS = {
  "node.id": integer("1", { minimum: 0, maximum: INT32_MAX, documentation: "Number of this broker" }),
  "log.dirs": text("./data", "one directory", /^[^,]+$/, {
    documentation: "Data directory (the --data flag); Kafka's default is /tmp/kafka-logs",
  }),
  "kafka.listener": listener("127.0.0.1:9092", {
    documentation: "Where the Kafka door listens (the --kafka flag)",
  }),
  "native.listener": listener("127.0.0.1:9292", {
    documentation: "Where the native door listens (the --native flag)",
  }),
  "http.listener": listener("127.0.0.1:8080", {
    documentation: "Where the HTTP door listens (the --http flag)",
  }),
  "console.mode": choice(["full", "read-only", "off"], "full", {
    documentation:
      "What HTTP allows (the --console flag): everything, no change, or no change and no console pages",
  }),
  "http.hosts": listMatching("", "names, *", /^[A-Za-z0-9._*, -]*$/, {
    documentation:
      "Names that HTTP requests may be addressed to besides localhost, IP addresses and advertised.address; * any",
  }),
  "http.connections.max": integer("12000", {
    minimum: 1,
    maximum: INT32_MAX,
    documentation: "Connections to the HTTP door open at once; past it they are closed at once",
  }),
  "http.request.max.bytes": integer("8388608", {
    unit: "bytes",
    minimum: 1024,
    maximum: INT32_MAX,
    documentation: "Largest body of an HTTP request, and largest record in a stream of them",
  }),
  "http.requests.max": integer("64", {
    minimum: 1,
    maximum: INT32_MAX,
    documentation: "HTTP requests at work at once, live tails aside; past it they are answered 429",
  }),
  "http.tails.max": integer("10000", {
    minimum: 0,
    maximum: INT32_MAX,
    documentation: "Live tails over HTTP open at once; past it they are answered 429",
  }),
  "http.stall.timeout.ms": integer("20000", {
    unit: "ms",
    minimum: 1,
    documentation: "An HTTP peer that takes nothing of what is written to it for so long is dropped",
  }),
  "http.request.timeout.ms": integer("30000", {
    unit: "ms",
    minimum: 1,
    documentation: "Longest time an HTTP request may take, live tails aside",
  }),
  "advertised.address": advertised({
    documentation: "What clients are told to connect to (the --advertise flag); unset: where they connected",
  }),
  "socket.request.max.bytes": integer("104857600", {
    unit: "bytes",
    minimum: 1,
    maximum: INT32_MAX,
    documentation: "Largest request; a larger one closes its connection",
  }),
  "max.connections": integer("2147483647", {
    minimum: 0,
    maximum: INT32_MAX,
    documentation: "Connections open at once, all doors together",
  }),
  "connections.max.idle.ms": integer("600000", {
    unit: "ms",
    minimum: 1,
    documentation: "A connection silent for so long is closed",
  }),
  "connection.inflight.bytes.max": integer("33554432", {
    unit: "bytes",
    minimum: 1,
    maximum: INT32_MAX,
    documentation:
      "Request bytes of one connection read and not yet answered; past it the connection is not read from, but one request always passes",
  }),
  "inflight.bytes.max": integer("268435456", {
    unit: "bytes",
    minimum: 1,
    documentation: "The same over all connections together",
  }),
  "fetch.max.bytes": integer("57671680", {
    unit: "bytes",
    minimum: 1024,
    maximum: INT32_MAX,
    documentation: "Most bytes of records in one answer, whatever the client asks for",
  }),
  "waiters.max": integer("10000", {
    minimum: 1,
    maximum: INT32_MAX,
    documentation:
      "Fetches that may wait for data at once in one worker; past it they get THROTTLING_QUOTA_EXCEEDED",
  }),
  "open.files.max": integer("800", {
    minimum: 16,
    maximum: INT32_MAX,
    documentation: "Segment and index files one worker keeps open; the least recently used are closed",
  }),
  "partition.workers.max": integer("4", {
    minimum: 1,
    maximum: 256,
    documentation:
      "Threads that own partitions (9 to 14 MB each); past it partitions share, least loaded first",
  }),
  "partition.disk": choice(["auto", "mapped", "file"], "auto", {
    documentation: "How files are read: by mmap or by pread; auto takes mmap where FFI is permitted",
  }),
  "crc.check.on.read": boolean("true", {
    documentation: "Check each batch's CRC before it is sent, so that a flipped bit is never served",
  }),
  "log.scrub.bytes.per.second": integer("1048576", {
    unit: "bytes",
    minimum: 0,
    documentation:
      "Bytes of sealed segments each worker checks in a second, in the background, for damage; 0 switches it off",
  }),
  "log.scrub.interval.ms": integer("86400000", {
    unit: "ms",
    minimum: 1,
    documentation: "Time from the beginning of one such round over all logs to that of the next",
  }),
  "num.partitions": integer("1", {
    unit: "partitions",
    minimum: 1,
    maximum: PARTITIONS_PER_TOPIC_MAX,
    documentation: "Partitions of a topic created without a number",
  }),
  "default.replication.factor": integer("1", {
    minimum: 1,
    maximum: 32_767,
    documentation: "Replicas of a topic created without a number; one broker can hold one",
  }),
  "auto.create.topics.enable": boolean("true", {
    documentation: "Create a missing topic when a client asks for its metadata",
  }),
  "delete.topic.enable": boolean("true", { documentation: "Topics may be deleted" }),
  "producer.id.expiration.ms": integer("86400000", {
    unit: "ms",
    minimum: 1,
    maximum: INT32_MAX,
    documentation: "An idempotent producer silent for so long is forgotten",
  }),
  "producer.id.expiration.check.interval.ms": integer("600000", {
    unit: "ms",
    minimum: 1,
    maximum: INT32_MAX,
    documentation:
      "Kafka's time between two looks for producers to forget; Weir looks when they are shown, and while records come every ten minutes",
    standing: stored,
  }),
} satisfies Record<string, Setting<unknown>>;

/** Settings of the logs: defaults for the topic keys, and the log's own housekeeping. */
const LOG = {
  "message.max.bytes": integer("1048588", {
    unit: "bytes",
    minimum: 0,
    maximum: INT32_MAX,
    documentation: "Largest batch, header included",
  }),
  "log.segment.bytes": integer("1073741824", {
    unit: "bytes",
    minimum: 1_048_576,
    maximum: INT32_MAX,
    documentation: "Largest segment file",
  }),
  "log.roll.ms": integerOrUnset({
    unit: "ms",
    minimum: 1,
    documentation: "A segment older than this is closed; wins over log.roll.hours",
  }),
  "log.roll.hours": integer("168", {
    unit: "hours",
    minimum: 1,
    maximum: INT32_MAX,
    documentation: "A segment older than this is closed",
  }),
  "log.roll.jitter.ms": integerOrUnset({
    unit: "ms",
    minimum: 0,
    documentation: "Random time taken off log.roll.ms; wins over log.roll.jitter.hours",
  }),
  "log.roll.jitter.hours": integer("0", {
    unit: "hours",
    minimum: 0,
    maximum: INT32_MAX,
    documentation: "Random time taken off log.roll.hours",
  }),
  "log.index.size.max.bytes": integer("10485760", {
    unit: "bytes",
    minimum: 4,
    maximum: INT32_MAX,
    documentation: "Largest index file; a full index closes its segment",
  }),
  "log.index.interval.bytes": integer("4096", {
    unit: "bytes",
    minimum: 0,
    maximum: INT32_MAX,
    documentation: "Bytes of log between two index entries",
  }),
  "log.flush.interval.messages": integer(LONG_MAX_TEXT, {
    unit: "records",
    minimum: 1,
    documentation: "Records appended before a log is flushed without being asked",
  }),
  "log.flush.interval.ms": integerOrUnset({
    unit: "ms",
    minimum: 0,
    documentation: "Longest time a record stays unflushed; unset: no limit",
  }),
  "log.flush.offset.checkpoint.interval.ms": integer("60000", {
    unit: "ms",
    minimum: 0,
    maximum: INT32_MAX,
    documentation: "Time between two writes of the recovery-point file",
  }),
  "log.flush.start.offset.checkpoint.interval.ms": integer("60000", {
    unit: "ms",
    minimum: 0,
    maximum: INT32_MAX,
    documentation:
      "Kafka's time between two writes of the log-start-offset file; Weir writes it at each trim",
    standing: stored,
  }),
  "log.message.timestamp.type": choice(["CreateTime", "LogAppendTime"], "CreateTime", {
    documentation: "Whose clock stamps a record: the producer's or the broker's",
  }),
  "log.message.timestamp.before.max.ms": integer(LONG_MAX_TEXT, {
    unit: "ms",
    minimum: 0,
    documentation: "A record's time may lie this far in the past",
  }),
  "log.message.timestamp.after.max.ms": integer("3600000", {
    unit: "ms",
    minimum: 0,
    documentation: "A record's time may lie this far in the future",
  }),
  "log.segment.delete.delay.ms": integer("60000", {
    unit: "ms",
    minimum: 0,
    documentation: "Time between taking a segment out of the log and removing its files",
  }),
  "log.retention.ms": integerOrUnset({
    unit: "ms",
    minimum: -1,
    documentation: "Age at which records go; -1 never; wins over minutes and hours",
  }),
  "log.retention.minutes": integerOrUnset({
    unit: "minutes",
    minimum: -1,
    maximum: INT32_MAX,
    documentation: "Age at which records go; wins over hours",
  }),
  "log.retention.hours": integer("168", {
    unit: "hours",
    minimum: -1,
    maximum: INT32_MAX,
    documentation: "Age at which records go",
  }),
  "log.retention.bytes": integer("-1", {
    unit: "bytes",
    minimum: -1,
    documentation: "Bytes one partition keeps; -1 no limit",
  }),
  "log.retention.check.interval.ms": integer("300000", {
    unit: "ms",
    minimum: 1,
    documentation: "Time between two looks for records that go",
  }),
  "retention.disk.percent": integer("100", {
    minimum: 1,
    maximum: 100,
    documentation:
      "How much of the file system may be in use before each worker drops its oldest segments of logs with cleanup.policy delete, kept ones too; 100 never",
  }),
  "disk.free.min.bytes": integer("67108864", {
    unit: "bytes",
    minimum: 0,
    documentation:
      "Free space of the file system, but at most a twentieth of it, below which records are refused (KAFKA_STORAGE_ERROR) while commits, metadata and reads go on; 0 never",
  }),
  "disk.reserve.bytes": integer("4194304", {
    unit: "bytes",
    minimum: 0,
    documentation:
      "Space held in the data directory (.weir-reserve), at most 1/32 of the file system, that commits and metadata take when the disk is full; 0 none",
  }),
  "log.cleanup.policy": listOf(["delete", "compact"], "delete", {
    documentation:
      "What happens to old records: delete by age and size, compact to the last record of each key, or both",
  }),
  "log.preallocate": boolean("false", {
    documentation: "Make segment files at full size",
    standing: stored,
  }),
  "log.cleaner.enable": boolean("true", { documentation: "Compaction runs" }),
  "log.cleaner.backoff.ms": integer("15000", {
    unit: "ms",
    minimum: 0,
    documentation: "Time between two looks for a log to compact, where there was none",
  }),
  "log.cleaner.dedupe.buffer.size": integer("134217728", {
    unit: "bytes",
    minimum: 1_048_576,
    documentation:
      "Memory for the keys of the logs that are being compacted, 24 bytes a key; every worker has an equal share of it, and takes it while it compacts",
  }),
  "log.cleaner.io.buffer.load.factor": decimal("0.9", {
    minimum: 0,
    maximum: 1,
    documentation: "How full of keys that memory gets; keys beyond it wait for another pass",
  }),
  "log.cleaner.io.max.bytes.per.second": decimal("1.7976931348623157E308", {
    minimum: 1,
    documentation:
      "Bytes that compaction reads and writes in a second; every worker has an equal share of it",
  }),
  "log.cleaner.io.buffer.size": integer("524288", {
    unit: "bytes",
    minimum: 0,
    maximum: INT32_MAX,
    documentation: "Kafka's buffers for compaction; Weir reads batch by batch",
    standing: stored,
  }),
  "log.cleaner.threads": integer("1", {
    minimum: 0,
    maximum: INT32_MAX,
    documentation: "Kafka's threads for compaction; in Weir every worker compacts its own logs",
    standing: stored,
  }),
  "log.cleaner.min.cleanable.ratio": decimal("0.5", {
    minimum: 0,
    maximum: 1,
    documentation: "Share of a log that must be uncompacted before it is compacted",
  }),
  "log.cleaner.min.compaction.lag.ms": integer("0", {
    unit: "ms",
    minimum: 0,
    documentation: "A younger record is not compacted away",
  }),
  "log.cleaner.max.compaction.lag.ms": integer(LONG_MAX_TEXT, {
    unit: "ms",
    minimum: 1,
    documentation: "An older record is compacted, whatever the ratio",
  }),
  "log.cleaner.delete.retention.ms": integer("86400000", {
    unit: "ms",
    minimum: 0,
    documentation: "How long a compacted log keeps the mark of a deleted key",
  }),
  "compression.type": choice(["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"], "producer", {
    documentation: "Compression on disk; producer keeps what the client sent",
    standing: stored,
  }),
  "compression.gzip.level": integer("-1", {
    minimum: -1,
    maximum: 9,
    documentation: "Level of gzip; -1 its own default",
    standing: stored,
  }),
  "compression.lz4.level": integer("9", {
    minimum: 1,
    maximum: 17,
    documentation: "Level of lz4",
    standing: stored,
  }),
  "compression.zstd.level": integer("3", {
    minimum: -131_072,
    maximum: 22,
    documentation: "Level of zstd",
    standing: stored,
  }),
  "min.insync.replicas": integer("1", {
    minimum: 1,
    maximum: INT32_MAX,
    documentation: "In-sync replicas that acks=all needs",
    standing: stored,
  }),
  "unclean.leader.election.enable": boolean("false", {
    documentation: "A replica out of sync may become leader, at the price of records",
    standing: stored,
  }),
} satisfies Record<string, Setting<unknown>>;

/** Every broker setting by its key. */
export const BROKER_TABLE = { ...PROCESS, ...GROUPS, ...LOG };

/** A broker setting's key. */
export type BrokerKey = keyof typeof BROKER_TABLE;

/** Every broker setting's value in force; `null` where it is unset. Times in ms, sizes in bytes unless the key says otherwise. */
export type BrokerValues = {
  readonly [Key in BrokerKey]: (typeof BROKER_TABLE)[Key] extends Setting<infer Value> ? Value : never;
};

/** Other names by which a setting is known: read as the setting itself. */
export const BROKER_ALIASES: Readonly<Record<string, BrokerKey>> = {
  "broker.id": "node.id",
  "connections.max": "max.connections",
  "log.dir": "log.dirs",
};

/** Keys people bring along from Kafka, and the setting of Weir that does that work. */
export const BROKER_HINTS: Readonly<Record<string, BrokerKey>> = {
  "listeners": "kafka.listener",
  "advertised.listeners": "advertised.address",
  "advertised.host.name": "advertised.address",
  "port": "kafka.listener",
  "data": "log.dirs",
};

/** Kafka settings without a meaning here: ignored with a warning. Removed in Kafka 4.0, or about threads and controllers. */
const REMOVED =
  /^(zookeeper\..*|broker\.id\.generation\.enable|inter\.broker\.protocol\.version|log\.message\.format\.version|message\.format\.version|(log\.)?message\.downconversion\.enable|log\.message\.timestamp\.difference\.max\.ms|control\.plane\.listener\.name|delegation\.token\.master\.key|group\.coordinator\.new\.enable|auto\.include\.jmx\.reporter)$/;
const MEANINGLESS =
  /^(process\.roles|controller\..*|num\.(network|io)\.threads|background\.threads|num\.recovery\.threads\.per\.data\.dir|queued\.max\.(requests|request\.bytes)|socket\.(send|receive)\.buffer\.bytes|metric\.reporters|metrics\..*)$/;

/** Why a key of Kafka's is ignored, or `null` when it is not. */
export function ignoredReason(key: string): string | null {
  if (REMOVED.test(key)) return "removed in Kafka 4.0";
  return MEANINGLESS.test(key) ? "it has no meaning in Weir" : null;
}
