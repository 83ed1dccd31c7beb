/**
 * A topic that loses its first records to retention over real clocks, and what
 * waits for that: for tests of who reads what is gone.
 */
import assert from "node:assert/strict";
import type { Weir } from "weir";

export const TOPIC = "orders";
/** Records that go, "old-0" and on, each a batch of its own; behind them come "new-0" and "new-1". */
export const OLD = 40;
const RETENTION_MS = 300;
const WAIT_MS_MAX = 20_000;

/** Fails when something that must come does not. */
export async function inTime<Value>(what: string, value: Promise<Value>): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${what} did not come`)), WAIT_MS_MAX);
  try {
    return await Promise.race([value, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

export async function send(weir: Weir, values: readonly string[]): Promise<void> {
  await using producer = weir.producer({ acks: 1 });
  for (const value of values) await producer.send(TOPIC, { value });
}

export async function offset(weir: Weir, at: "earliest" | "latest"): Promise<number> {
  return (await weir.admin.offsets(TOPIC, at))[0]!.offset;
}

/** Comes back once the log starts at an offset; fails when it starts elsewhere in the end. */
export async function startsAt(weir: Weir, wanted: number): Promise<void> {
  const endMs = Date.now() + WAIT_MS_MAX;
  while (await offset(weir, "earliest") < wanted && Date.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(await offset(weir, "earliest"), wanted);
}

/** Makes the topic, has somebody begin to read it, and has the old records go by age, none before its time. */
export async function dropOld(weir: Weir, meanwhile: () => Promise<void> = () => Promise.resolve()) {
  await weir.admin.createTopic(TOPIC, { partitions: 1 });
  await send(weir, Array.from({ length: OLD - 1 }, (_, index) => `old-${index}`));
  await meanwhile();
  await weir.admin.alterTopic(TOPIC, { "retention.ms": RETENTION_MS });
  const lastMs = Date.now();
  await send(weir, [`old-${OLD - 1}`]);
  await startsAt(weir, OLD);
  assert.ok(Date.now() >= lastMs + RETENTION_MS, "no record goes before its time");
  await weir.admin.alterTopic(TOPIC, { "retention.ms": 3_600_000 });
  await send(weir, ["new-0", "new-1"]);
}

/** What `reading` gives, while "later" is sent again and again for those who wait for new records. */
export async function whileSending<Value>(weir: Weir, reading: Promise<Value>): Promise<Value> {
  let isOver = false;
  const ended = inTime("A record", reading).finally(() => isOver = true);
  ended.catch(() => {});
  while (!isOver) {
    await send(weir, ["later"]);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return await ended;
}
