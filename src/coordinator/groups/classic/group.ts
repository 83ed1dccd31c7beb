/**
 * A group of the classic protocol as one immutable value: its members, the
 * generation they are in, and which JoinGroup and SyncGroup commands are parked.
 * What a restart must not forget goes into one record (`recordOfClassic`) and
 * comes back by `classicOf`; whatever is parked does not. An instance id stands
 * for one member. Made by every file of this folder through a draft.
 */
import { assert, type GroupProtocol, type GroupStateName } from "../../../model/mod.ts";
import type { TimerChange } from "../outcome.ts";
import type { ClassicGroupValue, ClassicMemberValue, GroupRecord } from "../record.ts";
import { metadataOf } from "./protocols.ts";
import { subscribedTopics } from "./subscription.ts";

/** States a classic group that exists is in; one that does not is Dead. */
export type ClassicState = Exclude<GroupStateName, "Assigning" | "Reconciling" | "Dead">;

export interface ClassicMember {
  readonly memberId: string;
  /** Of a static member (KIP-345). */
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  /** Never empty; the preferred one first. */
  readonly protocols: readonly GroupProtocol[];
  /** Of the generation settled last; empty before. */
  readonly assignment: Uint8Array;
  /** It has not been through the end of a join phase yet. */
  readonly isNew: boolean;
  /** The JoinGroup, and the SyncGroup, it waits for; `null` when it does not. */
  readonly joinId: number | null;
  readonly syncId: number | null;
}

export interface ClassicGroup {
  readonly type: "classic";
  readonly group: string;
  readonly state: ClassicState;
  /** When it came into this state, in milliseconds; -1 when not known. */
  readonly sinceMs: number;
  /** 0 before the first join phase has ended. */
  readonly generation: number;
  /** "consumer" for consumers; `null` before the first member. */
  readonly protocolType: string | null;
  /** Chosen at the end of the join phase; `null` while there is none. */
  readonly protocol: string | null;
  /** A member id; `null` when there are no members. */
  readonly leader: string | null;
  /** By member id, in the order they came. */
  readonly members: ReadonlyMap<string, ClassicMember>;
  /** Instance ids to member ids. */
  readonly instances: ReadonlyMap<string, string>;
  /** Member ids given out whose owner has not joined yet (KIP-394). */
  readonly pendingJoin: ReadonlySet<string>;
  /** Members of this generation that have not sent a SyncGroup. */
  readonly pendingSync: ReadonlySet<string>;
  /** Topics of this generation's subscriptions; `null` when the bytes do not tell. */
  readonly topics: ReadonlySet<string> | null;
  /** In the first join phase of a group that was empty, which lasts a while whoever has joined. */
  readonly initial: {
    /** The phase ends now at the latest. */
    readonly deadlineMs: number;
    /** Somebody came since the phase was last made longer. */
    readonly joined: boolean;
  } | null;
}

const NO_BYTES = new Uint8Array(0);

/** A group nobody has joined yet. */
export function emptyClassic(group: string, nowMs: number): ClassicGroup {
  const value = {
    protocolType: "",
    generation: 0,
    protocol: null,
    leader: null,
    sinceMs: nowMs,
    members: [],
  };
  return classicOf(group, value);
}

/**
 * The group a record tells of: settled with its members, or empty without.
 *
 * @example
 * ```ts
 * classicOf("orders", { protocolType: "consumer", generation: 3, protocol: null, leader: null, sinceMs: 0, members: [] });
 * ```
 */
export function classicOf(group: string, value: ClassicGroupValue): ClassicGroup {
  const members = new Map(value.members.map((member) => [member.memberId, memberOf(member, value.protocol)]));
  const first = members.keys().next().value ?? null;
  const protocolType = value.protocolType === "" ? null : value.protocolType;
  const { protocol, generation, sinceMs, leader } = value;
  return {
    type: "classic",
    group,
    state: members.size === 0 ? "Empty" : "Stable",
    sinceMs,
    generation,
    protocolType,
    protocol,
    leader: leader !== null && members.has(leader) ? leader : first,
    members,
    instances: instancesOf(members.values()),
    pendingJoin: new Set(),
    pendingSync: new Set(),
    topics: subscribedTopics(protocolType, protocol, members.values()),
    initial: null,
  };
}

function memberOf(value: ClassicMemberValue, protocol: string | null): ClassicMember {
  const { subscription, rebalanceTimeoutMs, ...rest } = value;
  return {
    ...rest,
    // Old records lack it: Kafka took the session timeout then.
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? value.sessionTimeoutMs : rebalanceTimeoutMs,
    protocols: [{ name: protocol ?? "", metadata: subscription }],
    isNew: false,
    joinId: null,
    syncId: null,
  };
}

function instancesOf(members: Iterable<ClassicMember>): Map<string, string> {
  const instances = new Map<string, string>();
  for (const { instanceId, memberId } of members) {
    if (instanceId !== null) instances.set(instanceId, memberId);
  }
  return instances;
}

/** What is kept of a settled or an empty group. Source: GroupMetadataValue. */
export function recordOfClassic(group: ClassicGroup): GroupRecord {
  assert(group.state === "Stable" || group.state === "Empty", "only what is settled is kept");
  const { protocolType, generation, protocol, leader, sinceMs } = group;
  assert(group.members.size === 0 || protocol !== null, "a group with members has chosen a protocol");
  const members = Array.from(group.members.values(), (member) => memberValue(member, protocol));
  const value = { protocolType: protocolType ?? "", generation, protocol, leader, sinceMs, members };
  return { kind: "classic_group", group: group.group, value };
}

function memberValue(member: ClassicMember, protocol: string | null): ClassicMemberValue {
  const { memberId, instanceId, clientId, clientHost, rebalanceTimeoutMs, sessionTimeoutMs, assignment } =
    member;
  const subscription = protocol === null ? NO_BYTES : metadataOf(member, protocol);
  return {
    memberId,
    instanceId,
    clientId,
    clientHost,
    rebalanceTimeoutMs,
    sessionTimeoutMs,
    subscription,
    assignment,
  };
}

/** The timers of a group: the end of the join phase, of the wait for assignments, and one for each session. */
export const JOIN_KEY = "join";
export const SYNC_KEY = "sync";
const SESSION = "session:";

/** The timer of a member's session; of a member id not yet joined with, too. */
export function sessionKey(memberId: string): string {
  return SESSION + memberId;
}

/** Whose session the timer is. */
export function memberOfKey(key: string): string {
  assert(key.startsWith(SESSION), "a timer of a group is of the join phase, the assignment or a session");
  return key.slice(SESSION.length);
}

/** The member's session, begun now. */
export function sessionOf(member: ClassicMember, nowMs: number): TimerChange {
  return { key: sessionKey(member.memberId), dueMs: nowMs + member.sessionTimeoutMs };
}
