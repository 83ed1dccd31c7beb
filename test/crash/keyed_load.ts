/**
 * Producers of keyed records: some live as long as one broker does and never send
 * twice, one is idempotent, lives through all of them, and sends again what was
 * not answered.
 */
import { connect, type Producer, type Weir } from "weir";
import { type KeyedLedger, type Sent, valueOf } from "./keyed_ledger.ts";

/** Few, so that most records are superseded soon. */
const KEYS = 300;
/** Records of one partition that wait for their acknowledgement. */
const WINDOW = 64;
const CODECS = ["none", "gzip", "snappy", "lz4", "zstd"] as const;

/** Loads until the broker is gone; of two ledgers one gets acks 1, one acks all. */
export async function produceUntilGone(
  server: string,
  ledgers: readonly KeyedLedger[],
  random: () => number,
): Promise<void> {
  try {
    await using weir = await connect(server, { requestTimeoutMs: 3_000 });
    await Promise.all(ledgers.map((ledger) => produce(weir, ledger, random)));
  } catch {
    // The broker was killed: what matters is written in the ledger.
  }
}

async function produce(weir: Weir, ledger: KeyedLedger, random: () => number): Promise<void> {
  const acks = ledger.partition % 2 === 0 ? "all" : 1;
  const compression = CODECS[Math.floor(random() * CODECS.length)]!;
  const producer = weir.producer({
    acks,
    compression,
    retriesMax: 0,
    createTopics: false,
    deliveryTimeoutMs: 3_000,
  });
  let failed = false;
  const waiting = new Set<Promise<void>>();
  while (!failed) {
    const sending = sendNext(producer, ledger, random)
      .catch(() => void (failed = true))
      .finally(() => waiting.delete(sending));
    waiting.add(sending);
    if (waiting.size >= WINDOW) await Promise.race(waiting);
  }
  await Promise.all(waiting);
}

async function sendNext(producer: Producer, ledger: KeyedLedger, random: () => number): Promise<void> {
  const { sequence, record } = ledger.next(KEYS, Date.now(), random);
  const { offset } = await producer.send(ledger.policy.topic, recordOf(ledger, sequence, record));
  ledger.acknowledge(sequence, offset);
}

function recordOf({ partition }: KeyedLedger, sequence: number, record: Sent) {
  const { key, sentMs: timestamp } = record;
  return {
    partition,
    key,
    value: valueOf(sequence, record),
    timestamp,
    headers: { sequence: String(sequence) },
  };
}

/** Trims one log to some record of its first half. */
export async function trimOne(server: string, ledger: KeyedLedger, random: () => number): Promise<void> {
  const offsets = [...ledger.records.values()].map(({ offset }) => offset).filter((offset) => offset >= 0);
  const before = offsets[Math.floor(offsets.length * random() * 0.5)];
  if (before === undefined || before < ledger.trimAsked) return;
  ledger.trimAsked = before;
  try {
    await using weir = await connect(server, { requestTimeoutMs: 3_000 });
    await weir.admin.trim(ledger.policy.topic, ledger.partition, before);
    ledger.trimAcked = before;
  } catch {
    // Refused by a start that has moved on, or the broker was killed: it was asked for.
  }
}

/** One idempotent producer with one batch in flight, that nothing may fail for. */
export class SteadyProducer {
  readonly failures: string[] = [];
  readonly #waiting = new Set<Promise<void>>();
  readonly #producer: Producer;
  readonly #ledgers: readonly KeyedLedger[];
  readonly #random: () => number;
  #isPaused = true;

  constructor(weir: Weir, ledgers: readonly KeyedLedger[], random: () => number) {
    this.#producer = weir.producer({ acks: "all", createTopics: false });
    this.#ledgers = ledgers;
    this.#random = random;
  }

  resume(): void {
    this.#isPaused = false;
    for (const ledger of this.#ledgers) for (let index = 0; index < WINDOW; index++) this.#send(ledger);
  }

  /** Comes back once all that was sent is acknowledged. */
  async pause(): Promise<void> {
    this.#isPaused = true;
    while (this.#waiting.size > 0) await Promise.race(this.#waiting);
  }

  async end(): Promise<void> {
    await this.pause();
    await this.#producer.close();
  }

  #send(ledger: KeyedLedger): void {
    const sending = sendNext(this.#producer, ledger, this.#random)
      .catch((error) => void this.failures.push(`${ledger.name}: ${error}`))
      .finally(() => {
        this.#waiting.delete(sending);
        if (!this.#isPaused && this.failures.length === 0) this.#send(ledger);
      });
    this.#waiting.add(sending);
  }
}
