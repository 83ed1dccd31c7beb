/** Kafka's command-line tools by the names of their scripts, run against the broker of a case. */
import assert from "node:assert/strict";
import type { Field } from "../cases.ts";
import type { Ended } from "../process.ts";
import { java } from "./jars.ts";

const TOOLS = {
  "kafka-topics": "org.apache.kafka.tools.TopicCommand",
  "kafka-configs": "kafka.admin.ConfigCommand",
  "kafka-get-offsets": "org.apache.kafka.tools.GetOffsetShell",
  "kafka-console-producer": "org.apache.kafka.tools.ConsoleProducer",
  "kafka-console-consumer": "org.apache.kafka.tools.consumer.ConsoleConsumer",
  "kafka-consumer-groups": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
  "kafka-verifiable-consumer": "org.apache.kafka.tools.VerifiableConsumer",
  "kafka-producer-perf-test": "org.apache.kafka.tools.ProducerPerformance",
  "kafka-consumer-perf-test": "org.apache.kafka.tools.ConsumerPerformance",
  "kafka-log-dirs": "org.apache.kafka.tools.LogDirsCommand",
  "kafka-delete-records": "org.apache.kafka.tools.DeleteRecordsCommand",
  "kafka-broker-api-versions": "org.apache.kafka.tools.BrokerApiVersionsCommand",
  "kafka-verifiable-producer": "org.apache.kafka.tools.VerifiableProducer",
  "kafka-cluster": "org.apache.kafka.tools.ClusterTool",
  "kafka-leader-election": "org.apache.kafka.tools.LeaderElectionCommand",
  "kafka-reassign-partitions": "org.apache.kafka.tools.reassign.ReassignPartitionsCommand",
  "kafka-transactions": "org.apache.kafka.tools.TransactionsCommand",
} as const;

export type Tool = keyof typeof TOOLS;

/** Runs a tool with `--bootstrap-server` before `words`, whatever comes of it. */
export function runTool(field: Field, tool: Tool, words: readonly string[], input?: string): Promise<Ended> {
  const server = ["--bootstrap-server", field.server.address];
  return java(TOOLS[tool], tool === "kafka-cluster" ? [...words, ...server] : [...server, ...words], {
    input,
  });
}

/** Runs a tool that must succeed; gives its standard output. */
export async function done(
  field: Field,
  tool: Tool,
  words: readonly string[],
  input?: string,
): Promise<string> {
  const ended = await runTool(field, tool, words, input);
  assert.equal(ended.code, 0, `${tool} ${words.join(" ")}\n${ended.stdout}${ended.stderr}`);
  return ended.stdout;
}

/** Runs a tool that must fail, and say `reason` while it does. */
export async function refused(
  field: Field,
  tool: Tool,
  words: readonly string[],
  reason: RegExp,
): Promise<void> {
  const ended = await runTool(field, tool, words);
  assert.notEqual(ended.code, 0, `${tool} ${words.join(" ")} ended well\n${ended.stdout}`);
  const said = ended.stdout + ended.stderr;
  assert.match(said, reason, `${tool} ${words.join(" ")} said:\n${said}${reason} was wanted`);
}

/** Makes a topic. */
export async function createTopic(
  field: Field,
  topic: string,
  partitions: number,
  configs: readonly string[] = [],
): Promise<void> {
  const settings = configs.flatMap((config) => ["--config", config]);
  const words = [
    "--create",
    "--topic",
    topic,
    "--partitions",
    String(partitions),
    "--replication-factor",
    "1",
  ];
  await done(field, "kafka-topics", [...words, ...settings]);
}

/** The lines of a tool's output, without the empty ones, sorted. */
export function sortedLines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "").sort();
}

/** What kafka-get-offsets says of a topic at a time, as `PARTITION:OFFSET`. */
export async function offsetsAt(field: Field, topic: string, time: string): Promise<string[]> {
  const lines = sortedLines(await done(field, "kafka-get-offsets", ["--topic", topic, "--time", time]));
  return lines.map((line) => {
    assert.ok(line.startsWith(`${topic}:`), line);
    return line.slice(topic.length + 1);
  });
}
