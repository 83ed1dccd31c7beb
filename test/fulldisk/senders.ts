/**
 * Who writes all the time, and remembers what was acknowledged: Weir's client and
 * kafkajs, each once idempotent with acks all, going on until a record is taken, and
 * once with acks 1 and no second try. What they promise is the crash test's ledger.
 */
import kafkajs from "kafkajs";
import { connect } from "weir";
import { type Promises, valueOf } from "../crash/ledger.ts";

const { Kafka, KafkaJSError, logLevel } = kafkajs;

/** Records sent together, and the pause behind them. */
const COUNT = 8;
const PAUSE_MS = 25;
const FILLING_MAX = 1_000;
/** Longer than a disk is full here. */
const PATIENCE_MS = 100_000;

/** Sends the values as one request, at most; gives their offsets, in their order. Throws when it was refused. */
type Send = (values: readonly string[]) => Promise<readonly number[]>;

export class Sender {
  readonly promises: Promises;
  /** Records that were acknowledged, those trimmed since, too. */
  acknowledged = 0;
  /** Requests that were refused because the disk is full. */
  refused = 0;
  /** What went wrong otherwise, and must not have. */
  readonly broken: string[] = [];
  readonly #send: Send;
  readonly #close: () => Promise<void>;
  /** Goes on trying by itself: nothing may fail. */
  readonly #isPatient: boolean;

  constructor(topic: string, isPatient: boolean, send: Send, close: () => Promise<void>) {
    this.promises = { topic, partition: 0, sent: 0, acked: new Map(), trimAsked: 0, trimAcked: 0 };
    this.#isPatient = isPatient;
    this.#send = send;
    this.#close = close;
  }

  /** Sends until `signal` fires. */
  async run(signal: AbortSignal, random: () => number): Promise<void> {
    while (!signal.aborted) {
      const first = this.promises.sent;
      this.promises.sent += COUNT;
      const values = Array.from({ length: COUNT }, (_, index) => {
        return valueOf(this.promises, first + index, Math.floor(random() * FILLING_MAX));
      });
      try {
        const offsets = await this.#send(values);
        this.acknowledged += COUNT;
        offsets.forEach((offset, index) => this.promises.acked.set(first + index, offset));
      } catch (error) {
        this.#hear(error);
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    await this.#close();
  }

  #hear(error: unknown): void {
    const { topic } = this.promises;
    if (this.#isPatient) this.broken.push(`${topic}: what is sent again and again failed: ${error}`);
    const cause = error instanceof KafkaJSError && error.cause !== undefined ? error.cause : error;
    const { code, type, retriable } = cause as { code?: string; type?: string; retriable?: boolean };
    if (code !== "KAFKA_STORAGE_ERROR" && type !== "KAFKA_STORAGE_ERROR") return;
    this.refused++;
    if (retriable !== true) this.broken.push(`${topic}: a full disk is told as something for ever`);
  }
}

/** The four of them, each with a topic of its own. */
export async function makeSenders(native: string, kafka: string): Promise<Sender[]> {
  return [
    await nativeSender("native-all", native, true),
    await nativeSender("native-one", native, false),
    await kafkaSender("kafkajs-all", kafka, true),
    await kafkaSender("kafkajs-one", kafka, false),
  ];
}

async function nativeSender(topic: string, address: string, isPatient: boolean): Promise<Sender> {
  const weir = await connect(address, { requestTimeoutMs: 5_000 });
  const producer = weir.producer({
    acks: isPatient ? "all" : 1,
    createTopics: false,
    deliveryTimeoutMs: PATIENCE_MS,
    ...(isPatient ? { inFlightMax: 1 } : { retriesMax: 0 }),
  });
  const send: Send = async (values) => {
    const results = await producer.send(topic, values.map((value) => ({ partition: 0, value })));
    return results.map(({ offset }) => offset);
  };
  return new Sender(topic, isPatient, send, async () => {
    await producer.close();
    await weir.close();
  });
}

async function kafkaSender(topic: string, broker: string, isPatient: boolean): Promise<Sender> {
  const retries = { initialRetryTime: 50, maxRetryTime: 300, retries: 1_000 };
  const kafka = new Kafka({ clientId: topic, brokers: [broker], logLevel: logLevel.NOTHING, retry: retries });
  const producer = kafka.producer({
    idempotent: isPatient,
    maxInFlightRequests: 1,
    retry: isPatient ? retries : { retries: 0 },
  });
  await producer.connect();
  const send: Send = async (values) => {
    const messages = values.map((value) => ({ partition: 0, value }));
    const [answer] = await producer.send({ topic, acks: isPatient ? -1 : 1, messages });
    const baseOffset = Number(answer!.baseOffset);
    return values.map((_, index) => baseOffset + index);
  };
  return new Sender(topic, isPatient, send, () => producer.disconnect());
}
