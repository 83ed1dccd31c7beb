/** Records over HTTP: written one by one and as a stream, read by offset and time, followed live. */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { HttpBroker } from "./http_broker.ts";

const encoder = new TextEncoder();

interface Shown {
  readonly partition: number;
  readonly offset: number;
  readonly value: unknown;
}

/** The events of a stream, one by one. */
async function* events(response: Response): AsyncGenerator<{ id: string; data: Shown }> {
  let text = "";
  for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
    text += part;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const match = /^id: (.*)\ndata: (.*)$/.exec(text.slice(0, end));
      text = text.slice(end + 2);
      if (match !== null) yield { id: match[1]!, data: JSON.parse(match[2]!) };
    }
  }
}

async function take<Item>(items: AsyncGenerator<Item>, count: number): Promise<Item[]> {
  const taken: Item[] = [];
  while (taken.length < count) {
    const { done, value } = await items.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}

function values(shown: readonly Shown[]): unknown[] {
  return shown.map(({ value }) => value);
}

describe("records over HTTP", () => {
  let http: HttpBroker;
  beforeAll(async () => {
    http = await HttpBroker.start();
  });
  afterAll(() => http.stop());

  const follow = (path: string, headers: Record<string, string> = {}, signal?: AbortSignal) =>
    fetch(http.url + path, {
      headers: { accept: "text/event-stream", ...headers },
      ...(signal && { signal }),
    });

  it("writes a record with key, headers and time, and reads it back as it was", async () => {
    await http.createTopic("one", 3);
    const written = await http.ask("~/topics/one/records", {
      json: {
        partition_id: 2,
        key: { type: "BINARY", data: "/wA=" },
        value: { type: "JSON", data: { a: 1 } },
        headers: [{ name: "h", value: "aGk=" }, { name: "h", value: null }],
        timestamp: "2026-01-31T12:00:00.123Z",
      },
    });
    assert.equal(written.status, 200);
    assert.deepEqual([written.json.error_code, written.json.partition_id, written.json.offset], [200, 2, 0]);
    assert.deepEqual(written.json.key, { type: "BINARY", size: 2 });
    const { json } = await http.ask("/topics/one/records?partition=2");
    assert.deepEqual(json.records, [{
      topic: "one",
      partition: 2,
      offset: 0,
      timestamp: "2026-01-31T12:00:00.123Z",
      timestamp_type: "CreateTime",
      key: "/wA=",
      key_format: "base64",
      value: { a: 1 },
      value_format: "json",
      headers: [{ name: "h", value: "hi", value_format: "string" }, {
        name: "h",
        value: null,
        value_format: "null",
      }],
    }]);
  });

  it("puts a key where every client puts it", async () => {
    await http.createTopic("keyed", 16);
    const { json } = await http.ask("~/topics/keyed/records", {
      json: { key: { type: "STRING", data: "foobar" } },
    });
    // murmur2("foobar") is -790332482.
    assert.equal(json.partition_id, (-790_332_482 & 0x7fffffff) % 16);
  });

  it("reports on several records in their order, each with its own code", async () => {
    await http.createTopic("several");
    const answer = await http.ask("~/topics/several/records", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"value":{"data":1}} {"partition_id":9}{"value":5}\n{"value":{"data":2}}',
    });
    assert.equal(answer.status, 200);
    const reports = answer.text.split("\r\n").map((line) => JSON.parse(line));
    assert.deepEqual(reports.map((report) => report.error_code), [200, 40403, 400, 200]);
    assert.deepEqual([reports[0].offset, reports[3].offset], [0, 1]);
  });

  it("fails the request where its only record fails", async () => {
    await http.createTopic("failing", 1, { "max.message.bytes": "1000" });
    const json = { value: { type: "STRING", data: "x".repeat(2_000) } };
    const large = await http.ask("~/topics/failing/records", { json });
    assert.deepEqual([large.status, large.json.error_code], [413, 413]);
    assert.equal((await http.ask("~/topics/none/records", { json })).json.error_code, 40403);
    assert.equal(
      (await http.ask("~/topics/failing/records", { json: { value: { type: "AVRO" } } })).status,
      400,
    );
  });

  it("answers a stream of records while it is still being sent", async () => {
    await http.createTopic("streamed");
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const path = `/v3/clusters/${http.clusterId}/topics/streamed/records`;
    const asked = fetch(http.url + path, {
      method: "POST",
      body: readable,
      headers: { "content-type": "application/json" },
    });
    await writer.write(encoder.encode('{"value":{"data":"first"}}'));
    const response = await asked;
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    assert.equal(JSON.parse((await reader.read()).value!).offset, 0);
    await writer.write(encoder.encode('{"value":{"da'));
    await writer.write(encoder.encode('ta":"second"}}{"value":{"data":"third"}}'));
    const reports = (await reader.read()).value!.trim().split("\r\n").map((line) => JSON.parse(line));
    assert.deepEqual(reports.map(({ offset }) => offset), [1, 2]);
    await writer.write(encoder.encode("nonsense"));
    assert.equal(JSON.parse((await reader.read()).value!).error_code, 400);
    assert.equal((await reader.read()).done, true);
    await writer.abort().catch(() => {});
  });

  it("reads by offset, from the end and by time, and pages on by the link it gives", async () => {
    await http.createTopic("paged");
    for (const value of ["a", "b", "c", "d", "e"]) await http.produce("paged", [value]);
    const read = async (query: string) =>
      values((await http.ask(`/topics/paged/records?${query}`)).json.records);
    assert.deepEqual(await read("offset=3"), ["d", "e"]);
    assert.deepEqual(await read("offset=-2"), ["d", "e"]);
    assert.deepEqual(await read("offset=latest"), []);
    assert.deepEqual(await read("time=2999-01-01T00:00:00Z"), []);
    assert.deepEqual(await read("time=0&limit=1"), ["a"]);
    const first = await http.ask("/topics/paged/records?limit=2&value=hex");
    assert.deepEqual(values(first.json.records), ["61", "62"]);
    const second = await http.ask(first.json.next.slice(http.url.length));
    assert.deepEqual(values(second.json.records), ["63", "64"]);
    assert.deepEqual([second.json.positions[0].next_offset, second.json.positions[0].is_at_end], [4, false]);
    const lines = await http.ask("/topics/paged/records?limit=2", {
      headers: { accept: "application/x-ndjson" },
    });
    assert.deepEqual(lines.text.trim().split("\n").map((line) => JSON.parse(line).value), ["a", "b"]);
    assert.match(lines.headers.get("link")!, /positions=0%3A2.*rel="next"/);
    assert.equal((await http.ask("/topics/paged/records?offset=99")).status, 400);
    assert.equal((await http.ask("/topics/paged/records?time=noon")).status, 400);
  });

  it("waits for a first record when it is told to", async () => {
    await http.createTopic("awaited");
    const asked = http.ask("/topics/awaited/records?wait_ms=20000");
    await http.produce("awaited", ["at last"]);
    assert.deepEqual(values((await asked).json.records), ["at last"]);
  });

  it("reads compressed batches that other clients wrote", async () => {
    const { connect } = await import("weir");
    await http.createTopic("packed");
    await using weir = await connect(http.broker.native);
    for (const compression of ["gzip", "snappy", "lz4", "zstd"] as const) {
      await using producer = weir.producer({ compression });
      await producer.send("packed", { value: compression.repeat(100) });
    }
    const { json } = await http.ask("/topics/packed/records");
    assert.deepEqual(values(json.records), ["gzip", "snappy", "lz4", "zstd"].map((name) => name.repeat(100)));
  });

  it("follows a topic by events and resumes where the last one was", async () => {
    await http.createTopic("followed", 2);
    const abort = new AbortController();
    const live = events(await follow("/topics/followed/records?offset=earliest", {}, abort.signal));
    await http.produce("followed", ["a"], 0);
    await http.produce("followed", ["b"], 1);
    await http.produce("followed", ["c"], 0);
    const heard = await take(live, 3);
    assert.deepEqual(values(heard.map(({ data }) => data)).sort(), ["a", "b", "c"]);
    abort.abort();
    await live.next().catch(() => {});
    await http.produce("followed", ["d"], 1);
    const resumed = new AbortController();
    const headers = { "last-event-id": heard[1]!.id };
    const after = events(await follow("/topics/followed/records", headers, resumed.signal));
    const rest = await take(after, 2);
    assert.deepEqual(values(rest.map(({ data }) => data)).sort(), [heard[2]!.data.value, "d"].sort());
    resumed.abort();
    await after.next().catch(() => {});
  });

  it("follows a long past to the end without a gap, beside a tail that is at the end", async () => {
    await http.createTopic("long");
    const count = 3_000;
    const texts = Array.from({ length: count }, (_, index) => `${index} ${"x".repeat(200)}`);
    for (let first = 0; first < count; first += 500) {
      await http.produce("long", texts.slice(first, first + 500));
    }
    const abort = new AbortController();
    const late = events(await follow("/topics/long/records", {}, abort.signal));
    const early = events(await follow("/topics/long/records?offset=earliest", {}, abort.signal));
    await http.produce("long", ["the last"]);
    const heard = await take(early, count + 1);
    assert.deepEqual(
      heard.map(({ data }) => data.offset),
      Array.from({ length: count + 1 }, (_, index) => index),
    );
    assert.deepEqual((await take(late, 1)).map(({ data }) => data.offset), [count]);
    abort.abort();
    await Promise.allSettled([late.next(), early.next()]);
  });

  it("follows a topic by a WebSocket", async () => {
    await http.createTopic("socket");
    await http.produce("socket", ["before"]);
    const socket = new WebSocket(`${http.url.replace("http", "ws")}/topics/socket/records?offset=earliest`);
    const heard: unknown[] = [];
    const all = new Promise<void>((resolve) => {
      socket.onmessage = ({ data }) => {
        heard.push(JSON.parse(data).value);
        if (heard.length === 2) resolve();
      };
    });
    await new Promise((resolve) => socket.onopen = resolve);
    await http.produce("socket", ["after"]);
    await all;
    assert.deepEqual(heard, ["before", "after"]);
    const closed = new Promise((resolve) => socket.onclose = resolve);
    socket.close();
    await closed;
  });

  it("ends a tail with an error event when its topic goes away", async () => {
    await http.createTopic("doomed");
    const response = await follow("/topics/doomed/records");
    const text = response.text();
    await http.ask("~/topics/doomed", { method: "DELETE" });
    assert.match(await text, /event: error\ndata: \{"error_code":40403/);
  });
});
