/**
 * Parks the JoinGroup of a member that exists, with what it offers now. An older
 * one that is still parked is a client's that gave up waiting for it: it is answered
 * REBALANCE_IN_PROGRESS, which costs a client that reads it no more than a join.
 */
import type { JoinGroupCommand } from "../../../model/mod.ts";
import { answer, type Draft, putMember } from "./draft.ts";
import type { ClassicMember } from "./group.ts";
import { joinRefused, rebalancing } from "./replies.ts";

export function parkJoin(
  draft: Draft,
  id: number,
  command: JoinGroupCommand,
  member: ClassicMember,
): ClassicMember {
  const { memberId, joinId } = member;
  if (joinId !== null) answer(draft, joinId, joinRefused(rebalancing(draft.group.group), memberId));
  const { protocols, sessionTimeoutMs, rebalanceTimeoutMs } = command;
  return putMember(draft, { ...member, protocols, sessionTimeoutMs, rebalanceTimeoutMs, joinId: id });
}
