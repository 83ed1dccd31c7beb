/**
 * Which member a heartbeat is about: one that is there, one that comes back under
 * another id (static members), or a new one. Joining with epoch 0 an id that is
 * there already is joining again: the member owns nothing any more, its place and
 * what was assigned to it stay.
 */
import { type ConsumerHeartbeatCommand, type Fault, fault } from "../../../model/mod.ts";
import { blankMember } from "./apply.ts";
import { checkEpoch, fencedInstance, unknownMember } from "./fence.ts";
import { type ConsumerMember, JOIN_EPOCH, STABLE, STATIC_LEAVE_EPOCH, staticMember } from "./group.ts";
import { dropMember, refuseParked } from "./leave.ts";
import { NONE } from "./partitions.ts";
import type { Step } from "./step.ts";

/** A member as it was before the heartbeat, and whether the group has it only from now on. */
export interface Found {
  readonly member: ConsumerMember;
  readonly isNew: boolean;
}

/** The member of the heartbeat; a fault leaves the step as it was. */
export function findMember(step: Step, command: ConsumerHeartbeatCommand, memberId: string): Found | Fault {
  const { memberEpoch, instanceId } = command;
  const member = instanceId === null
    ? step.draft.members.get(memberId) ?? null
    : staticMember(step.draft.members.values(), instanceId);
  if (memberEpoch === JOIN_EPOCH) {
    return member === null ? admit(step, memberId) : rejoin(step, member, memberId);
  }
  if (member === null) return unknownMember(step.draft.group, memberId, instanceId);
  if (member.memberId !== memberId) return fencedInstance(member, memberId);
  return checkEpoch(member, command, step.draft.contacts.get(memberId)) ?? { member, isNew: false };
}

/** A new member, if the group may have one more. */
export function admit(step: Step, memberId: string): Found | Fault {
  const known = step.draft.members.get(memberId);
  if (known !== undefined) return { member: known, isNew: false };
  const { consumerMembersMax } = step.context.settings;
  if (step.draft.members.size < consumerMembersMax) return { member: blankMember(memberId), isNew: true };
  return fault(
    "GROUP_MAX_SIZE_REACHED",
    `Group "${step.draft.group}" has "${step.draft.members.size}" members, at most ${consumerMembersMax} are wanted`,
  );
}

function rejoin(step: Step, member: ConsumerMember, memberId: string): Found | Fault {
  if (member.memberId === memberId) return { member: comeBack(step, member), isNew: false };
  if (member.classic === null && member.memberEpoch !== STATIC_LEAVE_EPOCH) {
    return fault(
      "UNRELEASED_INSTANCE_ID",
      `Instance id "${member.instanceId}" is in use by member "${member.memberId}", it must leave first`,
    );
  }
  return { member: replaceMember(step, member, memberId), isNew: false };
}

/** A member that left for a while is here again, at the epoch of those who join. */
function comeBack(step: Step, member: ConsumerMember): ConsumerMember {
  if (member.memberEpoch !== STATIC_LEAVE_EPOCH) return member;
  const back = { ...member, memberEpoch: JOIN_EPOCH, previousMemberEpoch: JOIN_EPOCH };
  step.writeCurrent(back);
  return back;
}

/** Gives a static member's place, target and assignment to `memberId`. */
export function replaceMember(step: Step, old: ConsumerMember, memberId: string): ConsumerMember {
  const { group, targets } = step.draft;
  const target = targets.get(old.memberId) ?? NONE;
  refuseParked(step, old.memberId, fencedInstance(old, old.memberId));
  dropMember(step, old.memberId);
  const member: ConsumerMember = {
    ...old,
    memberId,
    memberEpoch: JOIN_EPOCH,
    previousMemberEpoch: JOIN_EPOCH,
    state: STABLE,
    pendingRevocation: [],
  };
  step.writeMember(member);
  step.write({ kind: "consumer_target_member", group, memberId, value: { partitions: target } });
  step.writeCurrent(member);
  return step.draft.member(memberId);
}
