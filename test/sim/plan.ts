/**
 * What a seed is like: each run draws its own mix of load and mishap ("swarm
 * testing"), so that rare combinations get runs of their own instead of drowning
 * in an average.
 */
import type { NetworkOptions } from "./network.ts";
import type { SeededRandom } from "./random.ts";

export interface Plan {
  /** Virtual milliseconds of load. */
  readonly loadMs: number;
  readonly producers: number;
  /** Idempotent producers, which send a batch until it is answered. */
  readonly retriers: number;
  readonly consumers: number;
  readonly topicsMax: number;
  /** Longest pause of an actor between two requests. */
  readonly pauseMsMax: number;
  readonly recordsMax: number;
  readonly valueBytesMax: number;
  readonly network: NetworkOptions;
  /** `--set` assignments of the broker. */
  readonly assignments: readonly string[];
  /** Mean time between mishaps; those in `mishaps` happen. */
  readonly mishapMs: number;
  readonly mishaps: readonly Mishap[];
}

export type Mishap =
  | "kill"
  | "power"
  | "torn"
  | "kill in turn"
  | "power in turn"
  | "worker"
  | "cut"
  | "clock"
  | "full"
  | "flip"
  | "checkpoint"
  | "stop";

/** How likely each mishap is part of a seed's mix. */
const SHARES: Readonly<Record<Mishap, number>> = {
  kill: 0.5,
  power: 0.5,
  torn: 0.4,
  "kill in turn": 0.4,
  "power in turn": 0.4,
  worker: 0.4,
  cut: 0.6,
  clock: 0.3,
  full: 0.3,
  flip: 0.25,
  checkpoint: 0.6,
  stop: 0.3,
};

/** Draws a plan. */
export function drawPlan(random: SeededRandom): Plan {
  const mishaps = (Object.keys(SHARES) as Mishap[]).filter((mishap) => random.chance(SHARES[mishap]));
  const plan = {
    loadMs: random.integer(800, 3_000),
    producers: random.integer(1, 4),
    consumers: random.integer(1, 3),
    topicsMax: random.integer(1, 3),
    pauseMsMax: random.pick([5, 20, 60]),
    recordsMax: random.pick([1, 5, 20]),
    valueBytesMax: random.pick([10, 100, 600]),
    network: { delayMsMax: random.pick([0.2, 2, 10]), stallChance: random.pick([0, 0, 0.02]) },
    assignments: [
      `partition.workers.max=${random.integer(1, 4)}`,
      `open.files.max=${random.pick([16, 20, 800])}`,
      `waiters.max=${random.pick([2, 10_000])}`,
      `log.flush.offset.checkpoint.interval.ms=${random.pick([100, 500, 5_000])}`,
      `connection.inflight.bytes.max=${random.pick([2_000, 33_554_432])}`,
    ],
    mishapMs: random.pick([60, 150, 400]),
    mishaps,
  };
  return { ...plan, retriers: random.pick([0, 0, 1, 3]) };
}
