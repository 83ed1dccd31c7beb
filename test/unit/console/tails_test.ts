/** Live tails over a log in an array: what they share, and that each hears everything once. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { TailHub } from "../../../src/console/records/tail_hub.ts";
import type { Tail } from "../../../src/console/records/tail.ts";
import { systemClock } from "../../../src/host/mod.ts";
import { fault } from "../../../src/model/mod.ts";
import { LogView } from "./log_view.ts";

/** Offsets that a tail takes until it has `count` of them. */
async function hear(tail: Tail, count: number): Promise<number[]> {
  const heard: number[] = [];
  while (heard.length < count) {
    const records = await tail.take();
    if (records === null) break;
    for (const { record } of records) {
      tail.moved(record);
      heard.push(record.offset);
    }
  }
  return heard;
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

describe("TailHub", () => {
  it("has one read wait for all tails of a partition, and tells each what comes", async () => {
    const log = new LogView();
    const hub = new TailHub(log.view, systemClock);
    const tails = await Promise.all(upTo(200).map(() => hub.follow("topic", new Map([[0, 0]]))));
    const heard = tails.map((tail) => hear(tail, 3));
    log.append("a", "b");
    log.append("c");
    for (const offsets of await Promise.all(heard)) assert.deepEqual(offsets, [0, 1, 2]);
    assert.equal(log.waitingMost, 1);
    hub.close();
    await systemClock.sleep(0);
    assert.equal(log.waiting, 0);
  });

  it("lets a tail that begins far behind read by itself, and join the others without a gap", async () => {
    const log = new LogView();
    log.append(...upTo(2_000).map((index) => `${index} ${"x".repeat(300)}`));
    const hub = new TailHub(log.view, systemClock);
    const late = await hub.follow("topic", new Map([[0, log.end]]));
    const early = await hub.follow("topic", new Map([[0, 0]]));
    const hearing = [hear(early, 2_001), hear(late, 1)];
    log.append("last");
    assert.deepEqual(await Promise.all(hearing), [upTo(2_001), [2_000]]);
    assert.ok(log.catchUps > 0);
    hub.close();
  });

  it("keeps nothing for a tail that does not take, which goes on where it was", async () => {
    const log = new LogView();
    const hub = new TailHub(log.view, systemClock);
    const [slow, fast] = [
      await hub.follow("topic", new Map([[0, 0]])),
      await hub.follow("topic", new Map([[0, 0]])),
    ];
    const count = 3_000;
    const hearing = hear(fast, count);
    for (let first = 0; first < count; first += 100) {
      log.append(...upTo(100).map(() => "x".repeat(2_000)));
      await systemClock.sleep(0);
    }
    assert.deepEqual(await hearing, upTo(count));
    // The ring holds a part of it: the rest is read again.
    assert.deepEqual(await hear(slow, count), upTo(count));
    assert.ok(log.catchUps > 0);
    hub.close();
  });

  it("reads once for tails that are behind together", async () => {
    const log = new LogView();
    log.append(...upTo(2_000).map((index) => `${index} ${"x".repeat(100)}`));
    const hub = new TailHub(log.view, systemClock);
    const tails = await Promise.all(upTo(40).map(() => hub.follow("topic", new Map([[0, 0]]))));
    const heard = await Promise.all(tails.map((tail) => hear(tail, 2_000)));
    for (const offsets of heard) assert.deepEqual(offsets, upTo(2_000));
    assert.ok(log.catchUps > 0 && log.catchUps < 120, `${log.catchUps} reads`);
    hub.close();
  });

  it("sends a large record alone, and goes on behind it", async () => {
    const log = new LogView();
    const hub = new TailHub(log.view, systemClock);
    const tail = await hub.follow("topic", new Map([[0, 0]]));
    log.append("small", "x".repeat(100_000), "small");
    const sizes: number[] = [];
    while (sizes.length < 3) {
      const records = await tail.take();
      for (const { record } of records!) tail.moved(record);
      sizes.push(records!.length);
    }
    assert.deepEqual(sizes, [1, 1, 1]);
    hub.close();
  });

  it("follows partitions that its topic gets, where it follows it whole", async () => {
    const log = new LogView();
    const hub = new TailHub(log.view, systemClock);
    const whole = await hub.follow("topic", new Map([[0, 0]]), true);
    const one = await hub.follow("topic", new Map([[0, 0]]));
    log.partitionCount = 2;
    hub.check();
    await systemClock.sleep(1);
    log.append("a");
    const partitions = async (tail: Tail, count: number) => {
      const heard = new Set<number>();
      while (heard.size < count) {
        for (const { record } of (await tail.take())!) {
          heard.add(tail.moved(record).size);
        }
      }
      return [...heard];
    };
    assert.deepEqual([await partitions(whole, 1), await partitions(one, 1)], [[2], [1]]);
    hub.close();
  });

  it("goes on at the log's start when records were deleted from under a tail", async () => {
    const log = new LogView();
    log.append(...upTo(50).map(String));
    log.logStartOffset = 40;
    const hub = new TailHub(log.view, systemClock);
    const tail = await hub.follow("topic", new Map([[0, 0]]));
    assert.deepEqual(await hear(tail, 10), upTo(50).slice(40));
    hub.close();
  });

  it("waits out a fault that passes, and ends its tails when the topic is gone", async () => {
    const log = new LogView();
    const hub = new TailHub(log.view, systemClock);
    const tail = await hub.follow("topic", new Map([[0, 0]]));
    log.failure = fault("KAFKA_STORAGE_ERROR", "the worker restarts");
    log.wake();
    await systemClock.sleep(10);
    log.failure = null;
    log.append("a");
    assert.deepEqual(await hear(tail, 1), [0]);
    log.exists = false;
    log.wake();
    await assert.rejects(hear(tail, 1), /Topic "topic" was deleted/);
    hub.close();
  });

  it("gives null to who waits when it is closed, and lets nobody in after it", async () => {
    const log = new LogView();
    const hub = new TailHub(log.view, systemClock);
    const tail = await hub.follow("topic", new Map([[0, 0]]));
    const taking = tail.take();
    hub.close();
    assert.equal(await taking, null);
    await assert.rejects(hub.follow("topic", new Map([[0, 0]])), /stopping/);
  });

  it("refuses a tail of more partitions than one may follow", async () => {
    const hub = new TailHub(new LogView().view, systemClock);
    const positions = new Map(upTo(101).map((partition) => [partition, 0]));
    await assert.rejects(hub.follow("topic", positions), /100 partitions at most/);
    hub.close();
  });
});
