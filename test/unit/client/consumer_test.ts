import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { connect, type Consumer, type ConsumerRecord, type NamedConsumerOptions, type WeirError } from "weir";
import { encodeBatch, encodeMarker } from "../../../src/record/mod.ts";
import { FakeBroker, type Request, wireError } from "./fake_broker.ts";

type Options = NamedConsumerOptions<"auto", "string">;

async function withConsumer(
  broker: FakeBroker,
  options: Omit<Options, "value">,
  body: (consumer: Consumer<unknown, string>) => Promise<void>,
): Promise<void> {
  await using weir = await connect(broker.address, { retryBackoffMs: 1, retryBackoffMsMax: 5 });
  await using consumer = weir.consumer<"auto", "string">({ waitMsMax: 50, value: "string", ...options });
  await body(consumer);
}

/** Appends a batch of records `from`, `from + 1`, ... each with its number as value and timestamp. */
function fill(broker: FakeBroker, partition: number, from: number, count: number, topic = "t"): void {
  const records = Array.from({ length: count }, (_, index) => {
    return { timestamp: from + index, value: String(from + index) };
  });
  broker.append(topic, partition, encodeBatch(records));
}

async function take(consumer: Consumer<unknown, string>, count: number): Promise<string[]> {
  const values: string[] = [];
  for await (const record of consumer) if (values.push(record.value!) === count) break;
  return values;
}

async function rest(consumer: Consumer<unknown, string>): Promise<string[]> {
  const values: string[] = [];
  for await (const record of consumer) values.push(record.value!);
  return values;
}

function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => String(from + index));
}

function isCode(code: string): (error: WeirError) => boolean {
  return (error) => error.code === code;
}

describe("Consumer", () => {
  it("iterates over every partition in its order and ends at the end when asked to", async () => {
    await using broker = new FakeBroker({ t: 3 });
    for (const partition of [0, 2]) {
      for (let from = 0; from < 30; from += 10) fill(broker, partition, from, 10);
    }
    await withConsumer(broker, { topics: ["t"], from: "earliest", until: "end" }, async (consumer) => {
      const seen: string[][] = [[], [], []];
      for await (const record of consumer) seen[record.partition]!.push(record.value!);
      assert.deepEqual(seen, [numbers(0, 30), [], numbers(0, 30)]);
    });
  });

  it("begins in the middle of a batch where an offset or a time says so", async () => {
    await using broker = new FakeBroker({ t: 1 });
    fill(broker, 0, 0, 10);
    for (const from of [7, new Date(7)]) {
      await withConsumer(broker, { topics: ["t"], from, until: "end" }, async (consumer) => {
        assert.deepEqual(await rest(consumer), ["7", "8", "9"]);
      });
    }
  });

  it("begins at the end with latest, and with a time nothing is after", async () => {
    await using broker = new FakeBroker({ t: 1 });
    fill(broker, 0, 0, 10);
    for (const from of ["latest", "2099-01-01T00:00:00Z"]) {
      await withConsumer(broker, { topics: ["t"], from }, async (consumer) => {
        await consumer.ready();
        const end = broker.endOffset("t", 0);
        assert.equal(consumer.position({ topic: "t", partition: 0 }), end);
        fill(broker, 0, end, 1);
        assert.deepEqual(await take(consumer, 1), [String(end)]);
      });
    }
  });

  it("keeps its place when a loop is left, and goes on from there", async () => {
    await using broker = new FakeBroker({ t: 1 });
    fill(broker, 0, 0, 10);
    await withConsumer(broker, { topics: ["t"], from: "earliest", until: "end" }, async (consumer) => {
      assert.deepEqual(await take(consumer, 4), numbers(0, 4));
      assert.equal(consumer.position({ topic: "t", partition: 0 }), 4);
      assert.deepEqual(await rest(consumer), numbers(4, 10));
    });
  });

  it("batches gives the same records, some of one partition at a time", async () => {
    await using broker = new FakeBroker({ t: 2 });
    for (const partition of [0, 1]) fill(broker, partition, 0, 1_500);
    await withConsumer(broker, { topics: ["t"], from: "earliest", until: "end" }, async (consumer) => {
      const seen: string[][] = [[], []];
      for await (const { partition, records, highWatermark } of consumer.batches()) {
        assert.ok(records.length <= 1_000 && records.every((record) => record.partition === partition));
        assert.equal(highWatermark, 1_500);
        seen[partition]!.push(...records.map(({ value }) => value!));
      }
      assert.deepEqual(seen, [numbers(0, 1_500), numbers(0, 1_500)]);
    });
  });

  it("skips control batches and steps over them to the end", async () => {
    await using broker = new FakeBroker({ t: 1 });
    fill(broker, 0, 0, 2);
    broker.append(
      "t",
      0,
      encodeMarker({ outcome: "commit", producerId: 1, producerEpoch: 0, coordinatorEpoch: 0, timestamp: 1 }),
    );
    await withConsumer(broker, { topics: ["t"], from: "earliest", until: "end" }, async (consumer) => {
      assert.deepEqual(await rest(consumer), ["0", "1"]);
      assert.equal(consumer.position({ topic: "t", partition: 0 }), 3);
    });
  });

  it("seek goes back and forth, also past what is buffered or waited for", async () => {
    await using broker = new FakeBroker({ t: 1 });
    for (let from = 0; from < 50; from += 5) fill(broker, 0, from, 5);
    await withConsumer(broker, { topics: ["t"], from: "earliest" }, async (consumer) => {
      const where = { topic: "t", partition: 0 };
      assert.deepEqual(await take(consumer, 3), numbers(0, 3));
      consumer.seek(where, 42);
      assert.deepEqual(await take(consumer, 8), numbers(42, 50));
      await new Promise((resolve) => setTimeout(resolve, 10));
      consumer.seek(where, "earliest");
      assert.deepEqual(await take(consumer, 2), numbers(0, 2));
      consumer.seek(where, new Date(30));
      assert.deepEqual(await take(consumer, 2), numbers(30, 32));
      assert.throws(() => consumer.seek(where, -1), /Position "-1" must be/);
      assert.throws(() => consumer.seek({ topic: "t", partition: 5 }, 0), isCode("INVALID_ARGUMENT"));
    });
  });

  it("pause holds a partition back and resume lets it go on without loss", async () => {
    await using broker = new FakeBroker({ t: 2 });
    for (const partition of [0, 1]) fill(broker, partition, 0, 20);
    await withConsumer(broker, { topics: ["t"], from: "earliest", until: "end" }, async (consumer) => {
      await consumer.ready();
      consumer.pause([{ topic: "t", partition: 0 }]);
      assert.deepEqual(consumer.paused, [{ topic: "t", partition: 0 }]);
      const seen: ConsumerRecord<unknown, string>[] = [];
      for await (const record of consumer) {
        seen.push(record);
        if (seen.length === 20) consumer.resume();
      }
      assert.ok(seen.slice(0, 20).every(({ partition }) => partition === 1));
      assert.deepEqual(seen.slice(20).map(({ value }) => value), numbers(0, 20));
    });
  });

  it("stops fetching a partition nobody takes from once prefetchBytesMax is there", async () => {
    await using broker = new FakeBroker({ t: 1 });
    for (let from = 0; from < 1_000; from += 10) fill(broker, 0, from, 10);
    const options = {
      topics: ["t"],
      from: "earliest",
      partitionBytesMax: 500,
      prefetchBytesMax: 2_000,
    } as const;
    await withConsumer(broker, options, async (consumer) => {
      await consumer.ready();
      await new Promise((resolve) => setTimeout(resolve, 60));
      const fetches = broker.requests.filter(({ k }) => k === "fetch").length;
      assert.ok(fetches < 8, `${fetches} fetches`);
      assert.deepEqual(await take(consumer, 1_000), numbers(0, 1_000));
    });
  });

  it("reads on over faults, cut connections and answers that never come", async () => {
    await using broker = new FakeBroker({ t: 2 });
    for (const partition of [0, 1]) {
      for (let from = 0; from < 100; from += 5) fill(broker, partition, from, 5);
    }
    let count = 0;
    broker.script = ({ k, entries }) => {
      if (k !== "fetch") return undefined;
      count += 1;
      if (count % 7 === 3) return "cut";
      if (count % 5 !== 2) return undefined;
      return {
        reply: {
          entries: entries.map(({ topic, partition }: Request) => {
            return { topic, partition, e: wireError("NOT_LEADER_OR_FOLLOWER", true) };
          }),
        },
      };
    };
    const options = { topics: ["t"], from: "earliest", until: "end", partitionBytesMax: 200 } as const;
    await withConsumer(broker, options, async (consumer) => {
      const seen: string[][] = [[], []];
      for await (const record of consumer) seen[record.partition]!.push(record.value!);
      assert.deepEqual(seen, [numbers(0, 100), numbers(0, 100)]);
    });
    assert.ok(count > 10 && broker.connectionCount > 2);
  });

  it("throws CORRUPT_MESSAGE at a damaged batch, again and again, until it seeks past", async () => {
    await using broker = new FakeBroker({ t: 1 });
    for (let from = 0; from < 15; from += 5) fill(broker, 0, from, 5);
    broker.log("t", 0)[1]![70]! ^= 1;
    await withConsumer(broker, { topics: ["t"], from: "earliest", until: "end" }, async (consumer) => {
      assert.deepEqual(await take(consumer, 5), numbers(0, 5));
      for (let round = 0; round < 2; round++) {
        await assert.rejects(take(consumer, 1), (error: WeirError) => {
          return error.code === "CORRUPT_MESSAGE" &&
            error.message.includes('topic "t", partition 0 at offset 5');
        });
      }
      consumer.seek({ topic: "t", partition: 0 }, 10);
      assert.deepEqual(await rest(consumer), numbers(10, 15));
    });
  });

  it("goes where reset says when its position is not in the log", async () => {
    await using broker = new FakeBroker({ t: 1 });
    broker.logStarts.set("t/0", 100);
    fill(broker, 0, 100, 10);
    const cases = [
      { from: 5, reset: "nearest", next: 100 },
      { from: 500, reset: "nearest", next: 110 },
      { from: 500, reset: "earliest", next: 100 },
      { from: 5, reset: "latest", next: 110 },
    ] as const;
    for (const { from, reset, next } of cases) {
      await withConsumer(broker, { topics: ["t"], from, reset }, async (consumer) => {
        await consumer.ready();
        while (consumer.position({ topic: "t", partition: 0 }) !== next) {
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      });
    }
    await withConsumer(broker, { topics: ["t"], from: 5, reset: "error" }, async (consumer) => {
      await assert.rejects(rest(consumer), isCode("OFFSET_OUT_OF_RANGE"));
    });
  });

  it("takes up partitions that are added, from their start", async () => {
    await using broker = new FakeBroker({ t: 1 });
    await using weir = await connect(broker.address, { metadataAgeMsMax: 5 });
    await using consumer = weir.consumer({ topics: ["t"], value: "string", waitMsMax: 5 });
    await consumer.ready();
    broker.addTopic("t", 2);
    fill(broker, 1, 0, 3);
    assert.deepEqual(await take(consumer, 3), numbers(0, 3));
  });

  it("throws for a topic nobody has, from iteration and from ready", async () => {
    await using broker = new FakeBroker({});
    await withConsumer(broker, { topics: ["nowhere"] }, async (consumer) => {
      await assert.rejects(consumer.ready(), isCode("UNKNOWN_TOPIC_OR_PARTITION"));
      await assert.rejects(rest(consumer), isCode("UNKNOWN_TOPIC_OR_PARTITION"));
    });
  });

  it("close ends a loop that waits, a signal of the loop or of the consumer throws ABORTED", async () => {
    await using broker = new FakeBroker({ t: 1 });
    await withConsumer(broker, { topics: ["t"] }, async (consumer) => {
      const aborted = take(consumer, 1);
      await consumer.close();
      assert.deepEqual(await aborted, []);
    });
    await withConsumer(broker, { topics: ["t"] }, async (consumer) => {
      const loop = consumer.records({ signal: AbortSignal.timeout(10) });
      await assert.rejects(loop.next(), isCode("ABORTED"));
      fill(broker, 0, 0, 1);
      assert.deepEqual(await take(consumer, 1), ["0"]);
    });
    await withConsumer(broker, { topics: ["t"], signal: AbortSignal.timeout(10) }, async (consumer) => {
      await assert.rejects(rest(consumer), isCode("ABORTED"));
    });
  });

  it("lag counts records to the end, and readable gives the records as a stream", async () => {
    await using broker = new FakeBroker({ t: 1 });
    fill(broker, 0, 0, 10);
    await withConsumer(broker, { topics: ["t"], from: 4, until: "end" }, async (consumer) => {
      const [before] = await consumer.lag();
      assert.deepEqual([before!.position, before!.end, before!.records, before!.behindMs], [4, 10, 6, null]);
      const values = await Array.fromAsync(consumer.readable, ({ value }) => value);
      assert.deepEqual(values, numbers(4, 10));
      const [after] = await consumer.lag();
      assert.deepEqual([after!.records, after!.behindMs], [0, 0]);
    });
  });
});
