/** Fetch over several workers: shares, hurry, another round, deadlines, and no lease lost. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { fault, type FetchCommand, type Reply } from "../../../src/model/mod.ts";
import { codes, DEAD, only, World } from "./world.ts";

const TOPICS = { orders: [0, 1, 0], users: [2] };
const GRACE_MS = 30_000;

function fetch(places: readonly [string, number][], changes: Partial<FetchCommand> = {}): FetchCommand {
  const entries = places.map(([topic, partition], index) => (
    { topic, partition, offset: index, bytesMax: 500, currentLeaderEpoch: -1, lastFetchedEpoch: -1 }
  ));
  const bounds = { waitMsMax: 400, bytesMin: 100, bytesMax: 900 };
  return { kind: "fetch", ...bounds, isolation: "read_uncommitted", entries, ...changes };
}

function lengths(replies: readonly Reply[]): number[] {
  return only(replies, "fetched").entries.map(({ records }) => records.length);
}

const TWO: readonly [string, number][] = [["orders", 1], ["orders", 0], ["orders", 2]];

describe("Router.submit of a fetch", () => {
  it("asks each worker once for its entries, with its share of the bytes", () => {
    const world = new World(TOPICS, { fetchBytesMax: () => 701 });
    world.submit(fetch(TWO));
    const [first, second] = world.workers;
    assert.deepEqual(first!.fetch.entries.map(({ handle, offset }) => [handle, offset]), [[10, 1], [12, 2]]);
    assert.deepEqual(second!.fetch.entries.map(({ handle, offset }) => [handle, offset]), [[11, 0]]);
    for (const { fetch } of [first!, second!]) {
      assert.deepEqual([fetch.bytesMin, fetch.bytesMax, fetch.waitMsMax], [50, 351, 400]);
    }
  });

  it("hurries the others when one has enough, and puts the entries back in order", () => {
    const world = new World(TOPICS);
    const replies = world.submit(fetch(TWO));
    const [first, second] = world.workers;
    const large = first!.fetched([60, 40]);
    assert.deepEqual([replies, second!.cancelled, first!.cancelled], [[], [0], []]);
    const small = second!.fetched([0]);
    assert.deepEqual(lengths(replies), [0, 60, 40]);
    assert.deepEqual([large.holders, small.holders, world.router.waitingCount], [1, 1, 0]);
    only(replies, "fetched").lease!.release();
    assert.deepEqual([large.holders, small.holders], [0, 0]);
  });

  it("asks again when all have less than bytesMin together, above what each had and in the time left", () => {
    const world = new World(TOPICS);
    const replies = world.submit(fetch(TWO));
    const [first, second] = world.workers;
    world.nowMs += 150;
    const old = [first!.fetched([50, 0]), second!.fetched([20])];
    assert.deepEqual([replies, old.map(({ holders }) => holders)], [[], [0, 0]]);
    assert.deepEqual([first!.fetch.bytesMin, second!.fetch.bytesMin], [65, 35]);
    assert.deepEqual([first!.fetch.waitMsMax, second!.fetch.waitMsMax], [250, 250]);
    second!.fetched([50]);
    assert.deepEqual([first!.cancelled, second!.cancelled], [[1], [0]]);
    first!.fetched([50, 0]);
    assert.deepEqual(lengths(replies), [50, 50, 0]);
    assert.deepEqual(old.map(({ held }) => held), [1, 1]);
  });

  it("replies with what there is when the time is over", () => {
    const world = new World(TOPICS);
    const replies = world.submit(fetch(TWO));
    world.nowMs += 400;
    world.workers[0]!.fetched([10, 0]);
    world.workers[1]!.fetched([0]);
    assert.deepEqual(lengths(replies), [0, 10, 0]);
  });

  it("does not wait when an entry has a fault, at the start or later", () => {
    const world = new World(TOPICS);
    world.offline.set("users-0", DEAD);
    const early = world.submit(fetch([["orders", 0], ["nobody", 0], ["orders", 7], ["users", 0]]));
    assert.equal(world.workers[0]!.fetch.waitMsMax, 0);
    world.workers[0]!.fetched([0]);
    const unknown = "UNKNOWN_TOPIC_OR_PARTITION";
    assert.deepEqual(codes(only(early, "fetched").entries), [null, unknown, unknown, "KAFKA_STORAGE_ERROR"]);
    const late = world.submit(fetch(TWO));
    world.workers[0]!.fetched([fault("OFFSET_OUT_OF_RANGE", "Too far"), 0]);
    assert.deepEqual(world.workers[1]!.cancelled, [0]);
    world.workers[1]!.fetched([0]);
    assert.deepEqual(codes(only(late, "fetched").entries), [null, "OFFSET_OUT_OF_RANGE", null]);
  });

  it("passes the last fetched epoch on, and does not wait when a log was cut below it", () => {
    const world = new World(TOPICS);
    const question = fetch(TWO);
    const entries = question.entries.map((entry, index) => ({ ...entry, lastFetchedEpoch: index }));
    const replies = world.submit({ ...question, entries });
    assert.deepEqual(world.workers[0]!.fetch.entries.map(({ lastFetchedEpoch }) => lastFetchedEpoch), [1, 2]);
    const cut = { leaderEpoch: 1, endOffset: 7 };
    world.workers[0]!.fetched([0, cut]);
    assert.deepEqual(world.workers[1]!.cancelled, [0]);
    world.workers[1]!.fetched([0]);
    const found = only(replies, "fetched").entries.map(({ divergingEpoch }) => divergingEpoch);
    assert.deepEqual(found, [null, null, cut]);
  });

  it("answers at once when no entry reaches a worker", () => {
    const world = new World(TOPICS);
    const reply = only(world.submit(fetch([["nobody", 0]])), "fetched");
    assert.deepEqual([codes(reply.entries), reply.lease], [["UNKNOWN_TOPIC_OR_PARTITION"], null]);
  });

  it("gives the entries of a worker that died its fault and keeps what the others found", () => {
    const world = new World(TOPICS);
    const replies = world.submit(fetch(TWO));
    world.workers[0]!.fail(DEAD);
    assert.deepEqual(world.workers[1]!.cancelled, [0]);
    const lease = world.workers[1]!.fetched([30]);
    const { entries } = only(replies, "fetched");
    assert.deepEqual(codes(entries), [null, "KAFKA_STORAGE_ERROR", "KAFKA_STORAGE_ERROR"]);
    assert.deepEqual([lengths(replies), lease.holders], [[30, 0, 0], 1]);
  });

  it("says REQUEST_TIMED_OUT for a worker that hangs, once, and leaks no lease of what comes late", () => {
    const world = new World(TOPICS);
    const replies = world.submit(fetch(TWO));
    const lease = world.workers[1]!.fetched([30]);
    world.expire(400 + GRACE_MS - 1);
    assert.deepEqual(replies, []);
    world.expire(1);
    const { entries } = only(replies, "fetched");
    assert.deepEqual(codes(entries), [null, "REQUEST_TIMED_OUT", "REQUEST_TIMED_OUT"]);
    const late = world.workers[0]!.fetched([60, 60]);
    world.expire(GRACE_MS);
    assert.deepEqual(lengths(replies), [30, 0, 0]);
    assert.deepEqual([lease.holders, late.held, world.router.waitingCount], [1, 0, 0]);
  });

  it("forgets the faults and bytes of a first round only with its answers", () => {
    const world = new World(TOPICS);
    const replies = world.submit(fetch([["orders", 0]]));
    world.nowMs += 10;
    const first = world.workers[0]!.fetched([40]);
    assert.deepEqual([first.holders, world.workers[0]!.fetch.bytesMin], [0, 100]);
    world.workers[0]!.fail(DEAD);
    assert.deepEqual(codes(only(replies, "fetched").entries), ["KAFKA_STORAGE_ERROR"]);
    assert.equal(only(replies, "fetched").lease, null);
  });
});
