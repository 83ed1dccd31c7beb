/** Records over HTTP: written one by one and as a stream, read by offset and time. */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { HttpBroker } from "./http_broker.ts";
import { values } from "./shown.ts";

const encoder = new TextEncoder();

describe("records over HTTP", () => {
  let http: HttpBroker;
  beforeAll(async () => {
    http = await HttpBroker.start();
  });
  afterAll(() => http.stop());

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
});
