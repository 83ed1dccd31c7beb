/** @platformatic/kafka in the matrix: reads without a group through its consumer's `fetch`. */
import { Buffer } from "node:buffer";
import { Admin, ConfigResourceTypes, Consumer, Producer, type RecordsBatch } from "@platformatic/kafka";
import type { ClientSession, FetchStart, FoundRecord, MatrixClient, MatrixRecord } from "./client.ts";
import { pinnedVersion } from "./pinned.ts";

const PARTITION_BYTES_MAX = 4_194_304;

export const PLATFORMATIC: MatrixClient = {
  name: "@platformatic/kafka",
  lacks: {},
  found: { version: await pinnedVersion("@platformatic/kafka") },
  open: (broker) => Promise.resolve(open(broker)),
};

function open(broker: string): ClientSession {
  const base = { clientId: "matrix", bootstrapBrokers: [broker], retries: 1, autocreateTopics: false };
  const admin = new Admin(base);
  const consumer = new Consumer({ ...base, groupId: "matrix" });
  return {
    async createTopic(topic, partitions, settings) {
      const configs = Object.entries(settings).map(([name, value]) => ({ name, value }));
      await admin.createTopics({ topics: [topic], partitions, replicas: 1, configs });
    },
    async produce(topic, records, { acks, codec, isIdempotent }) {
      const producer = new Producer({ ...base, idempotent: isIdempotent });
      const messages = records.map((record) => messageOf(topic, record));
      await producer.send({ messages, compression: codec, acks });
      await producer.close();
    },
    fetch: (topic, partition, from, count) => fetch(consumer, topic, partition, from, count),
    async describe(resourceName) {
      const resources = [{ resourceType: ConfigResourceTypes.TOPIC, resourceName }];
      const [described] = await admin.describeConfigs({ resources });
      return Object.fromEntries(described!.configs.map(({ name, value }) => [name, value ?? null]));
    },
    async alter(resourceName, settings) {
      const configs = Object.entries(settings).map(([name, value]) => {
        return { name, value, configOperation: 0 as const };
      });
      await admin.incrementalAlterConfigs({
        resources: [{ resourceType: ConfigResourceTypes.TOPIC, resourceName, configs }],
      });
    },
    async deleteRecords(name, partition, before) {
      const partitions = [{ partition, offset: BigInt(before) }];
      await admin.deleteRecords({ topics: [{ name, partitions }] });
    },
    deleteTopic: (topic) => admin.deleteTopics({ topics: [topic] }),
    async close() {
      await consumer.close(true);
      await admin.close();
    },
  };
}

function messageOf(topic: string, { partition, timestamp, key, value, headers }: MatrixRecord) {
  return {
    topic,
    partition,
    ...(timestamp === null ? {} : { timestamp: BigInt(timestamp) }),
    ...(key === null ? {} : { key: Buffer.from(key) }),
    ...(value === null ? {} : { value: Buffer.from(value) }),
    headers: new Map(headers.map(([name, bytes]) => [Buffer.from(name), Buffer.from(bytes)])),
  };
}

type AnyConsumer = Consumer<Buffer, Buffer, Buffer, Buffer>;

async function fetch(
  consumer: AnyConsumer,
  topic: string,
  partition: number,
  from: FetchStart,
  count: number,
): Promise<FoundRecord[]> {
  const { topics } = await consumer.metadata({ topics: [topic], forceUpdate: true });
  const { id: topicId, partitions } = topics.get(topic)!;
  const found: FoundRecord[] = [];
  let next = await startOf(consumer, topic, partition, from);
  while (found.length < count) {
    const place = { partition, currentLeaderEpoch: -1, lastFetchedEpoch: -1, fetchOffset: BigInt(next) };
    const answer = await consumer.fetch({
      node: partitions[partition]!.leader,
      topics: [{ topicId, partitions: [{ ...place, partitionMaxBytes: PARTITION_BYTES_MAX }] }],
      maxWaitTime: 500,
    });
    for (const batch of answer.responses[0]?.partitions[0]?.records ?? []) {
      for (const record of recordsOf(batch, partition)) if (record.offset >= next) found.push(record);
    }
    next = found.length === 0 ? next : found.at(-1)!.offset + 1;
  }
  return found.slice(0, count);
}

async function startOf(
  consumer: AnyConsumer,
  topic: string,
  partition: number,
  from: FetchStart,
): Promise<number> {
  if (typeof from === "number") return from;
  const timestamp = from === "latest" ? -1n : from === "earliest" ? -2n : BigInt(from.timestampMs);
  const offsets = await consumer.listOffsets({
    topics: [topic],
    partitions: { [topic]: [partition] },
    timestamp,
  });
  return Number(offsets.get(topic)![partition]);
}

function recordsOf(batch: RecordsBatch, partition: number): FoundRecord[] {
  return batch.records.map((record) => ({
    partition,
    offset: Number(batch.firstOffset) + record.offsetDelta,
    timestamp: Number(batch.firstTimestamp + record.timestampDelta),
    key: record.key,
    value: record.value,
    headers: record.headers.map(([name, value]) => [name!.toString(), value!]),
  }));
}
