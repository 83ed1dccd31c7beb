/** What the metrics say, beside what really happened: each is provoked and counted by the test itself. */
import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { describe, it } from "@std/testing/bdd";
import { Kafka, logLevel } from "kafkajs";
import { makeBatch } from "../../bench/macro/load.ts";
import { type Families, MetricsBroker } from "./metrics_broker.ts";
import { pause } from "./metrics_load.ts";
import { growing, readMetrics, sumOf, valueOf } from "./metrics_text.ts";

const native = (name: string, api: string) => `weir_${name}{door="native",api="${api}"}`;
const stage = (name: string) => `weir_stage_duration_seconds_count{stage="${name}"}`;

describe("metrics of requests", () => {
  it("count each once, with its bytes, its stages, and only what was appended as appended", async () => {
    await using world = await MetricsBroker.start();
    await world.createTopic("orders", 2);
    await world.createTopic("other");
    const before = await world.metrics();
    let bytes = 0;
    for (let count = 0; count < 7; count++) bytes += await world.produce("orders", count % 2, 1);
    bytes += await world.produce("other", 0, -1);
    const broken = makeBatch(100, 1_000).batch;
    broken[60]! ^= 1;
    await world.produce("orders", 0, 1, broken);
    const entries = [{ topic: "orders", partition: 0, offset: 0 }];
    for (let count = 0; count < 3; count++) await world.connection.ask({ k: "fetch", entries });
    const after = await world.metrics();
    const grown = (series: string) => valueOf(after, series) - valueOf(before, series);
    assert.equal(grown(native("requests_total", "produce")), 9);
    assert.equal(grown(native("requests_total", "fetch")), 3);
    assert.equal(valueOf(after, native("requests_total", "create_topics")), 2);
    assert.equal(valueOf(after, native("request_duration_seconds_count", "produce")), 9);
    assert.equal(
      valueOf(after, 'weir_request_errors_total{door="native",api="produce",error="INVALID_RECORD"}'),
      1,
    );
    const all = (name: string) => sumOf(after, name) - sumOf(before, name);
    assert.deepEqual([all("weir_appended_batches_total"), all("weir_refused_batches_total")], [8, 1]);
    assert.equal(all("weir_appended_bytes_total"), bytes);
    assert.equal(all("weir_fetches_total"), 3);
    for (const name of ["read", "route", "reply", "worker_queue"]) {
      assert.equal(
        grown(stage(name)),
        12 + (name === "worker_queue" ? countDescribes(before, after) : 0),
        name,
      );
    }
    assert.deepEqual([grown(stage("append")), grown(stage("fetch")), grown(stage("flush"))], [8, 3, 1]);
    assert.equal(all("weir_flush_duration_seconds_count"), 1);
    const offset = (topic: string, partition: number) =>
      valueOf(after, `kafka_topic_partition_current_offset{topic="${topic}",partition="${partition}"}`);
    const { records } = makeBatch(100, 1_000);
    assert.deepEqual([offset("orders", 0), offset("orders", 1), offset("other", 0)], [
      4 * records,
      3 * records,
      records,
    ]);
  });

  it("last as long as they took, whoever answers: a worker, the coordinator, a timer", async () => {
    await using world = await MetricsBroker.start({ "group.initial.rebalance.delay.ms": "700" });
    await world.createTopic("orders");
    const kafka = new Kafka({ brokers: [world.broker.kafka], logLevel: logLevel.NOTHING });
    const consumer = kafka.consumer({ groupId: "readers" });
    await consumer.connect();
    await consumer.subscribe({ topic: "orders" });
    const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
    await consumer.run({ eachMessage: () => Promise.resolve() });
    await joined;
    const entries = [{ topic: "orders", partition: 0, offset: 0 }];
    await world.connection.ask({ k: "fetch", waitMsMax: 600, bytesMin: 1, entries });
    const families = await world.metrics();
    await consumer.disconnect();
    const sum = (door: string, api: string) =>
      valueOf(families, `weir_request_duration_seconds_sum{door="${door}",api="${api}"}`);
    assert.ok(sum("kafka", "JoinGroup") >= 0.69, `JoinGroup took ${sum("kafka", "JoinGroup")} s`);
    assert.ok(sum("native", "fetch") >= 0.59, `fetch took ${sum("native", "fetch")} s`);
  });

  it("tell who waits and who is connected while that lasts", async () => {
    await using world = await MetricsBroker.start();
    await world.createTopic("orders");
    const entries = [{ topic: "orders", partition: 0, offset: 0 }];
    const waiting = world.connection.ask({ k: "fetch", waitMsMax: 5_000, bytesMin: 1, entries });
    const during = await world.metrics();
    assert.equal(sumOf(during, "weir_waiters"), 1);
    assert.equal(valueOf(during, 'weir_connections{door="native"}'), 1);
    assert.equal(valueOf(during, 'weir_connections{door="kafka"}'), 0);
    await waiting;
    const after = await world.metrics();
    assert.equal(sumOf(after, "weir_waiters"), 0);
    assert.equal(sumOf(after, "weir_inflight_bytes"), 0);
  });
});

describe("metrics of groups", () => {
  it("tell the lag of any group, whatever it is called", async () => {
    await using world = await MetricsBroker.start();
    await world.createTopic("orders", 3);
    const { records } = makeBatch(100, 1_000);
    for (const partition of [0, 1]) await world.produce("orders", partition, 1);
    const odd = 'a "group"\\\n{é=😀},\t';
    const entries = [{ topic: "orders", partition: 1, offset: 2, metadata: "" }];
    await world.connection.ask({ k: "commit_offsets", group: odd, entries });
    const families = await world.metrics();
    const labels = (partition: string) =>
      `{consumergroup="a \\"group\\"\\\\\\n{é=😀},\t",topic="orders"${partition}}`;
    const lags = [0, 1, 2].map((partition) =>
      valueOf(families, `kafka_consumergroup_lag${labels(`,partition="${partition}"`)}`)
    );
    assert.deepEqual(lags, [-1, records - 2, -1]);
    assert.equal(valueOf(families, `kafka_consumergroup_lag_sum${labels("")}`), records - 2);
    assert.equal(valueOf(families, `kafka_consumergroup_current_offset_sum${labels("")}`), 0);
  });
});

describe("metrics of workers that die", () => {
  it("go on where they were, say what is offline meanwhile, and never keep a scraper waiting", async () => {
    await using world = await MetricsBroker.start({ "partition.workers.max": "2" }, true);
    const [files, away] = [`${world.data}/orders-0`, `${world.data}/away`];
    await world.createTopic("orders", 2, { "segment.bytes": "1048576" });
    for (let count = 0; count < 20; count++) await world.produce("orders", count % 2, -1);
    const before = await world.metrics();
    await Deno.rename(files, away);
    await Deno.writeTextFile(files, "in the way");
    const { batch } = makeBatch(1_000, 300_000);
    for (let count = 0; count < 10; count++) await world.produce("orders", 0, 1, batch);
    const down = await world.until(
      "a partition is offline",
      (families) => valueOf(families, "weir_offline_partitions") > 0,
    );
    assertGrown(before, down);
    assert.equal(valueOf(down, "weir_offline_partitions"), 1);
    await Deno.remove(files);
    await Deno.rename(away, files);
    const back = await world.until(
      "all partitions are back",
      (families) => valueOf(families, "weir_offline_partitions") === 0,
    );
    assertGrown(down, back);
    assert.ok(sumOf(back, "weir_worker_restarts_total") >= 1);
    assert.equal(sumOf(back, "weir_worker_up"), 2);
    await world.produce("orders", 0, -1);
    const after = await world.metrics();
    assertGrown(back, after);
    const appended = (families: Families) => sumOf(families, "weir_appended_batches_total");
    assert.equal(appended(after), appended(back) + 1);
  });
});

describe("metrics of the disk", () => {
  it("tell of cleanings, and the bytes that lie there", async () => {
    const settings = { "log.cleaner.backoff.ms": "100" };
    await using world = await MetricsBroker.start(settings, true);
    const config = {
      "cleanup.policy": "compact",
      "segment.bytes": "1048576",
      "min.cleanable.dirty.ratio": "0.01",
    };
    await world.createTopic("prices", 1, config);
    const kafka = new Kafka({ brokers: [world.broker.kafka], logLevel: logLevel.NOTHING });
    const producer = kafka.producer();
    await producer.connect();
    for (let round = 0; round < 40; round++) {
      const messages = Array.from(
        { length: 10 },
        (_, key) => ({ key: `${key}`, value: "a price".repeat(2_000) }),
      );
      await producer.send({ topic: "prices", messages });
    }
    await producer.disconnect();
    const families = await world.until(
      "what was dirty is clean",
      (families) =>
        sumOf(families, "weir_cleaner_runs_total") > 0 && sumOf(families, "weir_cleaner_dirty_bytes") === 0 &&
        sumOf(families, "weir_cleaner_at_work") === 0,
    );
    const done = [...families.get("weir_cleaner_runs_total")!.series].filter(([, count]) => count > 0);
    assert.ok(done.every(([series]) => series.includes('result="done"')), String(done));
    const [cleaned, kept] = ["cleaned", "kept"].map((what) =>
      sumOf(families, `weir_cleaner_${what}_bytes_total`)
    );
    assert.ok(kept! > 0 && cleaned! > kept! * 5, `${cleaned} bytes became ${kept}`);
    assert.ok(sumOf(families, "weir_cleaner_busy_seconds_total") > 0);
    const dirty = valueOf(families, 'weir_topic_dirty_offsets{topic="prices"}');
    assert.ok(dirty > 0 && dirty < 100, `${dirty} of 400 offsets are dirty, those of the active segment`);
    let [bytes, segments] = [0, 0];
    for (const { name } of Deno.readDirSync(`${world.data}/prices-0`)) {
      if (!name.endsWith(".log")) continue;
      bytes += Deno.statSync(`${world.data}/prices-0/${name}`).size;
      segments++;
    }
    assert.equal(valueOf(families, 'weir_partition_log_bytes{topic="prices",partition="0"}'), bytes);
    assert.equal(valueOf(families, 'weir_partition_segments{topic="prices",partition="0"}'), segments);
    assert.equal(sumOf(families, "weir_data_bytes"), bytes);
    assert.ok(valueOf(families, "weir_disk_free_bytes") > valueOf(families, "weir_disk_free_min_bytes"));
  });
});

describe("GET /metrics", () => {
  it("keeps to the rules of the form that was asked for, packed or not", async () => {
    await using world = await MetricsBroker.start();
    await world.createTopic("orders", 2);
    await world.produce("orders", 0, -1);
    const plain = await world.get({ accept: "text/plain" });
    const families = readMetrics(await plain.text(), false);
    const open = await world.get({ accept: "application/openmetrics-text; version=1.0.0" });
    const opened = readMetrics(await open.text(), true);
    assert.deepEqual([...families.keys()].map((name) => name.replace(/_total$/, "")), [...opened.keys()]);
    assert.equal(opened.get("weir_appended_bytes")!.unit, "bytes");
    assert.equal(opened.get("weir_cleaner_dirty_ratio")!.unit, "ratio");
    // Deno's fetch would unpack it: nobody does for a socket.
    const packed = await rawGet(world.broker.http, "accept: text/plain\r\naccept-encoding: gzip\r\n");
    assert.match(packed.head, /content-encoding: gzip/i);
    assert.match(packed.head, /vary: accept, accept-encoding/i);
    assert.deepEqual([...readMetrics(packed.text, false).keys()], [...families.keys()]);
  });

  it("answers HEAD with the same head and no body", async () => {
    await using world = await MetricsBroker.start();
    const answer = await world.get({ accept: "text/plain" }, "HEAD");
    assert.deepEqual([answer.status, await answer.text()], [200, ""]);
    assert.equal(answer.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  });

  it("is answered to all who ask at once, and while the broker stops", async () => {
    await using world = await MetricsBroker.start();
    await world.createTopic("orders", 20);
    const texts = await Promise.all(Array.from({ length: 40 }, async () => (await world.get()).text()));
    assert.equal(new Set(texts).size, 1);
    await pause(1_050);
    const asking = Array.from({ length: 20 }, () => world.get().then((answer) => answer.text(), () => ""));
    const stopping = world.broker.stop();
    for (const text of await Promise.all(asking)) if (text !== "") assert.match(text, /^weir_ready [01]$/m);
    await stopping;
  });
});

/** One answer over a socket, its body unpacked. */
async function rawGet(address: string, headers: string): Promise<{ head: string; text: string }> {
  const [hostname = "", port] = address.split(":");
  using socket = await Deno.connect({ hostname, port: Number(port) });
  const request = `GET /metrics HTTP/1.1\r\nhost: ${address}\r\nconnection: close\r\n${headers}\r\n`;
  await socket.write(new TextEncoder().encode(request));
  const bytes = new Uint8Array(await new Response(socket.readable).arrayBuffer());
  const head = new TextDecoder("latin1").decode(bytes).split("\r\n\r\n")[0]!;
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
  const body = bytes.subarray(head.length + 4);
  assert.equal(body.length, length);
  return { head, text: new TextDecoder().decode(gunzipSync(body)) };
}

/** Workers are asked for their logs at each scrape: those are inputs, too. */
function countDescribes(before: Families, after: Families): number {
  const inputs = sumOf(after, "weir_worker_inputs_total") - sumOf(before, "weir_worker_inputs_total");
  return inputs - 12;
}

function assertGrown(before: Families, after: Families): void {
  const values = new Map(growing(after));
  for (const [series, value] of growing(before)) {
    const now = values.get(series);
    assert.ok(now !== undefined && now >= value, `${series} fell from ${value} to ${now}`);
  }
}
