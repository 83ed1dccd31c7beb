/** Consumer groups: members, what they own, and how far they are behind. */
import type { GroupDescription } from "../../model/mod.ts";
import { failed, RequestError } from "../failure.ts";
import { type Lag, lagsOf, type Member, membersOf } from "../groups.ts";
import { type Call, json, type Route } from "../openapi/route.ts";
import { BOOLEAN, INT64, INTEGER, nullable, type Schema, TEXT } from "../openapi/schema.ts";
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
  ConsumerLagData: resourceSchema({
    consumer_group_id: TEXT,
    topic_name: TEXT,
    partition_id: INTEGER,
    current_offset: INT64,
    log_end_offset: INT64,
    lag: INT64,
    consumer_id: TEXT,
    client_id: TEXT,
  }, { instance_id: nullable(TEXT) }),
  ConsumerLagDataList: listSchema("ConsumerLagData"),
  ConsumerGroupLagSummaryData: resourceSchema({
    consumer_group_id: TEXT,
    max_lag_consumer_id: TEXT,
    max_lag_client_id: TEXT,
    max_lag_topic_name: TEXT,
    max_lag_partition_id: INTEGER,
    max_lag: INT64,
    total_lag: INT64,
    max_lag_consumer: RELATIONSHIP,
    max_lag_partition: RELATIONSHIP,
  }, { max_lag_instance_id: nullable(TEXT) }),
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
    path: `${GROUP}/lags`,
    tag,
    summary: "List how far a group is behind in each partition",
    parameters: IN_GROUP,
    answers: { 200: answers("The lags", "ConsumerLagDataList") },
    serve: async (call) => {
      const { group } = await groupOf(call);
      const data = (await lags(call)).map((lag) => lagData(call, group, lag));
      return json(collection(call, "KafkaConsumerLagList", ["consumer-groups", group, "lags"], data));
    },
  },
  {
    method: "get",
    path: `${GROUP}/topics/{topic_name}/partitions/{partition_id}/lag`,
    tag,
    summary: "Show how far a group is behind in a partition",
    parameters: [...IN_GROUP, TOPIC_NAME, PARTITION_ID],
    answers: { 200: answers("The lag", "ConsumerLagData") },
    serve: showLag,
  },
  {
    method: "get",
    path: `${GROUP}/lag-summary`,
    tag,
    summary: "Show how far a group is behind",
    parameters: IN_GROUP,
    answers: { 200: answers("The largest lag and the sum of all", "ConsumerGroupLagSummaryData") },
    serve: summarize,
  },
];

async function groupOf(call: Call): Promise<GroupDescription> {
  checkCluster(call);
  const name = call.text("consumer_group_id");
  const reply = await call.view.ask({ kind: "describe_groups", groups: [name] });
  if (reply.kind === "failed") throw failed(reply.fault);
  const group = reply.kind === "groups_described" ? reply.groups[0] : undefined;
  if (group === undefined || group.state === "Dead") {
    throw new RequestError(40403, `Consumer group "${name}" does not exist`);
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

async function lags(call: Call): Promise<Lag[]> {
  const found = await lagsOf(call.view, await groupOf(call));
  if ("code" in found) throw failed(found);
  return found;
}

function groupData(call: Call, group: GroupDescription) {
  const path = ["consumer-groups", group.group];
  return resource(call, { kind: "KafkaConsumerGroup", path, name: `consumer-group=${group.group}` }, {
    consumer_group_id: group.group,
    is_simple: group.type === "Classic" && group.protocolType === "",
    partition_assignor: group.type === "Classic" ? group.protocol : group.assignor,
    state: group.state.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase(),
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
  const ofMember = ["consumer-groups", group, "consumers", member.memberId, "assignments"];
  const data = member.partitions.map(({ topic, partition }) => {
    const path = [...ofMember, topic, partition];
    const name = `consumer-group=${group}/consumer=${member.memberId}/assignment=${topic}-${partition}`;
    return resource(call, { kind: "KafkaConsumerAssignment", path, name }, {
      consumer_group_id: group,
      consumer_id: member.memberId,
      topic_name: topic,
      partition_id: partition,
      partition: related(call, "topics", topic, "partitions", partition),
      lag: related(call, "consumer-groups", group, "topics", topic, "partitions", partition, "lag"),
    });
  });
  return json(collection(call, "KafkaConsumerAssignmentList", ofMember, data));
}

function lagData(call: Call, group: string, lag: Lag) {
  const { topic, partition, member } = lag;
  const path = ["consumer-groups", group, "topics", topic, "partitions", partition, "lag"];
  const name = `consumer-group=${group}/lag=${topic}-${partition}`;
  return resource(call, { kind: "KafkaConsumerLag", path, name }, {
    consumer_group_id: group,
    topic_name: topic,
    partition_id: partition,
    current_offset: lag.committedOffset,
    log_end_offset: lag.endOffset,
    lag: lag.lag,
    consumer_id: member?.memberId ?? "",
    instance_id: member?.instanceId ?? null,
    client_id: member?.clientId ?? "",
  });
}

async function showLag(call: Call): Promise<Response> {
  const { group } = await groupOf(call);
  const topic = call.text("topic_name");
  const partition = call.integer("partition_id");
  const lag = (await lags(call)).find((one) => one.topic === topic && one.partition === partition);
  if (lag !== undefined) return json(lagData(call, group, lag));
  throw new RequestError(404, `Consumer group "${group}" has committed no offset of "${topic}-${partition}"`);
}

async function summarize(call: Call): Promise<Response> {
  const { group } = await groupOf(call);
  const all = await lags(call);
  const worst = all.reduce<Lag | null>(
    (worst, lag) => worst === null || lag.lag > worst.lag ? lag : worst,
    null,
  );
  const [topic, partition, memberId] = [
    worst?.topic ?? "",
    worst?.partition ?? 0,
    worst?.member?.memberId ?? "",
  ];
  const path = ["consumer-groups", group, "lag-summary"];
  return json(
    resource(call, {
      kind: "KafkaConsumerGroupLagSummary",
      path,
      name: `consumer-group=${group}/lag-summary`,
    }, {
      consumer_group_id: group,
      max_lag_consumer_id: memberId,
      max_lag_instance_id: worst?.member?.instanceId ?? null,
      max_lag_client_id: worst?.member?.clientId ?? "",
      max_lag_topic_name: topic,
      max_lag_partition_id: partition,
      max_lag: worst?.lag ?? 0,
      total_lag: all.reduce((sum, { lag }) => sum + lag, 0),
      max_lag_consumer: related(call, "consumer-groups", group, "consumers", memberId),
      max_lag_partition: related(call, "topics", topic, "partitions", partition),
    }),
  );
}
