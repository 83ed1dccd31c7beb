/** The REST API against a real broker, as curl would ask it. */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { Kafka, logLevel } from "kafkajs";
import { HttpBroker } from "./http_broker.ts";

describe("REST v3", () => {
  let http: HttpBroker;
  beforeAll(async () => {
    http = await HttpBroker.start();
  });
  afterAll(() => http.stop());

  it("shows the cluster and its broker, also under /kafka/v3", async () => {
    const { json } = await http.ask("~");
    assert.equal(json.kind, "KafkaCluster");
    assert.equal(json.metadata.self, `${http.url}/v3/clusters/${http.clusterId}`);
    const brokers = await http.ask(`/kafka/v3/clusters/${http.clusterId}/brokers`);
    assert.equal(brokers.json.data[0].broker_id, 1);
    assert.equal(`${brokers.json.data[0].host}:${brokers.json.data[0].port}`, http.broker.kafka);
    assert.equal((await http.ask("/v3/clusters/other/topics")).status, 404);
    assert.equal((await http.ask("~/brokers/7")).status, 404);
  });

  it("creates a topic, shows it with partitions and replicas, grows it and deletes it", async () => {
    const created = await http.createTopic("made", 2, { "retention.ms": "1000" });
    assert.equal(created.status, 201);
    assert.equal(created.headers.get("location"), created.json.metadata.self);
    assert.equal(created.json.partitions_count, 2);
    const partitions = await http.ask("~/topics/made/partitions");
    assert.deepEqual(partitions.json.data.map((one: { partition_id: number }) => one.partition_id), [0, 1]);
    const replicas = await http.ask("~/topics/made/partitions/1/replicas");
    assert.deepEqual([replicas.json.data[0].is_leader, replicas.json.data[0].is_in_sync], [true, true]);
    const grown = await http.ask("~/topics/made", { method: "PATCH", json: { partitions_count: 3 } });
    assert.deepEqual([grown.status, grown.json.partitions_count], [200, 3]);
    const listed = await http.ask("~/topics");
    assert.ok(listed.json.data.some((one: { topic_name: string }) => one.topic_name === "made"));
    assert.equal((await http.ask("~/topics/made", { method: "DELETE" })).status, 204);
    const gone = await http.ask("~/topics/made");
    assert.deepEqual([gone.status, gone.json.error_code], [404, 40403]);
  });

  it("validates a topic without creating it", async () => {
    const valid = await http.ask("~/topics", { json: { topic_name: "planned", validate_only: true } });
    assert.equal(valid.status, 200);
    assert.equal((await http.ask("~/topics/planned")).status, 404);
    const bad = await http.ask("~/topics", { json: { topic_name: "a b", validate_only: true } });
    assert.equal(bad.status, 400);
  });

  it("says in REST v3's form what is wrong with a request", async () => {
    await http.createTopic("there");
    const again = await http.createTopic("there");
    assert.deepEqual([again.status, again.json.error_code], [400, 40002]);
    const odd = await http.ask("~/topics", { json: { topic_name: 5 } });
    assert.deepEqual([odd.status, odd.json], [400, {
      error_code: 400,
      message: 'Field "topic_name" must be string',
    }]);
    const broken = await http.ask("~/topics", {
      method: "POST",
      body: "{",
      headers: { "content-type": "application/json" },
    });
    assert.equal(broken.status, 400);
    assert.equal((await http.ask("~/topics", { method: "POST", body: "{}" })).status, 415);
    assert.equal((await http.ask("~/topics/there/partitions/x")).status, 400);
    assert.equal((await http.ask("~/topics/there/partitions/9")).status, 404);
    assert.equal((await http.ask("/nothing")).json.error_code, 404);
  });

  it("shows, changes and resets settings of a topic and of the broker", async () => {
    await http.createTopic("set");
    const path = "~/topics/set/configs/retention.ms";
    assert.equal((await http.ask(path)).json.is_default, true);
    assert.equal((await http.ask(path, { method: "PUT", json: { value: "5000" } })).status, 204);
    const changed = await http.ask(path);
    assert.deepEqual([changed.json.value, changed.json.source], ["5000", "DYNAMIC_TOPIC_CONFIG"]);
    assert.equal((await http.ask(path, { method: "DELETE" })).status, 204);
    assert.equal((await http.ask(path)).json.is_default, true);
    const batch = await http.ask("~/topics/set/configs:alter", {
      json: { data: [{ name: "retention.ms", value: "1" }, { name: "segment.bytes", operation: "DELETE" }] },
    });
    assert.equal(batch.status, 204);
    assert.equal((await http.ask(path)).json.value, "1");
    const bad = await http.ask(path, { method: "PUT", json: { value: "soon" } });
    assert.equal(bad.status, 400);
    const broker = await http.ask("~/broker-configs/log.retention.ms", {
      method: "PUT",
      json: { value: "77" },
    });
    assert.equal(broker.status, 204);
    assert.equal((await http.ask("~/brokers/1/configs/log.retention.ms")).json.value, "77");
    assert.equal((await http.ask("~/topics/set/configs/none.such")).status, 404);
  });

  it("shows a group with its members, what they own, and how far they are behind", async () => {
    await http.createTopic("grouped");
    await http.produce("grouped", ["a", "b", "c", "d"]);
    const kafka = new Kafka({ clientId: "tester", brokers: [http.broker.kafka], logLevel: logLevel.NOTHING });
    const consumer = kafka.consumer({ groupId: "readers" });
    await consumer.connect();
    await consumer.subscribe({ topic: "grouped", fromBeginning: true });
    await new Promise<void>((resolve) => {
      void consumer.run({
        eachMessage: ({ message }) => Promise.resolve(message.offset === "3" && resolve()) as never,
      });
    });
    await consumer.commitOffsets([{ topic: "grouped", partition: 0, offset: "1" }]);
    const group = await http.ask("~/consumer-groups/readers");
    assert.equal(group.json.state, "STABLE");
    const { json: { data: [member] } } = await http.ask("~/consumer-groups/readers/consumers");
    assert.equal(member.client_id, "tester");
    const assigned = await http.ask(`~/consumer-groups/readers/consumers/${member.consumer_id}/assignments`);
    assert.equal(assigned.json.data[0].topic_name, "grouped");
    await consumer.disconnect();
    const lags = await http.ask("~/consumer-groups/readers/lags");
    assert.equal(lags.json.data[0].log_end_offset, 4);
    const summary = await http.ask("~/consumer-groups/readers/lag-summary");
    assert.equal(summary.json.total_lag, lags.json.data[0].lag);
    assert.equal((await http.ask("~/consumer-groups/readers/topics/grouped/partitions/0/lag")).status, 200);
    assert.equal((await http.ask("~/consumer-groups/nobody")).status, 404);
  });
});
