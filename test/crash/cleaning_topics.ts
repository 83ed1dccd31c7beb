/**
 * The topics of the rounds in which logs are cleaned all the time: small segments,
 * by age and by the size of an index, since a megabyte is the least for
 * `segment.bytes`; and broker settings that leave no pause.
 */
import type { Policy } from "./keyed_ledger.ts";

/** Of the broker: no wait between two looks. */
export const BROKER_SETTINGS: readonly string[] = [
  "log.retention.check.interval.ms=50",
  "log.cleaner.backoff.ms=5",
  "log.segment.delete.delay.ms=30",
];

/** A rate at which a cleaning takes long enough to be struck in. */
export const SLOW_CLEANER: readonly string[] = ["log.cleaner.io.max.bytes.per.second=8000000"];

/** Room for about a hundred keys: a log takes several passes. */
export const FORGETFUL_CLEANER: readonly string[] = [
  "log.cleaner.dedupe.buffer.size=1048576",
  "log.cleaner.io.buffer.load.factor=0.01",
];

export const PARTITIONS = 2;

const COMPACTED = {
  "cleanup.policy": "compact",
  "segment.bytes": 1_048_576,
  "segment.ms": 20,
  "min.cleanable.dirty.ratio": 0.01,
};
/** A segment has as many batches as its index has entries: 8. */
const TINY_SEGMENTS = { "index.interval.bytes": 0, "segment.index.bytes": 96 };
const DAY_MS = 86_400_000;
const NOTHING = { tombstoneMs: DAY_MS, lagMs: 0, retentionMs: Infinity, retentionBytes: null };

/** Tombstones go soon. */
const LATEST: Policy = {
  ...NOTHING,
  topic: "latest",
  config: { ...COMPACTED, "delete.retention.ms": 300 },
  compacts: true,
  deletes: false,
  tombstoneMs: 300,
};
/** Tombstones stay, what is young, too. */
const YOUNG: Policy = {
  ...NOTHING,
  topic: "young",
  config: { ...COMPACTED, "min.compaction.lag.ms": 700 },
  compacts: true,
  deletes: false,
  lagMs: 700,
};
/** Compacted, and gone for good when old. */
const BOTH: Policy = {
  ...NOTHING,
  topic: "both",
  config: { ...COMPACTED, ...TINY_SEGMENTS, "cleanup.policy": "compact,delete", "retention.ms": 3_000 },
  compacts: true,
  deletes: true,
  retentionMs: 3_000,
};
/** Only so many bytes. */
const SIZED: Policy = {
  ...NOTHING,
  topic: "sized",
  config: { ...TINY_SEGMENTS, "retention.bytes": 400_000 },
  compacts: false,
  deletes: true,
  retentionBytes: 400_000,
};
/** For the one idempotent producer that lives through everything. */
export const STEADY: Policy = {
  ...NOTHING,
  topic: "steady",
  config: COMPACTED,
  compacts: true,
  deletes: false,
};

export const POLICIES: readonly Policy[] = [LATEST, YOUNG, BOTH, SIZED, STEADY];
