/** A group of the consumer protocol as it is shown. */
import type { ConsumerMemberDescription, GroupDescription } from "../../../model/mod.ts";
import type { GroupSettings } from "../../../model/mod.ts";
import type { ConsumerGroup, ConsumerMember } from "./group.ts";
import { placesOf } from "./held.ts";
import { NONE, type Partitions, union } from "./partitions.ts";
import { stateOfConsumer } from "./state.ts";
import { chooseAssignor } from "./target.ts";

/** All that ConsumerGroupDescribe tells. */
export function describeConsumer(
  group: ConsumerGroup,
  settings: GroupSettings,
): Extract<GroupDescription, { type: "Consumer" }> {
  return {
    type: "Consumer",
    group: group.group,
    fault: null,
    state: stateOfConsumer(group),
    groupEpoch: group.epoch,
    assignmentEpoch: group.assignmentEpoch,
    assignor: chooseAssignor(group.members.values(), settings.consumerAssignors),
    members: [...group.members.values()].map((member) =>
      describeMember(member, group.targets.get(member.memberId) ?? NONE)
    ),
  };
}

function describeMember(member: ConsumerMember, targetAssignment: Partitions): ConsumerMemberDescription {
  const { memberId, instanceId, rackId, memberEpoch, clientId, clientHost } = member;
  const { subscribedTopics, subscribedPattern } = member;
  return {
    memberId,
    instanceId,
    rackId,
    memberEpoch,
    clientId,
    clientHost,
    subscribedTopics,
    subscribedPattern,
    assignment: union(placesOf(member.assigned), placesOf(member.pendingRevocation)),
    targetAssignment,
    isClassic: member.classic !== null,
  };
}
