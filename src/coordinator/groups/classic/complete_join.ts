/**
 * The end of a join phase: who did not join is removed (static members stay), a
 * leader and a protocol are chosen, the generation goes up by one, and every
 * member that waits is told. A group without members is empty then, and kept.
 * Called by whatever completes a join phase, or by its timer.
 */
import { assert } from "../../../model/mod.ts";
import {
  answer,
  type Draft,
  enter,
  keep,
  putMember,
  removeMember,
  restartSession,
  startTimer,
  stopTimer,
} from "./draft.ts";
import { type ClassicGroup, type ClassicMember, JOIN_KEY, SYNC_KEY } from "./group.ts";
import { selectProtocol } from "./protocols.ts";
import { joined } from "./replies.ts";
import { subscribedTopics } from "./subscription.ts";

/** The next look at absent static members, who may have given no time at all: never over and over at one moment. */
const ABSENT_MS_MIN = 1_000;

/** The longest of the members' rebalance timeouts, in milliseconds; 0 without members. */
export function rebalanceTimeoutMs({ members }: Pick<ClassicGroup, "members">): number {
  return members.values().reduce((longest, member) => Math.max(longest, member.rebalanceTimeoutMs), 0);
}

/** Ends the join phase, whoever is missing. */
export function completeJoin(draft: Draft): void {
  const { group } = draft;
  assert(group.state === "PreparingRebalance", "only a join phase ends");
  stopTimer(draft, JOIN_KEY);
  for (const { memberId, instanceId, joinId } of [...group.members.values()]) {
    if (joinId === null && instanceId === null) removeMember(draft, memberId);
  }
  if (group.members.size === 0) return becomeEmpty(draft);
  const leader = findLeader(group);
  // Only absent static members are left: one of them must come, or all sessions end.
  if (leader === null) return startTimer(draft, JOIN_KEY, Math.max(rebalanceTimeoutMs(group), ABSENT_MS_MIN));
  group.leader = leader.memberId;
  beginGeneration(draft, selectProtocol(group.members));
  enter(draft, "CompletingRebalance");
  for (const member of [...group.members.values()]) tellGeneration(draft, member);
  startTimer(draft, SYNC_KEY, rebalanceTimeoutMs(group));
}

/** The leader there was when it has joined, else who joined first. */
function findLeader({ leader, members }: Pick<ClassicGroup, "leader" | "members">): ClassicMember | null {
  const current = leader === null ? undefined : members.get(leader);
  if (current !== undefined && current.joinId !== null) return current;
  return members.values().find(({ joinId }) => joinId !== null) ?? null;
}

function becomeEmpty(draft: Draft): void {
  assert(draft.group.leader === null, "nobody leads an empty group");
  beginGeneration(draft, null);
  enter(draft, "Empty");
  keep(draft);
}

function beginGeneration({ group }: Draft, protocol: string | null): void {
  group.generation += 1;
  group.protocol = protocol;
  group.topics = subscribedTopics(group.protocolType, protocol, group.members.values());
  group.initial = null;
  group.pendingSync.clear();
}

/** Sessions begin anew for all members, those included that did not join. */
function tellGeneration(draft: Draft, member: ClassicMember): void {
  const { group } = draft;
  if (member.joinId !== null) answer(draft, member.joinId, joined(group, member.memberId));
  restartSession(draft, putMember(draft, { ...member, joinId: null, isNew: false }));
  group.pendingSync.add(member.memberId);
}
