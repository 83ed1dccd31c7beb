/** A consumer as the only member of a group on the fake broker, and what tests of it need. */
import assert from "node:assert/strict";
import { connect, type Consumer, type NamedConsumerOptions, type TopicPartition } from "weir";
import { encodeBatch } from "../../../src/record/mod.ts";
import { pause } from "./deeds.ts";
import { FakeBroker } from "./fake_broker.ts";

export type Options = Omit<NamedConsumerOptions<"auto", "string">, "value">;
export type Member = Consumer<unknown, string>;

/** A log of what the application was told, as "assigned 0,1". */
export function listener(told: string[]): Pick<Options, "onAssigned" | "onRevoked" | "onLost"> {
  const note = (what: string) => (partitions: readonly TopicPartition[]) => {
    told.push(`${what} ${partitions.map(({ partition }) => partition).join()}`);
  };
  return { onAssigned: note("assigned"), onRevoked: note("revoked"), onLost: note("lost") };
}

export async function withMember(
  options: Options,
  body: (member: Member, broker: FakeBroker) => Promise<void>,
): Promise<void> {
  await using broker = new FakeBroker({ t: 3 });
  for (const partition of [0, 1, 2]) fill(broker, partition, 0, 10);
  broker.groups.assign(share(0, 1));
  await using weir = await connect(broker.address, { retryBackoffMs: 1, retryBackoffMsMax: 5 });
  await using member = weir.consumer<"auto", "string">({
    group: "g",
    topics: ["t"],
    from: "earliest",
    value: "string",
    waitMsMax: 20,
    autoCommitIntervalMs: 60_000,
    ...options,
  });
  await body(member, broker);
}

/** Appends a batch of records `from`, `from + 1`, ... each with "partition:number" as its value. */
export function fill(broker: FakeBroker, partition: number, from: number, count: number): void {
  const values = Array.from(
    { length: count },
    (_, index) => ({ timestamp: 1, value: `${partition}:${from + index}` }),
  );
  broker.append("t", partition, encodeBatch(values));
}

export function share(...partitions: number[]) {
  return partitions.length === 0 ? [] : [{ topic: "t", id: "A".repeat(22), partitions }];
}

export function t(partition: number): TopicPartition {
  return { topic: "t", partition };
}

export async function take(member: Member, count: number): Promise<string[]> {
  const values: string[] = [];
  for await (const record of member) if (values.push(record.value!) === count) break;
  return values;
}

export async function until(done: () => boolean): Promise<void> {
  for (let waits = 0; !done(); waits++) {
    assert.ok(waits < 2_000, `never: ${done}`);
    await pause(2);
  }
}

export function committed(broker: FakeBroker, partition: number): number | undefined {
  return broker.groups.committed.get(`t/${partition}`)?.offset;
}

/** Values of a partition's records. */
export function numbers(partition: number, from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => `${partition}:${from + index}`);
}
