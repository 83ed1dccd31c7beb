/** The end of a connection: who is still answered, and that it is over once. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { concatenate, FakeSession, framed, settle } from "./fakes.ts";
import { body, start } from "./start.ts";

describe("Connection, at its end,", () => {
  it("refuses a frame by measure: last words after the replies ahead of it, then it closes", async () => {
    const { socket, session, running, ended } = start({ session: new FakeSession(() => {}, 1_000) });
    socket.send(concatenate([framed(body(8, 1)), Uint8Array.of(0x7f, 0xff, 0xff, 0xff), body(100, 2)]));
    await running;
    await settle();
    assert.deepEqual([session.frames.length, ended.length, socket.written.length], [1, 0, 0]);
    session.slots[0]!.fill([Uint8Array.of(65, 58)]);
    await settle();
    assert.equal(new TextDecoder().decode(concatenate(socket.written)), "A:too long");
    assert.deepEqual([ended.length, socket.closes, socket.bufferBytesMax], [1, 1, 4_096]);
  });

  for (
    const [name, last] of [["the end of the stream", null], ["a read error", new Error("reset")]] as const
  ) {
    it(`writes the replies that are pending at ${name}, then closes`, async () => {
      const { socket, session, running, ended } = start();
      socket.send(framed(body(3, 1)), framed(body(3, 2)), Uint8Array.of(0, 0), last);
      await running;
      await settle();
      assert.deepEqual([session.frames.length, ended.length, socket.closes], [2, 0, 0]);
      session.slots[1]!.fill([Uint8Array.of(2)]);
      session.slots[0]!.fill([Uint8Array.of(1)]);
      await settle();
      assert.deepEqual([...concatenate(socket.written)], [1, 2]);
      assert.deepEqual([ended.length, socket.closes, session.closes], [1, 1, 1]);
    });
  }

  it("closes at once at the end of the stream when nothing is pending", async () => {
    const { socket, running, ended } = start();
    socket.end();
    await running;
    assert.deepEqual([ended.length, socket.closes], [1, 1]);
  });

  it("finish() takes no more requests and answers those it has", async () => {
    const { socket, session, connection, running, ended } = start();
    socket.send(framed(body(3, 1)));
    await settle();
    connection.finish();
    connection.finish();
    socket.send(framed(body(3, 2)));
    await settle();
    assert.deepEqual([session.frames.length, ended.length], [1, 0]);
    session.slots[0]!.fill([Uint8Array.of(1)]);
    await settle();
    await running;
    assert.deepEqual([[...concatenate(socket.written)], ended.length, socket.closes], [[1], 1, 1]);
  });

  it("closes once when a write fails, and lets go of every reply", async () => {
    const { socket, session, running, ended, inFlight } = start();
    socket.writeError = new Error("broken pipe");
    socket.send(framed(body(3, 1)), framed(body(3, 2)));
    await settle();
    const written: number[] = [];
    session.slots[0]!.fill([Uint8Array.of(1)], () => written.push(0));
    await running;
    assert.deepEqual([written, ended.length, socket.closes, session.closes], [[0], 1, 1, 1]);
    session.slots[1]!.fill([Uint8Array.of(1)], () => written.push(1));
    assert.deepEqual([written, inFlight.bytes], [[0, 1], 0]);
  });

  it("hands on no frame behind one whose reply closes", async () => {
    const closing = new FakeSession((_, slot) => slot.fillAndClose([Uint8Array.of(1)]));
    const { socket, session, running, ended } = start({ session: closing });
    socket.send(concatenate([framed(body(3, 1)), framed(body(3, 2))]));
    await running;
    await settle();
    assert.deepEqual([session.frames.length, ended.length, [...concatenate(socket.written)]], [1, 1, [1]]);
  });

  it("run() rejects with what the door throws", async () => {
    const broken = new FakeSession(() => {
      throw new TypeError("a bug");
    });
    const { socket, connection, running } = start({ session: broken });
    socket.send(framed(body(3, 1)));
    await assert.rejects(running, /a bug/);
    connection.close();
  });

  it("activity grows with bytes either way, and stands still without", async () => {
    const { socket, session, connection, running } = start();
    const before = connection.activity;
    socket.send(framed(body(3, 1)));
    await settle();
    const read = connection.activity;
    assert.ok(read > before);
    await settle();
    assert.equal(connection.activity, read);
    assert.equal(connection.isWaiting, true);
    session.slots[0]!.fill([Uint8Array.of(1)]);
    await settle();
    assert.ok(connection.activity > read);
    assert.equal(connection.isWaiting, false);
    connection.close();
    await running;
  });
});
