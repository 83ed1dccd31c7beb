/**
 * Rounds of kill -9 under load: start a broker on the same directory, hold what it
 * has against the ledger, load it, kill it at a random moment, now and then again
 * while it recovers.
 */
import { connect } from "weir";
import { type BrokerProcess, spawnProcess, startProcess } from "../broker_process.ts";
import { findBroken, type Promises } from "./ledger.ts";
import { loadUntilGone, type Topics } from "./load.ts";

const PARTITIONS = 3;
/** The least Kafka allows, so that segments roll all the time. */
const SETTINGS = { "segment.bytes": "1048576" };

export interface Result {
  readonly rounds: number;
  readonly kills: number;
  readonly acked: number;
  readonly records: number;
  /** What was promised and not kept; empty when all is well. */
  readonly broken: readonly string[];
}

/** Runs `count` rounds with acks 1, all or both. */
export async function runRounds(
  count: number,
  acks: "1" | "all" | "both",
  random: () => number,
  say: (words: string) => void,
): Promise<Result> {
  const data = await Deno.makeTempDir({ prefix: "weir-crash-" });
  const names = acks === "both" ? ["one", "all"] : [acks === "1" ? "one" : "all"];
  const ledger = names.flatMap(emptyLedger);
  const topics: Topics = { created: new Set(), deleted: new Set() };
  let broker = await startProcess(data);
  let kills = 0;
  let records = 0;
  try {
    await createTopics(broker.native, names);
    for (let round = 1; round <= count; round++) {
      const loading = loadUntilGone(broker.native, ledger, topics, round, random);
      await pause(150 + random() * 850);
      await broker.kill();
      kills++;
      await loading;
      if (random() < 0.3) kills += await killWhileStarting(data, random);
      broker = await startProcess(data);
      const checked = await check(broker, ledger, topics);
      records = checked.records;
      const acked = countAcked(ledger);
      say(
        `round ${round}: ${acked} acknowledged so far, ${records} in the logs, ${checked.broken.length} broken`,
      );
      if (checked.broken.length > 0) return { rounds: round, kills, acked, records, broken: checked.broken };
    }
    return { rounds: count, kills, acked: countAcked(ledger), records, broken: [] };
  } finally {
    await broker.kill();
    await Deno.remove(data, { recursive: true });
  }
}

function emptyLedger(topic: string): Promises[] {
  return Array.from({ length: PARTITIONS }, (_, partition) => {
    return { topic, partition, sent: 0, acked: new Map<number, number>(), trimAsked: 0, trimAcked: 0 };
  });
}

function countAcked(ledger: readonly Promises[]): number {
  return ledger.reduce((sum, { acked }) => sum + acked.size, 0);
}

async function createTopics(server: string, names: readonly string[]): Promise<void> {
  await using weir = await connect(server);
  for (const name of names) await weir.admin.createTopic(name, { partitions: PARTITIONS, config: SETTINGS });
}

/** A start that is killed before, while or just after it recovers. */
async function killWhileStarting(data: string, random: () => number): Promise<number> {
  const child = spawnProcess(data);
  await pause(random() * 200);
  child.kill("SIGKILL");
  await child.status;
  await child.stdout.cancel();
  return 1;
}

async function check(
  broker: BrokerProcess,
  ledger: readonly Promises[],
  topics: Topics,
): Promise<{ records: number; broken: string[] }> {
  await using weir = await connect(broker.native);
  const broken: string[] = [];
  let count = 0;
  for (const promises of ledger) {
    const { topic, partition } = promises;
    const assignments = [{ topic, partition }];
    await using consumer = weir.consumer({ assignments, from: "earliest", until: "end" });
    const records = [];
    for await (const record of consumer) records.push(record);
    count += records.length;
    broken.push(...findBroken(promises, records));
  }
  const names = new Set((await weir.admin.listTopics()).map(nameOf));
  for (const name of topics.created) {
    if (!names.has(name)) broken.push(`topic ${name} was created and is gone`);
  }
  for (const name of topics.deleted) {
    if (names.has(name)) broken.push(`topic ${name} was deleted and is back`);
  }
  return { records: count, broken };
}

function nameOf(topic: string | { readonly name: string }): string {
  return typeof topic === "string" ? topic : topic.name;
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
