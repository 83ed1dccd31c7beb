/** What a connection measures: requests, bytes, and the stages they go through, by a stopwatch moved by hand. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { familiesOf, LISTENER_SHEET, ListenerMeter, RequestMeter } from "../../../src/meter/mod.ts";
import type { ReplySlot } from "../../../src/net/mod.ts";
import { FakeSession, framed, settle } from "./fakes.ts";
import { body, start } from "./start.ts";

/** A connection whose session takes 5 µs over each request and answers as told. */
function world(answer: (slot: ReplySlot) => void) {
  const watch = {
    us: 0,
    nowUs: 100,
    stamp(): number {
      return this.us = this.nowUs;
    },
  };
  const meter = new ListenerMeter(watch);
  const requests = new RequestMeter("test", ["ask"]);
  const session = new FakeSession((_, slot) => {
    slot.count(requests, 0);
    watch.nowUs += 5;
    answer(slot);
  });
  const { socket, connection } = start({ session, meter });
  const counts = () => {
    const told = [...familiesOf(LISTENER_SHEET, meter.snapshot()), ...requests.families()];
    const all = told.flatMap(({ name, samples }) => samples.map((sample) => ({ name, ...sample })));
    return (name: string, stage?: string) => {
      const { value, sum, count } = all.find((one) => one.name === name && one.labels.stage === stage)!;
      return sum === undefined ? value : [count, sum];
    };
  };
  return { watch, socket, connection, session, counts };
}

describe("Connection, measuring,", () => {
  it("counts each request with its bytes and what it took to answer, at once or later", async () => {
    const { watch, socket, session, counts } = world((slot) => {
      if (session.slots.length === 1) slot.fill([new Uint8Array(10)]);
    });
    socket.send(framed(body(20, 1)));
    await settle();
    socket.send(framed(body(30, 2)));
    await settle();
    watch.nowUs += 1_000;
    watch.stamp();
    session.slots[1]!.fill([new Uint8Array(40), new Uint8Array(50)]);
    await settle();
    const count = counts();
    assert.equal(count("weir_requests_total"), 2);
    assert.equal(count("weir_request_bytes_total"), 50);
    assert.equal(count("weir_response_bytes_total"), 100);
    assert.deepEqual(count("weir_request_duration_seconds"), [2, 0.00101]);
    assert.equal(count("weir_received_bytes_total"), 58);
    assert.equal(count("weir_sent_bytes_total"), 100);
    assert.deepEqual(count("weir_stage_duration_seconds", "reply"), [2, 0]);
  });

  it("measures requests that come together as one, each of which was in the stage that long", async () => {
    const { socket, counts } = world(() => {});
    const frames = [framed(body(20, 1)), framed(body(20, 2)), framed(body(20, 3))];
    socket.send(Uint8Array.from(frames.flatMap((frame) => [...frame])));
    await settle();
    const count = counts();
    assert.deepEqual(count("weir_stage_duration_seconds", "route"), [3, 0.000045]);
    assert.deepEqual(count("weir_stage_duration_seconds", "read"), [3, 0]);
  });

  it("measures how long the bytes of one request were in coming", async () => {
    const { watch, socket, counts } = world(() => {});
    const frame = framed(body(100, 1));
    socket.send(frame.subarray(0, 30));
    await settle();
    watch.nowUs += 700;
    socket.send(frame.subarray(30, 60));
    await settle();
    watch.nowUs += 300;
    socket.send(frame.subarray(60));
    await settle();
    assert.deepEqual(counts()("weir_stage_duration_seconds", "read"), [1, 0.001]);
  });
});
