/** How far consumer groups are behind: partition by partition, and in all. */
import { failed, RequestError } from "../failure.ts";
import { type Lag, lagsOf } from "../groups.ts";
import { type Call, json, type Route } from "../openapi/route.ts";
import { INT64, INTEGER, nullable, type Schema, TEXT } from "../openapi/schema.ts";
import { groupOf } from "./groups.ts";
import {
  answers,
  CLUSTER,
  CLUSTER_ID,
  collection,
  GROUP_ID,
  listSchema,
  PARTITION_ID,
  related,
  RELATIONSHIP,
  resource,
  resourceSchema,
  TOPIC_NAME,
} from "./shapes.ts";

export const LAG_SCHEMAS: Readonly<Record<string, Schema>> = {
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
const GROUP = `${CLUSTER}/consumer-groups/{consumer_group_id}`;
const IN_GROUP = [CLUSTER_ID, GROUP_ID];

export const LAG_ROUTES: readonly Route[] = [
  {
    method: "get",
    path: `${GROUP}/lags`,
    tag,
    summary:
      "List how far a group is behind in each partition it committed an offset of, the largest lag first",
    parameters: IN_GROUP,
    answers: { 200: answers("The lags", "ConsumerLagDataList") },
    serve: async (call) => {
      const { group, lags } = await find(call);
      const data = lags.map((lag) => lagData(call, group, lag));
      return json(collection(call, "KafkaConsumerLagList", ["consumer-groups", group, "lags"], data));
    },
  },
  {
    method: "get",
    path: `${GROUP}/lags/{topic_name}/partitions/{partition_id}`,
    tag,
    summary: "Show how far a group is behind in a partition",
    parameters: [...IN_GROUP, TOPIC_NAME, PARTITION_ID],
    answers: { 200: answers("The lag", "ConsumerLagData") },
    serve: show,
  },
  {
    method: "get",
    path: `${GROUP}/lag-summary`,
    tag,
    summary: "Show how far a group is behind; 404 before it committed an offset",
    parameters: IN_GROUP,
    answers: { 200: answers("The largest lag and the sum of all", "ConsumerGroupLagSummaryData") },
    serve: summarize,
  },
];

/** The group a call names with its lags, the largest first; partitions whose end cannot be told are left out. */
async function find(call: Call): Promise<{ group: string; lags: Lag[] }> {
  const group = await groupOf(call);
  const found = await lagsOf(call.view, group);
  if ("code" in found) throw failed(found);
  const lags = found.filter(({ endOffset }) => endOffset >= 0).sort((a, b) => b.lag - a.lag);
  return { group: group.group, lags };
}

function lagData(call: Call, group: string, lag: Lag) {
  const { topic, partition, member } = lag;
  const path = ["consumer-groups", group, "lags", topic, "partitions", partition];
  const name = `consumer-group=${group}/lag=${topic}/partition=${partition}`;
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

async function show(call: Call): Promise<Response> {
  const { group, lags } = await find(call);
  const topic = call.text("topic_name");
  const partition = call.integer("partition_id");
  const lag = lags.find((one) => one.topic === topic && one.partition === partition);
  if (lag !== undefined) return json(lagData(call, group, lag));
  throw new RequestError(404, `Consumer group "${group}" has committed no offset of "${topic}-${partition}"`);
}

async function summarize(call: Call): Promise<Response> {
  const { group, lags } = await find(call);
  const [worst] = lags;
  if (worst === undefined) throw new RequestError(404, `Consumer group "${group}" has committed no offset`);
  const { topic, partition, member } = worst;
  const path = ["consumer-groups", group, "lag-summary"];
  const name = `consumer-group=${group}/lag-summary`;
  return json(resource(call, { kind: "KafkaConsumerGroupLagSummary", path, name }, {
    consumer_group_id: group,
    max_lag_consumer_id: member?.memberId ?? "",
    max_lag_instance_id: member?.instanceId ?? null,
    max_lag_client_id: member?.clientId ?? "",
    max_lag_topic_name: topic,
    max_lag_partition_id: partition,
    max_lag: worst.lag,
    total_lag: lags.reduce((sum, { lag }) => sum + lag, 0),
    max_lag_consumer: related(call, "consumer-groups", group, "consumers", member?.memberId ?? ""),
    max_lag_partition: related(call, "topics", topic, "partitions", partition),
  }));
}
