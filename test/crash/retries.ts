/**
 * Kill -9 under an idempotent producer that goes on: one producer sends through all of it, the broker dies at
 * random moments and comes back on the same port and data. With one batch in flight everything sent must be
 * acknowledged in the end, and be in the log once, in order, where the acknowledgement says. With more a broker that
 * dies twice may know only the last of several batches whose answers were lost, as Kafka's does: the others are
 * reported as failed, and nothing is in the log twice or out of order.
 */
import { connect, type Weir, type WeirError } from "weir";
import { type BrokerProcess, startProcess } from "../broker_process.ts";
import { findBroken, type Promises, valueOf } from "./ledger.ts";

const TOPIC = "all";
const PARTITIONS = 3;
/** Records of one partition that wait for their acknowledgement. */
const WINDOW = 64;
/** The least Kafka allows, so that segments roll, and snapshots are taken, all the time. */
const SETTINGS = { "segment.bytes": "1048576" };

export interface RetriesResult {
  readonly kills: number;
  readonly acked: number;
  /** What was promised and not kept; empty when all is well. */
  readonly broken: readonly string[];
}

/** Kills the broker `kills` times; `inFlightMax` as the producer's option. */
export async function runRetries(
  kills: number,
  inFlightMax: number,
  random: () => number,
): Promise<RetriesResult> {
  const data = await Deno.makeTempDir({ prefix: "weir-retries-" });
  let broker = await startProcess(data);
  const address = broker.native;
  try {
    await using weir = await connect(address, { requestTimeoutMs: 5_000 });
    await weir.admin.createTopic(TOPIC, { partitions: PARTITIONS, config: SETTINGS });
    const ledger = Array.from({ length: PARTITIONS }, (_, partition) => newPromises(partition));
    const ending = new AbortController();
    const sending = sendAll(weir, ledger, inFlightMax, random, ending.signal);
    for (let kill = 0; kill < kills; kill++) {
      await pause(100 + random() * 500);
      await broker.kill();
      broker = await startProcess(data, [`native.listener=${address}`]);
    }
    await pause(200);
    ending.abort();
    const { failures, unknown } = await sending;
    const broken = [...failures, ...await check(broker, ledger, unknown)];
    if (inFlightMax === 1 && unknown > 0) broken.push(`${unknown} records were not recognised`);
    return { kills, acked: ledger.reduce((sum, { acked }) => sum + acked.size, 0), broken };
  } finally {
    await broker.kill();
    await Deno.remove(data, { recursive: true });
  }
}

function newPromises(partition: number): Promises {
  return { topic: TOPIC, partition, sent: 0, acked: new Map(), trimAsked: 0, trimAcked: 0 };
}

/** Sends until `signal` fires, then waits for what is on its way; what failed, and how many have an unknown fate. */
async function sendAll(
  weir: Weir,
  ledger: readonly Promises[],
  inFlightMax: number,
  random: () => number,
  signal: AbortSignal,
): Promise<{ failures: string[]; unknown: number }> {
  await using producer = weir.producer({
    acks: "all",
    inFlightMax,
    batchBytesMax: 16_384,
    createTopics: false,
  });
  const failures: string[] = [];
  let unknown = 0;
  const fail = (error: WeirError) => {
    if (error.code === "OUT_OF_ORDER_SEQUENCE_NUMBER") unknown++;
    else failures.push(String(error));
  };
  const streams = ledger.map(async (promises) => {
    const waiting = new Set<Promise<void>>();
    while (!signal.aborted) {
      const sequence = promises.sent++;
      const value = valueOf(promises, sequence, Math.floor(random() * 1_000));
      const sending = producer.send(promises.topic, { partition: promises.partition, value }).then(
        ({ offset }) => void promises.acked.set(sequence, offset),
        fail,
      ).finally(() => waiting.delete(sending));
      waiting.add(sending);
      if (waiting.size >= WINDOW) await Promise.race(waiting);
    }
    await Promise.all(waiting);
  });
  await Promise.all(streams);
  return { failures, unknown };
}

async function check(broker: BrokerProcess, ledger: readonly Promises[], unknown: number): Promise<string[]> {
  await using weir = await connect(broker.native);
  const broken: string[] = [];
  let missing = 0;
  for (const promises of ledger) {
    const { topic, partition } = promises;
    await using consumer = weir.consumer({
      assignments: [{ topic, partition }],
      from: "earliest",
      until: "end",
    });
    const records = await Array.fromAsync(consumer);
    broken.push(...findBroken(promises, records));
    missing += promises.sent - records.length;
  }
  if (missing > unknown) broken.push(`${missing} records are missing, ${unknown} were reported so`);
  return broken;
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
