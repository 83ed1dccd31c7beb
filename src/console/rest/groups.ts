/** Consumer groups: members and what they own. */
import type { GroupDescription } from "../../model/mod.ts";
import { failed, RequestError } from "../failure.ts";
import { type Member, membersOf, type TopicPartition } from "../groups.ts";
import { type Call, json, type Route } from "../openapi/route.ts";
import { BOOLEAN, INTEGER, nullable, oneOf, type Schema, TEXT } from "../openapi/schema.ts";
import {
  answers,
  checkCluster,
  CLUSTER,
  CLUSTER_ID,
  collection,
  CONSUMER_ID,
  GROUP_ID,
  listSchema,
  PARTITION_ID,
  related,
  RELATIONSHIP,
  resource,
  resourceSchema,
  TOPIC_NAME,
} from "./shapes.ts";

export const GROUP_SCHEMAS: Readonly<Record<string, Schema>> = {
  ConsumerGroupData: resourceSchema({
    consumer_group_id: TEXT,
    is_simple: BOOLEAN,
    partition_assignor: TEXT,
    state: TEXT,
    type: oneOf("CLASSIC", "CONSUMER"),
    is_mixed_consumer_group: BOOLEAN,
    coordinator: RELATIONSHIP,
    consumers: RELATIONSHIP,
    lag_summary: RELATIONSHIP,
  }),
  ConsumerGroupDataList: listSchema("ConsumerGroupData"),
  ConsumerData: resourceSchema({
    consumer_group_id: TEXT,
    consumer_id: TEXT,
    client_id: TEXT,
    assignments: RELATIONSHIP,
  }, { instance_id: nullable(TEXT) }),
  ConsumerDataList: listSchema("ConsumerData"),
  ConsumerAssignmentData: resourceSchema({
    consumer_group_id: TEXT,
    consumer_id: TEXT,
    topic_name: TEXT,
    partition_id: INTEGER,
    partition: RELATIONSHIP,
    lag: RELATIONSHIP,
  }),
  ConsumerAssignmentDataList: listSchema("ConsumerAssignmentData"),
};

const tag = "Consumer group";
const GROUPS = `${CLUSTER}/consumer-groups`;
const GROUP = `${GROUPS}/{consumer_group_id}`;
const IN_GROUP = [CLUSTER_ID, GROUP_ID];

export const GROUP_ROUTES: readonly Route[] = [
  {
    method: "get",
    path: GROUPS,
    tag,
    summary: "List consumer groups",
    parameters: [CLUSTER_ID],
    answers: { 200: answers("The groups", "ConsumerGroupDataList") },
    serve: async (call) => {
      checkCluster(call);
      const groups = [...await call.view.groups()].sort((a, b) => a.group < b.group ? -1 : 1);
      const data = groups.map((group) => groupData(call, group));
      return json(collection(call, "KafkaConsumerGroupList", ["consumer-groups"], data));
    },
  },
  {
    method: "get",
    path: GROUP,
    tag,
    summary: "Show a consumer group",
    parameters: IN_GROUP,
    answers: { 200: answers("The group", "ConsumerGroupData") },
    serve: async (call) => json(groupData(call, await groupOf(call))),
  },
  {
    method: "get",
    path: `${GROUP}/consumers`,
    tag,
    summary: "List a group's members",
    parameters: IN_GROUP,
    answers: { 200: answers("The members", "ConsumerDataList") },
    serve: async (call) => {
      const group = await groupOf(call);
      const data = membersOf(group, call.view.image()).map((member) =>
        consumerData(call, group.group, member)
      );
      return json(collection(call, "KafkaConsumerList", ["consumer-groups", group.group, "consumers"], data));
    },
  },
  {
    method: "get",
    path: `${GROUP}/consumers/{consumer_id}`,
    tag,
    summary: "Show a member",
    parameters: [...IN_GROUP, CONSUMER_ID],
    answers: { 200: answers("The member", "ConsumerData") },
    serve: async (call) => {
      const { group, member } = await memberOf(call);
      return json(consumerData(call, group.group, member));
    },
  },
  {
    method: "get",
    path: `${GROUP}/consumers/{consumer_id}/assignments`,
    tag,
    summary: "List the partitions a member owns",
    parameters: [...IN_GROUP, CONSUMER_ID],
    answers: { 200: answers("The partitions", "ConsumerAssignmentDataList") },
    serve: listAssignments,
  },
  {
    method: "get",
    path: `${GROUP}/consumers/{consumer_id}/assignments/{topic_name}/partitions/{partition_id}`,
    tag,
    summary: "Show one of the partitions a member owns",
    parameters: [...IN_GROUP, CONSUMER_ID, TOPIC_NAME, PARTITION_ID],
    answers: { 200: answers("The partition", "ConsumerAssignmentData") },
    serve: showAssignment,
  },
];

/** The group a call names; 404 when there is none. */
export async function groupOf(call: Call): Promise<GroupDescription> {
  checkCluster(call);
  const name = call.text("consumer_group_id");
  const reply = await call.view.ask({ kind: "describe_groups", groups: [name] });
  if (reply.kind === "failed") throw failed(reply.fault);
  const group = reply.kind === "groups_described" ? reply.groups[0] : undefined;
  if (group === undefined || group.state === "Dead") {
    throw new RequestError(404, `Consumer group "${name}" does not exist`);
  }
  if (group.fault !== null) throw failed(group.fault);
  return group;
}

async function memberOf(call: Call): Promise<{ group: GroupDescription; member: Member }> {
  const group = await groupOf(call);
  const id = call.text("consumer_id");
  const member = membersOf(group, call.view.image()).find(({ memberId }) => memberId === id);
  if (member !== undefined) return { group, member };
  throw new RequestError(404, `Consumer group "${group.group}" has no member "${id}"`);
}

function groupData(call: Call, group: GroupDescription) {
  const path = ["consumer-groups", group.group];
  return resource(call, { kind: "KafkaConsumerGroup", path, name: `consumer-group=${group.group}` }, {
    consumer_group_id: group.group,
    is_simple: group.type === "Classic" && group.protocolType === "",
    partition_assignor: group.type === "Classic" ? group.protocol : group.assignor,
    state: group.state.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase(),
    type: group.type.toUpperCase(),
    is_mixed_consumer_group: group.type === "Consumer" && group.members.some(({ isClassic }) => isClassic),
    coordinator: related(call, "brokers", call.view.identity.nodeId),
    consumers: related(call, ...path, "consumers"),
    lag_summary: related(call, ...path, "lag-summary"),
  });
}

function consumerData(call: Call, group: string, { memberId, instanceId, clientId }: Member) {
  const path = ["consumer-groups", group, "consumers", memberId];
  const name = `consumer-group=${group}/consumer=${memberId}`;
  return resource(call, { kind: "KafkaConsumer", path, name }, {
    consumer_group_id: group,
    consumer_id: memberId,
    instance_id: instanceId,
    client_id: clientId,
    assignments: related(call, ...path, "assignments"),
  });
}

async function listAssignments(call: Call): Promise<Response> {
  const { group: { group }, member } = await memberOf(call);
  const path = ["consumer-groups", group, "consumers", member.memberId, "assignments"];
  const data = sorted(member.partitions).map((one) => assignmentData(call, group, member, one));
  return json(collection(call, "KafkaConsumerAssignmentList", path, data));
}

async function showAssignment(call: Call): Promise<Response> {
  const { group: { group }, member } = await memberOf(call);
  const topic = call.text("topic_name");
  const partition = call.integer("partition_id");
  const found = member.partitions.find((one) => one.topic === topic && one.partition === partition);
  if (found !== undefined) return json(assignmentData(call, group, member, found));
  throw new RequestError(404, `Member "${member.memberId}" does not own "${topic}-${partition}"`);
}

function sorted(partitions: readonly TopicPartition[]): TopicPartition[] {
  return partitions.toSorted((a, b) =>
    a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1
  );
}

function assignmentData(
  call: Call,
  group: string,
  { memberId }: Member,
  { topic, partition }: TopicPartition,
) {
  const inTopic = [topic, "partitions", partition];
  const path = ["consumer-groups", group, "consumers", memberId, "assignments", ...inTopic];
  const name = `consumer-group=${group}/consumer=${memberId}/assignment=${topic}/partition=${partition}`;
  return resource(call, { kind: "KafkaConsumerAssignment", path, name }, {
    consumer_group_id: group,
    consumer_id: memberId,
    topic_name: topic,
    partition_id: partition,
    partition: related(call, "topics", ...inTopic),
    lag: related(call, "consumer-groups", group, "lags", ...inTopic),
  });
}
