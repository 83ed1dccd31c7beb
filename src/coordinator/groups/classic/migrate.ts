/**
 * Where a classic group ends and where one begins beside its own protocol: what is
 * parked is answered when the group stops being this one (it becomes a consumer group,
 * the coordinator stops), and a group that was a consumer group joins anew.
 */
import type { Fault } from "../../../model/mod.ts";
import type { GroupAnswer, GroupContext, Outcome, TimerChange } from "../outcome.ts";
import { openDraft, restartSession, settle } from "./draft.ts";
import { type ClassicGroup, JOIN_KEY, sessionKey, SYNC_KEY } from "./group.ts";
import { rebalance } from "./rebalance.ts";
import { joinRefused, syncRefused } from "./replies.ts";

/** Answers whatever is parked with `refusal`; the group is not to be used any more. */
export function dismissClassic(group: ClassicGroup, refusal: Fault): GroupAnswer[] {
  return Array.from(group.members.values()).flatMap(({ memberId, joinId, syncId }) => [
    ...(joinId === null ? [] : [{ id: joinId, reply: joinRefused(refusal, memberId) }]),
    ...(syncId === null ? [] : [{ id: syncId, reply: syncRefused(refusal) }]),
  ]);
}

/** Calls off every timer of the group. */
export function stopClassic(group: ClassicGroup): TimerChange[] {
  const members = [...group.members.keys(), ...group.pendingJoin].map(sessionKey);
  return [JOIN_KEY, SYNC_KEY, ...members].map((key) => ({ key, dueMs: null }));
}

/** Makes the members of a settled group join anew: it has just become a classic one. Writes no record for that. */
export function rejoinClassic(group: ClassicGroup, context: GroupContext): Outcome<ClassicGroup> {
  const draft = openDraft(group, context);
  for (const member of group.members.values()) restartSession(draft, member);
  rebalance(draft);
  return settle(draft);
}
