/**
 * Who a classic member is, and whether it is to join again: the group is at a
 * newer epoch, it has partitions to give up, or those it waits for are free. Told
 * so, it has its rebalance timeout to come.
 */
import {
  type Fault,
  fault,
  type HeartbeatGroupCommand,
  type SyncGroupCommand,
} from "../../../../model/mod.ts";
import { fencedInstance, unknownMember } from "../fence.ts";
import { type ConsumerMember, staticMember, UNRELEASED, UNREVOKED } from "../group.ts";
import { Owners } from "../owners.ts";
import { NONE } from "../partitions.ts";
import type { Step } from "../step.ts";

/** The member that speaks, or why it may not. */
export function findClassic(
  step: Step,
  command: SyncGroupCommand | HeartbeatGroupCommand,
): ConsumerMember | Fault {
  const { memberId, instanceId, generation, group } = command;
  const { members } = step.draft;
  const member = instanceId === null
    ? members.get(memberId) ?? null
    : staticMember(members.values(), instanceId);
  if (member === null) return unknownMember(group, memberId, instanceId);
  if (member.memberId !== memberId) return fencedInstance(member, memberId);
  if (member.classic === null) return notClassic(memberId);
  if (generation === member.memberEpoch) return member;
  return fault(
    "ILLEGAL_GENERATION",
    `Member "${memberId}" is at generation ${member.memberEpoch}, not "${generation}"`,
  );
}

/** The member speaks the consumer protocol. */
export function notClassic(memberId: string): Fault {
  return fault(
    "UNKNOWN_MEMBER_ID",
    `Member "${memberId}" is not of the classic protocol, it sends heartbeats of its own`,
  );
}

/** REBALANCE_IN_PROGRESS: the member is to join again, in its rebalance timeout. */
export function sendBack(step: Step, { memberId, rebalanceTimeoutMs }: ConsumerMember): Fault {
  if (step.expectJoin(memberId, true)) step.setTimer("join", memberId, rebalanceTimeoutMs);
  return fault(
    "REBALANCE_IN_PROGRESS",
    `Group "${step.draft.group}" is rebalancing, member "${memberId}" must join again`,
  );
}

/** True when the member has a step to take, which it takes by joining. */
export function isToJoin({ draft }: Step, member: ConsumerMember): boolean {
  if (member.memberEpoch < draft.epoch || member.state === UNREVOKED) return true;
  if (member.state !== UNRELEASED) return false;
  const owners = new Owners(draft.members);
  return (draft.targets.get(member.memberId) ?? NONE).every(({ topicId, partitions }) =>
    partitions.every((partition) => owners.isFree(topicId, partition, member.memberId))
  );
}
