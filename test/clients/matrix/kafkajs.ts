/**
 * kafkajs in the matrix. It brings gzip alone and takes the other codecs as
 * plug-ins, which are the record room's here. It reads in consumer groups only: every
 * fetch is a group of one member, which seeks.
 */
import { Buffer } from "node:buffer";
import kafkajs, { type IHeaders, type Kafka as KafkaClient, type KafkaMessage } from "kafkajs";
import "../../../src/record/codecs/mod.ts";
import { CODEC_NAMES, type CodecName, compress, decompress } from "../../../src/record/mod.ts";
import {
  type ClientSession,
  type FetchStart,
  type FoundRecord,
  type MatrixClient,
  type MatrixRecord,
  type ProduceOptions,
} from "./client.ts";
import { pinnedVersion } from "./pinned.ts";

const { CompressionCodecs, ConfigResourceTypes, Kafka, logLevel } = kafkajs;
const UNFOLDED_BYTES_MAX = 64 * 1_048_576;
const FETCH_MS_MAX = 30_000;
let groups = 0;

for (const codec of ["snappy", "lz4", "zstd"] as const) plugIn(codec);

function plugIn(codec: CodecName): void {
  const plugin = {
    compress: (encoder: { buffer: Uint8Array }) =>
      Promise.resolve(Buffer.from(compress(codec, encoder.buffer))),
    decompress: (bytes: Uint8Array) =>
      Promise.resolve(Buffer.from(decompress(codec, bytes, UNFOLDED_BYTES_MAX))),
  };
  (CompressionCodecs as Record<number, unknown>)[CODEC_NAMES.indexOf(codec)] = () => plugin;
}

export const KAFKAJS: MatrixClient = {
  name: "kafkajs",
  lacks: {},
  found: { version: await pinnedVersion("kafkajs") },
  open,
};

async function open(broker: string): Promise<ClientSession> {
  const kafka = new Kafka({ clientId: "matrix", brokers: [broker], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  return {
    async createTopic(topic, numPartitions, settings) {
      const configEntries = entriesOf(settings);
      await admin.createTopics({ topics: [{ topic, numPartitions, configEntries }], waitForLeaders: true });
    },
    produce: (topic, records, options) => write(kafka, topic, records, options),
    async fetch(topic, partition, from, count) {
      const offset = await offsetOf(admin, topic, partition, from);
      return await readInGroup(kafka, { topic, partition, offset, from }, count);
    },
    async describe(name) {
      const resources = [{ type: ConfigResourceTypes.TOPIC, name }];
      const answer = await admin.describeConfigs({ resources, includeSynonyms: false });
      const entries = answer.resources[0]!.configEntries;
      return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
    },
    async alter(name, settings) {
      const configEntries = entriesOf(settings);
      const resources = [{ type: ConfigResourceTypes.TOPIC, name, configEntries }];
      await admin.alterConfigs({ validateOnly: false, resources });
    },
    async deleteRecords(topic, partition, before) {
      // It knows a topic's leaders only once something else made it ask.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(before) }] });
    },
    async deleteTopic(topic) {
      await admin.deleteTopics({ topics: [topic] });
    },
    close: () => admin.disconnect(),
  };
}

async function write(
  kafka: KafkaClient,
  topic: string,
  records: readonly MatrixRecord[],
  { acks, codec, isIdempotent }: ProduceOptions,
): Promise<void> {
  const producer = kafka.producer({ idempotent: isIdempotent, maxInFlightRequests: 1 });
  await producer.connect();
  const compression = CODEC_NAMES.indexOf(codec);
  await producer.send({ topic, acks, compression, messages: records.map(messageOf) });
  await producer.disconnect();
}

/** The offset to seek; `null` where the group's own beginning does. */
async function offsetOf(
  admin: ReturnType<KafkaClient["admin"]>,
  topic: string,
  partition: number,
  from: FetchStart,
): Promise<number | null> {
  if (typeof from === "number") return from;
  if (typeof from === "string") return null;
  const offsets = await admin.fetchTopicOffsetsByTimestamp(topic, from.timestampMs);
  return Number(offsets.find((place) => place.partition === partition)!.offset);
}

interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number | null;
  readonly from: FetchStart;
}

/** Reads `count` records of one partition as the one member of a new group. */
async function readInGroup(kafka: KafkaClient, place: Place, count: number): Promise<FoundRecord[]> {
  const { topic, partition, offset, from } = place;
  const groupId = `${topic}-${++groups}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 200, maxBytesPerPartition: 4_194_304 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: from !== "latest" });
  const found: FoundRecord[] = [];
  const whole = Promise.withResolvers<void>();
  const timer = setTimeout(() => whole.reject(new Error(`Read ${found.length} of ${count}`)), FETCH_MS_MAX);
  await consumer.run({
    autoCommit: false,
    eachMessage: (payload) => {
      const isWanted = payload.partition === partition && Number(payload.message.offset) >= (offset ?? 0);
      if (isWanted && found.length < count) found.push(foundOf(partition, payload.message));
      if (found.length === count) whole.resolve();
      return Promise.resolve();
    },
  });
  if (offset !== null) consumer.seek({ topic, partition, offset: String(offset) });
  await whole.promise.finally(() => {
    clearTimeout(timer);
    return consumer.disconnect();
  });
  return found;
}

function foundOf(partition: number, { offset, timestamp, key, value, headers }: KafkaMessage): FoundRecord {
  const flat = Object.entries(headers ?? {}).flatMap(([name, values]) =>
    [values].flat().map((bytes) => [name, Buffer.from(bytes as Buffer)] as const)
  );
  return { partition, offset: Number(offset), timestamp: Number(timestamp), key, value, headers: flat };
}

function entriesOf(settings: Readonly<Record<string, string>>): { name: string; value: string }[] {
  return Object.entries(settings).map(([name, value]) => ({ name, value }));
}

function messageOf({ partition, timestamp, key, value, headers }: MatrixRecord) {
  const named: IHeaders = {};
  for (const [name, bytes] of headers) {
    const before = named[name];
    named[name] = before === undefined ? Buffer.from(bytes) : [before as Buffer, Buffer.from(bytes)];
  }
  return {
    partition,
    ...(timestamp === null ? {} : { timestamp: String(timestamp) }),
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers: named,
  };
}
