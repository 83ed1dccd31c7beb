/** Bad peers on real sockets: each gets a clear error or a closed connection, and the broker serves on. */
import assert from "node:assert/strict";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { connect } from "weir";
import { decodeFrame, encodeFrame, FRAME_HEAD_BYTES, frameLength } from "../../src/native/mod.ts";
import { type BrokerProcess, startProcess } from "../broker_process.ts";
import { seededRandom } from "./mutate.ts";

const utf8 = new TextEncoder();
const HELLO = encodeFrame({ k: "hello", c: 1, v: 1 })[0]!;

describe("a broker with bad peers", () => {
  let broker: BrokerProcess;
  let data: string;
  beforeAll(async () => {
    data = await Deno.makeTempDir();
    broker = await startProcess(data);
  });
  afterAll(async () => {
    await broker.stop();
    await Deno.remove(data, { recursive: true });
  });

  /** Sends `bytes`, then reads until the broker closes or `replies` frames have come. */
  async function talk(bytes: Uint8Array, replies: number): Promise<Record<string, unknown>[]> {
    const socket = await open(broker);
    try {
      await socket.write(bytes);
      return await readFrames(socket, replies);
    } finally {
      socket.close();
    }
  }

  async function servesOn(): Promise<void> {
    await using weir = await connect(broker.native);
    await using producer = weir.producer({ acks: "all" });
    const { offset } = await producer.send("good", { value: "still here" });
    assert.ok(offset >= 0);
  }

  function words(frames: readonly Record<string, unknown>[]): string {
    return String((frames.at(-1)?.e as { message?: unknown } | undefined)?.message);
  }

  it("refuses a frame that claims two gigabytes, and closes", async () => {
    const frames = await talk(Uint8Array.of(0x80, 0, 0, 0, 1, 2, 3), 9);
    assert.equal(frames.length, 1);
    assert.match(words(frames), /Frame of "2147483648" bytes, wanted 1 to 104857600/);
    await servesOn();
  });

  it("names HTTP and TLS, and closes", async () => {
    assert.match(words(await talk(utf8.encode("GET / HTTP/1.1\r\nHost: weir\r\n\r\n"), 9)), /not HTTP/);
    const clientHello = Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3);
    assert.match(words(await talk(clientHello, 9)), /not TLS/);
    await servesOn();
  });

  it("answers a wrong version with UNSUPPORTED_VERSION, and closes", async () => {
    const frames = await talk(encodeFrame({ k: "hello", c: 7, v: 99 })[0]!, 9);
    assert.equal(frames.length, 1);
    assert.equal((frames[0]!.e as { code: string }).code, "UNSUPPORTED_VERSION");
    assert.equal(frames[0]!.c, 7);
    await servesOn();
  });

  it("answers a wrong type in its place, and goes on with the connection", async () => {
    const wrong = encodeFrame({ k: "fetch", c: 2, entries: "all" })[0]!;
    const right = encodeFrame({ k: "describe_broker", c: 3 })[0]!;
    const frames = await talk(joined(HELLO, wrong, right), 3);
    assert.deepEqual(frames.map(({ c }) => c), [1, 2, 3]);
    assert.match(words(frames.slice(0, 2)), /Field "entries" is "all", wanted a list/);
    assert.ok("broker" in frames[2]!);
  });

  it("waits for the rest of half a frame, and forgets it when the peer goes", async () => {
    const socket = await open(broker);
    await socket.write(HELLO.subarray(0, HELLO.length - 2));
    await servesOn();
    await socket.write(HELLO.subarray(HELLO.length - 2));
    assert.equal((await readFrames(socket, 1)).length, 1);
    socket.close();
    const gone = await open(broker);
    await gone.write(HELLO.subarray(0, 5));
    gone.close();
    await servesOn();
  });

  it("survives random bytes", async () => {
    const random = seededRandom(7);
    for (let round = 0; round < 50; round++) {
      const socket = await open(broker);
      const bytes = Uint8Array.from(
        { length: 1 + Math.floor(random() * 2_000) },
        () => Math.floor(random() * 256),
      );
      await socket.write(round % 2 === 0 ? bytes : joined(HELLO, bytes)).catch(() => 0);
      socket.close();
    }
    await servesOn();
  });

  it("survives a thousand clients that vanish, some in the middle of a long poll", async () => {
    const poll = encodeFrame({
      k: "fetch",
      c: 2,
      waitMsMax: 60_000,
      entries: [{ topic: "good", partition: 0, offset: 1_000_000 }],
    })[0]!;
    for (let round = 0; round < 10; round++) {
      const sockets = await Promise.all(Array.from({ length: 100 }, () => open(broker)));
      await Promise.all(
        sockets.map((socket, index) => socket.write(index % 2 === 0 ? HELLO : joined(HELLO, poll))),
      );
      for (const socket of sockets) socket.close();
    }
    await servesOn();
    await using weir = await connect(broker.native);
    const { connections } = await weir.admin.describeBroker();
    assert.ok(connections < 100, `${connections} connections are left`);
  });
});

function open(broker: BrokerProcess): Promise<Deno.TcpConn> {
  const [hostname, port] = broker.native.split(":") as [string, string];
  return Deno.connect({ hostname, port: Number(port) });
}

async function readFrames(socket: Deno.Conn, count: number): Promise<Record<string, unknown>[]> {
  const frames: Record<string, unknown>[] = [];
  const buffer = new Uint8Array(65_536);
  let end = 0;
  while (frames.length < count) {
    const came = await socket.read(buffer.subarray(end)).catch(() => null);
    if (came === null) return frames;
    end += came;
    while (end >= FRAME_HEAD_BYTES && end >= FRAME_HEAD_BYTES + frameLength(buffer, 0)) {
      const length = FRAME_HEAD_BYTES + frameLength(buffer, 0);
      frames.push(decodeFrame(buffer.slice(0, length), FRAME_HEAD_BYTES, length));
      buffer.copyWithin(0, length, end);
      end -= length;
    }
  }
  return frames;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
