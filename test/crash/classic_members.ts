/**
 * Members of a classic group that outlive brokers: kafkajs, which joins again by
 * itself, commits for what it was assigned, and puts what was acknowledged into
 * the ledger.
 */
import kafkajs, { type Consumer } from "kafkajs";
import type { GroupLedger } from "./group_ledger.ts";

const { Kafka, logLevel } = kafkajs;
const PAUSE_MS = 10;

/** One consumer that commits until it is stopped. */
export class ClassicCrashMember {
  readonly #consumer: Consumer;
  readonly #topic: string;
  readonly #ledger: GroupLedger;
  #assigned: readonly number[] = [];
  #isOver = false;
  #committing: Promise<void> = Promise.resolve();

  constructor(broker: string, group: string, topic: string, ledger: GroupLedger) {
    const retry = { initialRetryTime: 30, maxRetryTime: 200, retries: 1_000 };
    const kafka = new Kafka({ clientId: "crash", brokers: [broker], logLevel: logLevel.NOTHING, retry });
    this.#consumer = kafka.consumer({
      groupId: group,
      heartbeatInterval: 200,
      sessionTimeout: 6_000,
      retry: { ...retry, restartOnFailure: () => Promise.resolve(!this.#isOver) },
    });
    this.#topic = topic;
    this.#ledger = ledger;
  }

  async start(): Promise<void> {
    const { events } = this.#consumer;
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => {
      this.#assigned = payload.memberAssignment[this.#topic] ?? [];
    });
    // What commitOffsets gives says nothing: it ends well in a consumer that does not run, too.
    this.#consumer.on(events.COMMIT_OFFSETS, ({ payload }) => {
      for (const { partition, offset } of payload.topics.flatMap(({ partitions }) => partitions)) {
        this.#ledger.acknowledge(Number(partition), Number(offset));
      }
    });
    this.#consumer.on(events.REBALANCING, () => this.#assigned = []);
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topic: this.#topic });
    await this.#consumer.run({ autoCommit: false, eachMessage: () => Promise.resolve() });
    this.#committing = this.#commitAll();
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#committing;
    await this.#consumer.disconnect();
  }

  async #commitAll(): Promise<void> {
    while (!this.#isOver) {
      for (const partition of this.#assigned) await this.#commit(partition);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  async #commit(partition: number): Promise<void> {
    const offset = this.#ledger.ask(partition);
    try {
      await this.#consumer.commitOffsets([{ topic: this.#topic, partition, offset: String(offset) }]);
    } catch {
      // Refused or never answered: it was asked for, and may be there.
    }
  }
}
