import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { readRecords } from "../../../src/record/mod.ts";
import { Accumulator } from "../../../src/client/accumulator.ts";
import { type Batch, Delivery, PartitionQueue } from "../../../src/client/batch.ts";

const SETTINGS = {
  lingerMs: 0,
  batchBytesMax: 200,
  inFlightMax: 1,
  deliveryTimeoutMs: 1_000,
  identity: null,
};

function append(accumulator: Accumulator, queue: PartitionQueue, value: string, nowMs = 0): Delivery {
  const delivery = new Delivery(-1);
  accumulator.append(queue, nowMs, null, value, undefined, delivery, 0, nowMs);
  return delivery;
}

function valuesOf(batch: Batch): number[] {
  return readRecords(batch.encode("none")).map(({ value }) => Number(new TextDecoder().decode(value!)));
}

describe("Accumulator", () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("append"), partition: fc.nat(2) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("take"), partition: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("succeed"), partition: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("restore"), partition: fc.nat(2) }) },
  );

  it("take keeps the order of a partition however batches fail and are sent again", () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const accumulator = new Accumulator({ ...SETTINGS, batchBytesMax: 90 });
      const queues = [0, 1, 2].map((partition) => new PartitionQueue("t", partition));
      const arrived: number[][] = [[], [], []];
      const sent: number[][] = [[], [], []];
      let flying: Batch[] = [];
      let count = 0;
      const settle = (partition: number, well: boolean) => {
        const batch = flying.find(({ queue }) => queue.partition === partition);
        if (batch === undefined) return;
        flying = flying.filter((other) => other !== batch);
        if (!well) return accumulator.restore(batch, 0);
        arrived[partition]!.push(...valuesOf(batch));
        accumulator.release(batch);
      };
      for (const { do: what, partition } of steps) {
        if (what === "append") {
          sent[partition]!.push(count);
          append(accumulator, queues[partition]!, String(count++));
        } else if (what === "take") flying.push(...accumulator.take(0, 1_000_000));
        else settle(partition, what === "succeed");
      }
      while (accumulator.batches.size > 0) {
        flying.push(...accumulator.take(0, 1_000_000));
        for (const partition of [0, 1, 2]) settle(partition, true);
      }
      assert.deepEqual(arrived, sent);
      assert.equal(accumulator.bufferedBytes, 0);
    }));
  });

  it("append closes a batch that the next record would make too large", () => {
    const accumulator = new Accumulator(SETTINGS);
    const queue = new PartitionQueue("t", 0);
    append(accumulator, queue, "x".repeat(60));
    append(accumulator, queue, "y".repeat(60));
    append(accumulator, queue, "ä".repeat(40));
    assert.equal(queue.closed.length, 2);
    for (const batch of queue.closed) assert.ok(batch.encode("none").length <= 200);
  });

  it("append gives a record larger than a batch one of its own", () => {
    const accumulator = new Accumulator(SETTINGS);
    const queue = new PartitionQueue("t", 0);
    for (const size of [10, 1_000, 10]) append(accumulator, queue, "x".repeat(size));
    assert.deepEqual([...accumulator.batches].map(({ builder }) => builder.recordCount), [1, 1, 1]);
  });

  it("take leaves what lingers until its time, unless somebody flushes", () => {
    const accumulator = new Accumulator({ ...SETTINGS, lingerMs: 50 });
    append(accumulator, new PartitionQueue("t", 0), "1", 100);
    assert.equal(accumulator.take(149, 1_000).length, 0);
    assert.equal(accumulator.nextReadyAtMs(), 150);
    accumulator.flushing += 1;
    assert.equal(accumulator.take(149, 1_000).length, 1);
  });

  it("take lets as many batches of a partition fly as inFlightMax says", () => {
    for (const inFlightMax of [1, 2]) {
      const accumulator = new Accumulator({ ...SETTINGS, inFlightMax });
      const queue = new PartitionQueue("t", 0);
      for (let index = 0; index < 3; index++) append(accumulator, queue, "x".repeat(150));
      const taken = [1, 2, 3].map(() => accumulator.take(0, 1_000_000).length);
      assert.deepEqual(taken, inFlightMax === 1 ? [1, 0, 0] : [1, 1, 0]);
    }
  });

  it("restore rests the partition, and only it", () => {
    const accumulator = new Accumulator(SETTINGS);
    const [one, other] = [new PartitionQueue("t", 0), new PartitionQueue("t", 1)];
    append(accumulator, one, "1");
    const [batch] = accumulator.take(0, 1_000);
    accumulator.restore(batch!, 100);
    append(accumulator, other, "2");
    assert.deepEqual(accumulator.take(50, 1_000).map(({ queue }) => queue.partition), [1]);
    assert.deepEqual(accumulator.take(100, 1_000), [batch]);
  });

  it("expire gives up what waited too long and keeps the rest", () => {
    const accumulator = new Accumulator(SETTINGS);
    const [one, other] = [new PartitionQueue("t", 0), new PartitionQueue("t", 1)];
    append(accumulator, one, "1", 0);
    append(accumulator, other, "2", 500);
    assert.deepEqual(accumulator.expire(1_000).map(({ queue }) => queue.partition), [0]);
    assert.deepEqual(accumulator.take(1_000, 1_000).map(({ queue }) => queue.partition), [1]);
  });
});
