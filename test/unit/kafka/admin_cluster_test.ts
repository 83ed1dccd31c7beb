/** The cluster's state through the Kafka door, and what there is none of: SASL, access rules, quotas, elections. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Message, UUID_NIL } from "../../../src/bytes/mod.ts";
import {
  type BrokerDescription,
  type Command,
  fault,
  type PartitionDescription,
  type Reply,
} from "../../../src/model/mod.ts";
import { AdminSession, NODE_ID } from "./admin_session.ts";

const DISK: BrokerDescription = {
  nodeId: NODE_ID,
  clusterId: "cluster",
  version: "1",
  dataDirectory: "data",
  disk: "file",
  diskBytesTotal: 1_000,
  diskBytesUsable: 400,
  upMs: 1,
  connections: 1,
  topics: 1,
  partitions: 3,
  workers: [],
};

function log(partition: number, bytes: number, isOffline = false): PartitionDescription {
  return {
    partition,
    leader: NODE_ID,
    leaderEpoch: 0,
    logStartOffset: 0,
    lastStableOffset: 0,
    highWatermark: 0,
    logEndOffset: 0,
    bytes,
    segments: 1,
    worker: 0,
    fault: isOffline ? fault("KAFKA_STORAGE_ERROR", "Offline") : null,
  };
}

function described(command: Command): Reply {
  if (command.kind === "describe_broker") return { kind: "broker_described", broker: DISK };
  const { topics } = command as Extract<Command, { kind: "describe_topics" }>;
  return {
    kind: "topics_described",
    topics: (topics ?? ["orders"]).map((name) => ({
      name,
      fault: name === "gone" ? fault("UNKNOWN_TOPIC_OR_PARTITION", "No topic") : null,
      id: UUID_NIL,
      internal: false,
      partitions: name === "gone" ? [] : [log(0, 10), log(1, 20), log(2, 0, true)],
      settings: [],
    })),
  };
}

const replica = (partitionIndex: number, partitionSize: number) => (
  { partitionIndex, partitionSize, offsetLag: 0, isFutureKey: false }
);

describe("describeLogDirs", () => {
  it("shows the directory, its disk and the bytes of every partition that is online", () => {
    const answer = new AdminSession(described).ask(35, 5, { topics: null });
    assert.deepEqual(answer.results, [{
      errorCode: 0,
      logDir: "/data",
      topics: [{ name: "orders", partitions: [replica(0, 10), replica(1, 20)] }],
      totalBytes: 1_000,
      usableBytes: 400,
      isCordoned: false,
    }]);
  });

  it("shows the partitions asked for and leaves out those that don't exist", () => {
    const answer = new AdminSession(described).ask(35, 1, {
      topics: [
        { topic: "gone", partitions: [0] },
        { topic: "orders", partitions: [1, 9] },
        { topic: "orders", partitions: [2] },
      ],
    });
    const [directory] = answer.results as { readonly topics: unknown }[];
    assert.deepEqual(directory!.topics, [{ name: "orders", partitions: [replica(1, 20)] }]);
  });

  it("says of the directory when the command failed", () => {
    const session = new AdminSession(() => (
      { kind: "failed", fault: fault("REQUEST_TIMED_OUT", "Too slow") }
    ));
    const [directory] = session.ask(35, 4, { topics: null }).results as { readonly errorCode: number }[];
    assert.equal(directory!.errorCode, 7);
  });
});

describe("electLeaders", () => {
  const outcome = (answer: Message) =>
    (answer.replicaElectionResults as { readonly partitionResult: { readonly errorCode: number }[] }[])
      .map(({ partitionResult }) => partitionResult.map(({ errorCode }) => errorCode));
  const topicPartitions = [
    { topic: "orders", partitions: [0, 2] },
    { topic: "gone", partitions: [0] },
  ];

  it("needs no election for partitions that are there", () => {
    assert.deepEqual(outcome(new AdminSession().ask(43, 0, { topicPartitions })), [[84, 3], [3]]);
    assert.deepEqual(outcome(new AdminSession().ask(43, 2, { topicPartitions: null })), []);
  });

  it("refuses unknown kinds of elections", () => {
    const answer = new AdminSession().ask(43, 1, { electionType: 5, topicPartitions });
    assert.equal(answer.errorCode, 42);
    assert.deepEqual(outcome(answer), [[42, 42], [42]]);
  });
});

describe("describeQuorum", () => {
  it("shows this broker as leader and only voter of the metadata log", () => {
    const topics = [
      { topicName: "__cluster_metadata", partitions: [{ partitionIndex: 0 }, { partitionIndex: 1 }] },
    ];
    const answer = new AdminSession().ask(55, 2, { topics });
    const [topic] = answer.topics as { readonly partitions: Record<string, unknown>[] }[];
    const [metadata, other] = topic!.partitions;
    assert.deepEqual([metadata!.leaderId, metadata!.highWatermark], [NODE_ID, 99]);
    assert.deepEqual(metadata!.currentVoters, [{
      replicaId: NODE_ID,
      replicaDirectoryId: UUID_NIL,
      logEndOffset: 99,
      lastFetchTimestamp: 1_000,
      lastCaughtUpTimestamp: 1_000,
    }]);
    assert.equal(other!.errorCode, 3);
    assert.deepEqual(answer.nodes, [
      { nodeId: NODE_ID, listeners: [{ name: "PLAINTEXT", host: "127.0.0.1", port: 9092 }] },
    ]);
  });

  it("answers in its first version", () => {
    const topics = [{ topicName: "orders", partitions: [{ partitionIndex: 0 }] }];
    const [topic] = new AdminSession().ask(55, 0, { topics }).topics as { readonly partitions: Message[] }[];
    assert.equal(topic!.partitions[0]!.errorCode, 3);
  });
});

describe("describeClientQuotas", () => {
  const code = (...components: Message[]) =>
    new AdminSession().ask(48, 1, { components, strict: false }).errorCode;
  const component = (entityType: string, matchType = 2) => ({ entityType, matchType, match: null });

  it("finds no quota, and refuses filters that mean nothing", () => {
    assert.deepEqual(new AdminSession().ask(48, 0, { components: [component("user")] }).entries, []);
    assert.equal(code(component("user"), component("client-id", 1)), 0);
    assert.equal(code(component("user"), component("user")), 42);
    assert.equal(code(component("")), 42);
    assert.equal(code(component("user", 3)), 42);
    assert.equal(code(component("tenant")), 35);
  });
});

describe("what there is none of", () => {
  it("saslHandshake and saslAuthenticate are refused on a listener without SASL", () => {
    assert.deepEqual(new AdminSession().ask(17, 1, { mechanism: "PLAIN" }), {
      errorCode: 34,
      mechanisms: [],
    });
    assert.equal(new AdminSession().ask(36, 2, { authBytes: new Uint8Array(3) }).errorCode, 34);
  });

  it("describeAcls says that nobody heeds access rules", () => {
    const filter = { resourceNameFilter: null, principalFilter: null, hostFilter: null };
    const answer = new AdminSession().ask(29, 3, filter);
    assert.deepEqual([answer.errorCode, answer.resources], [54, []]);
  });

  it("listPartitionReassignments lists none", () => {
    assert.deepEqual(new AdminSession().ask(46, 0, { topics: null }).topics, []);
  });
});
