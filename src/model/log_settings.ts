/**
 * What one partition's log has to know of its topic's settings, parsed and in
 * plain numbers. Built by `config.ts` from the topic's own settings over the
 * broker's defaults; handed to the shard when a partition opens and again
 * whenever a setting changes. Times are milliseconds, sizes bytes; "never" and
 * "no limit" are `Number.MAX_SAFE_INTEGER`.
 */
export interface LogSettings {
  /** `max.message.bytes`: the largest batch, header included. */
  readonly messageBytesMax: number;
  /** `segment.bytes` */
  readonly segmentBytesMax: number;
  /** `segment.ms` */
  readonly segmentMs: number;
  /** `segment.jitter.ms` */
  readonly segmentJitterMs: number;
  /** `segment.index.bytes`: the largest `.index` or `.timeindex` file. */
  readonly indexBytesMax: number;
  /** `index.interval.bytes`: bytes of log between two index entries. */
  readonly indexIntervalBytes: number;
  /** `flush.messages`: records appended before the log is flushed without being asked. */
  readonly flushMessages: number;
  /** `flush.ms`: the longest a record stays unflushed. */
  readonly flushMs: number;
  /** `message.timestamp.type` */
  readonly timestampType: "CreateTime" | "LogAppendTime";
  /** `message.timestamp.before.max.ms` */
  readonly timestampBeforeMaxMs: number;
  /** `message.timestamp.after.max.ms` */
  readonly timestampAfterMaxMs: number;
  /** `cleanup.policy`, as its two switches. */
  readonly cleanupDelete: boolean;
  readonly cleanupCompact: boolean;
  /** `retention.ms`, `retention.bytes`; `MAX_SAFE_INTEGER` keeps for ever. */
  readonly retentionMs: number;
  readonly retentionBytes: number;
  /** `file.delete.delay.ms`: from a segment's renaming until its files go. */
  readonly deleteDelayMs: number;
  /** `min.cleanable.dirty.ratio` */
  readonly cleanableRatioMin: number;
  /** `min.compaction.lag.ms`, `max.compaction.lag.ms` */
  readonly compactionLagMsMin: number;
  readonly compactionLagMsMax: number;
  /** `delete.retention.ms`: how long a tombstone outlives its compaction. */
  readonly tombstoneMs: number;
  /** `producer.id.expiration.ms`: an idempotent producer silent for so long is forgotten. */
  readonly producerExpirationMs: number;
}

/** Apache Kafka's own defaults: for tests, and the base that `config.ts` overrides. */
export const LOG_SETTINGS_DEFAULT: LogSettings = {
  messageBytesMax: 1_048_588,
  segmentBytesMax: 1_073_741_824,
  segmentMs: 604_800_000,
  segmentJitterMs: 0,
  indexBytesMax: 10_485_760,
  indexIntervalBytes: 4_096,
  flushMessages: Number.MAX_SAFE_INTEGER,
  flushMs: Number.MAX_SAFE_INTEGER,
  timestampType: "CreateTime",
  timestampBeforeMaxMs: Number.MAX_SAFE_INTEGER,
  timestampAfterMaxMs: 3_600_000,
  cleanupDelete: true,
  cleanupCompact: false,
  retentionMs: 604_800_000,
  retentionBytes: Number.MAX_SAFE_INTEGER,
  deleteDelayMs: 60_000,
  cleanableRatioMin: 0.5,
  compactionLagMsMin: 0,
  compactionLagMsMax: Number.MAX_SAFE_INTEGER,
  tombstoneMs: 86_400_000,
  producerExpirationMs: 86_400_000,
};
