/**
 * Retention over real clocks, workers and files: records go by age and by size, at once when the settings
 * change; who reads in the middle of them goes on as its reset policy says; a restart finds the same log.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Kafka, logLevel } from "kafkajs";
import { connect, type Weir, WeirError } from "weir";
import { startBroker } from "weir/broker";
import { runProgram } from "./matrix/client.ts";
import { KCAT } from "./matrix/kcat.ts";

const SETTINGS = { "log.retention.check.interval.ms": "50", "log.segment.delete.delay.ms": "20" };
const TOPIC = "orders";

async function offset(weir: Weir, at: "earliest" | "latest"): Promise<number> {
  return (await weir.admin.offsets(TOPIC, at))[0]!.offset;
}

/** Comes back once the log starts at an offset. */
async function startsAt(weir: Weir, wanted: number): Promise<void> {
  while (await offset(weir, "earliest") < wanted) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(await offset(weir, "earliest"), wanted);
}

async function send(weir: Weir, values: readonly string[]): Promise<void> {
  await using producer = weir.producer();
  for (const value of values) await producer.send(TOPIC, { value });
}

/** A topic whose first three records are gone, by age; what is left is "d" at offset 3 and "e". */
async function dropThree(weir: Weir): Promise<void> {
  await weir.admin.createTopic(TOPIC, { partitions: 1 });
  await send(weir, ["a", "b", "c"]);
  assert.equal(await readFrom(weir, 1, "error"), "b");
  await weir.admin.alterTopic(TOPIC, { "retention.ms": 200 });
  await startsAt(weir, 3);
  await weir.admin.alterTopic(TOPIC, { "retention.ms": 3_600_000 });
  await send(weir, ["d", "e"]);
}

/** The first value a group gets that had committed offset 1, in kafkajs. */
async function readByGroup(weir: Weir, bootstrap: string, groupId: string, fromBeginning: boolean) {
  const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.setOffsets({ groupId, topic: TOPIC, partitions: [{ partition: 0, offset: "1" }] });
  await admin.disconnect();
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic: TOPIC, fromBeginning });
  const first = Promise.withResolvers<string>();
  let isOver = false;
  await consumer.run({
    eachMessage: ({ message }) => {
      first.resolve(message.value!.toString());
      return Promise.resolve();
    },
  });
  void first.promise.then(() => isOver = true);
  while (!fromBeginning && !isOver) {
    await send(weir, ["later"]);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const value = await first.promise;
  await consumer.disconnect();
  return value;
}

/** The first value a reader gets that begins at an offset. */
async function readFrom(weir: Weir, from: number, reset: "nearest" | "earliest" | "latest" | "error") {
  const assignments = [{ topic: TOPIC, partition: 0, from }];
  await using consumer = weir.consumer({ assignments, reset, value: "string" });
  const sending = reset === "latest" ? sendLater(weir) : Promise.resolve();
  for await (const { value } of consumer) {
    await sending;
    return value;
  }
}

/** Sends until somebody who waits for new records must have had one. */
async function sendLater(weir: Weir): Promise<void> {
  for (let count = 0; count < 5; count++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    await send(weir, ["later"]);
  }
}

describe("retention of a broker that runs", () => {
  it("drops records by age when their time is over, and readers of them go on as they are told", async () => {
    const data = await Deno.makeTempDir();
    try {
      {
        await using broker = await startBroker({ data, settings: SETTINGS });
        await using weir = await connect(broker.native);
        await dropThree(weir);
        assert.equal(await readFrom(weir, 1, "nearest"), "d");
        assert.equal(await readFrom(weir, 1, "earliest"), "d");
        assert.equal(await readFrom(weir, 1, "latest"), "later");
        const isOutOfRange = (error: unknown) =>
          error instanceof WeirError && error.code === "OFFSET_OUT_OF_RANGE";
        await assert.rejects(readFrom(weir, 1, "error"), isOutOfRange);
      }
      await using broker = await startBroker({ data, settings: SETTINGS });
      await using weir = await connect(broker.native);
      await startsAt(weir, 3);
      assert.equal(await readFrom(weir, 3, "error"), "d");
      const names = [...Deno.readDirSync(`${data}/${TOPIC}-0`)].map(({ name }) => name);
      assert.deepEqual(names.filter((name) => name.endsWith(".log")), ["00000000000000000003.log"]);
      assert.deepEqual(names.filter((name) => name.endsWith(".deleted")), []);
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  });

  it("lets kafkajs go on at the start or the end, as its consumer is told", async () => {
    await using broker = await startBroker({ memory: true, settings: SETTINGS });
    await using weir = await connect(broker.native);
    await dropThree(weir);
    assert.equal(await readByGroup(weir, broker.kafka, "from-start", true), "d");
    assert.equal(await readByGroup(weir, broker.kafka, "from-end", false), "later");
  });

  const withKcat = KCAT.found !== null && "missing" in KCAT.found ? it.ignore : it;
  withKcat("lets kcat go on at the start or the end, as auto.offset.reset says", async () => {
    await using broker = await startBroker({ memory: true, settings: SETTINGS });
    await using weir = await connect(broker.native);
    await dropThree(weir);
    for (const [reset, values] of [["earliest", "d\ne\n"], ["latest", ""]] as const) {
      const place = ["-C", "-q", "-e", "-b", broker.kafka, "-t", TOPIC, "-p", "0", "-o", "1"];
      const printed = await runProgram("kcat", [...place, "-X", `auto.offset.reset=${reset}`]);
      assert.equal(new TextDecoder().decode(printed), values);
    }
  });

  it("drops whole segments by size, in memory too, as soon as the settings say so", async () => {
    await using broker = await startBroker({ memory: true, settings: { "log.segment.bytes": "1MiB" } });
    await using weir = await connect(broker.native);
    await weir.admin.createTopic(TOPIC, { partitions: 1 });
    await send(weir, Array.from({ length: 5 }, () => "x".repeat(600_000)));
    await weir.admin.alterTopic(TOPIC, { "retention.bytes": 1_300_000 });
    await startsAt(weir, 2);
    assert.equal(await offset(weir, "latest"), 5);
  });
});
