/** Clusters and brokers: there is one of each. */
import { type Call, json, type Route } from "../openapi/route.ts";
import { INTEGER, nullable, type Schema, TEXT } from "../openapi/schema.ts";
import {
  answers,
  BROKER_ID,
  checkBroker,
  checkCluster,
  CLUSTER,
  CLUSTER_ID,
  collection,
  listSchema,
  related,
  RELATIONSHIP,
  resource,
  resourceSchema,
} from "./shapes.ts";
import { replicaOf } from "./partitions.ts";

export const CLUSTER_SCHEMAS: Readonly<Record<string, Schema>> = {
  ClusterData: resourceSchema({
    controller: RELATIONSHIP,
    acls: RELATIONSHIP,
    brokers: RELATIONSHIP,
    broker_configs: RELATIONSHIP,
    consumer_groups: RELATIONSHIP,
    topics: RELATIONSHIP,
    partition_reassignments: RELATIONSHIP,
  }),
  ClusterDataList: listSchema("ClusterData"),
  BrokerData: resourceSchema(
    { broker_id: INTEGER, configs: RELATIONSHIP, partition_replicas: RELATIONSHIP },
    {
      host: nullable(TEXT),
      port: nullable(INTEGER),
      rack: nullable(TEXT),
    },
  ),
  BrokerDataList: listSchema("BrokerData"),
};

const tag = "Cluster";

export const CLUSTER_ROUTES: readonly Route[] = [
  {
    method: "get",
    path: "/v3/clusters",
    tag,
    summary: "List the clusters this broker knows: its own",
    parameters: [],
    answers: { 200: answers("The cluster", "ClusterDataList") },
    serve: (call) => {
      const metadata = { self: `${call.base}/v3/clusters`, next: null };
      return json({ kind: "KafkaClusterList", metadata, data: [clusterOf(call)] });
    },
  },
  {
    method: "get",
    path: CLUSTER,
    tag,
    summary: "Show the cluster",
    parameters: [CLUSTER_ID],
    answers: { 200: answers("The cluster", "ClusterData") },
    serve: (call) => {
      checkCluster(call);
      return json(clusterOf(call));
    },
  },
  {
    method: "get",
    path: `${CLUSTER}/brokers`,
    tag,
    summary: "List the brokers",
    parameters: [CLUSTER_ID],
    answers: { 200: answers("The brokers", "BrokerDataList") },
    serve: (call) => {
      checkCluster(call);
      return json(collection(call, "KafkaBrokerList", ["brokers"], [brokerOf(call)]));
    },
  },
  {
    method: "get",
    path: `${CLUSTER}/brokers/{broker_id}`,
    tag,
    summary: "Show a broker",
    parameters: [CLUSTER_ID, BROKER_ID],
    answers: { 200: answers("The broker", "BrokerData") },
    serve: (call) => {
      checkBroker(call);
      return json(brokerOf(call));
    },
  },
  {
    method: "get",
    path: `${CLUSTER}/brokers/{broker_id}/partition-replicas`,
    tag,
    summary: "List the replicas a broker holds",
    parameters: [CLUSTER_ID, BROKER_ID],
    answers: { 200: answers("The replicas", "ReplicaDataList") },
    serve: listReplicas,
  },
];

function clusterOf(call: Call) {
  return resource(call, { kind: "KafkaCluster", path: [], name: "" }, {
    controller: related(call, "brokers", call.view.identity.nodeId),
    acls: related(call, "acls"),
    brokers: related(call, "brokers"),
    broker_configs: related(call, "broker-configs"),
    consumer_groups: related(call, "consumer-groups"),
    topics: related(call, "topics"),
    partition_reassignments: related(call, "topics", "-", "partitions", "-", "reassignment"),
  });
}

function brokerOf(call: Call) {
  const { nodeId, addresses } = call.view.identity;
  const address = /^(.*):(\d+)$/.exec(addresses.kafka ?? "");
  const path = ["brokers", nodeId];
  return resource(call, { kind: "KafkaBroker", path, name: `broker=${nodeId}` }, {
    broker_id: nodeId,
    host: address?.[1] ?? null,
    port: address === null ? null : Number(address[2]),
    rack: null,
    configs: related(call, ...path, "configs"),
    partition_replicas: related(call, ...path, "partition-replicas"),
  });
}

function listReplicas(call: Call): Response {
  checkBroker(call);
  const { nodeId } = call.view.identity;
  const replicas = [...call.view.image().topics.values()].flatMap((topic) =>
    topic.partitions.filter(({ replicas }) => replicas.includes(nodeId))
      .map((partition) => replicaOf(call, topic.name, partition, nodeId))
  );
  return json(collection(call, "KafkaReplicaList", ["brokers", nodeId, "partition-replicas"], replicas));
}
