/**
 * `__consumer_offsets` under Kafka's own readers: the consumers' formatters over the wire, DumpLogSegments on the
 * files, and the classes whose bytes the golden records are.
 */
import assert from "node:assert/strict";
import type { Case, Field } from "../cases.ts";
import { java } from "./jars.ts";
import { createTopic, done, runTool } from "./tools.ts";

const TOPIC = "__consumer_offsets";
const GOLDEN = new URL("../../golden/group_records.txt", import.meta.url);
const PROGRAM = new URL("GroupRecords.java", import.meta.url).pathname;
/** All groups in one log. */
const SETTINGS = { "offsets.topic.num.partitions": "1" };

/** A record as the tools print it: its type, which tools write as a number or as text, and what is in it. */
interface Printed {
  readonly type: number;
  readonly key: Record<string, unknown>;
  /** `null` for a tombstone. */
  readonly value: Record<string, unknown> | null;
}

/** What a member had of a topic. */
interface Owned {
  readonly partitions: readonly number[];
  readonly assignmentEpochs: readonly number[];
}

function printed(key: string, value: string): Printed {
  const { type, data } = JSON.parse(key);
  const found = value === "<DELETE>" || value === "null" ? null : JSON.parse(value);
  return { type: Number(type), key: data, value: found === null ? null : found.data };
}

/** What `kafka-console-consumer` prints of the topic through one of Kafka's formatters. */
async function format(field: Field, formatter: string): Promise<Printed[]> {
  const words = ["--topic", TOPIC, "--from-beginning", "--timeout-ms", "4000", "--partition", "0"];
  const name = `org.apache.kafka.tools.consumer.${formatter}`;
  const { stdout } = await runTool(field, "kafka-console-consumer", [...words, "--formatter", name]);
  // One object behind the other, without a line's end between them.
  return stdout.replaceAll('}{"key"', '}\n{"key"').trim().split("\n").map((line) => {
    const { key, value } = JSON.parse(line);
    return printed(JSON.stringify(key), JSON.stringify(value));
  });
}

/** The records of the topic's files, as DumpLogSegments reads them; what it cannot read fails. */
async function dump(data: string): Promise<Printed[]> {
  const directory = `${data}/${TOPIC}-0`;
  const files = [...Deno.readDirSync(directory)].map(({ name }) => name).filter((name) =>
    name.endsWith(".log")
  );
  const words = ["--offsets-decoder", "--files", files.sort().map((name) => `${directory}/${name}`).join()];
  const ended = await java("org.apache.kafka.tools.DumpLogSegments", words);
  assert.equal(ended.code, 0, ended.stderr);
  assert.doesNotMatch(ended.stdout, /isvalid: false|Could not parse|Exception/i);
  const lines = ended.stdout.split("\n").filter((line) => line.startsWith("| offset: "));
  return lines.map((line) => {
    const found = / key: (\{.*?\}) payload: (.*)$/.exec(line);
    assert.ok(found !== null, line);
    return printed(found[1]!, found[2]!);
  });
}

async function consume(field: Field, group: string, protocol: string): Promise<void> {
  const words = ["--topic", "orders", "--group", group, "--from-beginning", "--max-messages", "3"];
  const property = ["--command-property", `group.protocol=${protocol}`];
  await done(field, "kafka-console-consumer", [...words, ...property]);
}

function ofGroup(records: readonly Printed[], group: string, type: number): Printed[] {
  return records.filter((one) => one.type === type && (one.key.group ?? one.key.groupId) === group);
}

/** What a group that read three records, committed and left must have written. */
function checkGroups(records: readonly Printed[]): void {
  for (const group of ["old", "new"]) {
    const commits = ofGroup(records, group, 1);
    assert.ok(commits.length > 0, `commits of "${group}"`);
    const { key, value } = commits.at(-1)!;
    assert.deepEqual([key.topic, key.partition, value?.offset], ["orders", 0, 3]);
  }
  const generations = ofGroup(records, "old", 2).map(({ value }) => value as { members: unknown[] } | null);
  assert.ok(generations.some((value) => value?.members.length === 1), "the classic group had a member");
  assert.deepEqual(generations.at(-1)?.members, []);
}

function checkConsumerGroup(records: readonly Printed[]): void {
  for (const type of [3, 5, 6, 7, 8]) {
    const values = ofGroup(records, "new", type).map(({ value }) => value);
    assert.ok(values.some((value) => value !== null), `type ${type} of the consumer group`);
    // A member that left is gone in every record that names it.
    if (type === 5 || type === 7 || type === 8) assert.equal(values.at(-1), null, `type ${type} at the end`);
  }
  const places = ofGroup(records, "new", 8).flatMap(({ value }) =>
    (value?.assignedPartitions ?? []) as Owned[]
  );
  assert.ok(places.length > 0, "the member had a partition");
  for (const { partitions, assignmentEpochs } of places) {
    assert.equal(assignmentEpochs.length, partitions.length, "Kafka reads since when the member had each");
  }
}

async function readsWhatGroupsWrite(field: Field): Promise<void> {
  const server = await field.start({ settings: SETTINGS });
  const own = { ...field, server };
  try {
    await createTopic(own, "orders", 1);
    await done(own, "kafka-console-producer", ["--topic", "orders"], "1\n2\n3\n");
    await consume(own, "old", "classic");
    await consume(own, "new", "consumer");
    const commits = await format(own, "OffsetsMessageFormatter");
    assert.deepEqual([...new Set(commits.map(({ type }) => type))], [1]);
    const groups = await format(own, "GroupMetadataMessageFormatter");
    // Of groups it shows the classic ones alone.
    assert.ok(groups.every(({ type }) => type === 2));
    checkGroups([...commits, ...groups]);
  } finally {
    await server.stop();
  }
  const records = await dump(server.data);
  checkGroups(records);
  checkConsumerGroup(records);
}

async function isOnlyRead(field: Field): Promise<void> {
  const server = await field.start({ settings: SETTINGS });
  const own = { ...field, server };
  try {
    await createTopic(own, "orders", 1);
    await done(own, "kafka-console-producer", ["--topic", "orders"], "1\n2\n3\n");
    await consume(own, "old", "classic");
    const words = ["--topic", TOPIC, "--max-messages", "1", "--repeating-keys", "1"];
    const produced = await runTool(own, "kafka-verifiable-producer", words);
    assert.match(produced.stdout, /InvalidTopicException/, produced.stdout + produced.stderr);
    const file = `${field.directory}/offsets-topic.json`;
    const partitions = [{ topic: TOPIC, partition: 0, offset: 1 }];
    await Deno.writeTextFile(file, JSON.stringify({ version: 1, partitions }));
    const trimmed = await runTool(own, "kafka-delete-records", ["--offset-json-file", file]);
    assert.match(trimmed.stdout + trimmed.stderr, /InvalidTopicException/);
    const [offsets] = (await done(own, "kafka-get-offsets", ["--topic", TOPIC, "--time", "earliest"])).split(
      "\n",
    );
    assert.equal(offsets, `${TOPIC}:0:0`);
    const logs = await done(own, "kafka-log-dirs", ["--describe", "--topic-list", TOPIC]);
    assert.match(logs, /"partition":"__consumer_offsets-0","size":[1-9]\d*,"offsetLag":0/);
  } finally {
    await server.stop();
  }
}

async function writesTheGoldenRecords(): Promise<void> {
  const ended = await java(PROGRAM, []);
  assert.equal(ended.code, 0, ended.stderr);
  const golden = (await Deno.readTextFile(GOLDEN)).split("\n").filter((line) => !line.startsWith("#"));
  assert.equal(ended.stdout, golden.join("\n"));
}

export const OFFSETS_TOPIC_CASES: readonly Case[] = [
  { name: "__consumer_offsets is read by Kafka's formatters and its log dump", run: readsWhatGroupsWrite },
  { name: "__consumer_offsets is read, listed and described, and changed by no client", run: isOnlyRead },
  { name: "Kafka's classes write the golden records of groups", run: writesTheGoldenRecords },
];
