/** A little of everything that a broker counts: both doors, a group that lags, commits, errors, flushes. */
import { Kafka, logLevel } from "kafkajs";
import { connect } from "weir";

/** Work for a broker that goes on until it is stopped. */
export class Load implements AsyncDisposable {
  readonly #ending = new AbortController();
  readonly #work: Promise<unknown>;

  private constructor(native: string, kafka: string) {
    this.#work = Promise.all([this.#overNative(native), this.#overKafka(kafka)]);
  }

  /** Makes the topic and begins. */
  static async start(addresses: { readonly native: string; readonly kafka: string }): Promise<Load> {
    await using weir = await connect(addresses.native);
    await weir.admin.createTopic("orders", { partitions: 3 });
    await weir.admin.createTopic("prices", { partitions: 1, config: { "cleanup.policy": "compact" } });
    return new Load(addresses.native, addresses.kafka);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    await this.#work;
  }

  async #overNative(address: string): Promise<void> {
    await using weir = await connect(address);
    await using producer = weir.producer({ acks: "all" });
    await using consumer = weir.consumer({
      group: "readers",
      topics: ["orders"],
      from: "earliest",
      autoCommit: false,
    });
    const reading = (async () => {
      let count = 0;
      for await (const record of consumer) {
        if (count++ % 5 === 0) await consumer.commit(record);
        if (this.#ending.signal.aborted) break;
      }
    })();
    while (!this.#ending.signal.aborted) {
      await producer.send(
        "orders",
        Array.from({ length: 20 }, (_, at) => ({ key: `${at}`, value: "an order" })),
      );
      await weir.admin.createTopic("orders").catch(() => {});
      await pause(20);
    }
    await producer.send("orders", { value: "the last one" });
    await reading;
  }

  async #overKafka(address: string): Promise<void> {
    const kafka = new Kafka({ brokers: [address], clientId: "load", logLevel: logLevel.NOTHING });
    const producer = kafka.producer();
    await producer.connect();
    const admin = kafka.admin();
    await admin.connect();
    while (!this.#ending.signal.aborted) {
      await admin.createTopics({ topics: [{ topic: "orders" }] });
      await producer.send({ topic: "orders", messages: [{ value: "from Kafka's side" }] });
      await pause(20);
    }
    await producer.disconnect();
    await admin.disconnect();
  }
}

/** Resolves after so long. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
