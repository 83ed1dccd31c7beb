/**
 * Compaction over real clocks, workers and files: whoever reads a compacted topic from its start, in kafkajs
 * and ours, ends with the latest value of each key, at the offsets it was written to; a restart goes on from
 * there; the policy may change while the broker runs; records without a key are refused.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Kafka, logLevel } from "kafkajs";
import { connect, type Weir, WeirError } from "weir";
import { startBroker } from "weir/broker";
import { runWeir } from "./weir_process.ts";

const SETTINGS = { "log.cleaner.backoff.ms": "50" };
const COMPACTED = {
  "cleanup.policy": "compact",
  "segment.bytes": 1_048_576,
  "min.cleanable.dirty.ratio": 0.1,
  "delete.retention.ms": 0,
};
const TOPIC = "balances";
/** What ten keys, the active segment and one about to be cleaned come to at most. */
const LIVE_BYTES_MAX = 2_400_000;
const WAIT_MS_MAX = 60_000;
const PADDING = "x".repeat(10_000);

interface Entry {
  readonly key: string;
  readonly value: string | null;
}

/** Comes back once `isSo` holds. */
async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const endMs = Date.now() + WAIT_MS_MAX;
  while (!(await isSo())) {
    assert.ok(Date.now() < endMs, `${what} does not come to be`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Rounds over ten keys, in order; `key-9` is deleted in the last. */
function rounds(name: string, count: number): Entry[] {
  return Array.from({ length: 10 * count }, (_, index) => {
    const key = `key-${index % 10}`;
    const isGone = key === "key-9" && index === 10 * count - 1;
    return { key, value: isGone ? null : `${name} ${index} ${PADDING}` };
  });
}

function kafkaOf(bootstrap: string): Kafka {
  return new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING, retry: { retries: 3 } });
}

async function sendByKafkajs(bootstrap: string, entries: readonly Entry[]): Promise<void> {
  const producer = kafkaOf(bootstrap).producer({ allowAutoTopicCreation: false });
  await producer.connect();
  for (let first = 0; first < entries.length; first += 20) {
    await producer.send({ topic: TOPIC, messages: entries.slice(first, first + 20) });
  }
  await producer.disconnect();
}

async function send(weir: Weir, entries: readonly Entry[]): Promise<void> {
  await using producer = weir.producer();
  await Promise.all(entries.map((entry) => producer.send(TOPIC, entry)));
}

/** All records by offset, as our consumer reads them. */
async function readAll(weir: Weir): Promise<Map<number, Entry>> {
  const assignments = [{ topic: TOPIC, partition: 0, from: "earliest" as const }];
  const found = new Map<number, Entry>();
  await using consumer = weir.consumer({ assignments, until: "end", key: "string", value: "string" });
  for await (const { offset, key, value } of consumer) found.set(offset, { key: key!, value });
  return found;
}

/** The same, in kafkajs, up to a last offset. */
async function readByKafkajs(bootstrap: string, lastOffset: number): Promise<Map<number, Entry>> {
  const consumer = kafkaOf(bootstrap).consumer({ groupId: "auditors", maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
  const found = new Map<number, Entry>();
  const done = Promise.withResolvers<void>();
  await consumer.run({
    eachMessage: ({ message }) => {
      const entry = { key: message.key!.toString(), value: message.value?.toString() ?? null };
      found.set(Number(message.offset), entry);
      if (Number(message.offset) === lastOffset) done.resolve();
      return Promise.resolve();
    },
  });
  await done.promise;
  await consumer.disconnect();
  return found;
}

/** What was found is what was written there, and says as much of each key as all that was written. */
function assertLatest(found: ReadonlyMap<number, Entry>, written: readonly Entry[]): void {
  for (const [offset, entry] of found) assert.deepEqual(entry, written[offset], `offset ${offset}`);
  const latest = (entries: Iterable<Entry>) => {
    const values = new Map<string, string | null>();
    for (const { key, value } of entries) values.set(key, value);
    return [...values].filter(([, value]) => value !== null).sort();
  };
  assert.deepEqual(latest(found.values()), latest(written));
}

async function bytesOf(weir: Weir): Promise<number> {
  return (await weir.admin.describeTopic(TOPIC)).partitions[0]!.bytes;
}

describe("compaction of a broker that runs", () => {
  it("leaves the latest value of each key where it was, for kafkajs and ours, also after a restart", async () => {
    const data = await Deno.makeTempDir();
    const written = [...rounds("kafkajs", 40), ...rounds("weir", 40)];
    // Another to come after the last tombstone, so that it leaves the active segment.
    const more = [...rounds("more", 40)].filter(({ key }) => key !== "key-9");
    try {
      {
        await using broker = await startBroker({ data, settings: SETTINGS });
        await using weir = await connect(broker.native);
        await weir.admin.createTopic(TOPIC, { partitions: 1, config: COMPACTED });
        await sendByKafkajs(broker.kafka, written.slice(0, 400));
        await send(weir, written.slice(400));
        await until("a small log", async () => await bytesOf(weir) < LIVE_BYTES_MAX);
        assertLatest(await readAll(weir), written);
        assertLatest(await readByKafkajs(broker.kafka, written.length - 1), written);
        await send(weir, more);
        written.push(...more);
        // Its time is over at once, but it goes with the next cleaning: there must be something to clean.
        const isForgotten = async () => {
          const next = rounds("next", 12).filter(({ key }) => key !== "key-9");
          await send(weir, next);
          written.push(...next);
          return ![...(await readAll(weir)).values()].some(({ key }) => key === "key-9");
        };
        await until("a tombstone's end", isForgotten);
      }
      const text = await Deno.readTextFile(`${data}/cleaner-offset-checkpoint`);
      const [, offset] = /^0\n1\nbalances 0 ([1-9]\d*)\n$/.exec(text) ?? [];
      assert.ok(Number(offset) >= 800, text);
      const names = [...Deno.readDirSync(`${data}/${TOPIC}-0`)].map(({ name }) => name);
      assert.deepEqual(names.filter((name) => /\.(cleaned|swap)$/.test(name)), []);
      const verified = await runWeir(["log", "verify", data]);
      assert.equal(verified.code, 0, verified.stdout);
      await using broker = await startBroker({ data, settings: SETTINGS });
      await using weir = await connect(broker.native);
      assertLatest(await readAll(weir), written);
      const again = rounds("again", 40).filter(({ key }) => key !== "key-9");
      await send(weir, again);
      written.push(...again);
      await until("a small log again", async () => await bytesOf(weir) < LIVE_BYTES_MAX);
      assertLatest(await readAll(weir), written);
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  });

  it("refuses records without a key with INVALID_RECORD, to kafkajs and to ours, as long as it is on", async () => {
    await using broker = await startBroker({ memory: true, settings: SETTINGS });
    await using weir = await connect(broker.native);
    await weir.admin.createTopic(TOPIC, { partitions: 1, config: COMPACTED });
    const producer = kafkaOf(broker.kafka).producer();
    await producer.connect();
    const keyless = { topic: TOPIC, messages: [{ value: "no key" }] };
    await assert.rejects(
      producer.send(keyless),
      (error: { type?: string; cause?: { type?: string } }) =>
        [error.type, error.cause?.type].includes("INVALID_RECORD"),
    );
    await using ours = weir.producer();
    await assert.rejects(
      ours.send(TOPIC, { value: "no key" }),
      (error) => error instanceof WeirError && error.code === "INVALID_RECORD",
    );
    await weir.admin.alterTopic(TOPIC, { "cleanup.policy": "delete" });
    assert.equal((await producer.send(keyless))[0]!.baseOffset, "0");
    await producer.disconnect();
  });

  it("begins and ends as weir topic alter and kafka-configs say", async () => {
    await using broker = await startBroker({ memory: true, settings: SETTINGS });
    await using weir = await connect(broker.native);
    const { "cleanup.policy": _, ...config } = COMPACTED;
    await weir.admin.createTopic(TOPIC, { partitions: 1, config });
    const written = rounds("first", 40);
    await send(weir, written);
    assert.equal((await readAll(weir)).size, 400);
    const alter = ["topic", "alter", TOPIC, "--config", "cleanup.policy=compact", "--server", broker.native];
    assert.equal((await runWeir(alter)).code, 0);
    await until("a small log", async () => await bytesOf(weir) < LIVE_BYTES_MAX);
    const configs = ["kafka-configs", "--alter", "--topic", TOPIC, "--add-config", "cleanup.policy=delete"];
    assert.equal((await runWeir([...configs, "--bootstrap-server", broker.kafka])).code, 0);
    const more = rounds("more", 40);
    await send(weir, more);
    written.push(...more);
    const found = await readAll(weir);
    assertLatest(found, written);
    assert.deepEqual([...found].slice(-400).map(([, entry]) => entry), more);
  });
});
