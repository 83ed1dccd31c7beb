/** Peers of the HTTP listener that mean ill, or know no better: each is answered, none costs more than it may. */
import assert from "node:assert/strict";
import { afterEach, describe, it } from "@std/testing/bdd";
import { systemClock } from "../../../src/host/mod.ts";
import { closeAll, connect, listen, readAll, until } from "./http_start.ts";

const HANDSHAKE = "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n" +
  "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/** A frame as a WebSocket's client sends it, masked with zeros. */
function frame(opcode: number, payload: Uint8Array, isLast = true): Uint8Array<ArrayBuffer> {
  const length = payload.length < 126
    ? [0x80 | payload.length]
    : [0x80 | 126, payload.length >> 8, payload.length & 255];
  return new Uint8Array([(isLast ? 0x80 : 0) | opcode, ...length, 0, 0, 0, 0, ...payload]);
}

/** Writes until nothing more is taken for a while, or `bytesMax`; gives how much was. */
async function flood(socket: Deno.TcpConn, bytes: Uint8Array, bytesMax: number): Promise<number> {
  let written = 0;
  const stopped = Symbol();
  while (written < bytesMax) {
    const taken = await Promise.race([
      socket.write(bytes.subarray(written % bytes.length)).catch(() => stopped),
      systemClock.sleep(500).then(() => stopped),
    ]);
    if (typeof taken !== "number") return written;
    written += taken;
  }
  return written;
}

function endless(onPull = () => {}): Response {
  return new Response(
    new ReadableStream({
      pull: (stream) => {
        onPull();
        return stream.enqueue(new Uint8Array(1_024));
      },
    }, { highWaterMark: 0 }),
  );
}

describe("HttpListener under attack", () => {
  afterEach(closeAll);

  it("answers bytes that are no request in REST v3's form, and closes", async () => {
    const { listener } = listen(() => new Response("words"));
    const post = "POST / HTTP/1.1\r\nhost: a\r\n";
    const cases: Record<string, [words: string, status: number]> = {
      "a length and chunks": [`${post}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
      "two lengths": [`${post}content-length: 5\r\ncontent-length: 6\r\n\r\n123456`, 400],
      "chunks that are not last": [`${post}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n`, 400],
      "a chunk without end": [`${post}transfer-encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n`, 400],
      "lines without CR": ["GET / HTTP/1.1\nhost: a\n\n", 400],
      "too long a header": [`GET / HTTP/1.1\r\nhost: a\r\nx: ${"y".repeat(40_000)}\r\n\r\n`, 431],
      "too long a target": [`GET /${"y".repeat(40_000)} HTTP/1.1\r\nhost: a\r\n\r\n`, 431],
      "TLS": ["\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400],
      "HTTP/2": ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400],
    };
    for (const [name, [words, status]] of Object.entries(cases)) {
      const text = await readAll(await connect(listener, words));
      assert.match(text, new RegExp(`^HTTP/1.1 ${status} [^]*\\r\\n\\r\\n\\{"error_code":${status},`), name);
    }
  });

  it("answers requests that node would refuse without a word in REST v3's form", async () => {
    const { listener } = listen(() => new Response("words"));
    const cases: Record<string, [words: string, status: number]> = {
      "no host": ["GET / HTTP/1.1\r\nconnection: close\r\n\r\n", 400],
      "two hosts": ["GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n", 400],
      "a host with a path": ["GET / HTTP/1.1\r\nhost: a/b\r\nconnection: close\r\n\r\n", 400],
      "a host with a user": ["GET / HTTP/1.1\r\nhost: b@a\r\nconnection: close\r\n\r\n", 400],
      "an expectation": ["GET / HTTP/1.1\r\nhost: a\r\nexpect: more\r\nconnection: close\r\n\r\n", 417],
    };
    for (const [name, [words, status]] of Object.entries(cases)) {
      const text = await readAll(await connect(listener, words));
      assert.match(text, new RegExp(`^HTTP/1.1 ${status} [^]*\\{"error_code":${status},`), name);
    }
  });

  it("takes the host from the header alone, whatever the target says", async () => {
    const { listener } = listen((request) => new Response(`<${request.url}>`));
    const cases = {
      "http://evil.com/a?b": "http://here/a?b",
      "//evil.com/a": "http://here//evil.com/a",
      "http://evil.com": "http://here/",
      "*": "http://here/*",
    };
    for (const [target, address] of Object.entries(cases)) {
      const words = `OPTIONS ${target} HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n`;
      assert.ok((await readAll(await connect(listener, words))).includes(`<${address}>`), target);
    }
  });

  it("lets a body come when it is told to wait for a word, and answers HTTP/1.0", async () => {
    const { listener } = listen(async (request) => new Response(`heard ${await request.text()}`));
    const socket = await connect(
      listener,
      "POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 4\r\nconnection: close\r\n\r\n",
    );
    const buffer = new Uint8Array(100);
    const count = await socket.read(buffer);
    assert.match(new TextDecoder().decode(buffer.subarray(0, count!)), /^HTTP\/1\.1 100 Continue/);
    await socket.write(new TextEncoder().encode("body"));
    assert.match(await readAll(socket), /heard body/);
    assert.match(await readAll(await connect(listener, "GET / HTTP/1.0\r\n\r\n")), /\r\n\r\nheard $/);
  });

  it("serves requests asked ahead one after another, and none behind one that never ends", async () => {
    let open = 0;
    let most = 0;
    let asked = 0;
    const { listener, logged } = listen(async (request) => {
      asked++;
      most = Math.max(most, ++open);
      await systemClock.sleep(0);
      open--;
      return request.url.endsWith("/endless") ? endless() : new Response("words");
    });
    const one = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";
    const last = one.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
    const text = await readAll(await connect(listener, one.repeat(99) + last + one));
    assert.equal(text.match(/words/g)?.length, 100);
    assert.deepEqual([most, asked], [1, 100]);
    const tail = await connect(listener, one.replace("/ ", "/endless ") + one.repeat(50));
    await tail.read(new Uint8Array(1_000));
    assert.equal(asked, 101);
    assert.deepEqual(logged, []);
  });

  it("reads no more from a peer that asks and asks and listens to nothing", async () => {
    const { listener } = listen(() => new Response("x".repeat(1_000)));
    const socket = await connect(listener);
    const requests = new TextEncoder().encode("GET / HTTP/1.1\r\nhost: a\r\n\r\n".repeat(1_000));
    // The kernel's buffers take a few megabytes before the peer notices.
    const written = await flood(socket, requests, 64_000_000);
    assert.ok(written < 64_000_000, `${written} bytes were taken`);
    assert.ok(listener.describe()[0]!.waiting < 700, "requests are heaped up");
  });

  it("reads no more from a peer that pings and pings and takes no answer, and drops it", async () => {
    const { listener } = listen(async (_request, { upgrade, completed }) => {
      await upgrade!();
      await completed;
      return new Response(null);
    }, { stallMsMax: 1_500 });
    const socket = await connect(listener, HANDSHAKE);
    await socket.read(new Uint8Array(1_000));
    const ping = frame(9, new Uint8Array(125));
    const pings = new Uint8Array(ping.length * 1_000);
    for (let at = 0; at < pings.length; at += ping.length) pings.set(ping, at);
    const written = await flood(socket, pings, 100_000_000);
    assert.ok(written < 100_000_000, `${written} bytes were taken`);
    await until(() => listener.connectionCount === 0);
  });

  it("closes a WebSocket whose peer sends too much, nonsense, or parts without a beginning", async () => {
    const { listener } = listen(async (_request, { upgrade, completed }) => {
      await upgrade!();
      await completed;
      return new Response(null);
    });
    const closing = async (...frames: Uint8Array<ArrayBuffer>[]) => {
      const socket = await connect(listener, HANDSHAKE);
      await socket.read(new Uint8Array(1_000));
      for (const some of frames) await socket.write(some).catch(() => {});
      const buffer = new Uint8Array(100);
      const count = await socket.read(buffer) ?? 0;
      socket.close();
      return count > 3 ? new DataView(buffer.buffer).getUint16(2) : 0;
    };
    const some = new Uint8Array(40_000);
    assert.equal(await closing(frame(2, some, false), frame(0, some)), 1009, "too much in parts");
    assert.equal(await closing(frame(3, new Uint8Array(1))), 1002, "an operation that is none");
    assert.equal(await closing(frame(0, new Uint8Array(1))), 1002, "a part without a beginning");
    assert.equal(await closing(new Uint8Array([0x81, 1, 65])), 1002, "not masked");
    await until(() => listener.connectionCount === 0);
  });

  it("drops a WebSocket's peer that does not answer a sign of life", async () => {
    const { listener } = listen(async (_request, { upgrade, completed }) => {
      const channel = await upgrade!();
      channel!.ping();
      channel!.ping();
      await completed;
      return new Response(null);
    });
    await readAll(await connect(listener, HANDSHAKE));
    await until(() => listener.connectionCount === 0);
  });

  it("tells a handshake that is none so, and forgets whoever wanted one", async () => {
    const { listener, logged } = listen(async (_request, { upgrade }) => {
      return upgrade === null ? new Response("plain") : await upgrade() ? new Response() : new Response("x");
    });
    const bare = await connect(listener, HANDSHAKE.replace(/sec-websocket-key.*\r\n/, ""));
    assert.match(await readAll(bare), /^HTTP\/1\.1 400 [^]*\{"error_code":400,"message":"The handshake/);
    const other = await connect(listener, HANDSHAKE.replace("websocket", "h2c"));
    assert.match(await readAll(other), /^HTTP\/1\.1 200 OK[^]*\r\n\r\nplain$/);
    bare.close();
    other.close();
    await until(() => listener.connectionCount === 0);
    assert.deepEqual(logged, []);
  });

  it("calls nobody's leaving a bug, in the middle of a body or of an answer", async () => {
    let left = 0;
    const { listener, logged } = listen(async (request) => {
      if (request.method === "GET") return endless();
      await request.text().catch((error) => {
        left++;
        throw error;
      });
      return new Response();
    });
    const post = await connect(listener, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n12");
    const chunks = await connect(
      listener,
      "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\n12",
    );
    const get = await connect(listener, "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    await get.read(new Uint8Array(10));
    await until(() => listener.describe().every(({ requests }) => requests === 1));
    for (const socket of [post, chunks, get]) socket.close();
    await until(() => listener.connectionCount === 0);
    assert.equal(left, 2);
    assert.deepEqual(logged, []);
  });

  it("drops a peer whose body brings nothing any more", async () => {
    const { listener } = listen(async (request) => {
      await request.text();
      return new Response();
    }, { bodyIdleMsMax: 200, stallMsMax: 400 });
    const socket = await connect(listener, "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n12");
    assert.equal(await readAll(socket), "");
    await until(() => listener.connectionCount === 0);
  });

  it("cuts off an answer that says it took too long, also while the peer takes nothing", async () => {
    let fail = () => {};
    const { listener, logged } = listen(() => {
      const body = new ReadableStream({
        start: (stream) => void (fail = () => stream.error(new DOMException("late", "TimeoutError"))),
        pull: (stream) => stream.enqueue(new Uint8Array(1_048_576)),
      }, { highWaterMark: 0 });
      return new Response(body);
    });
    await connect(listener, "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    await until(() => (listener.describe()[0]?.bytesOut ?? 0) > 1_000);
    let bytesOut = -1;
    while (bytesOut !== listener.describe()[0]!.bytesOut) {
      bytesOut = listener.describe()[0]!.bytesOut;
      await systemClock.sleep(100);
    }
    fail();
    await until(() => listener.connectionCount === 0);
    assert.deepEqual(logged, []);
  });
});
