/**
 * A group in the making. A transition opens a draft of the group it was given,
 * changes the draft step by step, and settles it into an outcome; the group it was
 * given stays as it was. A draft lives within one decision. Members are values:
 * a changed one takes the old one's place. Called by every transition.
 */
import { assert, type GroupReply } from "../../../model/mod.ts";
import type { GroupAnswer, GroupContext, Outcome } from "../outcome.ts";
import type { GroupRecord } from "../record.ts";
import {
  type ClassicGroup,
  type ClassicMember,
  type ClassicState,
  recordOfClassic,
  sessionKey,
  sessionOf,
} from "./group.ts";
import { joinRefused, syncRefused, unknownMember } from "./replies.ts";

/** The group's fields, open to change. */
type Making =
  & { -readonly [Field in Exclude<keyof ClassicGroup, "members" | "instances">]: ClassicGroup[Field] }
  & {
    readonly members: Map<string, ClassicMember>;
    readonly instances: Map<string, string>;
    readonly pendingJoin: Set<string>;
    readonly pendingSync: Set<string>;
  };

export interface Draft {
  readonly group: Making;
  readonly context: GroupContext;
  readonly records: GroupRecord[];
  readonly answers: GroupAnswer[];
  readonly timers: Map<string, number | null>;
}

export function openDraft(group: ClassicGroup, context: GroupContext): Draft {
  const { members, instances, pendingJoin, pendingSync } = group;
  const making = {
    ...group,
    members: new Map(members),
    instances: new Map(instances),
    pendingJoin: new Set(pendingJoin),
    pendingSync: new Set(pendingSync),
  };
  return { group: making, context, records: [], answers: [], timers: new Map() };
}

/** Ends the draft. */
export function settle({ group, records, answers, timers }: Draft): Outcome<ClassicGroup> {
  assert((group.leader === null) === (group.members.size === 0), "members have a leader");
  assert(group.leader === null || group.members.has(group.leader), "the leader is a member");
  return { group, records, answers, timers: Array.from(timers, ([key, dueMs]) => ({ key, dueMs })) };
}

export function answer(draft: Draft, id: number, reply: GroupReply): void {
  draft.answers.push({ id, reply });
}

/** Keeps the group as it is now. */
export function keep(draft: Draft): void {
  draft.records.push(recordOfClassic(draft.group));
}

export function enter(draft: Draft, state: ClassicState): void {
  draft.group.state = state;
  draft.group.sinceMs = draft.context.nowMs;
}

/** Sets the timer `key` to go off in so many milliseconds. */
export function startTimer(draft: Draft, key: string, timeoutMs: number): void {
  assert(timeoutMs >= 0, "a timer goes off in the future");
  draft.timers.set(key, draft.context.nowMs + timeoutMs);
}

export function stopTimer(draft: Draft, key: string): void {
  draft.timers.set(key, null);
}

export function restartSession(draft: Draft, member: ClassicMember): void {
  const { key, dueMs } = sessionOf(member, draft.context.nowMs);
  draft.timers.set(key, dueMs);
}

/** Adds a member nobody stands for yet; the first one leads. */
export function addMember(draft: Draft, member: ClassicMember, protocolType: string): void {
  const { group } = draft;
  const { memberId, instanceId } = member;
  assert(!group.members.has(memberId), "a new member is not one already");
  assert(instanceId === null || !group.instances.has(instanceId), "an instance is one member");
  if (group.members.size === 0) group.protocolType = protocolType;
  assert(group.protocolType === protocolType, "members share a protocol type");
  group.members.set(memberId, member);
  if (instanceId !== null) group.instances.set(instanceId, memberId);
  group.leader ??= memberId;
  group.pendingJoin.delete(memberId);
}

/** Puts what has become of a member into its place. */
export function putMember(draft: Draft, member: ClassicMember): ClassicMember {
  assert(draft.group.members.has(member.memberId), "only a member changes");
  draft.group.members.set(member.memberId, member);
  return member;
}

/**
 * Removes a member, or a member id not yet joined with. Whatever it waits for is
 * answered UNKNOWN_MEMBER_ID, so that a client that is alive joins again. Who came
 * next leads when the leader goes. A settled group is to rebalance then.
 */
export function removeMember(draft: Draft, memberId: string): void {
  const { group } = draft;
  const member = group.members.get(memberId);
  const fault = unknownMember(group.group, memberId);
  if (member !== undefined && member.joinId !== null) answer(draft, member.joinId, joinRefused(fault, ""));
  if (member !== undefined && member.syncId !== null) answer(draft, member.syncId, syncRefused(fault));
  if (member !== undefined && member.instanceId !== null) group.instances.delete(member.instanceId);
  group.members.delete(memberId);
  group.pendingJoin.delete(memberId);
  if (group.leader === memberId) group.leader = group.members.keys().next().value ?? null;
  stopTimer(draft, sessionKey(memberId));
}
