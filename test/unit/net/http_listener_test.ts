/** The HTTP listener over real sockets of the loopback: what is served, and what is cut off. */
import assert from "node:assert/strict";
import { afterEach, describe, it } from "@std/testing/bdd";
import { closeAll, connect, encoder, listen, readAll, until } from "./http_start.ts";

describe("HttpListener", () => {
  afterEach(closeAll);

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

  it("tells connections past the bound that they are too many, and closes them", async () => {
    const { listener, url } = listen(() => new Response("words"), { connectionsMax: 2 });
    await connect(listener);
    await connect(listener);
    await until(() => listener.connectionCount === 2);
    const text = await readAll(await connect(listener, "GET / HTTP/1.1\r\nhost: a\r\n\r\n"));
    assert.match(text, /^HTTP\/1\.1 503 .*"error_code":503,"message":"2 connections are open/s);
    const refused = await fetch(url);
    assert.deepEqual([refused.status, refused.headers.get("retry-after")], [503, "1"]);
    await refused.body?.cancel();
  });

  it("drops a peer that sends half a request, and one that asks nothing more", async () => {
    const { listener } = listen(() => new Response("words"), { idleMsMax: 200 });
    const silent = await connect(listener);
    const half = await connect(listener, "GET / HTTP/1.1\r\nhost: a\r\n");
    const kept = await connect(listener, "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    assert.equal(await readAll(silent), "");
    assert.match(await readAll(half), /^HTTP\/1\.1 408 .*"error_code":408,/s);
    assert.match(await readAll(kept), /words\r\n0\r\n\r\n$/);
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
      const channel = await upgrade?.();
      if (!channel) return new Response("no", { status: 426 });
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
