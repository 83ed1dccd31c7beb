import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { connect, type ConnectOptions, type WeirError } from "weir";
import { encodeBatch } from "../../../src/record/mod.ts";
import { FakeBroker, wireError } from "./fake_broker.ts";

const HASTY: ConnectOptions = { retryBackoffMs: 1, retryBackoffMsMax: 5 };

function isCode(code: string): (error: WeirError) => boolean {
  return (error) => error.code === code;
}

describe("connect", () => {
  it("says who answered", async () => {
    await using broker = new FakeBroker({});
    await using weir = await connect(broker.address);
    assert.deepEqual(weir.broker, { node: 1, cluster: "fake", version: "0" });
  });

  it("rejects in words when nobody listens", async () => {
    const { port } = await freePort();
    await assert.rejects(connect(`127.0.0.1:${port}`, { reachTimeoutMs: 0 }), (error: WeirError) => {
      return error.code === "NETWORK_EXCEPTION" &&
        error.message.startsWith(`Cannot connect to "127.0.0.1:${port}"`);
    });
  });

  it("waits for a broker that comes up within reachTimeoutMs", async () => {
    const { port } = await freePort();
    const connecting = connect(`127.0.0.1:${port}`, HASTY);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await using _broker = new FakeBroker({}, port);
    await using weir = await connecting;
    assert.equal(weir.broker.node, 1);
  });

  it("rejects with ABORTED while it tries", async () => {
    const { port } = await freePort();
    const connecting = connect(`127.0.0.1:${port}`, { signal: AbortSignal.timeout(20) });
    await assert.rejects(connecting, isCode("ABORTED"));
  });

  it("refuses another protocol and another version without trying again", async () => {
    await using http = new FakeBroker({});
    http.script = () => ({ raw: new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n") });
    await assert.rejects(connect(http.address), isCode("PROTOCOL"));
    await using newer = new FakeBroker({});
    newer.script = () => ({ reply: { e: wireError("UNSUPPORTED_VERSION") } });
    await assert.rejects(connect(newer.address), isCode("UNSUPPORTED_VERSION"));
    assert.equal(http.connectionCount + newer.connectionCount, 2);
  });

  it("refuses an address that is none", async () => {
    for (const address of ["", "a:b", "host:99999", "a:1:2"]) {
      await assert.rejects(connect(address), /must be HOST or HOST:PORT/);
    }
  });
});

describe("Connection", () => {
  it("request is sent again after a lost connection where that does no harm", async () => {
    await using broker = new FakeBroker({ t: 2 });
    await using weir = await connect(broker.address, HASTY);
    let cuts = 2;
    broker.script = (request) => request.k === "metadata" && cuts-- > 0 ? "cut" : undefined;
    assert.deepEqual((await weir.admin.listTopics()).map(({ name }) => name), ["t"]);
    assert.equal(broker.connectionCount, 3);
  });

  it("request that changes something is sent once, and rejects when its answer was lost", async () => {
    await using broker = new FakeBroker({});
    await using weir = await connect(broker.address, HASTY);
    broker.script = (request) => request.k === "create_topics" ? "cut" : undefined;
    await assert.rejects(weir.admin.createTopic("t"), isCode("NETWORK_EXCEPTION"));
    assert.equal(broker.requests.length, 1);
  });

  it("request rejects when no answer comes in time, and the next one works", async () => {
    await using broker = new FakeBroker({ t: 1 });
    await using weir = await connect(broker.address, HASTY);
    broker.script = (request) => request.k === "delete_topics" ? "silence" : undefined;
    const late = weir.admin.deleteTopic("t", { timeoutMs: 30 });
    await assert.rejects(late, (error: WeirError) => error.code === "REQUEST_TIMED_OUT" && error.retriable);
    assert.equal((await weir.admin.listTopics()).length, 1);
  });

  it("request rejects with ABORTED and the answers behind it still arrive", async () => {
    await using broker = new FakeBroker({ t: 1 });
    await using weir = await connect(broker.address, HASTY);
    let release = () => {};
    const held = new Promise<void>((resolve) => release = resolve);
    broker.script = async (request) => {
      if (request.k === "delete_topics") await held;
      return request.k === "delete_topics" ? { reply: { topics: [{ name: "t" }] } } : undefined;
    };
    const aborted = weir.admin.deleteTopic("t", { signal: AbortSignal.timeout(10) });
    const behind = weir.admin.listTopics();
    await assert.rejects(aborted, isCode("ABORTED"));
    release();
    assert.equal((await behind).length, 1);
    assert.equal(broker.connectionCount, 1);
  });

  it("request rejects when replies come out of order or make no sense", async () => {
    await using broker = new FakeBroker({ t: 1 });
    await using weir = await connect(broker.address, HASTY);
    broker.script = () => ({ reply: { c: 999 } });
    await assert.rejects(weir.admin.deleteTopic("t"), isCode("PROTOCOL"));
    broker.script = () => ({ raw: new Uint8Array([0, 0, 0, 2, 0xc1, 0xc1]) });
    await assert.rejects(weir.admin.deleteTopic("t"), isCode("PROTOCOL"));
  });

  it("many requests at once get each its own answer", async () => {
    await using broker = new FakeBroker({ t: 3 });
    await using weir = await connect(broker.address, HASTY);
    broker.append("t", 2, encodeBatch([{ timestamp: 1, value: "v" }]));
    const asked = Array.from({ length: 200 }, (_, index) => {
      return weir.admin.offsets("t", "latest", { partitions: [index % 3] });
    });
    const answers = (await Promise.all(asked)).map(([found]) => [found!.partition, found!.offset]);
    assert.deepEqual(
      answers,
      Array.from({ length: 200 }, (_, index) => [index % 3, index % 3 === 2 ? 1 : 0]),
    );
  });

  it("close rejects what waits with CLOSED, and what comes after", async () => {
    await using broker = new FakeBroker({ t: 1 });
    const weir = await connect(broker.address, HASTY);
    broker.script = () => "silence";
    const pending = weir.admin.deleteTopic("t");
    const refused = assert.rejects(pending, isCode("CLOSED"));
    await weir.close();
    await refused;
    await assert.rejects(weir.admin.listTopics(), isCode("CLOSED"));
    assert.throws(() => weir.producer(), isCode("CLOSED"));
  });
});

/** A port nobody listens on. */
async function freePort(): Promise<{ port: number }> {
  await using broker = new FakeBroker({});
  return { port: broker.port };
}
