/**
 * Answers to heartbeats: at once, or to those that wait, as soon as there is
 * something their members do not know. Only waiting members take steps while
 * others speak; they are taken to own all that was assigned to them.
 */
import type { ConsumerHeartbeatReply, GroupSettings } from "../../../model/mod.ts";
import { approach } from "./approach.ts";
import type { ConsumerMember } from "./group.ts";
import { placesOf } from "./held.ts";
import type { Owners } from "./owners.ts";
import { isSettled } from "./state.ts";
import type { Step } from "./step.ts";

/** How soon members report while the group is not settled, and how much later for each of them. */
const SOON_MS = 200;
const SOON_MS_PER_MEMBER = 2;

/** The answer that tells a member where it stands, and with `isNews` what it is to own. */
export function reply(step: Step, member: ConsumerMember, isNews: boolean): ConsumerHeartbeatReply {
  const { memberId, memberEpoch, assigned } = member;
  return {
    kind: "consumer_heartbeat",
    fault: null,
    memberId,
    memberEpoch,
    heartbeatIntervalMs: intervalMs(step),
    assignment: isNews ? placesOf(assigned) : null,
  };
}

/** Members of a group that is being rebalanced report soon, so that partitions change hands without delay. */
function intervalMs({ draft, context }: Step): number {
  const { consumerHeartbeatIntervalMs } = context.settings;
  if (isSettled(draft)) return consumerHeartbeatIntervalMs;
  const soonMs = Math.max(SOON_MS, SOON_MS_PER_MEMBER * draft.members.size);
  return Math.min(consumerHeartbeatIntervalMs, soonMs);
}

/** How long a heartbeat waits: no longer than the member would have been silent otherwise. */
export function waitMs(waitMsMax: number, settings: GroupSettings): number {
  const halfSessionMs = Math.floor(settings.consumerSessionTimeoutMs / 2);
  return Math.min(waitMsMax, settings.consumerHeartbeatIntervalMs, halfSessionMs);
}

/** Lets every waiting member take its step, and tells those that got somewhere. */
export function sendNews(step: Step, owners: Owners): void {
  const { draft } = step;
  if (step.records.length === 0) return;
  for (const [memberId, { parkedId }] of [...draft.contacts.view]) {
    if (parkedId === null) continue;
    const before = draft.member(memberId);
    const after = approach(step, memberId, null, owners);
    if (after !== before) answerWaiting(step, memberId, before.assigned !== after.assigned);
  }
}

/** Answers the heartbeat of a member that waits, if one does. */
export function answerWaiting(step: Step, memberId: string, isNews = false): void {
  const contact = step.draft.contacts.get(memberId);
  if (contact === undefined || contact.parkedId === null) return;
  step.answer(contact.parkedId, reply(step, step.draft.member(memberId), isNews));
  step.draft.contacts.set(memberId, { ...contact, parkedId: null });
  step.stopTimer("wait", memberId);
}
