/**
 * A group of the consumer protocol (KIP-848) as an immutable value. Its durable
 * part is what the group's records say, and nothing else; its volatile part is
 * what a restart may forget: which heartbeats wait for news, which epoch a member
 * was last heard with, and which image was looked at. Made and changed through
 * {@linkcode GroupDraft} alone.
 *
 *     group epoch       grows when members, subscriptions or topics change
 *     assignment epoch  the group epoch the targets were computed for
 *     member epoch      the assignment epoch a member has given up everything for
 */
import type { ConsumerMemberValue } from "../record.ts";
import type { Held } from "./held.ts";
import type { Partitions } from "./partitions.ts";

/** Nothing is asked of the member. */
export const STABLE = 0;
/** The member is to give partitions up, and keeps its epoch until it says so. */
export const UNREVOKED = 1;
/** The member is at the new epoch and waits for partitions that others have not given up. */
export const UNRELEASED = 2;

/** The epoch with which a member joins, leaves for good, and leaves for a while. */
export const JOIN_EPOCH = 0;
export const LEAVE_EPOCH = -1;
export const STATIC_LEAVE_EPOCH = -2;

/** A member: what it said of itself, and where it stands. */
export interface ConsumerMember extends ConsumerMemberValue {
  readonly memberId: string;
  /** -2: a static member that left for a while. */
  readonly memberEpoch: number;
  readonly previousMemberEpoch: number;
  readonly state: 0 | 1 | 2;
  readonly assigned: Held;
  /** Not assigned any more, and not given to others before the member says it let go. */
  readonly pendingRevocation: Held;
}

/** What a regular expression matched when it was last looked at. */
export interface ResolvedPattern {
  /** In ascending order. */
  readonly topics: readonly string[];
  /** The image's version. */
  readonly version: number;
  readonly atMs: number;
}

/** What is remembered of a member until the broker stops. */
export interface Contact {
  /** The highest epoch the member itself said it is at. */
  readonly epochSeen: number;
  /** The command whose answer waits for news; `null`: none. */
  readonly parkedId: number | null;
  /** A classic member was told to join again, and has not yet. */
  readonly isToJoin: boolean;
}

/** A group of the consumer protocol. */
export interface ConsumerGroup {
  readonly type: "consumer";
  readonly group: string;
  readonly epoch: number;
  /** `metadataHash` of the topics subscribed to, as they were at this epoch. */
  readonly metadataHash: number;
  readonly assignmentEpoch: number;
  readonly members: ReadonlyMap<string, ConsumerMember>;
  readonly targets: ReadonlyMap<string, Partitions>;
  readonly patterns: ReadonlyMap<string, ResolvedPattern>;
  /** Volatile: the image's version that topics were last compared with; -1: none yet. */
  readonly imageVersion: number;
  /** Volatile. */
  readonly contacts: ReadonlyMap<string, Contact>;
}

/** A group nobody has joined yet. */
export function emptyConsumer(group: string): ConsumerGroup {
  return {
    type: "consumer",
    group,
    epoch: 0,
    metadataHash: 0,
    assignmentEpoch: 0,
    members: new Map(),
    targets: new Map(),
    patterns: new Map(),
    imageVersion: -1,
    contacts: new Map(),
  };
}

/** The static member of that instance id. */
export function staticMember(
  members: Iterable<ConsumerMember>,
  instanceId: string,
): ConsumerMember | null {
  for (const member of members) if (member.instanceId === instanceId) return member;
  return null;
}

/** True when the member has all that the assignment of `assignmentEpoch` gives it, and nothing else. */
export function isReconciled(member: ConsumerMember, assignmentEpoch: number): boolean {
  return member.state === STABLE && member.memberEpoch === assignmentEpoch;
}
