/** Topics: listed, created, shown, given more partitions, deleted. */
import { assert, type Reply, type TopicImage } from "../../model/mod.ts";
import { failed, RequestError } from "../failure.ts";
import { type Call, json, type Parameter, type Route } from "../openapi/route.ts";
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
  }, { authorized_operations: arrayOf(TEXT) }),
  TopicDataList: listSchema("TopicData"),
  CreateTopicRequestData: object({ topic_name: TEXT }, {
    partitions_count: nullable(INT32),
    replication_factor: nullable({ ...INTEGER, minimum: -32_768, maximum: 32_767 }),
    replicas_assignments: {
      type: ["object", "null"],
      description: "Brokers by partition; partitions_count and replication_factor do not count beside it",
      additionalProperties: arrayOf(INT32),
    },
    configs: nullable(arrayOf(object({ name: TEXT }, { value: nullable(TEXT) }))),
    validate_only: nullable(BOOLEAN),
  }),
  UpdatePartitionCountRequestData: object({ partitions_count: INT32 }),
};

const tag = "Topic";
/** There is no authorizer: everybody may do all that can be done to a topic. */
const OPERATIONS = "READ WRITE CREATE DELETE ALTER DESCRIBE DESCRIBE_CONFIGS ALTER_CONFIGS".split(" ");
const WITH_OPERATIONS: Parameter = {
  name: "include_authorized_operations",
  in: "query",
  description: "Tell what the asker may do to it: everything",
  schema: { ...BOOLEAN, default: false },
};
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
    parameters: [CLUSTER_ID, TOPIC_NAME, WITH_OPERATIONS],
    answers: { 200: answers("The topic", "TopicData") },
    serve: (call) => {
      const data = topicData(call, topicOf(call));
      return json(call.boolean(WITH_OPERATIONS.name) ? { ...data, authorized_operations: OPERATIONS } : data);
    },
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

/** Members that are null count as absent: generated clients write them so. */
interface CreateTopic {
  readonly topic_name: string;
  readonly partitions_count?: number | null;
  readonly replication_factor?: number | null;
  readonly replicas_assignments?: Readonly<Record<string, readonly number[]>> | null;
  readonly configs?: readonly { readonly name: string; readonly value?: string | null }[] | null;
  readonly validate_only?: boolean | null;
}

async function createTopic(call: Call): Promise<Response> {
  checkCluster(call);
  const body = call.body as CreateTopic;
  const assignments = assignmentsOf(body.replicas_assignments ?? {});
  const [partitions, replicationFactor] = assignments === null
    ? [body.partitions_count ?? -1, body.replication_factor ?? -1]
    : [-1, -1];
  const validateOnly = body.validate_only ?? false;
  const name = body.topic_name;
  const settings = settingsOf(body);
  const reply = await call.view.ask({
    kind: "create_topics",
    validateOnly,
    topics: [{ name, partitions, replicationFactor, assignments, settings }],
  });
  const created = changed(reply);
  assert(created !== undefined, "a topic that was created is told");
  const location = url(call, "topics", created.name);
  return json(topicData(call, created), validateOnly ? 200 : 201, { location });
}

/** Settings without a value are left at their defaults. */
function settingsOf({ configs }: CreateTopic): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (configs ?? []).flatMap(({ name, value }) => typeof value === "string" ? [[name, value]] : []),
  );
}

/** Brokers by partition, which must be 0, 1, 2 and so on; `null` without any. */
function assignmentsOf(given: Readonly<Record<string, readonly number[]>>): (readonly number[])[] | null {
  const count = Object.keys(given).length;
  if (count === 0) return null;
  return Array.from({ length: count }, (_, partition) => {
    const brokers = given[partition];
    if (brokers !== undefined) return brokers;
    throw new RequestError(
      40002,
      `Assignments must name every partition from 0 on, "${partition}" is missing`,
    );
  });
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
