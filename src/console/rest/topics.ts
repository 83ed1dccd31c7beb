/** Topics: listed, created, shown, given more partitions, deleted. */
import { assert, type Reply, type TopicImage } from "../../model/mod.ts";
import { failed, RequestError } from "../failure.ts";
import { type Call, json, type Route } from "../openapi/route.ts";
import {
  arrayOf,
  BOOLEAN,
  INT32,
  INTEGER,
  nullable,
  object,
  ref,
  type Schema,
  TEXT,
} from "../openapi/schema.ts";
import {
  answers,
  checkCluster,
  CLUSTER,
  CLUSTER_ID,
  collection,
  listSchema,
  related,
  RELATIONSHIP,
  resource,
  resourceSchema,
  TOPIC_NAME,
  url,
} from "./shapes.ts";

export const TOPIC_SCHEMAS: Readonly<Record<string, Schema>> = {
  TopicData: resourceSchema({
    topic_name: TEXT,
    is_internal: BOOLEAN,
    replication_factor: INTEGER,
    partitions_count: INTEGER,
    partitions: RELATIONSHIP,
    configs: RELATIONSHIP,
    partition_reassignments: RELATIONSHIP,
  }),
  TopicDataList: listSchema("TopicData"),
  CreateTopicRequestData: object({ topic_name: TEXT }, {
    partitions_count: INT32,
    replication_factor: { ...INTEGER, minimum: -32_768, maximum: 32_767 },
    replicas_assignments: arrayOf(object({ partition_id: INT32, broker_ids: arrayOf(INT32) })),
    configs: arrayOf(object({ name: TEXT }, { value: nullable(TEXT) })),
    validate_only: BOOLEAN,
  }),
  UpdatePartitionCountRequestData: object({ partitions_count: INT32 }),
};

const tag = "Topic";
const TOPICS = `${CLUSTER}/topics`;

export const TOPIC_ROUTES: readonly Route[] = [
  {
    method: "get",
    path: TOPICS,
    tag,
    summary: "List topics",
    parameters: [CLUSTER_ID],
    answers: { 200: answers("The topics", "TopicDataList") },
    serve: (call) => {
      checkCluster(call);
      const topics = [...call.view.image().topics.values()].sort((a, b) => a.name < b.name ? -1 : 1);
      return json(
        collection(call, "KafkaTopicList", ["topics"], topics.map((topic) => topicData(call, topic))),
      );
    },
  },
  {
    method: "post",
    path: TOPICS,
    tag,
    summary: "Create a topic",
    parameters: [CLUSTER_ID],
    body: ref("CreateTopicRequestData"),
    answers: {
      200: answers("The topic that would be created (validate_only)", "TopicData"),
      201: answers("The topic", "TopicData"),
    },
    serve: createTopic,
  },
  {
    method: "get",
    path: `${TOPICS}/{topic_name}`,
    tag,
    summary: "Show a topic",
    parameters: [CLUSTER_ID, TOPIC_NAME],
    answers: { 200: answers("The topic", "TopicData") },
    serve: (call) => json(topicData(call, topicOf(call))),
  },
  {
    method: "patch",
    path: `${TOPICS}/{topic_name}`,
    tag,
    summary: "Give a topic more partitions",
    parameters: [CLUSTER_ID, TOPIC_NAME],
    body: ref("UpdatePartitionCountRequestData"),
    answers: { 200: answers("The topic", "TopicData") },
    serve: addPartitions,
  },
  {
    method: "delete",
    path: `${TOPICS}/{topic_name}`,
    tag,
    summary: "Delete a topic with all its records",
    parameters: [CLUSTER_ID, TOPIC_NAME],
    answers: { 204: { description: "It is gone" } },
    serve: async (call) => {
      const { name } = topicOf(call);
      changed(await call.view.ask({ kind: "delete_topics", topics: [name] }));
      return new Response(null, { status: 204 });
    },
  },
];

/** The topic a call names; 404 when there is none. */
export function topicOf(call: Call): TopicImage {
  checkCluster(call);
  const name = call.text("topic_name");
  const topic = call.view.image().topics.get(name);
  if (topic === undefined) throw new RequestError(40403, `Topic "${name}" does not exist`);
  return topic;
}

function topicData(call: Call, { name, internal, partitions }: TopicImage) {
  const path = ["topics", name];
  return resource(call, { kind: "KafkaTopic", path, name: `topic=${name}` }, {
    topic_name: name,
    is_internal: internal,
    replication_factor: partitions[0]?.replicas.length ?? 0,
    partitions_count: partitions.length,
    partitions: related(call, ...path, "partitions"),
    configs: related(call, ...path, "configs"),
    partition_reassignments: related(call, ...path, "partitions", "-", "reassignment"),
  });
}

interface CreateTopic {
  readonly topic_name: string;
  readonly partitions_count?: number;
  readonly replication_factor?: number;
  readonly replicas_assignments?: readonly {
    readonly partition_id: number;
    readonly broker_ids: readonly number[];
  }[];
  readonly configs?: readonly { readonly name: string; readonly value?: string | null }[];
  readonly validate_only?: boolean;
}

async function createTopic(call: Call): Promise<Response> {
  checkCluster(call);
  const body = call.body as CreateTopic;
  const settings: Record<string, string> = Object.create(null);
  for (const { name, value } of body.configs ?? []) if (typeof value === "string") settings[name] = value;
  const validateOnly = body.validate_only ?? false;
  const reply = await call.view.ask({
    kind: "create_topics",
    validateOnly,
    topics: [{
      name: body.topic_name,
      partitions: body.partitions_count ?? -1,
      replicationFactor: body.replication_factor ?? -1,
      assignments: assignmentsOf(body),
      settings: { ...settings },
    }],
  });
  const created = changed(reply);
  assert(created !== undefined, "a topic that was created is told");
  const location = url(call, "topics", created.name);
  return json(topicData(call, created), validateOnly ? 200 : 201, { location });
}

/** Brokers by partition, which must be 0, 1, 2 and so on. */
function assignmentsOf({ replicas_assignments: given }: CreateTopic): (readonly number[])[] | null {
  if (given === undefined) return null;
  const assignments: (readonly number[])[] = [];
  for (const { partition_id, broker_ids } of given) {
    const isNext = partition_id >= 0 && partition_id < given.length &&
      assignments[partition_id] === undefined;
    if (!isNext) {
      throw new RequestError(
        40002,
        `Assignments must name each partition from 0 on once, not "${partition_id}"`,
      );
    }
    assignments[partition_id] = broker_ids;
  }
  return assignments;
}

async function addPartitions(call: Call): Promise<Response> {
  const { name } = topicOf(call);
  const { partitions_count: partitions } = call.body as { partitions_count: number };
  const topics = [{ name, partitions, assignments: null }];
  changed(await call.view.ask({ kind: "add_partitions", topics, validateOnly: false }));
  return json(topicData(call, topicOf(call)));
}

/** The topic that was created, if one was. Throws when the change was refused. */
export function changed(reply: Reply): TopicImage | undefined {
  if (reply.kind === "failed") throw failed(reply.fault);
  assert(reply.kind === "topics_changed", "a change of a topic is answered by the topic");
  const [topic] = reply.topics;
  assert(topic !== undefined, "a change of one topic is answered by one");
  if (topic.fault !== null) throw failed(topic.fault);
  return topic.created;
}
