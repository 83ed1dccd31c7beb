/** Records written over HTTP where it is hard: broken bodies, large ones, batches, and topics that take little. */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { HttpBroker } from "./http_broker.ts";

const REQUEST_BYTES_MAX = 200_000;

interface Report {
  readonly error_code: number;
  readonly offset?: number;
}

describe("records produced over HTTP", () => {
  let http: HttpBroker;
  beforeAll(async () => {
    http = await HttpBroker.start({ settings: { "http.request.max.bytes": String(REQUEST_BYTES_MAX) } });
  });
  afterAll(() => http.stop());

  const post = (topic: string, body: RequestInit["body"]) =>
    http.ask(`~/topics/${topic}/records`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      ...(body !== undefined && { body }),
    });

  const reports = (text: string) => text.trim().split("\r\n").map((line): Report => JSON.parse(line));

  const valuesIn = async (topic: string) => {
    const { json } = await http.ask(`/topics/${topic}/records?limit=10000`);
    return json.records.map(({ value }: { value: unknown }) => value);
  };

  it("writes what lies before a fault in the body, and reports both", async () => {
    await http.createTopic("broken");
    const { status, text } = await post("broken", '{"value":{"data":"a"}} {"value":{"data":"b"}} nonsense');
    assert.equal(status, 200);
    assert.deepEqual(reports(text).map(({ error_code }) => error_code), [200, 200, 400]);
    assert.deepEqual(await valuesIn("broken"), ['"a"', '"b"']);
  });

  it("refuses a body without a record, with a length or without", async () => {
    await http.createTopic("empty");
    const nothing = new ReadableStream({ start: (controller) => controller.close() });
    for (const body of [undefined, "", " \n", nothing]) {
      const { status, json } = await post("empty", body);
      assert.deepEqual([status, json.error_code], [422, 42206]);
    }
  });

  it("refuses what a record cannot be", async () => {
    await http.createTopic("odd");
    const odd = [
      { value: { type: "STRING", data: 5 } },
      { value: { type: "STRING", data: "\ud800" } },
      { value: { type: "BINARY", data: "%" } },
      { key: { type: "AVRO", data: "x" } },
      { value: { schema_id: 1, data: {} } },
      { key: { subject: "orders-key", data: "x" } },
      { headers: [{ name: "h", value: "no base64" }] },
      { headers: [{ name: "\ud800" }] },
      { timestamp: "1969-12-31T23:59:59Z" },
      { timestamp: "yesterday" },
      { partition_id: -1 },
      [],
    ];
    for (const one of odd) assert.equal((await post("odd", JSON.stringify(one))).status, 400);
    assert.equal((await post("odd", '{"value":{"data":1e400},"partition_id":1e400}')).status, 400);
    assert.deepEqual(await valuesIn("odd"), []);
  });

  it("takes null for whatever is left out", async () => {
    await http.createTopic("nulls");
    const nothing = { partition_id: null, headers: null, key: null, value: null, timestamp: null };
    const written = await post("nulls", JSON.stringify(nothing));
    assert.deepEqual([written.json.error_code, written.json.key, written.json.value], [200, null, null]);
    const untyped = await post("nulls", '{"key":{"type":null,"data":{"a":1}},"value":{"data":null}}');
    assert.deepEqual([untyped.json.key.type, untyped.json.value], ["JSON", null]);
  });

  it("writes together what a topic takes only apart", async () => {
    await http.createTopic("small", 1, { "max.message.bytes": "1000" });
    const values = Array.from({ length: 40 }, (_, index) => `${index} ${"x".repeat(300)}`);
    values[7] = "y".repeat(2_000);
    const { text } = await http.produce("small", values);
    const codes = reports(text).map(({ error_code }) => error_code);
    assert.deepEqual(codes, values.map((_, index) => index === 7 ? 413 : 200));
    assert.deepEqual(await valuesIn("small"), values.filter((_, index) => index !== 7));
  });

  it("takes a body longer than a request may be as a stream of records, not one record of that length", async () => {
    await http.createTopic("lengthy");
    const record = JSON.stringify({ value: { type: "STRING", data: "x".repeat(1_000) } });
    const many = await post("lengthy", record.repeat(300));
    assert.equal(many.headers.get("content-length"), null);
    assert.deepEqual(
      reports(many.text).map(({ offset }) => offset),
      Array.from({ length: 300 }, (_, at) => at),
    );
    const large = JSON.stringify({ value: { type: "STRING", data: "x".repeat(REQUEST_BYTES_MAX) } });
    assert.deepEqual(reports((await post("lengthy", large)).text).map(({ error_code }) => error_code), [413]);
  });

  it("writes a batch, and tells what failed by its id", async () => {
    await http.createTopic("batch", 2);
    const entries = [
      { id: "good", partition_id: 1, value: { type: "STRING", data: "a" } },
      { id: "no base64", value: { type: "BINARY", data: "%" } },
      { id: "no partition", partition_id: 2 },
      { id: "also good", partition_id: 1, key: { data: [1] } },
    ];
    const { status, json } = await http.ask("~/topics/batch/records:batch", { json: { entries } });
    assert.equal(status, 207);
    assert.deepEqual(json.successes.map(({ id, offset }: { id: string; offset: number }) => [id, offset]), [
      ["good", 0],
      ["also good", 1],
    ]);
    const failed = json.failures.map((one: { id: string; error_code: number }) => [one.id, one.error_code]);
    assert.deepEqual(failed, [["no base64", 400], ["no partition", 40403]]);
  });

  it("refuses a batch without entries, with an id twice, and for no topic", async () => {
    await http.createTopic("no-batch");
    const ask = async (topic: string, entries: unknown) =>
      (await http.ask(`~/topics/${topic}/records:batch`, { json: { entries } })).json.error_code;
    assert.equal(await ask("no-batch", []), 42208);
    assert.equal(await ask("no-batch", [{ id: "1" }, { id: "1" }]), 42208);
    assert.equal(
      await ask("no-batch", Array.from({ length: 10_001 }, (_, at) => ({ id: String(at) }))),
      42208,
    );
    assert.equal(await ask("no-batch", [{ id: "" }]), 400);
    assert.equal(await ask("no-topic", [{ id: "1" }]), 40403);
    assert.deepEqual(await valuesIn("no-batch"), []);
  });
});
