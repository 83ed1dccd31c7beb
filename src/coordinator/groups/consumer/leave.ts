/**
 * How a member goes: for good (epoch -1, or fenced by a timer), which frees its
 * partitions at once, or for a while (epoch -2, static members), which keeps them
 * for its return until its session ends.
 */
import type { ConsumerHeartbeatCommand, Fault } from "../../../model/mod.ts";
import { type ConsumerMember, STABLE, STATIC_LEAVE_EPOCH, staticMember } from "./group.ts";
import { fencedInstance, unknownMember } from "./fence.ts";
import { heartbeatRefused, type Step } from "./step.ts";
import { bumpEpoch } from "./subscription.ts";

/** Takes a member out that says it leaves; the fault when it is not there. */
export function leaveByHeartbeat(step: Step, command: ConsumerHeartbeatCommand): Fault | null {
  const { memberId, instanceId, memberEpoch } = command;
  const { members, group } = step.draft;
  const member = instanceId === null
    ? members.get(memberId) ?? null
    : staticMember(members.values(), instanceId);
  if (member === null) return unknownMember(group, memberId, instanceId);
  if (member.memberId !== memberId) return fencedInstance(member, memberId);
  if (memberEpoch === STATIC_LEAVE_EPOCH) leaveForAWhile(step, member);
  else removeMember(step, memberId);
  return null;
}

/** Takes a member out for good; the others are to share what it had. */
export function removeMember(step: Step, memberId: string): void {
  refuseParked(step, memberId, unknownMember(step.draft.group, memberId, null));
  dropMember(step, memberId);
  bumpEpoch(step);
}

/** Strikes a member out of the records, and calls its timers off. */
export function dropMember(step: Step, memberId: string): void {
  const { group } = step.draft;
  step.draft.member(memberId);
  step.write({ kind: "consumer_current", group, memberId, value: null });
  step.write({ kind: "consumer_target_member", group, memberId, value: null });
  step.write({ kind: "consumer_member", group, memberId, value: null });
  step.stopTimers(memberId);
}

/** Answers the member's waiting heartbeat, if there is one, with a fault. */
export function refuseParked(step: Step, memberId: string, fault: Fault): void {
  const contact = step.draft.contacts.get(memberId);
  if (contact === undefined || contact.parkedId === null) return;
  step.answer(contact.parkedId, heartbeatRefused(memberId, fault));
  step.draft.contacts.set(memberId, { ...contact, parkedId: null });
  step.stopTimer("wait", memberId);
}

/**
 * The session timer goes on: who does not return in time is removed. What it has it has
 * since when it had it: Kafka counts it as had since epoch 0 from here on, and then takes
 * commits from before another member had it.
 */
function leaveForAWhile(step: Step, member: ConsumerMember): void {
  refuseParked(step, member.memberId, unknownMember(step.draft.group, member.memberId, member.instanceId));
  step.stopTimer("rebalance", member.memberId);
  step.writeCurrent({ ...member, memberEpoch: STATIC_LEAVE_EPOCH, state: STABLE, pendingRevocation: [] });
}
