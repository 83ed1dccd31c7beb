/**
 * The beginning of a join phase. Members that wait for an assignment are sent back
 * to join; the phase ends when all have joined, or at the longest of their
 * rebalance timeouts. The first phase of an empty group waits for more members
 * first (`group.initial.rebalance.delay.ms`). Called by whatever unsettles a group.
 */
import { assert } from "../../../model/mod.ts";
import { completeJoin, rebalanceTimeoutMs } from "./complete_join.ts";
import { answer, type Draft, enter, putMember, restartSession, startTimer, stopTimer } from "./draft.ts";
import { type ClassicGroup, JOIN_KEY, SYNC_KEY } from "./group.ts";
import { rebalancing, syncRefused } from "./replies.ts";

const NO_BYTES = new Uint8Array(0);

/** Members came, went or changed: begins a join phase, or ends the one there is when that was the last it waited for. */
export function rebalance(draft: Draft): void {
  if (draft.group.state === "PreparingRebalance") endIfJoined(draft);
  else prepareRebalance(draft);
}

/** Ends the join phase when nobody is missing, except the first one, which ends with its time. */
export function endIfJoined(draft: Draft): void {
  const { group } = draft;
  if (group.state === "PreparingRebalance" && group.initial === null && allJoined(group)) completeJoin(draft);
}

/** True when every member waits and every member id given out is in use. */
export function allJoined({ members, pendingJoin }: Pick<ClassicGroup, "members" | "pendingJoin">): boolean {
  return pendingJoin.size === 0 && members.values().every(({ joinId }) => joinId !== null);
}

function prepareRebalance(draft: Draft): void {
  const { group } = draft;
  assert(group.state !== "PreparingRebalance", "a join phase begins once");
  if (group.state === "CompletingRebalance") callOffAssignment(draft);
  group.pendingSync.clear();
  stopTimer(draft, SYNC_KEY);
  const isInitial = group.state === "Empty";
  enter(draft, "PreparingRebalance");
  if (isInitial) awaitMembers(draft);
  else if (allJoined(group)) completeJoin(draft);
  else startTimer(draft, JOIN_KEY, rebalanceTimeoutMs(group));
}

/** Whoever waits for the leader's assignment joins again; there is none. */
function callOffAssignment(draft: Draft): void {
  for (const member of [...draft.group.members.values()]) {
    putMember(draft, { ...member, assignment: NO_BYTES, syncId: null });
    if (member.syncId === null) continue;
    answer(draft, member.syncId, syncRefused(rebalancing(draft.group.group)));
    restartSession(draft, member);
  }
}

function awaitMembers(draft: Draft): void {
  const { group, context: { nowMs, settings: { initialRebalanceDelayMs } } } = draft;
  const longestMs = Math.max(initialRebalanceDelayMs, rebalanceTimeoutMs(group));
  group.initial = { deadlineMs: nowMs + longestMs, joined: false };
  startTimer(draft, JOIN_KEY, initialRebalanceDelayMs);
}
