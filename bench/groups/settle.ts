/**
 * Many partitions are added to a topic that a group of ten reads: how long until
 * every one of them has an owner that the broker knows of. With members that poll
 * (as the native client does) and with members that come when they are told to
 * (as Kafka's do).
 */
import { LoadConnection } from "../macro/load.ts";
import { inDirectory, runBroker } from "../macro/process.ts";
import { report } from "../macro/report.ts";
import { BenchMember, pause } from "./bench_member.ts";

const MEMBERS = 10;
const FIRST = 100;
const SETTLE_MS_MAX = 120_000;

/** Adds `count` partitions. */
export async function benchSettle(directory: string, count: number): Promise<void> {
  for (const [how, waitMsMax] of [["long polls", 3_000], ["told when", 0]] as const) {
    const figures = await inDirectory(directory, (folder) => settleOnce(folder, count, waitMsMax));
    report(`${count} partitions added to a group of ${MEMBERS}, ${how}`, figures);
  }
}

async function settleOnce(data: string, count: number, waitMsMax: number) {
  const broker = await runBroker(data);
  const operator = await LoadConnection.open(broker.port);
  await operator.ask({ k: "create_topics", topics: [{ name: "grows", partitions: FIRST }] });
  const members: BenchMember[] = [];
  const ending = new AbortController();
  const lives: Promise<void>[] = [];
  for (let index = 0; index < MEMBERS; index++) {
    const member = new BenchMember("settles", ["grows"], waitMsMax);
    members.push(member);
    lives.push(live(member, broker.port, ending.signal));
  }
  const firstMs = await settled(members, FIRST);
  const startedMs = performance.now();
  await operator.ask({ k: "add_partitions", topics: [{ name: "grows", partitions: FIRST + count }] });
  const addMs = performance.now() - startedMs;
  await settled(members, FIRST + count);
  const settleMs = performance.now() - startedMs;
  ending.abort();
  await Promise.all(lives);
  operator.close();
  await broker.stop();
  return { firstSettleMs: firstMs, addMs, settleMs, afterAddMs: settleMs - addMs };
}

/** Heartbeats, as the broker says when, until the end. */
async function live(member: BenchMember, port: number, signal: AbortSignal): Promise<void> {
  const connection = await LoadConnection.open(port);
  while (!signal.aborted) {
    await member.beat(connection);
    if (member.isHeard && !member.polls) await pause(member.intervalMs);
  }
  connection.close();
}

/** Waits until the members own `partitions` together, and the broker knows; gives how long that took. */
async function settled(members: readonly BenchMember[], partitions: number): Promise<number> {
  const startedMs = performance.now();
  for (;;) {
    const owned = members.reduce((sum, member) => sum + member.owned, 0);
    if (owned === partitions && members.every(({ isHeard }) => isHeard)) return performance.now() - startedMs;
    if (performance.now() - startedMs > SETTLE_MS_MAX) throw new Error(`${owned} of ${partitions} are owned`);
    await pause(2);
  }
}
