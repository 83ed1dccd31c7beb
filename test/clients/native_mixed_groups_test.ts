/**
 * One group with members of both protocols: it changes to the new one when a native member joins, and back
 * when the last of those has left. kafkajs stands for the clients that know the classic protocol alone.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import kafkajs from "kafkajs";
import { connect, type Weir } from "weir";
import { startBroker } from "weir/broker";
import { Member, missing, produce, settled, until } from "./group_crew.ts";

const { Kafka, logLevel } = kafkajs;

/** A kafkajs member at work. */
class ClassicMember implements AsyncDisposable {
  readonly values: string[] = [];
  readonly #consumer: kafkajs.Consumer;

  constructor(bootstrap: string) {
    const kafka = new Kafka({ clientId: "old", brokers: [bootstrap], logLevel: logLevel.NOTHING });
    this.#consumer = kafka.consumer({ groupId: "g", heartbeatInterval: 100, maxWaitTimeInMs: 100 });
  }

  async start(): Promise<void> {
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topic: "t", fromBeginning: true });
    await this.#consumer.run({
      eachMessage: ({ message }) => {
        this.values.push(message.value!.toString());
        return Promise.resolve();
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#consumer.disconnect();
  }
}

async function withTopic(
  body: (weir: Weir, addresses: { native: string; kafka: string }) => Promise<void>,
): Promise<void> {
  await using broker = await startBroker({ memory: true });
  await using weir = await connect(broker.native);
  await weir.admin.createTopic("t", { partitions: 3 });
  await body(weir, broker);
}

/** Protocol of the group, and of its members. */
async function protocols(weir: Weir): Promise<string[]> {
  const { type, members } = await weir.admin.describeGroup("g");
  return [type, ...members.map(({ protocol }) => protocol).sort()];
}

describe("native groups with kafkajs", () => {
  it("take a native member in, share with it, and go on when either has left", async () => {
    await withTopic(async (weir, { kafka }) => {
      await produce(weir, "t", 0, 30);
      await using classic = new ClassicMember(kafka);
      await classic.start();
      await until(() => classic.values.length === 30);
      assert.deepEqual(await protocols(weir), ["Classic", "classic"]);
      const native = new Member(weir, { group: "g", topics: ["t"] });
      await settled(weir, "g", 2, 3);
      assert.deepEqual(await protocols(weir), ["Consumer", "classic", "consumer"]);
      await produce(weir, "t", 30, 60);
      await until(() => missing([native], 90).every((index) => classic.values.includes(String(index))));
      assert.ok(native.values.length > 0, "the native member has its share");
      await native.close();
      assert.deepEqual(await settled(weir, "g", 1, 3), [3]);
      assert.deepEqual(await protocols(weir), ["Classic", "classic"]);
      await produce(weir, "t", 90, 30);
      await until(() => new Set([...native.values, ...classic.values]).size === 120);
      assert.deepEqual(native.strays, []);
    });
  });

  it("take a kafkajs member into a native group, and give its share back", async () => {
    await withTopic(async (weir, { kafka }) => {
      await produce(weir, "t", 0, 30);
      await using native = new Member(weir, { group: "g", topics: ["t"] });
      await until(() => native.values.length === 30);
      {
        await using classic = new ClassicMember(kafka);
        await classic.start();
        await settled(weir, "g", 2, 3);
        assert.deepEqual(await protocols(weir), ["Consumer", "classic", "consumer"]);
        await produce(weir, "t", 30, 60);
        await until(() => missing([native], 90).every((index) => classic.values.includes(String(index))));
        assert.ok(classic.values.length > 0, "the kafkajs member has its share");
      }
      assert.deepEqual(await settled(weir, "g", 1, 3), [3]);
      await produce(weir, "t", 90, 30);
      await until(() => missing([native], 120).every((index) => index < 90));
    });
  });
});
