/**
 * Weir's TypeScript client: the package's main export. Speaks the native protocol
 * over one TCP connection per client, producer and consumer, and one more for a
 * member of a group; runs on Deno, Node and Bun, and needs no native addon.
 *
 * @example
 * ```ts
 * import { connect } from "weir";
 *
 * await using weir = await connect("127.0.0.1:9292");
 * await weir.admin.createTopic("orders", { partitions: 3 });
 *
 * await using producer = weir.producer({ acks: "all" });
 * await producer.send("orders", { key: "user_456", value: { order: 123 } });
 *
 * await using consumer = weir.consumer({ group: "order-processor", topics: ["orders"], from: "earliest" });
 * for await (const record of consumer) {
 *   console.log(record.key, record.value);
 *   await consumer.commit(record);
 * }
 * ```
 */
import "../record/codecs/mod.ts";

export type { Admin, NewTopic, NewTopicOptions, PartitionDetail, TopicDetail } from "./admin.ts";
export type { Sent } from "./batch.ts";
export { type BrokerIdentity, connect, type ConnectOptions, type Weir } from "./connect.ts";
export type { RequestOptions } from "./connection.ts";
export type { Consumer } from "./consumer.ts";
export type {
  ConsumerBatch,
  ConsumerSettings,
  Lag,
  NamedConsumerOptions,
  TypedConsumerOptions,
} from "./consumer_options.ts";
export { type ClientCode, WeirError, type WeirErrorCode } from "./error.ts";
export type { ResetPolicy } from "./fetcher.ts";
export type { GroupAdmin } from "./group_admin.ts";
export type { GroupDetail, GroupListing, GroupMember } from "./group_detail.ts";
export type { GroupLag } from "./group_lag.ts";
export type { GroupOffset, OffsetCommit, PartitionResult } from "./group_offsets.ts";
export type { GroupOptions, PartitionsCallback } from "./group_options.ts";
export type { GroupReset, ResetOptions, ResetTarget } from "./group_reset.ts";
export type { PartitionMetadata, TopicMetadata } from "./metadata.ts";
export type { FoundOffset, Position, TopicPartition } from "./offsets.ts";
export type { PartitionProducers } from "./partition_facts.ts";
export { murmur2, type PartitionChoice, type Partitioner, type PartitionerOption } from "./partitioner.ts";
export type { Producer } from "./producer.ts";
export type { HeadersInput, ProducerOptions, ProducerRecord } from "./producer_options.ts";
export type { ConsumerRecord } from "./record.ts";
export type { AlterOptions, SettingValue } from "./settings.ts";
export {
  type Format,
  type FormatName,
  type InputOf,
  type OutputOf,
  type Schema,
  type Topic,
  topic,
} from "./topic.ts";
