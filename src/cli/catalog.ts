/**
 * Every command by name, and where its code is. Names and summaries are here so
 * that the program's help loads no command; each command is imported when it is
 * chosen, by a literal specifier, so that `deno compile` embeds it and `broker`
 * starts without the client's code.
 */
import type { Command } from "./command.ts";

export interface CatalogEntry {
  /** As typed: `topic create`. */
  readonly name: string;
  /** One line, without a full stop. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

const topic = () => import("./topic.ts");
const group = () => import("./group.ts");
const log = () => import("./log.ts");

async function loadBroker(): Promise<Command> {
  (await import("../mailbox/spawn.ts")).spawnEarly();
  return (await import("./broker.ts")).broker;
}

/** In the order of the help. */
export const CATALOG: readonly CatalogEntry[] = [
  { name: "broker", summary: "Run a broker", load: loadBroker },
  { name: "topic create", summary: "Create a topic", load: async () => (await topic()).create },
  { name: "topic list", summary: "List the topics", load: async () => (await topic()).list },
  {
    name: "topic describe",
    summary: "Show a topic's partitions and settings",
    load: async () => (await topic()).describe,
  },
  { name: "topic alter", summary: "Change settings of a topic", load: async () => (await topic()).alter },
  {
    name: "topic add-partitions",
    summary: "Give a topic more partitions",
    load: async () => (await topic()).addPartitions,
  },
  {
    name: "topic delete",
    summary: "Delete a topic and its records",
    load: async () => (await topic()).remove,
  },
  {
    name: "topic trim",
    summary: "Remove the oldest records of a partition",
    load: async () => (await topic()).trim,
  },
  {
    name: "produce",
    summary: "Write lines from standard input to a topic, a record each",
    load: async () => (await import("./produce.ts")).produce,
  },
  {
    name: "consume",
    summary: "Print the records of topics",
    load: async () => (await import("./consume.ts")).consume,
  },
  { name: "group list", summary: "List the consumer groups", load: async () => (await group()).list },
  {
    name: "group describe",
    summary: "Show where a group is, how far behind, and its members",
    load: async () => (await group()).describe,
  },
  {
    name: "group reset",
    summary: "Set where a group without members goes on",
    load: async () => (await group()).reset,
  },
  {
    name: "group delete",
    summary: "Delete a group without members and its offsets",
    load: async () => (await group()).remove,
  },
  {
    name: "log dump",
    summary: "Show what a segment or index file holds",
    load: async () => (await log()).dump,
  },
  {
    name: "log verify",
    summary: "Check every batch and index under a directory",
    load: async () => (await log()).verify,
  },
  {
    name: "bench produce",
    summary: "Measure how fast records are written",
    load: async () => (await import("./bench_produce.ts")).benchProduce,
  },
  {
    name: "bench consume",
    summary: "Measure how fast records are read",
    load: async () => (await import("./bench_consume.ts")).benchConsume,
  },
  {
    name: "bench latency",
    summary: "Measure the time from producer to consumer",
    load: async () => (await import("./bench_latency.ts")).benchLatency,
  },
  {
    name: "kafka-topics",
    summary: "Topics, with the flags of Kafka's command",
    load: async () => (await import("./kafka/topics.ts")).kafkaTopics,
  },
  {
    name: "kafka-console-producer",
    summary: "Write typed lines, with the flags of Kafka's command",
    load: async () => (await import("./kafka/console_producer.ts")).kafkaConsoleProducer,
  },
  {
    name: "kafka-console-consumer",
    summary: "Print records, with the flags of Kafka's command",
    load: async () => (await import("./kafka/console_consumer.ts")).kafkaConsoleConsumer,
  },
  {
    name: "kafka-consumer-groups",
    summary: "Consumer groups and their offsets, with the flags of Kafka's command",
    load: async () => (await import("./kafka/consumer_groups.ts")).kafkaConsumerGroups,
  },
  {
    name: "kafka-configs",
    summary: "Settings of topics and brokers, with the flags of Kafka's command",
    load: async () => (await import("./kafka/configs.ts")).kafkaConfigs,
  },
  {
    name: "kafka-get-offsets",
    summary: "Where partitions begin and end, with the flags of Kafka's command",
    load: async () => (await import("./kafka/get_offsets.ts")).kafkaGetOffsets,
  },
  {
    name: "kafka-delete-records",
    summary: "Remove the oldest records, with the flags of Kafka's command",
    load: async () => (await import("./kafka/delete_records.ts")).kafkaDeleteRecords,
  },
  {
    name: "kafka-log-dirs",
    summary: "Bytes of each partition on disk, with the flags of Kafka's command",
    load: async () => (await import("./kafka/log_dirs.ts")).kafkaLogDirs,
  },
];
