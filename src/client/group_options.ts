/**
 * What a consumer that reads as a member of a group can be told besides, and the
 * checks of it. Times in milliseconds.
 */
import type { Consumer } from "./consumer.ts";
import type { ConsumerOptions } from "./consumer_options.ts";
import { WeirError } from "./error.ts";
import type { TopicPartition } from "./offsets.ts";
import { numberOption } from "./options.ts";

/**
 * Told of partitions that came or went, and by which consumer; what it returns is waited for. An error it throws
 * ends the consumer (CALLBACK_FAILED).
 */
export type PartitionsCallback = (
  partitions: readonly TopicPartition[],
  consumer: Consumer,
) => void | Promise<void>;

/** The part of a consumer's options that only counts with a group. */
export interface GroupOptions {
  /**
   * Reads as a member of this consumer group: partitions are shared among its members, and reading begins where
   * the group has committed, or at `from` where it has not. With `assignments` the consumer only reads and
   * commits the group's offsets and is no member.
   */
  readonly group?: string | undefined;
  /** Instead of `topics`, or beside them: every topic whose whole name matches, those made later too. RE2 syntax. */
  readonly pattern?: string | RegExp | undefined;
  /**
   * Commits what the application is done with, which is what was handed out before it came for more or left its
   * loop: every `autoCommitIntervalMs`, before partitions are given back, and at close. Default true.
   */
  readonly autoCommit?: boolean | undefined;
  /** Default 5,000. */
  readonly autoCommitIntervalMs?: number | undefined;
  /** These partitions were added; nothing of them was handed out yet: the place to seek. */
  readonly onAssigned?: PartitionsCallback | undefined;
  /** These are about to be given back; nothing more of them is handed out, and they may still be committed. */
  readonly onRevoked?: PartitionsCallback | undefined;
  /** These are somebody else's already: the member was too slow, or could not be reached. */
  readonly onLost?: PartitionsCallback | undefined;
  /** A static member (KIP-345): it keeps its partitions over a restart that is quicker than the session timeout. */
  readonly instanceId?: string | undefined;
  readonly rackId?: string | undefined;
  /** "uniform" or "range"; the broker's first one without it. */
  readonly assignor?: string | undefined;
  /** How long the application may stay away before the member leaves the group: default 300,000. */
  readonly maxPollIntervalMs?: number | undefined;
  /** How long giving back may take before the coordinator stops waiting: default `maxPollIntervalMs`. */
  readonly rebalanceTimeoutMs?: number | undefined;
}

/** What a member wants to read. */
export interface Subscription {
  readonly topics: readonly string[];
  /** RE2 syntax; empty without one. */
  readonly pattern: string;
}

/** What a member goes by. */
export interface MemberSettings {
  readonly group: string;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly assignor: string | null;
  readonly rebalanceTimeoutMs: number;
  readonly maxPollIntervalMs: number;
}

/** The settings of a member. Throws INVALID_ARGUMENT. */
export function memberSettings(group: string, options: ConsumerOptions): MemberSettings {
  if (group === "") throw new WeirError("INVALID_ARGUMENT", `Option group "" must be a name`);
  const maxPollIntervalMs = numberOption("maxPollIntervalMs", options.maxPollIntervalMs, 300_000, 1);
  return {
    group,
    instanceId: options.instanceId ?? null,
    rackId: options.rackId ?? null,
    assignor: options.assignor ?? null,
    maxPollIntervalMs,
    rebalanceTimeoutMs: numberOption("rebalanceTimeoutMs", options.rebalanceTimeoutMs, maxPollIntervalMs, 1),
  };
}

/** What to subscribe to. Throws INVALID_ARGUMENT for nothing. */
export function subscriptionOf(
  { topics, pattern }: Pick<ConsumerOptions, "topics" | "pattern">,
): Subscription {
  const names = (topics ?? []).map((topic) => typeof topic === "string" ? topic : topic.name);
  const source = pattern instanceof RegExp ? pattern.source : pattern ?? "";
  if (names.length > 0 || source !== "") return { topics: [...new Set(names)], pattern: source };
  throw new WeirError("INVALID_ARGUMENT", "A member of a group must have topics or a pattern");
}
