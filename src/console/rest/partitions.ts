/** Partitions and their replicas. */
import { RequestError } from "../failure.ts";
import type { PartitionImage, TopicImage } from "../../model/mod.ts";
import { type Call, json, type Route } from "../openapi/route.ts";
import { arrayOf, BOOLEAN, INTEGER, type Schema, TEXT } from "../openapi/schema.ts";
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
