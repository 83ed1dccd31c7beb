/** The connection: frames out of a stream, replies in order, and where it stops reading. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { REPLY_SLOTS_MAX } from "../../../src/model/mod.ts";
import { concatenate, FakeSession, framed, settle } from "./fakes.ts";
import { body, inFlightOf, start } from "./start.ts";

const echo = () => new FakeSession((frame, slot) => slot.fill([framed(frame.slice())]));

/** `whole` in pieces that end where `cuts` say. */
function cutAt(whole: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const at = [...new Set([0, ...cuts.map((cut) => cut % whole.length), whole.length])].sort((a, b) => a - b);
  return at.slice(1).map((end, index) => whole.slice(at[index], end));
}

describe("Connection, reading,", () => {
  it("cuts the same frames at every split point of the stream", async () => {
    const bodies = [body(0, 1), body(1, 2), body(9, 3), body(0, 4), body(30, 5)];
    const whole = concatenate(bodies.map(framed));
    for (let split = 0; split < whole.length; split++) {
      const { socket, session, running } = start({ session: echo() });
      socket.send(...cutAt(whole, [split]), null);
      await running;
      await settle();
      assert.deepEqual(session.frames, bodies, `split at ${split}`);
      assert.deepEqual(concatenate(socket.written), whole);
    }
  });

  it("cuts the same frames however the stream is split, around the buffer's sizes too", async () => {
    const size = fc.oneof(fc.nat(50), fc.integer({ min: 4_080, max: 4_100 }), fc.nat(70_000));
    const property = fc.asyncProperty(
      fc.array(size, { minLength: 1, maxLength: 12 }),
      fc.array(fc.nat(), { maxLength: 20 }),
      async (sizes, cuts) => {
        const bodies = sizes.map(body);
        const whole = concatenate(bodies.map(framed));
        const { socket, session, running, ended, inFlight } = start({ session: echo() });
        socket.send(...cutAt(whole, cuts), null);
        await running;
        await settle();
        assert.deepEqual(session.frames, bodies);
        assert.deepEqual(concatenate(socket.written), whole);
        assert.deepEqual([ended.length, inFlight.bytes, socket.closes, session.closes], [1, 0, 1, 1]);
      },
    );
    await fc.assert(property, { numRuns: 60 });
  });

  it("goes on after a write that took only a part", async () => {
    const { socket, running } = start({ session: echo() });
    socket.writeBytesMax = 3;
    socket.send(framed(body(1_000, 1)), null);
    await running;
    await settle(2_000);
    assert.deepEqual(concatenate(socket.written), framed(body(1_000, 1)));
  });

  it("keeps the buffer small for a peer that claims a huge frame and sends it byte by byte", async () => {
    const { socket, connection, running } = start();
    socket.send(Uint8Array.of(0x7f, 0xff, 0xff, 0xff));
    for (let sent = 0; sent < 200; sent++) {
      socket.send(Uint8Array.of(1));
      await settle(5);
    }
    assert.equal(socket.bufferBytesMax, 4_096);
    connection.close();
    await running;
  });

  it("keeps the buffer within about twice what arrived of a large frame, past its usual size", async () => {
    const { socket, session, connection, running } = start();
    const piece = new Uint8Array(100_000);
    socket.send(framed(new Uint8Array(8_000_000)).slice(0, 4));
    for (let sent = 1; sent <= 80; sent++) {
      socket.send(piece);
      await settle();
      const bound = Math.max(1_048_576, 4 * sent * piece.length);
      assert.ok(socket.bufferBytesMax <= bound, `${socket.bufferBytesMax} bytes after ${sent} pieces`);
    }
    assert.deepEqual(session.frames.map(({ length }) => length), [8_000_000]);
    connection.close();
    await running;
  });

  it("lets a large buffer go after many small reads", async () => {
    const { socket, connection, running } = start({ session: echo() });
    socket.send(framed(new Uint8Array(300_000)));
    await settle();
    assert.ok(socket.bufferBytesMax >= 262_144);
    for (let sent = 0; sent < 64 * 6; sent++) {
      socket.send(framed(Uint8Array.of(1)));
      await settle(10);
    }
    socket.bufferBytesMax = 0;
    socket.send(framed(Uint8Array.of(1)));
    await settle(10);
    assert.equal(socket.bufferBytesMax, 4_096);
    connection.close();
    await running;
  });
});

describe("Connection, with too much in flight,", () => {
  it("stops reading at REPLY_SLOTS_MAX and goes on when a reply leaves", async () => {
    const { socket, session, connection, running } = start();
    for (let sent = 0; sent < REPLY_SLOTS_MAX + 3; sent++) socket.send(framed(Uint8Array.of(sent & 0xff)));
    await settle(20_000);
    assert.equal(session.frames.length, REPLY_SLOTS_MAX);
    session.slots[1]!.fill([]);
    await settle();
    assert.equal(session.frames.length, REPLY_SLOTS_MAX, "a reply behind an open one does not leave");
    session.slots[0]!.fill([]);
    await settle();
    assert.equal(session.frames.length, REPLY_SLOTS_MAX + 2);
    connection.close();
    await running;
  });

  it("stops reading at inFlightBytesMax and goes on when replies leave", async () => {
    const { socket, session, connection, running, inFlight } = start({ inFlightBytesMax: 250 });
    for (let sent = 0; sent < 6; sent++) socket.send(framed(body(100, sent)));
    await settle();
    assert.deepEqual([session.frames.length, inFlight.bytes], [3, 300]);
    session.slots[0]!.fill([Uint8Array.of(1)]);
    await settle();
    assert.deepEqual([session.frames.length, inFlight.bytes], [4, 300]);
    assert.equal(connection.isWaiting, true);
    connection.close();
    await running;
  });

  it("stops within a read when the answers it asked for may pass inFlightBytesMax, and goes on", async () => {
    const session = new FakeSession((_, slot) => slot.weigh(200));
    const { socket, connection, running } = start({ session, inFlightBytesMax: 350 });
    socket.send(concatenate([1, 2, 3].map((seed) => framed(body(10, seed)))));
    await settle();
    assert.equal(session.frames.length, 2);
    session.slots[0]!.fill([body(20, 1)]);
    await settle();
    assert.deepEqual(session.frames, [1, 2, 3].map((seed) => body(10, seed)));
    connection.close();
    await running;
  });

  it("stops at the bound over all connections, and is woken by the other's replies", async () => {
    const inFlight = inFlightOf(250);
    const [first, second] = [start({ inFlight }), start({ inFlight })];
    for (let sent = 0; sent < 2; sent++) first.socket.send(framed(body(100, sent)));
    await settle();
    for (let sent = 0; sent < 3; sent++) second.socket.send(framed(body(100, sent)));
    await settle();
    assert.deepEqual([first.session.frames.length, second.session.frames.length], [2, 1]);
    assert.equal(inFlight.blocked.size, 1);
    first.session.slots[0]!.fill([]);
    await settle();
    assert.deepEqual([second.session.frames.length, inFlight.bytes], [2, 300]);
    first.session.slots[1]!.fill([]);
    await settle();
    assert.deepEqual([second.session.frames.length, inFlight.bytes], [3, 300]);
    for (const { connection, running } of [first, second]) {
      connection.close();
      await running;
    }
    assert.equal(inFlight.blocked.size, 0);
  });

  it("takes the first request of a connection although the others fill the bound", async () => {
    const inFlight = inFlightOf(10);
    const [first, second] = [start({ inFlight }), start({ inFlight })];
    first.socket.send(framed(body(100, 1)));
    await settle();
    second.socket.send(framed(body(5, 1)));
    await settle();
    assert.equal(second.session.frames.length, 1);
    for (const { connection, running } of [first, second]) {
      connection.close();
      await running;
    }
  });

  it("wakes a connection that waits when it is closed, and counts its requests until they are answered", async () => {
    const { socket, session, connection, running, inFlight, ended } = start({ inFlightBytesMax: 10 });
    socket.send(framed(body(50, 1)), framed(body(50, 2)));
    await settle();
    connection.close();
    await running;
    assert.deepEqual([ended.length, session.closes, inFlight.bytes, inFlight.blocked.size], [1, 1, 50, 0]);
    let written = 0;
    session.slots[0]!.fill([body(9, 9)], () => written++);
    assert.deepEqual([written, inFlight.bytes, socket.written.length], [1, 0, 0]);
  });
});
