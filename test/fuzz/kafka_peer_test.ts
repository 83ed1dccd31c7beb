/** Bad peers on the Kafka port of a real broker: closed or answered, memory bounded, and the next client is served. */
import assert from "node:assert/strict";
import { concat } from "@std/bytes/concat";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { connect } from "weir";
import { type Message, messageCodec, Reader } from "../../src/bytes/mod.ts";
import { findApi } from "../../src/kafka/registry.ts";
import { type BrokerProcess, startProcess } from "../broker_process.ts";
import { isIn, requestFrame } from "./kafka_messages.ts";
import { seededRandom } from "./mutate.ts";

const METADATA = 3;
const FETCH = 1;
const TOPIC = "good";
const utf8 = new TextEncoder();
/** What the broker may grow by under attack: buffers, garbage that waits for its collection. */
const GROWTH_BYTES_MAX = 400 * 1_048_576;

describe("a broker with bad peers on its Kafka port", () => {
  let broker: BrokerProcess;
  let data: string;
  let before = 0;
  beforeAll(async () => {
    data = await Deno.makeTempDir();
    broker = await startProcess(data, [], "127.0.0.1:0");
    await fill(broker);
    before = await memoryOf(broker.pid);
  });
  afterAll(async () => {
    await broker.stop();
    await Deno.remove(data, { recursive: true });
  });

  /** Sends `bytes` and gives all that comes until the broker closes. */
  async function talk(bytes: Uint8Array): Promise<Uint8Array> {
    const socket = await open(broker);
    try {
      await writeAll(socket, bytes).catch(() => 0);
      return await readAll(socket);
    } finally {
      socket.close();
    }
  }

  async function servesOn(): Promise<void> {
    const socket = await open(broker);
    await socket.write(framed(METADATA, 9, { topics: [{ name: TOPIC }] }));
    const answer = await readAnswer(socket, METADATA, 9);
    socket.close();
    assert.equal((answer.topics as { name: string }[])[0]!.name, TOPIC);
    const grown = await memoryOf(broker.pid) - before;
    assert.ok(grown < GROWTH_BYTES_MAX, `the broker grew by ${grown} bytes`);
  }

  for (
    const [name, length] of [["2 GB", 0x7fff_ffff], ["0", 0], ["-1", -1], ["-2^31", -0x8000_0000]] as const
  ) {
    it(`closes on a length of ${name}`, async () => {
      const bytes = new Uint8Array(64);
      new DataView(bytes.buffer).setInt32(0, length);
      assert.equal((await talk(bytes)).length, 0);
      await servesOn();
    });
  }

  it("closes on a TLS hello", async () => {
    assert.equal((await talk(Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3))).length, 0);
    await servesOn();
  });

  it("tells HTTP what it is, and closes", async () => {
    for (const request of ["GET / HTTP/1.1\r\nHost: weir\r\n\r\n", "POST /topics HTTP/1.1\r\n\r\n{}"]) {
      const words = new TextDecoder().decode(await talk(utf8.encode(request)));
      assert.match(words, /^HTTP\/1\.1 400 [\s\S]+speaks Apache Kafka's protocol, not HTTP\n$/);
    }
    await servesOn();
  });

  it("closes on APIs and versions that there are none of, and on a body that is none", async () => {
    const frame = framed(METADATA, 9, { topics: [] });
    const unknownApi = frame.slice();
    unknownApi[5] = 99;
    const unknownVersion = frame.slice();
    unknownVersion[7] = 99;
    for (const wrong of [unknownApi, unknownVersion, shortened(frame)]) {
      assert.equal((await talk(wrong)).length, 0);
    }
    await servesOn();
  });

  it("waits for the rest of half a frame, and serves others meanwhile", async () => {
    const frame = framed(METADATA, 9, { topics: [] });
    const socket = await open(broker);
    await socket.write(frame.subarray(0, 11));
    await servesOn();
    await socket.write(frame.subarray(11));
    assert.deepEqual((await readAnswer(socket, METADATA, 9)).topics, []);
    socket.close();
  });

  it("survives a thousand connections of garbage", async () => {
    const random = seededRandom(11);
    for (let round = 0; round < 10; round++) {
      await Promise.all(Array.from({ length: 100 }, async (_, index) => {
        const bytes = Uint8Array.from(
          { length: 1 + Math.floor(random() * 500) },
          () => Math.floor(random() * 256),
        );
        // Every other one claims a length that is taken.
        if (index % 2 === 0 && bytes.length > 4) new DataView(bytes.buffer).setInt32(0, bytes.length - 4);
        const socket = await open(broker);
        await socket.write(bytes).catch(() => 0);
        socket.close();
      }));
    }
    await servesOn();
  });

  it("answers thousands of requests in one write, in order", async () => {
    const count = 5_000;
    const socket = await open(broker);
    const frames = Array.from({ length: count }, (_, index) => {
      const frame = framed(METADATA, 9, { topics: [] });
      new DataView(frame.buffer).setInt32(8, index);
      return frame;
    });
    const written = writeAll(socket, concat(frames));
    const reader = frameReader(socket);
    for (let index = 0; index < count; index++) {
      const frame = await reader();
      assert.equal(new DataView(frame.buffer, frame.byteOffset).getInt32(0), index);
    }
    await written;
    socket.close();
    await servesOn();
  });

  it("holds no more than it may for clients that never read what they fetch", async () => {
    const partition = { partition: 0, fetchOffset: 0, partitionMaxBytes: 50_000_000 };
    const topics = [{ topic: TOPIC, partitions: [partition] }];
    const frame = framed(FETCH, 11, { maxWaitMs: 1, minBytes: 1, maxBytes: 50_000_000, topics });
    const sockets = await Promise.all(Array.from({ length: 4 }, () => open(broker)));
    const frames = concat(Array.from({ length: 200 }, () => frame));
    for (const socket of sockets) socket.write(frames).catch(() => 0);
    for (let round = 0; round < 5; round++) {
      await servesOn();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    for (const socket of sockets) socket.close();
    await servesOn();
  });

  it("refuses a request of millions of topics of two bytes each, and serves on", async () => {
    const body = new Uint8Array(4_000_020).fill(1);
    body.set(framed(METADATA, 9, { topics: [] }).subarray(0, -5));
    const view = new DataView(body.buffer);
    view.setInt32(0, body.length - 4);
    // 2,000,000 topics, each an empty name and no tagged fields.
    body.set([0x81, 0x89, 0x7a], framed(METADATA, 9, { topics: [] }).length - 5);
    assert.equal((await talk(body)).length, 0);
    await servesOn();
  });
});

/** Some megabytes to fetch. */
async function fill(broker: BrokerProcess): Promise<void> {
  await using weir = await connect(broker.native);
  await using producer = weir.producer({ acks: "all" });
  const value = new Uint8Array(500_000).fill(65);
  await Promise.all(Array.from({ length: 40 }, () => producer.send(TOPIC, { value, partition: 0 })));
}

/** Resident memory, in bytes. */
async function memoryOf(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`).catch(() => "VmRSS: 0 kB");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1_024;
}

function open(broker: BrokerProcess): Promise<Deno.TcpConn> {
  const [hostname, port] = broker.kafka.split(":") as [string, string];
  return Deno.connect({ hostname, port: Number(port) });
}

function framed(key: number, version: number, body: Message): Uint8Array<ArrayBuffer> {
  const frame = requestFrame(findApi(key)!, version, body);
  const bytes = new Uint8Array(4 + frame.length);
  new DataView(bytes.buffer).setInt32(0, frame.length);
  bytes.set(frame, 4);
  return bytes;
}

/** A frame whose body ends a byte early. */
function shortened(frame: Uint8Array): Uint8Array {
  const shorter = frame.slice(0, -1);
  new DataView(shorter.buffer).setInt32(0, shorter.length - 4);
  return shorter;
}

async function writeAll(socket: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await socket.write(bytes.subarray(at));
}

async function readAll(socket: Deno.Conn): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const chunk = new Uint8Array(4_096);
  for (;;) {
    const count = await socket.read(chunk).catch(() => null);
    if (count === null) return concat(parts);
    parts.push(chunk.slice(0, count));
  }
}

/** Gives the frames of a connection, one at a call, without their length. */
function frameReader(socket: Deno.Conn): () => Promise<Uint8Array> {
  let held = new Uint8Array(0);
  const chunk = new Uint8Array(65_536);
  return async () => {
    for (;;) {
      const length = held.length < 4 ? Infinity : new DataView(held.buffer, held.byteOffset).getInt32(0);
      if (held.length >= 4 + length) {
        const frame = held.subarray(4, 4 + length);
        held = held.subarray(4 + length);
        return frame;
      }
      const count = await socket.read(chunk);
      if (count === null) throw new Error("The broker closed the connection");
      held = concat([held, chunk.subarray(0, count)]);
    }
  };
}

async function readAnswer(socket: Deno.Conn, key: number, version: number): Promise<Message> {
  const frame = await frameReader(socket)();
  const { response } = findApi(key)!;
  const from = isIn(response.flexibleVersions, version) ? 5 : 4;
  return messageCodec(response, version).read(new Reader(frame, from));
}
