/**
 * Settings of the broker changed while it runs, against the real
 * program: in force at once, and after a kill -9.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import kafkajs, { type Admin, type Kafka as Client } from "kafkajs";
import { spawnWeir } from "./weir_process.ts";

const { ConfigResourceTypes, Kafka, logLevel } = kafkajs;
const BROKER = { type: ConfigResourceTypes.BROKER, name: "1" };
const DYNAMIC_BROKER = 2;

/** A broker whose largest batch is 2,000 bytes unless that is changed. */
class Process {
  readonly #child: Deno.ChildProcess;
  readonly #rest: Promise<void>;
  readonly client: Client;

  private constructor(child: Deno.ChildProcess, readyLine: string, rest: Promise<void>) {
    this.#child = child;
    this.#rest = rest;
    const brokers = [/kafka=(\S+)/.exec(readyLine)![1]!];
    this.client = new Kafka({ clientId: "test", brokers, logLevel: logLevel.NOTHING, retry: { retries: 0 } });
  }

  static async start(data: string): Promise<Process> {
    const doors = ["--kafka", "127.0.0.1:0", "--native", "127.0.0.1:0", "--http", "off"];
    const child = spawnWeir(["broker", "--data", data, ...doors, "--set", "message.max.bytes=2000"]);
    const reader = child.stdout.getReader();
    const { value } = await reader.read();
    reader.releaseLock();
    const rest = Promise.all([child.stdout.cancel(), child.stderr.pipeTo(new WritableStream())]).then(
      () => {},
    );
    return new Process(child, new TextDecoder().decode(value), rest);
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await Promise.all([this.#child.status, this.#rest]);
  }
}

/** True when a record of 10,000 bytes was taken. */
async function takesLarge(client: Client): Promise<boolean> {
  const producer = client.producer();
  await producer.connect();
  try {
    await producer.send({ topic: "orders", messages: [{ value: "x".repeat(10_000) }] });
    return true;
  } catch (error) {
    assert.match((error as Error).message, /larger than the max message size/);
    return false;
  } finally {
    await producer.disconnect();
  }
}

async function bytesMax(admin: Admin): Promise<[value: string, source: number]> {
  const { resources } = await admin.describeConfigs({ resources: [BROKER], includeSynonyms: true });
  const entry = resources[0]!.configEntries.find(({ configName }) => configName === "message.max.bytes")!;
  return [entry.configValue, (entry as unknown as { configSource: number }).configSource];
}

describe("a broker's settings changed while it runs", () => {
  it("are in force at once, after a kill -9, and until they are taken back", async () => {
    const data = await Deno.makeTempDir({ prefix: "weir-settings-" });
    let broker = await Process.start(data);
    let admin = broker.client.admin();
    const change = (configEntries: { name: string; value: string }[]) =>
      admin.alterConfigs({ validateOnly: false, resources: [{ ...BROKER, configEntries }] });
    try {
      await admin.connect();
      await admin.createTopics({ topics: [{ topic: "orders" }] });
      assert.equal(await takesLarge(broker.client), false);
      await change([{ name: "message.max.bytes", value: "100000" }]);
      assert.equal(await takesLarge(broker.client), true);
      assert.deepEqual(await bytesMax(admin), ["100000", DYNAMIC_BROKER]);
      await assert.rejects(change([{ name: "node.id", value: "2" }]), /request/i);
      await admin.disconnect();
      await broker.kill();

      broker = await Process.start(data);
      admin = broker.client.admin();
      await admin.connect();
      assert.deepEqual(await bytesMax(admin), ["100000", DYNAMIC_BROKER]);
      assert.equal(await takesLarge(broker.client), true);
      await change([]);
      assert.equal(await takesLarge(broker.client), false);
      await admin.disconnect();
    } finally {
      await broker.kill();
      await Deno.remove(data, { recursive: true });
    }
  });
});
