/**
 * What a seed asks of retention and of the cleaner: a stream of chance of its own,
 * so that a seed's plan is the same with it and without.
 */
import type { SeededRandom } from "./random.ts";

export interface Upkeep {
  /** `log.retention.check.interval.ms` */
  readonly retentionIntervalMs: number;
  readonly cleaner: {
    readonly dedupeBytesMax: number;
    readonly bytesPerSecond: number;
    readonly backoffMs: number;
  };
  /** How likely a topic is compacted. */
  readonly compactedShare: number;
  /** Different keys of a partition. */
  readonly keys: number;
  readonly tombstoneShare: number;
  /** From one slice of work until the next, at most: what comes between them gets its chance. */
  readonly sliceMsMax: number;
}

/** How many of the seeds have any upkeep. */
const SHARE = 0.6;
const NEVER_TEXT = "9223372036854775807";

/** Draws what upkeep is asked of a run; `null`: none. */
export function drawUpkeep(random: SeededRandom): Upkeep | null {
  if (!random.chance(SHARE)) return null;
  return {
    retentionIntervalMs: random.pick([20, 100, 400]),
    cleaner: {
      dedupeBytesMax: random.pick([500, 4_000, 1_000_000]),
      bytesPerSecond: random.pick([1_000_000, 10_000_000, Infinity]),
      backoffMs: random.pick([10, 50, 200]),
    },
    compactedShare: random.pick([0, 0.5, 1]),
    keys: random.pick([2, 10, 40]),
    tombstoneShare: random.pick([0, 0.1, 0.5]),
    sliceMsMax: random.pick([0, 1, 10]),
  };
}

/** Settings a topic is made with, for all of its life. */
export function drawPolicy(random: SeededRandom, { compactedShare }: Upkeep): Record<string, string> {
  if (!random.chance(compactedShare)) return { "cleanup.policy": "delete" };
  return { "cleanup.policy": random.pick(["compact", "compact", "compact,delete"]) };
}

/** Settings that change now and then: always all of them. */
export function drawRules(random: SeededRandom): Record<string, string> {
  const lagMsMin = random.pick([0, 0, 50, 300]);
  return {
    "retention.ms": `${random.pick([-1, 50, 300, 1_500])}`,
    "retention.bytes": `${random.pick([-1, 3_000, 20_000])}`,
    "segment.bytes": `${random.pick([1_048_576, 1_048_576, 4_194_304, 8_388_608])}`,
    "segment.ms": `${random.pick([20, 100, 500])}`,
    "segment.jitter.ms": `${random.pick([0, 10])}`,
    "file.delete.delay.ms": `${random.pick([0, 50, 500])}`,
    "min.cleanable.dirty.ratio": `${random.pick([0, 0, 0.3, 0.6])}`,
    "min.compaction.lag.ms": `${lagMsMin}`,
    "max.compaction.lag.ms": random.pick([NEVER_TEXT, `${lagMsMin + 100}`]),
    "delete.retention.ms": `${random.pick([0, 100, 2_000])}`,
  };
}
