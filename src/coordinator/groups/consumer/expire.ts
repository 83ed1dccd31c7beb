/**
 * Timers of a group of the consumer protocol: a member silent for its session is
 * taken out, one that does not give partitions up within its rebalance timeout
 * too, and a heartbeat that waited long enough is answered. Sessions begin anew
 * when the broker starts.
 */
import type { GroupContext, Outcome, TimerChange } from "../outcome.ts";
import type { ClassicGroup } from "../classic/mod.ts";
import { becomeClassic } from "./downgrade.ts";
import { type ConsumerGroup, UNREVOKED } from "./group.ts";
import { removeMember } from "./leave.ts";
import { answerWaiting, sendNews } from "./news.ts";
import { Owners } from "./owners.ts";
import { readTimerKey, Step } from "./step.ts";
import { followTopics } from "./subscription.ts";
import { followEpoch } from "./target.ts";

/** What happens when the timer of that key is due. */
export function expireConsumer(
  group: ConsumerGroup,
  key: string,
  context: GroupContext,
): Outcome<ConsumerGroup | ClassicGroup> {
  const step = new Step(group, context);
  const timer = readTimerKey(key);
  const member = group.members.get(timer?.memberId ?? "");
  if (timer === null || member === undefined) return step.outcome();
  if (timer.name === "wait") return endWait(step, member.memberId);
  if (timer.name === "rebalance" && member.state !== UNREVOKED) return step.outcome();
  removeMember(step, member.memberId);
  const classic = becomeClassic(step, null);
  if (classic !== null) return classic;
  settle(step);
  return step.outcome();
}

function endWait(step: Step, memberId: string): Outcome<ConsumerGroup> {
  followTopics(step);
  settle(step);
  answerWaiting(step, memberId);
  return step.outcome();
}

/** The topics changed: members that wait are told at once what that means for them. */
export function refreshConsumer(group: ConsumerGroup, context: GroupContext): Outcome<ConsumerGroup> {
  const step = new Step(group, context);
  if (group.members.size > 0) followTopics(step);
  settle(step);
  return step.outcome();
}

/** Timers of a group that was read back from its records. */
export function resumeConsumer(group: ConsumerGroup, context: GroupContext): TimerChange[] {
  const step = new Step(group, context);
  for (const member of group.members.values()) {
    step.startSession(member);
    if (member.classic === null && member.state === UNREVOKED) {
      step.setTimer("rebalance", member.memberId, member.rebalanceTimeoutMs);
    }
  }
  return step.timers();
}

function settle(step: Step): void {
  followEpoch(step);
  sendNews(step, new Owners(step.draft.members));
}
