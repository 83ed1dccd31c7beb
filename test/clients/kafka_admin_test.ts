/** The Kafka door as kafkajs's admin client sees it: the real program, a real socket, topics from birth to deletion. */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import kafkajs, { type Admin, type DescribeConfigResponse } from "kafkajs";
import { BrokerProcess } from "./weir_process.ts";

const { ConfigResourceTypes, Kafka, logLevel } = kafkajs;

describe("kafkajs's admin client", () => {
  let directory = "";
  let broker: BrokerProcess | null = null;
  let kafka: kafkajs.Kafka | null = null;
  let admin: Admin | null = null;

  beforeAll(async () => {
    directory = await Deno.makeTempDir({ prefix: "weir-kafka-admin-" });
    broker = await BrokerProcess.start(["--data", `${directory}/data`]);
    kafka = new Kafka({ clientId: "admin", brokers: [broker.kafka], logLevel: logLevel.NOTHING });
    admin = kafka.admin();
    await admin.connect();
  });

  afterAll(async () => {
    await admin!.disconnect();
    const ended = await broker!.stop();
    await Deno.remove(directory, { recursive: true });
    assert.equal(ended.code, 0, ended.stderr);
  });

  it("creates a topic with settings, once", async () => {
    const topics = [{
      topic: "orders",
      numPartitions: 2,
      configEntries: [{ name: "retention.ms", value: "60000" }],
    }];
    assert.equal(await admin!.createTopics({ topics, validateOnly: true, waitForLeaders: false }), true);
    assert.deepEqual(await admin!.listTopics(), []);
    assert.equal(await admin!.createTopics({ topics }), true);
    assert.deepEqual(await admin!.listTopics(), ["orders"]);
    assert.equal(await admin!.createTopics({ topics }), false);
  });

  it("creates a topic with replicas assigned by hand", async () => {
    const { brokers: [node] } = await admin!.describeCluster();
    const replicaAssignment = [{ partition: 0, replicas: [node!.nodeId] }];
    await admin!.createTopics({ topics: [{ topic: "assigned", replicaAssignment }] });
    const { topics: [topic] } = await admin!.fetchTopicMetadata({ topics: ["assigned"] });
    assert.deepEqual(topic!.partitions.map(({ replicas }) => replicas), [[node!.nodeId]]);
  });

  it("shows and changes a topic's settings", async () => {
    assert.deepEqual(await setting(admin!, "orders", "retention.ms"), ["60000", 1]);
    await admin!.alterConfigs({
      validateOnly: false,
      resources: [{
        type: ConfigResourceTypes.TOPIC,
        name: "orders",
        configEntries: [{ name: "cleanup.policy", value: "compact,delete" }],
      }],
    });
    assert.deepEqual(await setting(admin!, "orders", "cleanup.policy"), ["compact,delete", 1]);
    assert.deepEqual(await setting(admin!, "orders", "retention.ms"), ["604800000", 5]);
  });

  it("refuses a setting that does not exist", async () => {
    const resources = [{
      type: ConfigResourceTypes.TOPIC,
      name: "orders",
      configEntries: [{ name: "no.such.setting", value: "1" }],
    }];
    await assert.rejects(admin!.alterConfigs({ validateOnly: false, resources }), { type: "INVALID_CONFIG" });
  });

  it("shows the broker's settings under its id", async () => {
    const { brokers: [node] } = await admin!.describeCluster();
    const resources = [{ type: ConfigResourceTypes.BROKER, name: String(node!.nodeId) }];
    const described = await admin!.describeConfigs({ includeSynonyms: true, resources });
    const entries = described.resources[0]!.configEntries;
    assert.equal(entries.find(({ configName }) => configName === "num.partitions")?.configValue, "1");
  });

  it("adds partitions, and never takes one away", async () => {
    await admin!.createPartitions({ topicPartitions: [{ topic: "orders", count: 3 }] });
    const { topics: [topic] } = await admin!.fetchTopicMetadata({ topics: ["orders"] });
    assert.equal(topic!.partitions.length, 3);
    const fewer = admin!.createPartitions({ topicPartitions: [{ topic: "orders", count: 1 }] });
    await assert.rejects(fewer, { type: "INVALID_PARTITIONS" });
  });

  it("deletes records before an offset", async () => {
    const producer = kafka!.producer();
    await producer.connect();
    const messages = ["one", "two", "three"].map((value) => ({ key: value, value, partition: 2 }));
    await producer.send({ topic: "orders", messages });
    await producer.disconnect();
    await admin!.deleteTopicRecords({ topic: "orders", partitions: [{ partition: 2, offset: "2" }] });
    const offsets = await admin!.fetchTopicOffsets("orders");
    const { low, high } = offsets.find(({ partition }) => partition === 2)!;
    assert.deepEqual([low, high], ["2", "3"]);
  });

  it("deletes topics", async () => {
    await admin!.deleteTopics({ topics: ["orders", "assigned"] });
    assert.deepEqual(await admin!.listTopics(), []);
  });
});

/** A topic's setting: its value and, as Kafka's number, where it comes from. */
async function setting(admin: Admin, topic: string, name: string): Promise<[string, number]> {
  const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: [name] }];
  const { resources: described }: DescribeConfigResponse = await admin.describeConfigs({
    includeSynonyms: false,
    resources,
  });
  assert.equal(described[0]!.configEntries.length, 1);
  const { configValue, configSource } = described[0]!.configEntries[0]!;
  return [configValue, configSource];
}
