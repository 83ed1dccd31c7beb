/**
 * Readers of the topic that loses its first records: each gives the first value
 * that is not an old one. A live one has had "old-0" and takes a batch at a time,
 * so that it stands in the middle of what goes.
 */
import assert from "node:assert/strict";
import kafkajs from "kafkajs";
import type { Weir } from "weir";
import { OLD, TOPIC } from "./retained_topic.ts";

const { Kafka, logLevel } = kafkajs;
/** Less than all that was old, or the reader was not in the middle of it. */
const OLD_MAX = OLD / 2;

type Reset = "nearest" | "earliest" | "latest" | "error";

/** One of ours that begins at an offset. */
export async function readFrom(weir: Weir, from: number, reset: Reset): Promise<string> {
  const assignments = [{ topic: TOPIC, partition: 0, from }];
  await using consumer = weir.consumer({ assignments, reset, value: "string" });
  for await (const { value } of consumer) return value!;
  throw new Error("The consumer ended");
}

/** One of ours in the middle of the log. */
export async function readLive(weir: Weir, reset: Reset): Promise<{ rest(): Promise<string> }> {
  const consumer = weir.consumer({
    assignments: [{ topic: TOPIC, partition: 0, from: "earliest" }],
    reset,
    value: "string",
    partitionBytesMax: 1,
    prefetchBytesMax: 1,
  });
  const records = consumer[Symbol.asyncIterator]();
  assert.equal((await records.next()).value!.value, "old-0");
  return {
    async rest() {
      await using _closing = consumer;
      for (let count = 0; count < OLD_MAX; count++) {
        const { value } = (await records.next()).value!;
        if (!value!.startsWith("old-")) return value!;
      }
      throw new Error("Records were read that are gone");
    },
  };
}

/**
 * A member of a group, ours: reads one record, commits, and leaves; the next one goes on from there. It begins where
 * its policy does not lead when nothing is committed.
 */
export async function readInGroup(weir: Weir, group: string, reset: Reset): Promise<string> {
  await using consumer = weir.consumer({
    group,
    topics: [TOPIC],
    from: reset === "latest" ? "earliest" : "latest",
    reset,
    value: "string",
    autoCommit: false,
  });
  for await (const record of consumer) {
    await consumer.commit(record);
    return record.value!;
  }
  throw new Error("The consumer ended");
}

/** kafkajs in a group that has committed an offset. */
export async function readByKafkajs(
  weir: Weir,
  bootstrap: string,
  committed: number,
  fromBeginning: boolean,
): Promise<string> {
  const group = `at-${committed}-${fromBeginning}`;
  await weir.admin.alterGroupOffsets(group, [{ topic: TOPIC, partition: 0, offset: committed }]);
  const live = await runKafkajs(bootstrap, group, fromBeginning);
  return await live.rest();
}

/** kafkajs in a group, in the middle of the log once its first record came. */
export async function runKafkajs(bootstrap: string, groupId: string, fromBeginning: boolean) {
  const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100, maxBytesPerPartition: 1 });
  await consumer.connect();
  await consumer.subscribe({ topic: TOPIC, fromBeginning });
  const began = Promise.withResolvers<string>();
  const goesOn = Promise.withResolvers<void>();
  const found = Promise.withResolvers<string>();
  let count = 0;
  await consumer.run({
    async eachMessage({ message }) {
      const value = message.value!.toString();
      began.resolve(value);
      await goesOn.promise;
      if (!value.startsWith("old-")) found.resolve(value);
      else if (++count > OLD_MAX) found.reject(new Error("Records were read that are gone"));
    },
  });
  return {
    /** The first value of all. */
    began: began.promise,
    async rest() {
      goesOn.resolve();
      try {
        return await found.promise;
      } finally {
        await consumer.disconnect();
      }
    },
  };
}
