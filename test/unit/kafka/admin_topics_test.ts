/** Topics of the Kafka door: created, deleted, grown, cut. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Message, UUID_NIL } from "../../../src/bytes/mod.ts";
import { type Command, fault, type Reply, type SettingDescription } from "../../../src/model/mod.ts";
import { AdminSession, NODE_ID, ORDERS_ID, topicImage } from "./admin_session.ts";

const FAILED: Reply = { kind: "failed", fault: fault("KAFKA_STORAGE_ERROR", "The disk is gone") };
const NEW_ID = "AAAAAAAAAAAAAAAAAAAAAg";

const RETENTION: SettingDescription = {
  name: "retention.ms",
  value: "5",
  source: "topic",
  type: "long",
  isReadOnly: false,
  defaultValue: "604800000",
  documentation: "How long records stay",
  synonyms: [],
};

function create(command: Command): Reply {
  if (command.kind === "describe_settings") {
    return { kind: "settings_described", resources: [{ fault: null, settings: [RETENTION] }] };
  }
  assert.equal(command.kind, "create_topics");
  const { topics } = command as Extract<Command, { kind: "create_topics" }>;
  const answers = topics.map(({ name, settings }) => (
    { name, fault: null, created: topicImage(name, NEW_ID, settings) }
  ));
  return { kind: "topics_changed", topics: answers };
}

const topic = (name: string, fields: Message = {}) => (
  { name, numPartitions: -1, replicationFactor: -1, assignments: [], configs: [], ...fields }
);
const results = (answer: Message, field: string) => answer[field] as Record<string, unknown>[];
const codes = (answer: Message, field: string) => results(answer, field).map(({ errorCode }) => errorCode);

describe("createTopics", () => {
  it("answers with id, counts and the settings in force", () => {
    const session = new AdminSession(create);
    const configs = [{ name: "retention.ms", value: "5" }];
    const answer = session.ask(19, 7, { topics: [topic("news", { numPartitions: 2, configs })] });
    assert.deepEqual(session.commands[0], {
      kind: "create_topics",
      validateOnly: false,
      topics: [{
        name: "news",
        partitions: 2,
        replicationFactor: -1,
        assignments: null,
        settings: { "retention.ms": "5" },
      }],
    });
    const [made] = results(answer, "topics");
    assert.deepEqual({ ...made, errorMessage: undefined }, {
      name: "news",
      topicId: NEW_ID,
      errorCode: 0,
      errorMessage: undefined,
      topicConfigErrorCode: 0,
      numPartitions: 2,
      replicationFactor: 1,
      configs: [{ name: "retention.ms", value: "5", readOnly: false, configSource: 1, isSensitive: false }],
    });
  });

  it("asks for no settings before version 5", () => {
    const session = new AdminSession(create);
    assert.deepEqual(codes(session.ask(19, 4, { topics: [topic("news")] }), "topics"), [0]);
    assert.equal(session.commands.length, 1);
  });

  it("takes assignments by partition, whatever their order", () => {
    const session = new AdminSession(create);
    const assignments = [
      { partitionIndex: 1, brokerIds: [NODE_ID] },
      { partitionIndex: 0, brokerIds: [NODE_ID, 8] },
    ];
    session.ask(19, 4, { topics: [topic("news", { assignments })] });
    const [command] = session.commands as Extract<Command, { kind: "create_topics" }>[];
    assert.deepEqual(command!.topics[0]!.assignments, [[NODE_ID, 8], [NODE_ID]]);
  });

  it("refuses gaps in assignments, null values and names given twice, and creates the others", () => {
    const session = new AdminSession(create);
    const answer = session.ask(19, 4, {
      topics: [
        topic("gap", { assignments: [{ partitionIndex: 1, brokerIds: [NODE_ID] }] }),
        topic("twice"),
        topic("good"),
        topic("twice", { configs: [{ name: "retention.ms", value: null }] }),
        topic("null", { configs: [{ name: "retention.ms", value: null }] }),
      ],
    });
    assert.deepEqual(codes(answer, "topics"), [39, 42, 0, 42, 40]);
    const [command] = session.commands as Extract<Command, { kind: "create_topics" }>[];
    assert.deepEqual(command!.topics.map(({ name }) => name), ["good"]);
  });

  it("says of every topic when the command failed", () => {
    const session = new AdminSession(() => FAILED);
    assert.deepEqual(codes(session.ask(19, 7, { topics: [topic("a"), topic("b")] }), "topics"), [56, 56]);
  });

  it("answers a request without topics", () => {
    assert.deepEqual(codes(new AdminSession().ask(19, 7, { topics: [] }), "topics"), []);
  });
});

describe("deleteTopics", () => {
  const deleted = (command: Command): Reply => {
    const { topics } = command as Extract<Command, { kind: "delete_topics" }>;
    return { kind: "topics_changed", topics: topics.map((name) => ({ name, fault: null })) };
  };

  it("deletes by id and tells the name", () => {
    const session = new AdminSession(deleted);
    const answer = session.ask(20, 6, { topics: [{ name: null, topicId: ORDERS_ID }] });
    assert.deepEqual(session.commands, [{ kind: "delete_topics", topics: ["orders"] }]);
    const [gone] = results(answer, "responses");
    assert.deepEqual([gone!.name, gone!.topicId, gone!.errorCode], ["orders", ORDERS_ID, 0]);
  });

  it("refuses unknown ids, a topic by name and id, and one that is neither", () => {
    const answer = new AdminSession().ask(20, 6, {
      topics: [
        { name: null, topicId: NEW_ID },
        { name: "orders", topicId: ORDERS_ID },
        { name: null, topicId: UUID_NIL },
      ],
    });
    assert.deepEqual(codes(answer, "responses"), [100, 42, 42]);
    assert.deepEqual(results(answer, "responses")[0]!.topicId, NEW_ID);
  });

  it("refuses a topic that is named by name and, elsewhere, by id", () => {
    const topics = [{ name: "orders", topicId: UUID_NIL }, { name: null, topicId: ORDERS_ID }];
    assert.deepEqual(codes(new AdminSession().ask(20, 6, { topics }), "responses"), [42, 42]);
  });

  it("deletes by name in old versions, and says of every one when the command failed", () => {
    const session = new AdminSession(deleted);
    assert.deepEqual(codes(session.ask(20, 1, { topicNames: ["orders"] }), "responses"), [0]);
    const failing = new AdminSession(() => FAILED);
    assert.deepEqual(codes(failing.ask(20, 5, { topicNames: ["a", "b"] }), "responses"), [56, 56]);
  });

  it("calls deletion that is switched off an invalid request below version 3", () => {
    const kept = fault("TOPIC_DELETION_DISABLED", "Topic is kept");
    const session = new AdminSession(() => ({
      kind: "topics_changed",
      topics: [{ name: "orders", fault: kept }],
    }));
    assert.deepEqual(codes(session.ask(20, 2, { topicNames: ["orders"] }), "responses"), [42]);
    assert.deepEqual(codes(session.ask(20, 3, { topicNames: ["orders"] }), "responses"), [73]);
  });
});

describe("createPartitions", () => {
  const request = (assignments: unknown) => ({ topics: [{ name: "orders", count: 3, assignments }] });

  it("hands on the new total and the assignments", () => {
    const session = new AdminSession(() => (
      { kind: "topics_changed", topics: [{ name: "orders", fault: fault("INVALID_PARTITIONS", "Too few") }] }
    ));
    const answer = session.ask(37, 3, { ...request([{ brokerIds: [NODE_ID] }]), validateOnly: true });
    assert.deepEqual(session.commands, [{
      kind: "add_partitions",
      topics: [{ name: "orders", partitions: 3, assignments: [[NODE_ID]] }],
      validateOnly: true,
    }]);
    assert.deepEqual(results(answer, "results"), [
      { name: "orders", errorCode: 37, errorMessage: "Too few" },
    ]);
  });

  it("says of every topic when the command failed", () => {
    assert.deepEqual(codes(new AdminSession(() => FAILED).ask(37, 0, request(null)), "results"), [56]);
  });
});

describe("deleteRecords", () => {
  const request = {
    topics: [{
      name: "orders",
      partitions: [{ partitionIndex: 0, offset: -1 }, { partitionIndex: 9, offset: 4 }],
    }],
  };
  const partitions = (answer: Message) => results(answer, "topics")[0]!.partitions;

  it("answers each partition with its first offset or its fault", () => {
    const session = new AdminSession(() => ({
      kind: "trimmed",
      entries: [
        { topic: "orders", partition: 0, fault: null, logStartOffset: 12 },
        { topic: "orders", partition: 9, fault: fault("UNKNOWN_TOPIC_OR_PARTITION", ""), logStartOffset: 0 },
      ],
    }));
    assert.deepEqual(partitions(session.ask(21, 2, request)), [
      { partitionIndex: 0, lowWatermark: 12, errorCode: 0 },
      { partitionIndex: 9, lowWatermark: -1, errorCode: 3 },
    ]);
    assert.deepEqual(session.commands, [{
      kind: "trim",
      entries: [
        { topic: "orders", partition: 0, beforeOffset: -1 },
        { topic: "orders", partition: 9, beforeOffset: 4 },
      ],
    }]);
  });

  it("says of every partition when the command failed", () => {
    assert.deepEqual(partitions(new AdminSession(() => FAILED).ask(21, 0, request)), [
      { partitionIndex: 0, lowWatermark: -1, errorCode: 56 },
      { partitionIndex: 9, lowWatermark: -1, errorCode: 56 },
    ]);
  });
});
