/**
 * The TypeScript client against a real broker: what is sent comes back, over every option that changes the
 * way there, and over a broker that goes away and comes again.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  connect,
  type Consumer,
  type ConsumerRecord,
  type ProducerRecord,
  topic,
  type Weir,
  WeirError,
} from "weir";
import { startBroker } from "weir/broker";

type Body = (weir: Weir, address: string) => Promise<void>;

async function withBroker(body: Body, settings: Record<string, string> = {}): Promise<void> {
  await using broker = await startBroker({ memory: true, settings });
  await using weir = await connect(broker.native);
  await body(weir, broker.native);
}

async function readAll(weir: Weir, name: string): Promise<ConsumerRecord[]> {
  await using consumer = weir.consumer({ topics: [name], from: "earliest", until: "end" });
  return await Array.fromAsync(consumer);
}

async function take<Value>(consumer: Consumer<unknown, Value>, count: number): Promise<(Value | null)[]> {
  const values: (Value | null)[] = [];
  for await (const record of consumer) if (values.push(record.value) === count) break;
  return values;
}

function isCode(code: string): (error: WeirError) => boolean {
  return (error) => error instanceof WeirError && error.code === code;
}

describe("client against the broker", () => {
  it("gives back key, value, headers, timestamp and place of every kind of record", async () => {
    await withBroker(async (weir) => {
      await weir.admin.createTopic("orders", { partitions: 3 });
      await using producer = weir.producer();
      const records: ProducerRecord[] = [
        { key: "user_456", value: { order: 123 }, headers: { source: "web", none: null }, timestamp: 5 },
        { key: "gone", value: null },
        { value: "text", headers: [["twice", "1"], ["twice", "2"]] },
        { key: new Uint8Array([0xff]), value: new Uint8Array([0xfe, 0]) },
        { value: "", key: "" },
      ];
      const sent = await producer.send("orders", records);
      const read = await readAll(weir, "orders");
      const found = sent.map(({ partition, offset }) => {
        return read.find((record) => record.partition === partition && record.offset === offset)!;
      });
      assert.deepEqual(found.map(({ key }) => key), ["user_456", "gone", null, new Uint8Array([0xff]), ""]);
      const values = [{ order: 123 }, null, "text", new Uint8Array([0xfe, 0]), ""];
      assert.deepEqual(found.map(({ value }) => value), values);
      assert.deepEqual({ ...found[0]!.headers }, { source: "web", none: "" });
      assert.deepEqual(found[2]!.rawHeaders.map(([, value]) => new TextDecoder().decode(value!)), ["1", "2"]);
      assert.equal(found[0]!.timestamp, 5);
      assert.deepEqual(sent.map(({ timestamp }) => timestamp), found.map(({ timestamp }) => timestamp));
    });
  });

  it("brings records through every codec and every kind of acknowledgement", async () => {
    await withBroker(async (weir) => {
      for (const compression of ["none", "gzip", "snappy", "lz4", "zstd"] as const) {
        for (const acks of ["all", 1, 0] as const) {
          const name = `t-${compression}-${acks}`;
          await weir.admin.createTopic(name, { partitions: 1 });
          await using producer = weir.producer({ compression, acks });
          const values = Array.from({ length: 500 }, (_, index) => `${index} ${"x".repeat(index % 50)}`);
          await producer.send(name, values.map((value) => ({ value })));
          const consumer = weir.consumer({ topics: [name], from: "earliest", value: "string" });
          assert.deepEqual(await take(consumer, 500), values, name);
          await consumer.close();
        }
      }
    });
  });

  it("keeps the order of each key over many sends at once", async () => {
    await withBroker(async (weir) => {
      await weir.admin.createTopic("t", { partitions: 4 });
      await using producer = weir.producer({ batchBytesMax: 4_096 });
      const sends = Array.from({ length: 5_000 }, (_, index) => {
        return producer.send("t", { key: `key ${index % 17}`, value: String(index) });
      });
      const sent = await Promise.all(sends);
      assert.equal(new Set(sent.map(({ partition, offset }) => `${partition}/${offset}`)).size, 5_000);
      const last = new Map<unknown, number>();
      for (const { key, value } of await readAll(weir, "t")) {
        assert.ok(Number(value) > (last.get(key) ?? -1));
        last.set(key, Number(value));
      }
      assert.equal(last.size, 17);
    });
  });

  it("carries records of a megabyte, and says which one is too large", async () => {
    await withBroker(async (weir) => {
      await weir.admin.createTopic("t", { partitions: 1 });
      await using producer = weir.producer();
      const large = new Uint8Array(1_000_000).map((_, index) => index * 7);
      await Promise.all([1, 2, 3].map(() => producer.send("t", { value: large })));
      const read = await readAll(weir, "t");
      assert.equal(read.length, 3);
      for (const record of read) assert.deepEqual(record.bytes(), large);
      const tooLarge = producer.send("t", { value: new Uint8Array(1_100_000) });
      await assert.rejects(tooLarge, isCode("MESSAGE_TOO_LARGE"));
      assert.equal((await producer.send("t", { value: "after" })).offset, 3);
    });
  });

  it("wakes a consumer that waits as soon as a record is there", async () => {
    await withBroker(async (weir) => {
      await weir.admin.createTopic("t", { partitions: 2 });
      await using producer = weir.producer({ acks: 1 });
      await using consumer = weir.consumer({ topics: ["t"], value: "number", waitMsMax: 30_000 });
      await consumer.ready();
      for (let index = 0; index < 20; index++) {
        await producer.send(topic("t", { value: "number" }), { value: index, partition: index % 2 });
        assert.deepEqual(await take(consumer, 1), [index]);
      }
    });
  });

  it("finds a place by time, and seeks while a fetch waits at the end", async () => {
    await withBroker(async (weir) => {
      await weir.admin.createTopic("t", { partitions: 1 });
      await using producer = weir.producer();
      for (const timestamp of [1_000, 2_000, 3_000]) {
        await producer.send("t", { value: String(timestamp), timestamp });
      }
      await using consumer = weir.consumer({ topics: ["t"], from: new Date(1_500), waitMsMax: 30_000 });
      assert.deepEqual(await take(consumer, 2), ["2000", "3000"]);
      consumer.seek({ topic: "t", partition: 0 }, "earliest");
      assert.deepEqual(await take(consumer, 1), ["1000"]);
      assert.deepEqual((await weir.admin.offsets("t", new Date(2_001))).map(({ offset }) => offset), [2]);
      assert.deepEqual((await weir.admin.offsets("t", "max")).map(({ timestamp }) => timestamp), [3_000]);
    });
  });

  it("administers topics: create, list, describe, alter, grow, trim, delete", async () => {
    await withBroker(async (weir) => {
      const { admin } = weir;
      await admin.createTopic("t", { partitions: 2, config: { "retention.ms": 60_000 } });
      await assert.rejects(admin.createTopic("t"), isCode("TOPIC_ALREADY_EXISTS"));
      await assert.rejects(admin.createTopic("bad name"), isCode("INVALID_TOPIC_EXCEPTION"));
      await admin.createTopic("checked", { validateOnly: true });
      assert.deepEqual((await admin.listTopics()).map(({ name, partitions }) => [name, partitions.length]), [[
        "t",
        2,
      ]]);
      await admin.alterTopic("t", { "retention.ms": null, "segment.bytes": 1 << 20 });
      await admin.addPartitions("t", 3);
      await using producer = weir.producer();
      await producer.send("t", [1, 2, 3].map((value) => ({ value, partition: 2 })));
      assert.equal(await admin.trim("t", 2, 2), 2);
      const detail = await admin.describeTopic("t");
      const partition = detail.partitions[2]!;
      assert.deepEqual([partition.logStartOffset, partition.highWatermark, partition.error], [2, 3, null]);
      const own = detail.settings.filter(({ source }) => source === "topic").map((
        { name, value },
      ) => [name, value]);
      assert.deepEqual(own, [["segment.bytes", String(1 << 20)]]);
      assert.equal((await admin.describeBroker()).topics, 1);
      await admin.deleteTopic("t");
      await assert.rejects(admin.describeTopic("t"), isCode("UNKNOWN_TOPIC_OR_PARTITION"));
      await assert.rejects(admin.deleteTopic("t"), isCode("UNKNOWN_TOPIC_OR_PARTITION"));
    });
  });

  it("describes and alters settings of topics and of the broker, which outrank each other as they should", async () => {
    await withBroker(async ({ admin }) => {
      await admin.createTopic("t", { partitions: 1, config: { "retention.ms": 5_000 } });
      const valueOf = async (topic: string | null, wanted: string) => {
        const found = (await admin.describeSettings(topic)).find(({ name }) => name === wanted)!;
        return [found.value, found.source];
      };
      assert.deepEqual(await valueOf("t", "retention.ms"), ["5000", "topic"]);
      await admin.alterBroker({ "log.segment.bytes": 2 << 20 });
      assert.deepEqual(await valueOf(null, "log.segment.bytes"), [String(2 << 20), "dynamic"]);
      assert.deepEqual(await valueOf("t", "segment.bytes"), [String(2 << 20), "dynamic"]);
      await admin.alterTopic("t", {}, { append: { "cleanup.policy": "compact" } });
      assert.deepEqual(await valueOf("t", "cleanup.policy"), ["delete,compact", "topic"]);
      await admin.alterTopic("t", {}, { subtract: { "cleanup.policy": "delete" } });
      assert.deepEqual(await valueOf("t", "cleanup.policy"), ["compact", "topic"]);
      await admin.alterTopic("t", { "segment.bytes": 3 << 20 }, { replaces: true, validateOnly: true });
      assert.deepEqual(await valueOf("t", "retention.ms"), ["5000", "topic"]);
      await admin.alterTopic("t", { "segment.bytes": 3 << 20 }, { replaces: true });
      assert.deepEqual((await valueOf("t", "retention.ms"))[1], "default");
      await admin.alterBroker({ "log.segment.bytes": null });
      assert.deepEqual((await valueOf(null, "log.segment.bytes"))[1], "default");
      await assert.rejects(admin.alterBroker({ "no.such.setting": 1 }), isCode("INVALID_CONFIG"));
      await assert.rejects(admin.describeSettings("gone"), isCode("UNKNOWN_TOPIC_OR_PARTITION"));
    });
  });

  it("describes idempotent producers and the ends of epochs", async () => {
    await withBroker(async (weir) => {
      await weir.admin.createTopic("t", { partitions: 2 });
      await using producer = weir.producer();
      await using other = weir.producer({ acks: 1 });
      const timestamp = Date.now();
      await producer.send("t", [1, 2, 3].map((value) => ({ value, partition: 1, timestamp })));
      await other.send("t", { value: 4, partition: 0 });
      const [none, known] = await weir.admin.describeProducers("t");
      assert.deepEqual(none, { topic: "t", partition: 0, producers: [] });
      assert.equal(known!.producers.length, 1);
      const { producerEpoch, lastSequence, lastTimestamp } = known!.producers[0]!;
      assert.deepEqual({ producerEpoch, lastSequence, lastTimestamp }, {
        producerEpoch: 0,
        lastSequence: 2,
        lastTimestamp: timestamp,
      });
      assert.deepEqual(await weir.admin.epochEnd("t", 1, 0), { leaderEpoch: 0, endOffset: 3 });
      assert.deepEqual(await weir.admin.epochEnd("t", 1, 9), { leaderEpoch: -1, endOffset: -1 });
      const gone = weir.admin.describeProducers("t", { partitions: [9] });
      await assert.rejects(gone, isCode("UNKNOWN_TOPIC_OR_PARTITION"));
    });
  });

  it("continues where the log begins when records were trimmed away under it", async () => {
    await withBroker(async (weir) => {
      await weir.admin.createTopic("t", { partitions: 1 });
      await using producer = weir.producer();
      await producer.send("t", Array.from({ length: 10 }, (_, value) => ({ value: String(value) })));
      await weir.admin.trim("t", 0, 6);
      await using consumer = weir.consumer({
        assignments: [{ topic: "t", partition: 0, from: 2 }],
        until: "end",
      });
      assert.deepEqual(await Array.fromAsync(consumer, ({ value }) => value), ["6", "7", "8", "9"]);
    });
  });

  it("creates a topic by sending to it, unless the broker or the producer will not", async () => {
    await withBroker(async (weir) => {
      await using producer = weir.producer();
      assert.equal((await producer.send("new", { value: 1 })).offset, 0);
      await using cautious = weir.producer({ createTopics: false });
      await assert.rejects(cautious.send("other", { value: 1 }), isCode("UNKNOWN_TOPIC_OR_PARTITION"));
    });
    await withBroker(async (weir) => {
      await using producer = weir.producer();
      await assert.rejects(producer.send("new", { value: 1 }), isCode("UNKNOWN_TOPIC_OR_PARTITION"));
    }, { "auto.create.topics.enable": "false" });
  });

  it("sends and reads on after the broker was stopped and started again", async () => {
    const data = await Deno.makeTempDir();
    try {
      let broker = await startBroker({ data });
      const address = broker.native;
      await using weir = await connect(address);
      await weir.admin.createTopic("t", { partitions: 1 });
      await using producer = weir.producer();
      await using consumer = weir.consumer({ topics: ["t"], from: "earliest", value: "string" });
      await producer.send("t", { value: "before" });
      assert.deepEqual(await take(consumer, 1), ["before"]);
      await broker.stop();
      const meanwhile = producer.send("t", { value: "meanwhile" });
      await new Promise((resolve) => setTimeout(resolve, 50));
      broker = await startBroker({ data, settings: { "native.listener": address } });
      assert.equal((await meanwhile).offset, 1);
      await producer.send("t", { value: "after" });
      assert.deepEqual(await take(consumer, 2), ["meanwhile", "after"]);
      assert.equal((await weir.admin.listTopics()).length, 1);
      await broker.stop();
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  });
});
