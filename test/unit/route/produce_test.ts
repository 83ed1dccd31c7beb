/** Produce, list_offsets and trim: one answer for each entry, whatever order the workers answer in. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Command, fault } from "../../../src/model/mod.ts";
import { codes, DEAD, only, World } from "./world.ts";

const TOPICS = { orders: [0, 1, 0], users: [2] };

function produce(places: readonly [string, number][], acks: -1 | 0 | 1 = -1): Command {
  const entries = places.map(([topic, partition], index) => ({
    topic,
    partition,
    batch: Uint8Array.of(index),
  }));
  return { kind: "produce", acks, timeoutMs: 500, entries };
}

describe("Router.submit of a produce or a trim to the broker's own topic", () => {
  it("refuses it without asking anybody, and serves the other entries", () => {
    const world = new World({ ...TOPICS, __consumer_offsets: [1] });
    const produced = world.submit(produce([["__consumer_offsets", 0], ["orders", 0]]));
    const entries = [{ topic: "__consumer_offsets", partition: 0, beforeOffset: 5 }];
    const trimmed = world.submit({ kind: "trim", entries });
    world.workers[0]!.appended(7);
    assert.deepEqual(codes(only(produced, "produced").entries), ["INVALID_TOPIC_EXCEPTION", null]);
    assert.deepEqual(codes(only(trimmed, "trimmed").entries), ["INVALID_TOPIC_EXCEPTION"]);
    assert.equal(world.workers[1]!.questions.length, 0);
    assert.deepEqual(world.trimmed, []);
  });
});

describe("Router.submit of a produce", () => {
  it("keeps the order of its entries over several workers", () => {
    const world = new World(TOPICS);
    const replies = world.submit(produce([["orders", 1], ["users", 0], ["orders", 0], ["orders", 2]]));
    const [first, second, third] = world.workers;
    assert.deepEqual([first!.batches, second!.batches, third!.batches], [
      [Uint8Array.of(2), Uint8Array.of(3)],
      [Uint8Array.of(0)],
      [Uint8Array.of(1)],
    ]);
    first!.appended(22, 1);
    third!.appended(33);
    second!.appended(11);
    assert.deepEqual([replies, world.router.waitingCount], [[], 1]);
    first!.appended(20, 0);
    const { entries } = only(replies, "produced");
    const answers = entries.map(({ topic, partition, baseOffset }) => [topic, partition, baseOffset]);
    assert.deepEqual(answers, [["orders", 1, 11], ["users", 0, 33], ["orders", 0, 20], ["orders", 2, 22]]);
    assert.deepEqual([codes(entries), world.router.waitingCount], [[null, null, null, null], 0]);
  });

  it("gives each entry its own fault: no topic, no partition, offline, refused, worker gone", () => {
    const world = new World(TOPICS);
    world.offline.set("orders-2", DEAD);
    const places = [["nobody", 0], ["orders", 9], ["orders", 2], ["orders", 0], ["orders", 1], ["users", 0]];
    const replies = world.submit(produce(places as [string, number][]));
    const refused = fault("CORRUPT_MESSAGE", "The batch is damaged");
    world.workers[0]!.output(
      { kind: "appended", id: 0, baseOffset: -1, logAppendTimeMs: -1, logStartOffset: 0, fault: refused },
    );
    world.workers[1]!.fail(fault("NOT_LEADER_OR_FOLLOWER", "The broker is stopping"));
    world.workers[2]!.appended(5);
    const { entries } = only(replies, "produced");
    assert.deepEqual(codes(entries), [
      "UNKNOWN_TOPIC_OR_PARTITION",
      "UNKNOWN_TOPIC_OR_PARTITION",
      "KAFKA_STORAGE_ERROR",
      "CORRUPT_MESSAGE",
      "NOT_LEADER_OR_FOLLOWER",
      null,
    ]);
    assert.deepEqual(entries.map(({ baseOffset }) => baseOffset), [-1, -1, -1, -1, -1, 5]);
    assert.match(entries[1]!.fault!.message, /has no partition "9", wanted 0 to 2/);
  });

  it("answers acks=0 when it was appended, not before", () => {
    const world = new World(TOPICS);
    const replies = world.submit(produce([["users", 0]], 0));
    assert.deepEqual(world.workers[2]!.questions[0]!.asked, { kind: "append", handle: 10, acks: 0 });
    assert.deepEqual(replies, []);
    world.workers[2]!.appended(5);
    only(replies, "produced");
  });

  it("answers at once when no entry reaches a worker, and when there is none", () => {
    const world = new World(TOPICS);
    assert.deepEqual(codes(only(world.submit(produce([["nobody", 0]])), "produced").entries), [
      "UNKNOWN_TOPIC_OR_PARTITION",
    ]);
    assert.deepEqual(only(world.submit(produce([])), "produced").entries, []);
    assert.equal(world.router.waitingCount, 0);
  });

  it("says REQUEST_TIMED_OUT once, for those that are missing, and drops what comes late", () => {
    const world = new World(TOPICS);
    const replies = world.submit(produce([["orders", 0], ["orders", 1]]));
    world.workers[1]!.appended(7);
    world.expire(499);
    assert.deepEqual(replies, []);
    world.expire(1);
    const { entries } = only(replies, "produced");
    assert.deepEqual(codes(entries), ["REQUEST_TIMED_OUT", null]);
    world.workers[0]!.appended(3);
    world.expire(1_000);
    assert.equal(only(replies, "produced").entries[0]!.baseOffset, -1);
    assert.equal(world.router.waitingCount, 0);
  });

  it("takes an answer of another kind for a fault", () => {
    const world = new World(TOPICS);
    const replies = world.submit(produce([["users", 0]]));
    world.workers[2]!.output({ kind: "trimmed", id: 0, logStartOffset: 0, fault: null });
    assert.deepEqual(codes(only(replies, "produced").entries), ["UNKNOWN_SERVER_ERROR"]);
  });
});

describe("Router.submit of a list_offsets", () => {
  it("asks each partition's worker and keeps the order", () => {
    const world = new World(TOPICS);
    const asked = { timestamp: -1, currentLeaderEpoch: 4 };
    const entries = [["orders", 1], ["nobody", 0], ["orders", 0]].map(([topic, partition]) => (
      { topic: topic as string, partition: partition as number, ...asked }
    ));
    const replies = world.submit({ kind: "list_offsets", isolation: "read_committed", entries });
    const question = { kind: "list_offset", isolation: "read_committed", ...asked };
    assert.deepEqual(world.workers[1]!.questions[0]!.asked, { ...question, handle: 11 });
    const answer = { kind: "offset_listed", id: 0, timestamp: 5, leaderEpoch: 3, fault: null } as const;
    world.workers[0]!.output({ ...answer, offset: 70 });
    world.workers[1]!.output({ ...answer, offset: 71 });
    const listed = only(replies, "offsets_listed").entries;
    assert.deepEqual(listed.map(({ offset }) => offset), [71, -1, 70]);
    assert.deepEqual(codes(listed), [null, "UNKNOWN_TOPIC_OR_PARTITION", null]);
  });
});

describe("Router.submit of a trim", () => {
  it("has each new log start kept before it answers, and tells when that failed", () => {
    const world = new World(TOPICS);
    const entries = [{ topic: "orders", partition: 0, beforeOffset: 5 }, {
      topic: "users",
      partition: 0,
      beforeOffset: -1,
    }];
    const replies = world.submit({ kind: "trim", entries });
    world.workers[0]!.output({ kind: "trimmed", id: 0, logStartOffset: 5, fault: null });
    assert.deepEqual(world.trimmed, [["orders", 0, 5]]);
    world.trimFault = fault("KAFKA_STORAGE_ERROR", "The checkpoint can't be written");
    world.workers[2]!.output({ kind: "trimmed", id: 0, logStartOffset: 8, fault: null });
    const answers = only(replies, "trimmed").entries;
    assert.deepEqual(codes(answers), [null, "KAFKA_STORAGE_ERROR"]);
  });

  it("keeps nothing of a log start that did not move", () => {
    const world = new World(TOPICS);
    const replies = world.submit({
      kind: "trim",
      entries: [{ topic: "users", partition: 0, beforeOffset: 9 }],
    });
    const refused = fault("OFFSET_OUT_OF_RANGE", "Above the high watermark");
    world.workers[2]!.output({ kind: "trimmed", id: 0, logStartOffset: -1, fault: refused });
    assert.deepEqual(codes(only(replies, "trimmed").entries), ["OFFSET_OUT_OF_RANGE"]);
    assert.deepEqual(world.trimmed, []);
  });
});
