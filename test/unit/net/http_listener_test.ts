/** The HTTP listener over real sockets of the loopback: what is served, and what is cut off. */
import assert from "node:assert/strict";
import { afterEach, describe, it } from "@std/testing/bdd";
import { type Logger, systemClock } from "../../../src/host/mod.ts";
import { type HttpHandler, HttpListener, type HttpListenerOptions } from "../../../src/net/mod.ts";

const open: { close(): void }[] = [];
const listeners: HttpListener[] = [];
const encoder = new TextEncoder();

function listen(handler: HttpHandler, options: Partial<HttpListenerOptions> = {}) {
  const logged: string[] = [];
  const logger: Logger = { log: (level, words) => void logged.push(`${level} ${words}`) };
  const listener = new HttpListener(handler, {
    hostname: "127.0.0.1",
    port: 0,
    connectionsMax: 20,
    idleMsMax: 60_000,
    stallMsMax: 60_000,
    clock: systemClock,
    logger,
    ...options,
  });
  listeners.push(listener);
  return { listener, logged, url: `http://127.0.0.1:${listener.address.port}` };
}

async function connect(listener: HttpListener, words = ""): Promise<Deno.TcpConn> {
  const socket = await Deno.connect(listener.address);
  open.push(socket);
  if (words !== "") await socket.write(encoder.encode(words));
  return socket;
}

/** All that comes until the other side ends, by a close or a reset. */
async function readAll(socket: Deno.TcpConn): Promise<string> {
  let text = "";
  const buffer = new Uint8Array(65_536);
  try {
    for (let count = await socket.read(buffer); count !== null; count = await socket.read(buffer)) {
      text += new TextDecoder().decode(buffer.subarray(0, count));
    }
  } catch {
    // A reset.
  }
  return text;
}

async function until(condition: () => boolean): Promise<void> {
  for (let round = 0; !condition(); round++) {
    assert.ok(round < 4_000, `it never came true: ${condition}`);
    await systemClock.sleep(2);
  }
}

describe("HttpListener", () => {
  afterEach(async () => {
    for (const socket of open.splice(0)) {
      try {
        socket.close();
      } catch {
        // It was closed by the test.
      }
    }
    for (const listener of listeners.splice(0)) await listener.drain(0);
  });

  it("hands a request with its body to the handler and sends its response back", async () => {
    const { url } = listen(async (request, { remote }) => {
      assert.match(remote, /^127\.0\.0\.1:\d+$/);
      const words = `${request.method} ${new URL(request.url).pathname} ${await request.text()}`;
      return new Response(words, { status: 201, headers: { "x-own": "yes" } });
    });
    const response = await fetch(`${url}/a%20b?c=d`, { method: "POST", body: "some words" });
    assert.equal(response.status, 201);
    assert.equal(response.headers.get("x-own"), "yes");
    assert.equal(await response.text(), "POST /a%20b some words");
  });

  it("answers HEAD without a body and keeps the connection", async () => {
    const { listener } = listen(() => new Response("words"));
    const socket = await connect(
      listener,
      "HEAD / HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    );
    const text = await readAll(socket);
    assert.equal(text.match(/HTTP\/1\.1 200/g)?.length, 2);
    assert.equal(text.match(/words/g)?.length, 1);
  });

  it("answers 500 to what the handler throws, and says so in the log", async () => {
    const { url, logged } = listen(() => {
      throw new Error("a bug");
    });
    const response = await fetch(url);
    assert.equal(response.status, 500);
    await response.body?.cancel();
    assert.match(logged[0]!, /error a request broke the http door: Error: a bug/);
  });

  it("answers 400 to what is no HTTP, to an address that is none, and to a method the web forbids", async () => {
    const { listener } = listen(() => new Response("words"));
    assert.match(await readAll(await connect(listener, "nonsense\r\n\r\n")), /^HTTP\/1\.1 400/);
    const odd = await connect(listener, "GET / HTTP/1.1\r\nhost: a b c\r\nconnection: close\r\n\r\n");
    assert.match(await readAll(odd), /^HTTP\/1\.1 400/);
    const forbidden = await connect(listener, "TRACE / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    assert.match(await readAll(forbidden), /^HTTP\/1\.1 400/);
  });

  it("closes connections past the bound at once", async () => {
    const { listener, url } = listen(() => new Response("words"), { connectionsMax: 2 });
    await connect(listener);
    await connect(listener);
    await until(() => listener.connectionCount === 2);
    assert.equal(await readAll(await connect(listener, "GET / HTTP/1.1\r\nhost: a\r\n\r\n")), "");
    await assert.rejects(fetch(url));
  });

  it("drops a peer that sends half a request, and one that asks nothing more", async () => {
    const { listener } = listen(() => new Response("words"), { idleMsMax: 200 });
    const half = await connect(listener, "GET / HTTP/1.1\r\nhost: a\r\n");
    const kept = await connect(listener, "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    assert.equal(await readAll(half), "");
    assert.match(await readAll(kept), /words/);
    await until(() => listener.connectionCount === 0);
  });

  it("reads a response's stream no faster than the peer takes it, and drops a peer that takes nothing", async () => {
    let pulls = 0;
    let isOver = false;
    const { listener } = listen((_request, { completed }) => {
      void completed.then(() => isOver = true);
      const pull = (controller: ReadableStreamDefaultController) => {
        pulls++;
        controller.enqueue(new Uint8Array(65_536));
      };
      return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }));
    }, { stallMsMax: 400 });
    await connect(listener, "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    await until(() => isOver);
    assert.ok(pulls > 1 && pulls < 1_000, `${pulls} pulls`);
    assert.equal(listener.connectionCount, 0);
  });

  it("tells the handler when the peer is gone", async () => {
    let isAborted = false;
    const { listener } = listen((request) => {
      request.signal.addEventListener("abort", () => isAborted = true);
      return new Response(new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(1)) }));
    });
    const socket = await connect(listener, "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    await socket.read(new Uint8Array(100));
    socket.close();
    await until(() => isAborted);
  });

  it("makes a connection a WebSocket when the handler wants that", async () => {
    const { url } = listen(async (_request, { upgrade }) => {
      if (upgrade === null) return new Response("no", { status: 426 });
      const channel = await upgrade();
      await channel.send("first");
      await channel.send("second");
      channel.close(1000, "done");
      return new Response(null);
    });
    const socket = new WebSocket(url.replace("http", "ws"));
    const heard: string[] = [];
    socket.onmessage = ({ data }) => heard.push(data);
    const code = await new Promise((resolve) => socket.onclose = ({ code }) => resolve(code));
    assert.deepEqual([heard, code], [["first", "second"], 1000]);
    const plain = await fetch(url);
    assert.equal(plain.status, 426);
    await plain.body?.cancel();
  });

  it("answers a handshake with the handler's response when it does not upgrade", async () => {
    const { listener } = listen(() => new Response("not here", { status: 404 }));
    const socket = await connect(
      listener,
      "GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
    );
    const text = await readAll(socket);
    assert.match(text, /^HTTP\/1\.1 404/);
    assert.match(text, /\r\n\r\nnot here$/);
  });

  it("lists its connections with what went over them", async () => {
    const { listener } = listen(() => new Response("words"));
    const words = "GET / HTTP/1.1\r\nhost: a\r\nuser-agent: tester/1\r\n\r\n";
    const socket = await connect(listener, words);
    await socket.read(new Uint8Array(1_000));
    await until(() => listener.describe()[0]?.waiting === 0);
    await socket.write(encoder.encode(words));
    await until(() => listener.describe()[0]?.requests === 2 && listener.describe()[0]?.waiting === 0);
    const [facts] = listener.describe();
    assert.equal(facts!.door, "http");
    assert.equal(facts!.software, "tester/1");
    assert.ok(facts!.bytesIn > 40 && facts!.bytesOut > 60, JSON.stringify(facts));
  });

  it("drains: answers what was asked, ends what is idle, and cuts off the rest", async () => {
    let answer = (_: Response) => {};
    const { listener } = listen((request) =>
      request.url.endsWith("/slow")
        ? new Promise((resolve) => answer = resolve)
        : new Response(new ReadableStream({ start: (stream) => stream.enqueue(new Uint8Array(1)) }))
    );
    const idle = await connect(listener);
    const slow = await connect(listener, "GET /slow HTTP/1.1\r\nhost: a\r\n\r\n");
    const endless = await connect(listener, "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    await endless.read(new Uint8Array(100));
    await until(() => listener.connectionCount === 3);
    const drained = listener.drain(300);
    assert.equal(await readAll(idle), "");
    answer(new Response("late"));
    assert.match(await readAll(slow), /late/);
    await drained;
    await readAll(endless);
    assert.equal(listener.connectionCount, 0);
    await assert.rejects(Deno.connect(listener.address));
  });
});
