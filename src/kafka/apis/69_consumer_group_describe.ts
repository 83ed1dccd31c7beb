/**
 * ConsumerGroupDescribe, key 69, versions 0 and 1: groups of the new protocol,
 * with what each member owns and what it is to own. A group that is not there, or
 * is a classic one, is GROUP_ID_NOT_FOUND. Topics that are gone are left out.
 * Version 1 tells members that joined by the classic protocol. KIP-848, KIP-1099.
 */
import {
  type ConsumerMemberDescription,
  type Fault,
  fault,
  type GroupDescription,
  type Image,
  type TopicPartitions,
} from "../../model/mod.ts";
import { defineApi } from "../api.ts";
import { errorCode, errorMessage, failureOf } from "../faults.ts";
import { groupOperations } from "../operations.ts";
import {
  CONSUMER_GROUP_DESCRIBE_REQUEST,
  CONSUMER_GROUP_DESCRIBE_RESPONSE,
} from "../schemas/consumer_group_describe.ts";

const MEMBER_CLASSIC = 0;
const MEMBER_CONSUMER = 1;

export const consumerGroupDescribe = defineApi({
  key: 69,
  request: CONSUMER_GROUP_DESCRIBE_REQUEST,
  response: CONSUMER_GROUP_DESCRIBE_RESPONSE,
  versions: [0, 1],
  serve({ groupIds, includeAuthorizedOperations }, { broker, answer }) {
    const operations = groupOperations(includeAuthorizedOperations);
    const say = (description: GroupDescription) => sayGroup(description, operations, broker.image());
    broker.submit({ kind: "describe_groups", groups: groupIds }, (reply) => {
      if (reply.kind === "groups_described") return answer({ groups: reply.groups.map(say) });
      const failed = failureOf(reply);
      answer({ groups: groupIds.map((group) => refuse(group, failed)) });
    });
  },
});

function refuse(groupId: string, failed: Fault) {
  return { groupId, errorCode: errorCode(failed), errorMessage: errorMessage(failed) };
}

function sayGroup(description: GroupDescription, authorizedOperations: number, image: Image) {
  const { group } = description;
  if (description.fault !== null) return refuse(group, description.fault);
  if (description.type === "Classic") {
    return refuse(group, fault("GROUP_ID_NOT_FOUND", `Group "${group}" is not a consumer group`));
  }
  const { state, groupEpoch, assignmentEpoch, assignor, members } = description;
  return {
    groupId: group,
    groupState: state,
    groupEpoch,
    assignmentEpoch,
    assignorName: assignor,
    members: members.map((member) => sayMember(member, image)),
    authorizedOperations,
  };
}

function sayMember(member: ConsumerMemberDescription, image: Image) {
  const { memberId, instanceId, rackId, memberEpoch, clientId, clientHost } = member;
  return {
    memberId,
    instanceId,
    rackId,
    memberEpoch,
    clientId,
    clientHost,
    subscribedTopicNames: member.subscribedTopics,
    subscribedTopicRegex: member.subscribedPattern,
    assignment: { topicPartitions: withNames(member.assignment, image) },
    targetAssignment: { topicPartitions: withNames(member.targetAssignment, image) },
    memberType: member.isClassic ? MEMBER_CLASSIC : MEMBER_CONSUMER,
  };
}

function withNames(topics: readonly TopicPartitions[], image: Image) {
  return topics.flatMap(({ topicId, partitions }) => {
    const topicName = image.topicNamesById.get(topicId);
    return topicName === undefined ? [] : [{ topicId, topicName, partitions }];
  });
}
