/**
 * What a seed of groups is like: each draws its own mix of members, protocols,
 * network and mishaps ("swarm testing"), so that rare combinations get runs of
 * their own.
 */
import type { GroupSettings } from "../../../src/model/mod.ts";
import type { SeededRandom } from "../random.ts";

export type Mishap =
  | "kill"
  | "power"
  | "torn"
  | "kill in turn"
  | "power in turn"
  | "stop"
  | "full"
  | "clock"
  | "cut"
  | "crash member"
  | "pause member"
  | "leave"
  | "resubscribe";

/** How likely each mishap is part of a seed's mix. */
const SHARES: Readonly<Record<Mishap, number>> = {
  kill: 0.4,
  power: 0.4,
  torn: 0.3,
  "kill in turn": 0.25,
  "power in turn": 0.25,
  stop: 0.25,
  full: 0.25,
  clock: 0.3,
  cut: 0.5,
  "crash member": 0.5,
  "pause member": 0.5,
  leave: 0.6,
  resubscribe: 0.4,
};

/** How members are told apart, and which protocol they speak. */
export type Kind = "eager" | "cooperative" | "consumer";

export interface GroupPlan {
  readonly name: string;
  /** Kinds its members are drawn from. */
  readonly kinds: readonly Kind[];
  /** How many members join at first, at most at once. */
  readonly membersMin: number;
  readonly membersMax: number;
  /** Share of members with an instance id. */
  readonly staticShare: number;
  /** Share of members of the new protocol that subscribe by a pattern. */
  readonly patternShare: number;
  /** Longest wait that members of the new protocol ask for. */
  readonly waitMsMax: number;
  /** Longest time a member takes to give partitions up. */
  readonly revokeMsMax: number;
}

export interface Link {
  readonly delayMsMax: number;
  /** Share of requests that are lost on their way there, and of answers on theirs back. */
  readonly lossShare: number;
  /** Share of requests that arrive twice, one behind the other. */
  readonly doubleShare: number;
  /** Share of requests a copy of which turns up long after. */
  readonly lateShare: number;
}

export interface Plan {
  /** Virtual milliseconds of load. */
  readonly loadMs: number;
  readonly groups: readonly GroupPlan[];
  readonly link: Link;
  readonly settings: GroupSettings;
  readonly mishapMs: number;
  readonly mishaps: readonly Mishap[];
}

/** Draws a plan. */
export function drawPlan(random: SeededRandom): Plan {
  const mishaps = (Object.keys(SHARES) as Mishap[]).filter((mishap) => random.chance(SHARES[mishap]));
  const isCalm = random.chance(0.2);
  return {
    loadMs: random.integer(6_000, 16_000),
    groups: Array.from({ length: random.pick([1, 1, 1, 2]) }, (_, index) => drawGroup(random, index)),
    link: {
      delayMsMax: random.pick([1, 10, 60]),
      lossShare: isCalm ? 0 : random.pick([0, 0.01, 0.05]),
      doubleShare: isCalm ? 0 : random.pick([0, 0.02, 0.1]),
      lateShare: isCalm ? 0 : random.pick([0, 0.02, 0.1]),
    },
    settings: drawSettings(random),
    mishapMs: random.pick([400, 1_000, 2_500]),
    mishaps,
  };
}

function drawGroup(random: SeededRandom, index: number): GroupPlan {
  const kinds: readonly Kind[] = random.pick<readonly Kind[]>([
    ["eager"],
    ["cooperative"],
    ["eager", "cooperative"],
    ["consumer"],
    ["consumer"],
    ["consumer"],
    ["consumer", "eager"],
    ["consumer", "cooperative"],
  ]);
  return {
    name: `group${index}`,
    kinds,
    membersMin: random.integer(1, 4),
    membersMax: random.integer(4, 7),
    staticShare: random.pick([0, 0, 0.3, 1]),
    patternShare: random.pick([0, 0, 0.5]),
    waitMsMax: random.pick([0, 0, 1_500]),
    revokeMsMax: random.pick([0, 50, 800]),
  };
}

function drawSettings(random: SeededRandom): GroupSettings {
  const drawn = {
    sessionTimeoutMsMin: 500,
    sessionTimeoutMsMax: 1_800_000,
    initialRebalanceDelayMs: random.pick([0, 100, 1_000]),
    membersMax: random.pick([3, 2_147_483_647, 2_147_483_647]),
    consumerMembersMax: random.pick([3, 2_147_483_647, 2_147_483_647]),
    consumerSessionTimeoutMs: random.integer(1_500, 3_000),
    consumerHeartbeatIntervalMs: random.integer(200, 500),
    consumerAssignors: random.pick([["uniform", "range"], ["range", "uniform"]]),
    migration: random.pick(["bidirectional", "bidirectional", "upgrade", "downgrade", "disabled"]),
  } satisfies Partial<GroupSettings>;
  // Nothing needs this draw any more, but without it the known seeds would stand for other worlds.
  random.integer(1_000, 4_000);
  return {
    ...drawn,
    metadataBytesMax: 4_096,
    offsetsRetentionMs: 604_800_000,
    offsetsCheckIntervalMs: 600_000,
    topicPartitions: random.integer(1, 4),
    topicSegmentBytes: 1_048_576,
  };
}
