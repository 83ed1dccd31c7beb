/**
 * A static member comes back without its member id (KIP-345): a new id takes the
 * old one's place, whoever still uses that is fenced. In a settled group nobody
 * else notices, as long as protocol and topics stay the same. Called by join.
 *
 * Kafka does not look at the topics: there a member that comes back with others
 * waits for the next rebalance to get them.
 */
import { assert, type JoinGroupCommand } from "../../../model/mod.ts";
import { answer, type Draft, keep, restartSession, stopTimer } from "./draft.ts";
import { type ClassicMember, sessionKey } from "./group.ts";
import { parkJoin } from "./park_join.ts";
import { metadataOf, selectProtocol } from "./protocols.ts";
import { rebalance } from "./rebalance.ts";
import { fencedInstance, joined, joinRefused, syncRefused } from "./replies.ts";
import { topicsIn } from "./subscription.ts";

/** Puts `memberId` in the place of `former`, which stands for the command's instance id. */
export function takeOver(
  draft: Draft,
  id: number,
  command: JoinGroupCommand,
  former: string,
  memberId: string,
): void {
  const { group } = draft;
  const formerLeader = group.leader;
  const replaced = replace(draft, former, memberId, command);
  const member = parkJoin(draft, id, command, replaced);
  restartSession(draft, member);
  if (group.state !== "Stable" || !isSameWork(draft, replaced, member)) return rebalance(draft);
  group.members.set(memberId, { ...member, joinId: null });
  keep(draft);
  answer(draft, id, tellSettled(draft, command, memberId, formerLeader));
}

/** The new member stands where the old one stood; it keeps its work. */
function replace(
  draft: Draft,
  former: string,
  memberId: string,
  { clientId, clientHost }: JoinGroupCommand,
): ClassicMember {
  const { group } = draft;
  const old = group.members.get(former);
  assert(old !== undefined && old.instanceId !== null, "an instance stands for a member");
  const fenced = fencedInstance(group.group, old.instanceId, former);
  if (old.joinId !== null) answer(draft, old.joinId, joinRefused(fenced, former));
  if (old.syncId !== null) answer(draft, old.syncId, syncRefused(fenced));
  const member = { ...old, memberId, clientId, clientHost, isNew: false, joinId: null, syncId: null };
  group.members.delete(former);
  group.members.set(memberId, member);
  group.instances.set(old.instanceId, memberId);
  if (group.leader === former) group.leader = memberId;
  if (group.pendingSync.delete(former)) group.pendingSync.add(memberId);
  stopTimer(draft, sessionKey(former));
  return member;
}

/** True when the group would choose the protocol it has, and the member reads what it read. */
function isSameWork(
  { group: { members, protocol } }: Draft,
  old: ClassicMember,
  now: ClassicMember,
): boolean {
  if (protocol === null || selectProtocol(members) !== protocol) return false;
  const before = topicsIn(metadataOf(old, protocol));
  const after = topicsIn(metadataOf(now, protocol));
  if (before === null || after === null) return true;
  return new Set(before).symmetricDifference(new Set(after)).size === 0;
}

/**
 * A leader must not assign again: one that knows how is told to skip it (KIP-814),
 * another is told the id it had, so that it does not know itself for the leader.
 */
function tellSettled(
  { group }: Draft,
  { knowsSkipAssignment }: JoinGroupCommand,
  memberId: string,
  formerLeader: string | null,
) {
  const isLeader = group.leader === memberId;
  if (knowsSkipAssignment) return joined(group, memberId, isLeader);
  return joined({ ...group, leader: formerLeader }, memberId);
}
