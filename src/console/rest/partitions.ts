/** Partitions and their replicas. */
import { failed, RequestError } from "../failure.ts";
import {
  assert,
  type PartitionImage,
  TIMESTAMP_EARLIEST,
  TIMESTAMP_LATEST,
  type TopicImage,
} from "../../model/mod.ts";
import { type Call, json, type Parameter, type Route } from "../openapi/route.ts";
import { arrayOf, BOOLEAN, INT64, INTEGER, oneOf, type Schema, TEXT } from "../openapi/schema.ts";
import {
  answers,
  BROKER_ID,
  checkCluster,
  CLUSTER,
  CLUSTER_ID,
  collection,
  listSchema,
  PARTITION_ID,
  related,
  RELATIONSHIP,
  resource,
  resourceSchema,
  TOPIC_NAME,
} from "./shapes.ts";
import { topicOf } from "./topics.ts";

export const PARTITION_SCHEMAS: Readonly<Record<string, Schema>> = {
  PartitionData: resourceSchema({
    topic_name: TEXT,
    partition_id: INTEGER,
    replicas: RELATIONSHIP,
    reassignment: RELATIONSHIP,
  }, { leader: RELATIONSHIP }),
  PartitionDataList: listSchema("PartitionData"),
  PartitionWithOffsetsData: resourceSchema({
    topic_name: TEXT,
    partition_id: INTEGER,
    earliest_offset: INT64,
    latest_offset: INT64,
  }),
  ReplicaData: resourceSchema({
    topic_name: TEXT,
    partition_id: INTEGER,
    broker_id: INTEGER,
    is_leader: BOOLEAN,
    is_in_sync: BOOLEAN,
    broker: RELATIONSHIP,
  }),
  ReplicaDataList: listSchema("ReplicaData"),
  ReassignmentData: resourceSchema({
    topic_name: TEXT,
    partition_id: INTEGER,
    adding_replicas: arrayOf(INTEGER),
    removing_replicas: arrayOf(INTEGER),
    replicas: RELATIONSHIP,
  }),
  ReassignmentDataList: listSchema("ReassignmentData"),
};

const tag = "Partition";
const TOPIC = `${CLUSTER}/topics/{topic_name}`;
const PARTITION = `${TOPIC}/partitions/{partition_id}`;

const OFFSET_TYPE: Parameter = {
  name: "offset_type",
  in: "query",
  description: "Which offsets: both",
  schema: { ...oneOf("earliest_and_latest"), default: "earliest_and_latest" },
};

export const PARTITION_ROUTES: readonly Route[] = [
  {
    method: "get",
    path: `${CLUSTER}/topics/-/partitions/-/reassignment`,
    tag,
    summary: "List partitions that are being moved between brokers: none, for there is one broker",
    parameters: [CLUSTER_ID],
    answers: { 200: answers("No reassignment", "ReassignmentDataList") },
    serve: (call) => {
      checkCluster(call);
      const path = ["topics", "-", "partitions", "-", "reassignment"];
      return json(collection(call, "KafkaReassignmentList", path, []));
    },
  },
  {
    method: "get",
    path: `${TOPIC}/partitions/-/reassignment`,
    tag,
    summary: "List a topic's partitions that are being moved between brokers: none, for there is one broker",
    parameters: [CLUSTER_ID, TOPIC_NAME],
    answers: { 200: answers("No reassignment", "ReassignmentDataList") },
    serve: (call) => {
      const path = ["topics", topicOf(call).name, "partitions", "-", "reassignment"];
      return json(collection(call, "KafkaReassignmentList", path, []));
    },
  },
  {
    method: "get",
    path: `${TOPIC}/partitions`,
    tag,
    summary: "List a topic's partitions",
    parameters: [CLUSTER_ID, TOPIC_NAME],
    answers: { 200: answers("The partitions", "PartitionDataList") },
    serve: (call) => {
      const topic = topicOf(call);
      const data = topic.partitions.map((partition) => partitionData(call, topic, partition));
      return json(collection(call, "KafkaPartitionList", ["topics", topic.name, "partitions"], data));
    },
  },
  {
    method: "get",
    path: PARTITION,
    tag,
    summary: "Show a partition",
    parameters: [CLUSTER_ID, TOPIC_NAME, PARTITION_ID],
    answers: { 200: answers("The partition", "PartitionData") },
    serve: (call) => {
      const { topic, partition } = partitionOf(call);
      return json(partitionData(call, topic, partition));
    },
  },
  {
    method: "get",
    path: `${PARTITION}/offset`,
    tag,
    summary: "Show where a partition's log begins and ends",
    parameters: [CLUSTER_ID, TOPIC_NAME, PARTITION_ID, OFFSET_TYPE],
    answers: { 200: answers("The first offset, and the one after the last", "PartitionWithOffsetsData") },
    serve: showOffsets,
  },
  {
    method: "get",
    path: `${PARTITION}/reassignment`,
    tag,
    summary: "Show where a partition is being moved to: always 404, for there is one broker",
    parameters: [CLUSTER_ID, TOPIC_NAME, PARTITION_ID],
    answers: { 200: answers("Never", "ReassignmentData") },
    serve: (call) => {
      const { topic, partition } = partitionOf(call);
      throw new RequestError(404, `Partition "${topic.name}-${partition.partition}" is not being moved`);
    },
  },
  {
    method: "get",
    path: `${PARTITION}/replicas`,
    tag,
    summary: "List a partition's replicas",
    parameters: [CLUSTER_ID, TOPIC_NAME, PARTITION_ID],
    answers: { 200: answers("The replicas", "ReplicaDataList") },
    serve: (call) => {
      const { topic, partition } = partitionOf(call);
      const data = partition.replicas.map((broker) => replicaOf(call, topic.name, partition, broker));
      const path = ["topics", topic.name, "partitions", partition.partition, "replicas"];
      return json(collection(call, "KafkaReplicaList", path, data));
    },
  },
  {
    method: "get",
    path: `${PARTITION}/replicas/{broker_id}`,
    tag,
    summary: "Show a replica",
    parameters: [CLUSTER_ID, TOPIC_NAME, PARTITION_ID, BROKER_ID],
    answers: { 200: answers("The replica", "ReplicaData") },
    serve: (call) => {
      const { topic, partition } = partitionOf(call);
      const broker = call.integer("broker_id");
      if (partition.replicas.includes(broker)) return json(replicaOf(call, topic.name, partition, broker));
      throw new RequestError(404, `Broker "${broker}" holds no replica of the partition`);
    },
  },
];

function partitionOf(call: Call): { topic: TopicImage; partition: PartitionImage } {
  const topic = topicOf(call);
  const index = call.integer("partition_id");
  const partition = topic.partitions[index];
  if (partition !== undefined) return { topic, partition };
  const words = `Topic "${topic.name}" has no partition "${index}", wanted 0 to ${
    topic.partitions.length - 1
  }`;
  throw new RequestError(40403, words);
}

function partitionData(call: Call, topic: TopicImage, { partition, leader }: PartitionImage) {
  const path = ["topics", topic.name, "partitions", partition];
  const name = `topic=${topic.name}/partition=${partition}`;
  return resource(call, { kind: "KafkaPartition", path, name }, {
    topic_name: topic.name,
    partition_id: partition,
    ...(leader < 0 ? {} : { leader: related(call, ...path, "replicas", leader) }),
    replicas: related(call, ...path, "replicas"),
    reassignment: related(call, ...path, "reassignment"),
  });
}

async function showOffsets(call: Call): Promise<Response> {
  const { topic: { name: topic }, partition: { partition } } = partitionOf(call);
  const path = ["topics", topic, "partitions", partition, "offset"];
  const name = `topic=${topic}/partition=${partition}/offset_type=${call.text("offset_type")}`;
  const [earliest, latest] = await Promise.all([
    offsetAt(call, topic, partition, TIMESTAMP_EARLIEST),
    offsetAt(call, topic, partition, TIMESTAMP_LATEST),
  ]);
  return json(resource(call, { kind: "KafkaPartitionWithOffsets", path, name }, {
    topic_name: topic,
    partition_id: partition,
    earliest_offset: earliest,
    latest_offset: latest,
  }));
}

async function offsetAt(call: Call, topic: string, partition: number, timestamp: number): Promise<number> {
  const entries = [{ topic, partition, timestamp, currentLeaderEpoch: -1 }];
  const reply = await call.view.ask({ kind: "list_offsets", isolation: "read_committed", entries });
  if (reply.kind === "failed") throw failed(reply.fault);
  assert(reply.kind === "offsets_listed", "offsets are listed when they are asked for");
  const { offset, fault } = reply.entries[0]!;
  if (fault !== null) throw failed(fault);
  return offset;
}

/** A replica as it is shown. */
export function replicaOf(call: Call, topic: string, image: PartitionImage, broker: number) {
  const { partition, leader, inSyncReplicas } = image;
  const path = ["topics", topic, "partitions", partition, "replicas", broker];
  const name = `topic=${topic}/partition=${partition}/replica=${broker}`;
  return resource(call, { kind: "KafkaReplica", path, name }, {
    topic_name: topic,
    partition_id: partition,
    broker_id: broker,
    is_leader: leader === broker,
    is_in_sync: inSyncReplicas.includes(broker),
    broker: related(call, "brokers", broker),
  });
}
