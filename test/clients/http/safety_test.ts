/** What the HTTP door refuses, and what it bounds, on a real broker. */
import assert from "node:assert/strict";
import { afterEach, describe, it } from "@std/testing/bdd";
import { StartError } from "../../../src/broker.ts";
import { systemClock } from "../../../src/host/mod.ts";
import { HttpBroker } from "./http_broker.ts";

const brokers: HttpBroker[] = [];

async function start(settings: Record<string, string> = {}): Promise<HttpBroker> {
  const http = await HttpBroker.start({ settings });
  brokers.push(http);
  return http;
}

/** The status line of a request written by hand, with headers that `fetch` would not send. */
async function statusOf(http: HttpBroker, words: readonly string[]): Promise<number> {
  const [hostname, port] = http.broker.http.split(":");
  using socket = await Deno.connect({ hostname: hostname!, port: Number(port) });
  await socket.write(new TextEncoder().encode(`${words.join("\r\n")}\r\nconnection: close\r\n\r\n`));
  const buffer = new Uint8Array(100);
  const count = await socket.read(buffer);
  return Number(new TextDecoder().decode(buffer.subarray(0, count ?? 0)).split(" ")[1]);
}

describe("safety of the HTTP door", () => {
  afterEach(async () => {
    for (const http of brokers.splice(0)) await http.stop();
  });

  it("answers to localhost, addresses and known names, and to no other host", async () => {
    const http = await start({ "http.hosts": "weir.example.com" });
    const hosts = {
      "localhost:1": 200,
      "127.0.0.1": 200,
      "[::1]:80": 200,
      "weir.example.com": 200,
      "evil.com": 421,
    };
    for (const [host, status] of Object.entries(hosts)) {
      assert.equal(await statusOf(http, ["GET /v3/clusters HTTP/1.1", `host: ${host}`]), status, host);
    }
    assert.equal(await statusOf(http, ["GET /health/live HTTP/1.1", "host: evil.com"]), 200);
  });

  it("refuses changes and WebSockets that another site's page asks for", async () => {
    const http = await start();
    await http.createTopic("topic");
    const own = `http://${http.broker.http}`;
    const post = (headers: Record<string, string>) =>
      http.ask("~/topics/topic/records", { json: { value: { data: 1 } }, headers });
    assert.equal((await post({})).status, 200);
    assert.equal((await post({ origin: own })).status, 200);
    assert.equal((await post({ origin: "http://evil.com" })).status, 403);
    assert.equal((await post({ origin: "null" })).status, 403);
    assert.equal((await post({ "sec-fetch-site": "cross-site" })).status, 403);
    const upgrade = ["GET /topics/topic/records HTTP/1.1", `host: ${http.broker.http}`, "upgrade: websocket"];
    const key = ["sec-websocket-version: 13", "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=="];
    const status = await statusOf(http, [...upgrade, ...key, "origin: http://evil.com"]);
    assert.equal(status, 403);
  });

  it("forbids every change where it is read-only, and shows no pages where it is off", async () => {
    const readOnly = await start({ "console.mode": "read-only" });
    assert.equal((await readOnly.createTopic("topic")).status, 403);
    assert.equal((await readOnly.ask("~/topics/topic", { method: "DELETE" })).status, 403);
    assert.equal((await readOnly.ask("~/topics")).status, 200);
    assert.equal((await readOnly.ask("/")).status, 200);
    const off = await start({ "console.mode": "off" });
    assert.equal((await off.createTopic("topic")).status, 403);
    assert.equal((await off.ask("/")).status, 404);
    assert.equal((await off.ask("/metrics")).status, 200);
  });

  it("sends its headers with every answer", async () => {
    const http = await start();
    for (const path of ["/", "/nothing", "/health/live"]) {
      const { headers } = await http.ask(path);
      assert.match(headers.get("content-security-policy")!, /default-src 'none'/, path);
      assert.equal(headers.get("x-content-type-options"), "nosniff", path);
    }
  });

  it("bounds bodies, whether or not they say their length", async () => {
    const http = await start({ "http.request.max.bytes": "2000" });
    await http.createTopic("topic");
    const large = { topic_name: "x".repeat(3_000) };
    assert.equal((await http.ask("~/topics", { json: large })).status, 413);
    const body = new ReadableStream({
      pull: (stream) => stream.enqueue(new TextEncoder().encode(`{"a":"${"x".repeat(900)}`)),
    });
    const endless = await http.ask("~/topics", {
      method: "POST",
      body,
      headers: { "content-type": "application/json" },
    }).catch(() => ({ status: 413 }));
    assert.equal(endless.status, 413);
  });

  it("answers 429 past the requests at work, and again when they are done", async () => {
    const http = await start({ "http.requests.max": "2" });
    await http.createTopic("topic");
    const waiting = [1, 2].map(() => http.ask("/topics/topic/records?wait_ms=20000"));
    let refused = await http.ask("~/topics");
    for (let round = 0; refused.status === 200 && round < 100; round++) refused = await http.ask("~/topics");
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get("retry-after"), "1");
    assert.equal((await http.ask("/health/ready")).status, 200);
    const { connect } = await import("weir");
    await using weir = await connect(http.broker.native);
    await using producer = weir.producer();
    await producer.send("topic", { value: "while HTTP is full" });
    for (const { status } of await Promise.all(waiting)) assert.equal(status, 200);
    assert.equal((await http.ask("~/topics")).status, 200);
  });

  it("answers 429 past the tails, and lets one in when another leaves", async () => {
    const http = await start({ "http.tails.max": "1" });
    await http.createTopic("topic");
    const follow = () =>
      fetch(`${http.url}/topics/topic/records`, { headers: { accept: "text/event-stream" } });
    const first = await follow();
    const second = await follow();
    assert.equal(second.status, 429);
    await second.body?.cancel();
    await first.body?.cancel();
    let third = await follow();
    for (let round = 0; third.status === 429 && round < 200; round++) {
      await third.body?.cancel();
      third = await follow();
    }
    assert.equal(third.status, 200);
    await third.body?.cancel();
  });

  it("gives up on a request that takes too long", async () => {
    const http = await start({ "http.request.timeout.ms": "300" });
    await http.createTopic("topic");
    const late = await http.ask("/topics/topic/records?wait_ms=3000");
    assert.deepEqual([late.status, late.json.error_code], [503, 50301]);
  });

  it("drops a tail that reads nothing, while another hears everything", async () => {
    const http = await start({ "http.stall.timeout.ms": "800" });
    await http.createTopic("topic");
    const [hostname, port] = http.broker.http.split(":");
    using stalled = await Deno.connect({ hostname: hostname!, port: Number(port) });
    await stalled.write(
      new TextEncoder().encode(
        "GET /topics/topic/records HTTP/1.1\r\nhost: a.localhost\r\naccept: text/event-stream\r\n\r\n",
      ),
    );
    await stalled.read(new Uint8Array(1_024));
    const count = 40;
    const response = await fetch(`${http.url}/topics/topic/records`, {
      headers: { accept: "text/event-stream" },
    });
    const heard = (async () => {
      let bytes = 0;
      for await (const part of response.body!) {
        bytes += part.length;
        if (bytes > count * 500_000) return bytes;
      }
      return bytes;
    })();
    for (let index = 0; index < count; index++) await http.produce("topic", ["x".repeat(500_000)]);
    assert.ok(await heard > count * 500_000);
    const buffer = new Uint8Array(1_048_576);
    let taken = 0;
    await systemClock.sleep(2_000);
    try {
      for (let bytes = await stalled.read(buffer); bytes !== null; bytes = await stalled.read(buffer)) {
        taken += bytes;
      }
    } catch {
      // A reset.
    }
    assert.ok(taken < count * 500_000, `${taken} bytes were kept for it`);
  });

  it("gives a page of another site nothing that it could keep the door busy with, and follows its links", async () => {
    const http = await start();
    await http.createTopic("topic");
    const words = ["GET /topics/topic/records HTTP/1.1", "host: localhost", "sec-fetch-site: cross-site"];
    assert.equal(await statusOf(http, [...words, "accept: text/event-stream"]), 403);
    assert.equal(await statusOf(http, [...words, "sec-fetch-mode: no-cors"]), 403);
    assert.equal(await statusOf(http, [...words, "sec-fetch-mode: navigate"]), 200);
  });

  it("answers HEAD for a live tail at once, and keeps nothing open for it", async () => {
    const http = await start({ "http.requests.max": "1", "http.tails.max": "0" });
    await http.createTopic("topic");
    const words = ["HEAD /topics/topic/records HTTP/1.1", "host: localhost", "accept: text/event-stream"];
    for (let round = 0; round < 3; round++) assert.equal(await statusOf(http, words), 200);
  });

  it("refuses a body that says it is too large before it has come", async () => {
    const http = await start({ "http.request.max.bytes": "2000" });
    const words = [`POST /v3/clusters/${http.clusterId}/topics HTTP/1.1`, "host: localhost"];
    const headers = ["content-length: 99999999999", "content-type: application/json"];
    assert.equal(await statusOf(http, [...words, ...headers]), 413);
  });

  it("counts nobody's leaving as a failure, and gives the place back", async () => {
    const http = await start({ "http.requests.max": "1", "http.tails.max": "1" });
    await http.createTopic("topic");
    const path = `/v3/clusters/${http.clusterId}/topics/topic/records`;
    const [hostname, port] = http.broker.http.split(":");
    for (const framing of ["content-length: 100", "transfer-encoding: chunked", "content-length: 100"]) {
      const socket = await Deno.connect({ hostname: hostname!, port: Number(port) });
      const words = `POST ${path} HTTP/1.1\r\nhost: localhost\r\n${framing}\r\n\r\n5\r\n{"a`;
      await socket.write(new TextEncoder().encode(words));
      await systemClock.sleep(20);
      socket.close();
    }
    let metrics = await http.ask("/metrics");
    for (let round = 0; metrics.status === 429 && round < 200; round++) metrics = await http.ask("/metrics");
    assert.match(metrics.text, /weir_http_requests_at_work 1\nweir_http_streams 0|weir_http_streams 0/);
    assert.doesNotMatch(metrics.text, /code="500"/);
  });

  it("bounds what it reports on records that are nearly nothing, and what is nested without end", async () => {
    const http = await start();
    await http.createTopic("topic");
    const headers = { "content-type": "application/json" };
    const post = (body: string) => http.ask("~/topics/topic/records", { method: "POST", body, headers });
    const many = (await post("{}".repeat(200_000))).text;
    assert.ok(many.length < 10_000_000, `${many.length}`);
    assert.match(many, /"error_code":413,"message":"The records that follow are too many[^]{0,80}$/);
    const deep = `{"value":{"data":${"[".repeat(100_000)}${"]".repeat(100_000)}}}`;
    assert.equal((await post(deep)).status, 400);
  });

  it("ends live tails when the broker stops", async () => {
    const http = await start();
    await http.createTopic("topic");
    const response = await fetch(`${http.url}/topics/topic/records`, {
      headers: { accept: "text/event-stream" },
    });
    const socket = new WebSocket(`${http.url.replace("http", "ws")}/topics/topic/records`);
    await new Promise((resolve) => socket.onopen = resolve);
    const closed = new Promise<number>((resolve) => socket.onclose = ({ code }) => resolve(code));
    const text = response.text();
    await http.stop();
    assert.match(await text, /^retry: 1000/);
    assert.equal(await closed, 1001);
  });

  it("says so when its port is taken", async () => {
    const http = await start();
    await assert.rejects(start({ "http.listener": http.broker.http }), (error) => {
      assert.ok(error instanceof StartError);
      assert.match(error.message, /Cannot open the http door on .*the port is in use/);
      return true;
    });
  });
});
