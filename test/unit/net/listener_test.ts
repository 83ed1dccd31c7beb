/** The listener, over real sockets of the loopback and a clock moved by hand. */
import assert from "node:assert/strict";
import { afterEach, describe, it } from "@std/testing/bdd";
import type { Logger } from "../../../src/host/mod.ts";
import { Listener, type ListenerOptions, type Peer } from "../../../src/net/mod.ts";
import { FakeSession, framed, HandClock } from "./fakes.ts";

const FRAME = framed(Uint8Array.of(1, 2, 3));

const open: { close(): void }[] = [];

/** A listener on a free port, its sessions in the order they were opened, and what it logged. */
function listen(options: Partial<ListenerOptions> = {}, session = () => new FakeSession()) {
  const clock = new HandClock();
  const logged: string[] = [];
  const logger: Logger = { log: (level, words) => void logged.push(`${level} ${words}`) };
  const sessions: FakeSession[] = [];
  const peers: Peer[] = [];
  const door = {
    name: "fake",
    open(peer: Peer) {
      peers.push(peer);
      sessions.push(session());
      return sessions.at(-1)!;
    },
  };
  const listener = new Listener(door, {
    hostname: "127.0.0.1",
    port: 0,
    connectionsMax: 10,
    idleMsMax: 1_000,
    inFlightBytesMax: 1_000_000,
    inFlight: { bytes: 0, bytesMax: 1_000_000, blocked: new Set() },
    clock,
    logger,
    ...options,
  });
  open.push(listener);
  return { listener, clock, logged, sessions, peers };
}

async function connect(listener: Listener): Promise<Deno.TcpConn> {
  const socket = await Deno.connect(listener.address);
  open.push(socket);
  return socket;
}

/** Waits until `condition` holds; fails loudly after long. */
async function until(condition: () => boolean): Promise<void> {
  for (let round = 0; !condition(); round++) {
    assert.ok(round < 4_000, `it never came true: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** What the peer still sends until it closes; a reset ends it as well. */
async function readAll(socket: Deno.TcpConn): Promise<number[]> {
  const got: number[] = [];
  const buffer = new Uint8Array(1_024);
  for (;;) {
    const count = await socket.read(buffer).catch(() => null);
    if (count === null) return got;
    got.push(...buffer.subarray(0, count));
  }
}

describe("Listener", () => {
  afterEach(() => {
    for (const thing of open.splice(0).reverse()) {
      try {
        thing.close();
      } catch {
        // Closed by the test.
      }
    }
  });

  it("shows the port it was given by the system, and tells the door who came", async () => {
    const { listener, sessions, peers } = listen();
    assert.ok(listener.address.port > 0);
    const socket = await connect(listener);
    await until(() => sessions.length === 1);
    assert.deepEqual(peers, [{
      remote: `127.0.0.1:${socket.localAddr.port}`,
      localHost: "127.0.0.1",
      localPort: listener.address.port,
    }]);
    socket.close();
    await until(() => listener.connectionCount === 0);
  });

  it("throws when the port is taken", () => {
    const { listener } = listen();
    assert.throws(() => listen({ port: listener.address.port }), Deno.errors.AddrInUse);
  });

  it("refuses connections above max.connections, says so once, and takes the next when one has left", async () => {
    const { listener, sessions, logged } = listen({ connectionsMax: 2 });
    const [first, second] = [await connect(listener), await connect(listener)];
    await until(() => sessions.length === 2);
    const refused = await connect(listener);
    await until(() => logged.length === 1);
    assert.deepEqual(await readAll(refused), []);
    assert.deepEqual(await readAll(await connect(listener)), []);
    assert.deepEqual([sessions.length, listener.connectionCount], [2, 2]);
    assert.deepEqual(logged, [`warning connection refused, max.connections "2" are open`]);
    first.close();
    await until(() => listener.connectionCount === 1);
    await connect(listener);
    await until(() => sessions.length === 3);
    second.close();
    await until(() => listener.connectionCount === 1);
  });

  it("closes a connection that was idle for long, not one that moves bytes or waits for the broker", async () => {
    const { listener, clock, sessions } = listen();
    const [idle, busy, waiting] = [await connect(listener), await connect(listener), await connect(listener)];
    await until(() => sessions.length === 3);
    await waiting.write(FRAME);
    await until(() => sessions.some(({ frames }) => frames.length === 1));
    const [, busySession] = sessions;
    for (let round = 1; round <= 3; round++) {
      await busy.write(FRAME);
      await until(() => busySession!.frames.length === round);
      busySession!.slots.at(-1)!.fill([]);
      clock.move(250);
    }
    assert.deepEqual(await readAll(idle), []);
    await until(() => listener.connectionCount === 2);
    assert.deepEqual(sessions.map(({ closes }) => closes), [1, 0, 0]);
  });

  it("drain() answers what was asked, then closes; a new request is not taken", async () => {
    const { listener, clock, sessions } = listen();
    const [quiet, asking] = [await connect(listener), await connect(listener)];
    await asking.write(FRAME);
    await until(() => sessions.length === 2 && sessions[1]!.frames.length === 1);
    listener.close();
    // Refused, or let go from the queue in which the system had put it.
    assert.deepEqual(await connect(listener).then(readAll, () => []), []);
    const drained = listener.drain(1e9);
    await asking.write(FRAME);
    assert.deepEqual(await readAll(quiet), []);
    sessions[1]!.slots[0]!.fill([Uint8Array.of(9, 8)]);
    await drained;
    assert.deepEqual([sessions[1]!.frames.length, sessions.length, listener.connectionCount], [1, 2, 0]);
    assert.deepEqual(await readAll(asking), [9, 8]);
    assert.ok(clock.nowMs < 1e9);
  });

  it("drain() gives up on replies that do not come in time", async () => {
    const { listener, clock, sessions } = listen();
    const socket = await connect(listener);
    await socket.write(FRAME);
    await until(() => sessions[0]?.frames.length === 1);
    listener.close();
    const beforeMs = clock.nowMs;
    await listener.drain(40);
    assert.deepEqual([listener.connectionCount, clock.nowMs - beforeMs], [0, 40]);
    assert.deepEqual(await readAll(socket), []);
    let written = 0;
    sessions[0]!.slots[0]!.fill([Uint8Array.of(1)], () => written++);
    assert.equal(written, 1);
  });

  it("closes the connection whose request broke the door, logs it, and keeps the others", async () => {
    const breaks = () =>
      new FakeSession(() => {
        throw new TypeError("a bug in the door");
      });
    const { listener, sessions, logged } = listen({}, breaks);
    const [first, second] = [await connect(listener), await connect(listener)];
    await until(() => sessions.length === 2);
    await first.write(FRAME);
    assert.deepEqual(await readAll(first), []);
    assert.match(logged[0]!, /^error a request broke the fake door: TypeError: a bug in the door/);
    assert.deepEqual(sessions.map(({ closes }) => closes).sort(), [0, 1]);
    assert.equal(listener.connectionCount, 1);
    second.close();
    await until(() => listener.connectionCount === 0);
  });
});
