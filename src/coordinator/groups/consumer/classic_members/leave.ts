/** LeaveGroup at a group of the consumer protocol: for its classic members, and one by one. */
import type { Fault, LeaveGroupCommand } from "../../../../model/mod.ts";
import { fencedInstance, unknownMember } from "../fence.ts";
import { type ConsumerMember, staticMember } from "../group.ts";
import { dropMember } from "../leave.ts";
import { sendNews } from "../news.ts";
import { Owners } from "../owners.ts";
import type { Step } from "../step.ts";
import { bumpEpoch } from "../subscription.ts";
import { followEpoch } from "../target.ts";
import { notClassic } from "./member.ts";

type Leaver = LeaveGroupCommand["members"][number];

/** Takes out whoever may go; the others share what they had. */
export function leaveClassic(step: Step, id: number, { members }: LeaveGroupCommand): void {
  const left = members.map((leaver) => {
    const found = findLeaver(step, leaver);
    if ("code" in found) return { ...leaver, fault: found };
    dropMember(step, found.memberId);
    return { memberId: leaver.memberId, instanceId: leaver.instanceId, fault: null };
  });
  if (left.some(({ fault }) => fault === null)) bumpEpoch(step);
  followEpoch(step);
  sendNews(step, new Owners(step.draft.members));
  step.answer(id, { kind: "group_left", fault: null, members: left });
}

function findLeaver(
  { draft: { members, group } }: Step,
  { memberId, instanceId }: Leaver,
): ConsumerMember | Fault {
  const member = instanceId === null
    ? members.get(memberId) ?? null
    : staticMember(members.values(), instanceId);
  if (member === null) return unknownMember(group, memberId, instanceId);
  if (memberId !== "" && member.memberId !== memberId) return fencedInstance(member, memberId);
  return member.classic === null ? notClassic(member.memberId) : member;
}
