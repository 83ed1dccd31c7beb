/**
 * Timers of a classic group that are due: the end of a join phase, of the wait for
 * assignments, of a member's session. A timer that has come too late to mean
 * anything changes nothing. Called by the coordinator with the timer's key.
 */
import type { GroupContext, Outcome } from "../outcome.ts";
import { completeJoin } from "./complete_join.ts";
import { type Draft, openDraft, removeMember, settle, startTimer } from "./draft.ts";
import { type ClassicGroup, type ClassicMember, JOIN_KEY, memberOfKey, SYNC_KEY } from "./group.ts";
import { allJoined, rebalance } from "./rebalance.ts";

export function expireClassic(
  group: ClassicGroup,
  key: string,
  context: GroupContext,
): Outcome<ClassicGroup> {
  const draft = openDraft(group, context);
  if (key === JOIN_KEY) expireJoin(draft);
  else if (key === SYNC_KEY) expireSync(draft);
  else expireSession(draft, memberOfKey(key));
  return settle(draft);
}

/** The first join phase goes on while members come, but not past its deadline. */
function expireJoin(draft: Draft): void {
  const { group, context: { nowMs, settings } } = draft;
  if (group.state !== "PreparingRebalance") return;
  const leftMs = group.initial !== null && group.initial.joined ? group.initial.deadlineMs - nowMs : 0;
  if (group.initial === null || leftMs <= 0) return completeJoin(draft);
  group.initial = { ...group.initial, joined: false };
  startTimer(draft, JOIN_KEY, Math.min(settings.initialRebalanceDelayMs, leftMs));
}

/** Members that never asked for their assignment are gone. */
function expireSync(draft: Draft): void {
  const { group } = draft;
  const isAssigning = group.state === "CompletingRebalance" || group.state === "Stable";
  if (!isAssigning || group.pendingSync.size === 0) return;
  for (const memberId of [...group.pendingSync]) removeMember(draft, memberId);
  rebalance(draft);
}

function expireSession(draft: Draft, memberId: string): void {
  const { group } = draft;
  const member = group.members.get(memberId);
  const isPending = group.pendingJoin.has(memberId);
  if (!isPending && (member === undefined || isWaiting(member))) return;
  removeMember(draft, memberId);
  if (group.state === "PreparingRebalance") {
    // Even the first join phase: whoever it waited for is gone.
    if (allJoined(group)) completeJoin(draft);
  } else if (!isPending) rebalance(draft);
}

/** Who waits for the coordinator cannot be late; a new member can, it may have gone without a word. */
function isWaiting({ isNew, joinId, syncId }: ClassicMember): boolean {
  return !isNew && (joinId !== null || syncId !== null);
}
