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
    assert.deepEqual((await http.ask("/v3/clusters/-")).json, json);
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
    assert.equal(created.json.authorized_operations, undefined);
    const asked = await http.ask("~/topics/made?include_authorized_operations=true");
    assert.ok(asked.json.authorized_operations.includes("DELETE"));
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
    const put = await http.ask("~/topics/there", { method: "PUT", json: {} });
    assert.deepEqual([put.status, put.headers.get("allow")], [405, "HEAD, GET, PATCH, DELETE"]);
    const empty = await http.ask("~/topics", { method: "POST" });
    assert.deepEqual([empty.status, empty.json.error_code], [422, 42206]);
    const deep = `{"topic_name":"deep","other":${"[".repeat(2_000)}${"]".repeat(2_000)}}`;
    const headers = { "content-type": "application/json" };
    const refused = await http.ask("~/topics", { method: "POST", body: deep, headers });
    assert.deepEqual([refused.status, refused.json.message], [
      400,
      "JSON must lie at most 1000 deep in itself",
    ]);
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
    for (const path of ["~/topics/set/configs/none.such", "~/brokers/1/configs/none.such"]) {
      assert.equal((await http.ask(path)).status, 404);
      assert.equal((await http.ask(path, { method: "PUT", json: { value: "1" } })).status, 404);
      assert.equal((await http.ask(path, { method: "DELETE" })).status, 404);
    }
    assert.equal((await http.ask(path, { method: "PUT", json: {} })).json.error_code, 40002);
    assert.equal((await http.ask(path)).json.value, "1");
  });

  it("shows for all brokers what was set while they run, and nothing else", async () => {
    const path = "~/broker-configs/log.retention.bytes";
    assert.equal((await http.ask(path)).status, 404);
    assert.equal((await http.ask(path, { method: "DELETE" })).status, 404);
    const dry = { data: [{ name: "log.retention.bytes", value: "99" }], validate_only: true };
    assert.equal((await http.ask("~/broker-configs:alter", { json: dry })).status, 204);
    assert.equal((await http.ask(path)).status, 404);
    await http.ask("~/broker-configs:alter", { json: { ...dry, validate_only: null } });
    const set = await http.ask(path);
    assert.deepEqual([set.json.value, set.json.source], ["99", "DYNAMIC_DEFAULT_BROKER_CONFIG"]);
    const { json: { data } } = await http.ask("~/broker-configs");
    assert.ok(data.every((one: { source: string }) => one.source === "DYNAMIC_DEFAULT_BROKER_CONFIG"));
    assert.equal((await http.ask(path, { method: "DELETE" })).status, 204);
    assert.equal((await http.ask(path)).status, 404);
  });

  it("lists the settings of all topics and of all brokers", async () => {
    await http.createTopic("one.of.all");
    const topics = await http.ask("~/topics/-/configs");
    const mine = topics.json.data.filter((one: { topic_name: string }) => one.topic_name === "one.of.all");
    assert.equal(mine.length, (await http.ask("~/topics/one.of.all/configs")).json.data.length);
    const brokers = await http.ask("~/brokers/-/configs");
    assert.deepEqual(brokers.json.data, (await http.ask("~/brokers/1/configs")).json.data);
    assert.ok(brokers.json.metadata.self.endsWith("/brokers/-/configs"));
  });

  it("takes a topic's assignments as Confluent's document has them, and null for what is left out", async () => {
    const json = { partitions_count: null, replication_factor: null, configs: null, validate_only: null };
    const placed = { ...json, topic_name: "placed", replicas_assignments: { 1: [1], 0: [1] } };
    assert.equal((await http.ask("~/topics", { json: placed })).json.partitions_count, 2);
    const plain = { ...json, topic_name: "plain", replicas_assignments: null };
    assert.equal((await http.ask("~/topics", { json: plain })).json.partitions_count, 1);
    const gap = { ...json, topic_name: "gap", replicas_assignments: { 0: [1], 2: [1] } };
    assert.equal((await http.ask("~/topics", { json: gap })).json.error_code, 40002);
  });

  it("tells a partition's offsets, and that none is being moved", async () => {
    await http.createTopic("bounds");
    await http.produce("bounds", ["a", "b"]);
    const { json } = await http.ask("~/topics/bounds/partitions/0/offset");
    assert.deepEqual([json.kind, json.earliest_offset, json.latest_offset], [
      "KafkaPartitionWithOffsets",
      0,
      2,
    ]);
    assert.equal((await http.ask("~/topics/bounds/partitions/0/reassignment")).status, 404);
    assert.deepEqual((await http.ask("~/topics/bounds/partitions/-/reassignment")).json.data, []);
  });

  it("says as Kafka without an authorizer that there are no ACLs to be had", async () => {
    const asked = [
      http.ask("~/acls"),
      http.ask("~/acls?resource_type=TOPIC", { method: "DELETE" }),
      http.ask("~/acls", { json: {} }),
      http.ask("~/acls:batch", { json: { data: [] } }),
    ];
    for (const { status, json } of await Promise.all(asked)) {
      assert.deepEqual([status, json.error_code], [400, 40002]);
    }
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
    assert.deepEqual([group.json.state, group.json.type, group.json.is_mixed_consumer_group], [
      "STABLE",
      "CLASSIC",
      false,
    ]);
    const { json: { data: [member] } } = await http.ask("~/consumer-groups/readers/consumers");
    assert.equal(member.client_id, "tester");
    const assigned = await http.ask(`~/consumer-groups/readers/consumers/${member.consumer_id}/assignments`);
    assert.equal(assigned.json.data[0].topic_name, "grouped");
    const follow = (link: string) => http.ask(link.slice(http.url.length));
    assert.deepEqual((await follow(assigned.json.data[0].metadata.self)).json, assigned.json.data[0]);
    assert.equal((await follow(assigned.json.data[0].lag.related)).json.consumer_id, member.consumer_id);
    await consumer.disconnect();
    const lags = await http.ask("~/consumer-groups/readers/lags");
    assert.equal(lags.json.data[0].log_end_offset, 4);
    const summary = await http.ask("~/consumer-groups/readers/lag-summary");
    assert.equal(summary.json.total_lag, lags.json.data[0].lag);
    assert.deepEqual((await follow(lags.json.data[0].metadata.self)).json, lags.json.data[0]);
    assert.equal((await http.ask("~/consumer-groups/readers/lags/grouped/partitions/9")).status, 404);
    const nobody = await http.ask("~/consumer-groups/nobody");
    assert.deepEqual([nobody.status, nobody.json.error_code], [404, 404]);
  });
});
