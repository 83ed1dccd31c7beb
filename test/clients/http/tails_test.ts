/** Live tails of a real broker: what they hear, where they go on, and what ends them. */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { HttpBroker } from "./http_broker.ts";
import { events, take, values } from "./shown.ts";

describe("live tails over HTTP", () => {
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

  it("follows partitions that a topic gets, heard live or after a cut", async () => {
    await http.createTopic("growing");
    const abort = new AbortController();
    const live = events(await follow("/topics/growing/records", {}, abort.signal));
    await http.produce("growing", ["a"]);
    const [first] = await take(live, 1);
    await http.ask("~/topics/growing", { method: "PATCH", json: { partitions_count: 3 } });
    await http.produce("growing", ["b"], 2);
    assert.deepEqual(values((await take(live, 1)).map(({ data }) => data)), ["b"]);
    const headers = { "last-event-id": first!.id };
    const resumed = events(await follow("/topics/growing/records", headers, abort.signal));
    const heard = await take(resumed, 1);
    assert.deepEqual([values(heard.map(({ data }) => data)), heard[0]!.id], [["b"], "0:1,1:0,2:1"]);
    abort.abort();
    await Promise.allSettled([live.next(), resumed.next()]);
  });

  it("begins no tail past the end, and resumes one at the end when that is nearer now", async () => {
    await http.createTopic("ending");
    for (const query of ["offset=5&partition=0", "positions=0:5"]) {
      const refused = await follow(`/topics/ending/records?${query}`);
      assert.equal(refused.status, 400, query);
      assert.match(await refused.text(), /"error_code":40002,"message":"Offset \\"5\\" of/);
    }
    const abort = new AbortController();
    const resumed = events(
      await follow("/topics/ending/records", { "last-event-id": "0:9000" }, abort.signal),
    );
    await http.produce("ending", ["a"]);
    assert.deepEqual((await take(resumed, 1)).map(({ id }) => id), ["0:1"]);
    abort.abort();
    await resumed.next().catch(() => {});
    const garbage = await follow("/topics/ending/records", { "last-event-id": "0:1,evil" });
    assert.equal(garbage.status, 200);
    await garbage.body?.cancel();
  });

  it("goes on behind records that were deleted from under a tail, and ends where its topic is made anew", async () => {
    await http.createTopic("trimmed");
    await http.produce("trimmed", ["a", "b", "c", "d"]);
    const abort = new AbortController();
    const live = events(await follow("/topics/trimmed/records?offset=latest", {}, abort.signal));
    const { connect } = await import("weir");
    await using weir = await connect(http.broker.native);
    await weir.admin.trim("trimmed", 0, 3);
    const early = events(await follow("/topics/trimmed/records?positions=0:1", {}, abort.signal));
    assert.deepEqual((await take(early, 1)).map(({ data }) => data.offset), [3]);
    await http.produce("trimmed", ["e"]);
    assert.deepEqual((await take(live, 1)).map(({ data }) => data.offset), [4]);
    const whole = await follow("/topics/trimmed/records");
    await http.ask("~/topics/trimmed", { method: "DELETE" });
    await http.createTopic("trimmed");
    assert.match(await whole.text(), /event: error\ndata: \{"error_code":40/);
    abort.abort();
    await Promise.allSettled([live.next(), early.next()]);
  });

  it("reads and follows a batch that unfolds to far more than it takes, piece by piece", async () => {
    const { connect } = await import("weir");
    await http.createTopic("dense");
    await using weir = await connect(http.broker.native);
    await using producer = weir.producer({ compression: "zstd", lingerMs: 50, batchBytesMax: 8_000_000 });
    const count = 3_000;
    const sent = Array.from(
      { length: count },
      (_, index) => producer.send("dense", { value: `${index} ${"y".repeat(1_000)}` }),
    );
    await Promise.all(sent);
    const page = await http.ask("/topics/dense/records?limit=10000");
    assert.equal(page.json.records.length, count);
    const abort = new AbortController();
    const live = events(await follow("/topics/dense/records?offset=0&partition=0", {}, abort.signal));
    const heard = await take(live, count);
    assert.deepEqual(heard.map(({ data }) => data.offset), Array.from({ length: count }, (_, i) => i));
    abort.abort();
    await live.next().catch(() => {});
  });

  it("ends a tail with an error event when its topic goes away", async () => {
    await http.createTopic("doomed");
    const response = await follow("/topics/doomed/records");
    const text = response.text();
    await http.ask("~/topics/doomed", { method: "DELETE" });
    assert.match(await text, /event: error\ndata: \{"error_code":40403/);
  });
});
