/**
 * Load on a broker that is about to die: producers that remember every
 * acknowledgement, now and then a trim, a topic made and one deleted. Everything
 * ends, quietly, when the connection breaks.
 */
import { connect, type Producer, type Weir } from "weir";
import { type Promises, valueOf } from "./ledger.ts";

/** Records of one partition that wait for their acknowledgement. */
const WINDOW = 64;

export interface Topics {
  /** Made and acknowledged: must be there. */
  readonly created: Set<string>;
  /** Deleted and acknowledged: must be gone. */
  readonly deleted: Set<string>;
}

/** Loads until the broker is gone; `random` gives numbers in [0, 1). */
export async function loadUntilGone(
  server: string,
  ledger: readonly Promises[],
  topics: Topics,
  round: number,
  random: () => number,
): Promise<void> {
  try {
    await using weir = await connect(server, { requestTimeoutMs: 5_000 });
    const ends = ledger.map((promises) => produce(weir, promises, random));
    await Promise.all([...ends, changeTopics(weir, topics, round), trimSome(weir, ledger, random)]);
  } catch {
    // The broker was killed: what matters is written in the ledger.
  }
}

async function produce(weir: Weir, promises: Promises, random: () => number): Promise<void> {
  const acks = promises.topic === "all" ? "all" : 1;
  const producer = weir.producer({ acks, retriesMax: 0, createTopics: false, deliveryTimeoutMs: 10_000 });
  let failed = false;
  const waiting = new Set<Promise<void>>();
  while (!failed) {
    const sequence = promises.sent++;
    const sending = sendOne(producer, promises, sequence, Math.floor(random() * 1_000))
      .catch(() => void (failed = true))
      .finally(() => waiting.delete(sending));
    waiting.add(sending);
    if (waiting.size >= WINDOW) await Promise.race(waiting);
  }
  await Promise.all(waiting);
}

async function sendOne(
  producer: Producer,
  promises: Promises,
  sequence: number,
  filling: number,
): Promise<void> {
  const { topic, partition } = promises;
  const { offset } = await producer.send(topic, { partition, value: valueOf(promises, sequence, filling) });
  promises.acked.set(sequence, offset);
}

async function changeTopics(weir: Weir, topics: Topics, round: number): Promise<void> {
  const name = `extra-${round}`;
  await weir.admin.createTopic(name, { partitions: 2 });
  topics.created.add(name);
  const old = [...topics.created].find((other) => other !== name);
  if (old === undefined) return;
  // From the request on it may be gone; once acknowledged it must be.
  topics.created.delete(old);
  await weir.admin.deleteTopic(old);
  topics.deleted.add(old);
}

async function trimSome(weir: Weir, ledger: readonly Promises[], random: () => number): Promise<void> {
  const promises = ledger[Math.floor(random() * ledger.length)]!;
  const { topic, partition } = promises;
  const before = Math.floor(promises.acked.size * random() * 0.5);
  promises.trimAsked = Math.max(promises.trimAsked, before);
  await weir.admin.trim(topic, partition, before);
  promises.trimAcked = Math.max(promises.trimAcked, before);
}
