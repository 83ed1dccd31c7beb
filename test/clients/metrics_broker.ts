/** A broker whose metrics are compared with what is done to it, frame by frame. */
import assert from "node:assert/strict";
import { type EmbeddedBroker, startBroker } from "weir/broker";
import { LoadConnection, makeBatch } from "../../bench/macro/load.ts";
import { pause } from "./metrics_load.ts";
import { type ReadFamily, readMetrics } from "./metrics_text.ts";

/** Answers are shared for a second. */
const BETWEEN_MS = 1_050;

export type Families = ReadonlyMap<string, ReadFamily>;

export class MetricsBroker implements AsyncDisposable {
  readonly broker: EmbeddedBroker;
  readonly connection: LoadConnection;
  /** `null` in memory. */
  readonly data: string | null;

  private constructor(broker: EmbeddedBroker, connection: LoadConnection, data: string | null) {
    this.broker = broker;
    this.connection = connection;
    this.data = data;
  }

  static async start(
    settings: Readonly<Record<string, string>> = {},
    isOnDisk = false,
  ): Promise<MetricsBroker> {
    const data = isOnDisk ? await Deno.makeTempDir({ prefix: "weir-metrics-" }) : null;
    const broker = await startBroker({ settings, ...(data === null ? {} : { data }) });
    const connection = await LoadConnection.open(Number(broker.native.split(":")[1]));
    return new MetricsBroker(broker, connection, data);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.connection.close();
    await this.broker.stop();
    if (this.data !== null) await Deno.remove(this.data, { recursive: true });
  }

  get(headers: Readonly<Record<string, string>> = {}, method = "GET"): Promise<Response> {
    return fetch(`http://${this.broker.http}/metrics`, { method, headers });
  }

  /** The metrics after everything that was done until now. */
  async metrics(): Promise<Families> {
    await pause(BETWEEN_MS);
    return readMetrics(await (await this.get({ accept: "text/plain" })).text(), false);
  }

  /** Looks again and again until it holds; gives what was seen last. */
  async until(what: string, holds: (families: Families) => boolean, triesMax = 30): Promise<Families> {
    for (let tries = 0; tries < triesMax; tries++) {
      const families = await this.metrics();
      if (holds(families)) return families;
    }
    assert.fail(`It never came to be that ${what}`);
  }

  async createTopic(name: string, partitions = 1, settings: Readonly<Record<string, string>> = {}) {
    const reply = await this.connection.ask({ k: "create_topics", topics: [{ name, partitions, settings }] });
    assert.ok(!JSON.stringify(reply).includes('"e"'), JSON.stringify(reply));
  }

  /** Appends one batch; gives its bytes. */
  async produce(topic: string, partition: number, acks: number, batch = makeBatch(100, 1_000).batch) {
    await this.connection.ask({ k: "produce", acks, entries: [{ topic, partition, batch }] });
    return batch.length;
  }
}
