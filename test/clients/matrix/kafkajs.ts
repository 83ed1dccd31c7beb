/**
 * kafkajs in the matrix. It brings gzip alone and takes the other codecs as
 * plug-ins, which are the record room's here. It reads in consumer groups only.
 */
import { Buffer } from "node:buffer";
import kafkajs, { type IHeaders } from "kafkajs";
import "../../../src/record/codecs/mod.ts";
import { CODEC_NAMES, type CodecName, compress, decompress } from "../../../src/record/mod.ts";
import { type ClientSession, type MatrixClient, type MatrixRecord, never } from "./client.ts";
import { pinnedVersion } from "./pinned.ts";

const { CompressionCodecs, ConfigResourceTypes, Kafka, logLevel } = kafkajs;
const UNFOLDED_BYTES_MAX = 64 * 1_048_576;

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
  lacks: { fetch: "reads in consumer groups only" },
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
    async produce(topic, records, { acks, codec, isIdempotent }) {
      const producer = kafka.producer({ idempotent: isIdempotent, maxInFlightRequests: 1 });
      await producer.connect();
      const compression = CODEC_NAMES.indexOf(codec);
      await producer.send({ topic, acks, compression, messages: records.map(messageOf) });
      await producer.disconnect();
    },
    fetch: never,
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
