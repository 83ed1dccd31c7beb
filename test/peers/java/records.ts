/** Tools that write, read, count and delete records. */
import assert from "node:assert/strict";
import type { Case, Field } from "../cases.ts";
import { createTopic, done, offsetsAt, refused, runTool, sortedLines } from "./tools.ts";

const READER = ["parse.key=true", "key.separator=:", "parse.headers=true", "null.marker=NULL"];
const FORMATTER = ["key", "headers", "timestamp", "partition", "offset", "value"];

function produce(field: Field, topic: string, input: string, ...words: string[]): Promise<string> {
  const properties = READER.flatMap((property) => ["--reader-property", property]);
  return done(field, "kafka-console-producer", ["--topic", topic, ...properties, ...words], input);
}

/** `OFFSET TAB HEADERS TAB KEY TAB VALUE` of a partition from `offset` on, until nothing comes for two seconds. */
async function consume(field: Field, topic: string, partition: number, offset: string): Promise<string[]> {
  const prints = FORMATTER.flatMap((name) => ["--formatter-property", `print.${name}=true`]);
  const from = [
    "--topic",
    topic,
    "--partition",
    String(partition),
    "--offset",
    offset,
    "--timeout-ms",
    "2000",
  ];
  const ended = await runTool(field, "kafka-console-consumer", [...from, ...prints]);
  const lines = ended.stdout.trimEnd().split("\n").filter((line) => line !== "");
  assert.match(ended.stderr, new RegExp(`Processed a total of ${lines.length} messages`), ended.stderr);
  return lines.map((line) => {
    const [time, at, position, ...rest] = line.split("\t");
    assert.match(time!, /^CreateTime:\d{13}$/);
    assert.equal(at, `Partition:${partition}`);
    return [position!.replace("Offset:", ""), ...rest].join("\t");
  });
}

async function readsWhatIsTyped(field: Field): Promise<void> {
  await createTopic(field, "console-a", 1);
  const input = 'h1:v1,h2:v2\tk1:{"a":1}\nh1:x\tk2:two\nNULL\tNULL:three\nh:\u00fc\tk4:NULL\n';
  await produce(field, "console-a", input);
  const wanted = [
    '0\th1:v1,h2:v2\tk1\t{"a":1}',
    "1\th1:x\tk2\ttwo",
    "2\tNO_HEADERS\tnull\tthree",
    "3\th:\u00fc\tk4\tnull",
  ];
  assert.deepEqual(await consume(field, "console-a", 0, "earliest"), wanted);
  assert.deepEqual(await consume(field, "console-a", 0, "2"), wanted.slice(2));
}

async function readsEveryCodec(field: Field): Promise<void> {
  await createTopic(field, "console-b", 1);
  const wanted: string[] = [];
  for (const [index, codec] of ["none", "gzip", "snappy", "lz4", "zstd"].entries()) {
    const acks = ["all", "1", "0", "1", "all"][index]!;
    const words = [`--compression-codec=${codec}`, "--request-required-acks", acks];
    await produce(field, "console-b", `h:1\tk:${codec}\nh:2\tk:${"y".repeat(900)}\n`, ...words);
    wanted.push(`${index * 2}\th:1\tk\t${codec}`, `${index * 2 + 1}\th:2\tk\t${"y".repeat(900)}`);
  }
  assert.deepEqual(await consume(field, "console-b", 0, "earliest"), wanted);
}

async function createsOnDemand(field: Field): Promise<void> {
  await produce(field, "console-fresh", "h:1\tk:first\n");
  assert.deepEqual(await consume(field, "console-fresh", 0, "earliest"), ["0\th:1\tk\tfirst"]);
}

/** Record times from one hour before now, a second apart. */
async function countsOffsets(field: Field): Promise<void> {
  await createTopic(field, "offsets-a", 2);
  for (let round = 0; round < 3; round += 1) {
    await produce(field, "offsets-a", "h:1\tsame:x\n");
  }
  const ends = await offsetsAt(field, "offsets-a", "latest");
  assert.ok(["0:3,1:0", "0:0,1:3"].includes(ends.join()), ends.join());
  const filled = ends.findIndex((line) => line.endsWith(":3"));
  assert.deepEqual(await offsetsAt(field, "offsets-a", "-1"), ends);
  for (const time of ["earliest", "-2", "earliest-local", "-4"]) {
    assert.deepEqual(await offsetsAt(field, "offsets-a", time), ["0:0", "1:0"], time);
  }
  for (const time of ["max-timestamp", "-3"]) {
    assert.deepEqual(await offsetsAt(field, "offsets-a", time), [`${filled}:2`], time);
  }
  for (const time of ["latest-tiered", "-5", "-6", "99999999999999"]) {
    assert.deepEqual(await offsetsAt(field, "offsets-a", time), [], time);
  }
  assert.deepEqual(await offsetsAt(field, "offsets-a", "1"), [`${filled}:0`]);
  const some = await done(field, "kafka-get-offsets", ["--topic-partitions", `offsets-a:${filled}`]);
  assert.equal(some, `offsets-a:${filled}:3\n`);
  await refused(
    field,
    "kafka-get-offsets",
    ["--topic", "offsets-none"],
    /Could not match any topic-partitions/,
  );
}

async function deletesRecords(field: Field): Promise<void> {
  await createTopic(field, "delete-a", 1);
  const words = ["--topic", "delete-a", "--num-records", "10", "--record-size", "10", "--throughput", "-1"];
  await done(field, "kafka-producer-perf-test", words);
  const file = `${field.directory}/delete.json`;
  const deleteTo = async (offset: number) => {
    const partitions = [{ topic: "delete-a", partition: 0, offset }];
    await Deno.writeTextFile(file, JSON.stringify({ partitions, version: 1 }));
    return await done(field, "kafka-delete-records", ["--offset-json-file", file]);
  };
  const heading = "Executing records delete operation\nRecords delete operation completed:\n";
  assert.equal(await deleteTo(4), `${heading}partition: delete-a-0\tlow_watermark: 4\n`);
  assert.deepEqual(await offsetsAt(field, "delete-a", "earliest"), ["0:4"]);
  assert.equal((await consume(field, "delete-a", 0, "earliest")).length, 6);
  assert.match(await deleteTo(100), /partition: delete-a-0\terror: \S+OffsetOutOfRangeException/);
  assert.equal(await deleteTo(-1), `${heading}partition: delete-a-0\tlow_watermark: 10\n`);
  assert.deepEqual(await offsetsAt(field, "delete-a", "earliest"), ["0:10"]);
}

async function verifies(field: Field): Promise<void> {
  await createTopic(field, "verify-a", 1);
  const words = ["--topic", "verify-a", "--max-messages", "300", "--acks", "-1"];
  const lines = sortedLines(await done(field, "kafka-verifiable-producer", words)).map((line) =>
    JSON.parse(line)
  );
  const sent = lines.filter(({ name }) => name === "producer_send_success").sort((a, b) =>
    a.offset - b.offset
  );
  assert.deepEqual(sent.map(({ offset }) => offset), Array.from({ length: 300 }, (_, index) => index));
  assert.deepEqual(sent.map(({ value }) => value), Array.from({ length: 300 }, (_, index) => String(index)));
  const totals = lines.find(({ name }) => name === "tool_data");
  assert.deepEqual([totals?.sent, totals?.acked], [300, 300]);
  assert.deepEqual(lines.filter(({ name }) => name === "producer_send_error"), []);
}

async function sizesLogDirs(field: Field): Promise<void> {
  await createTopic(field, "dirs-a", 1);
  const load = ["--topic", "dirs-a", "--num-records", "500", "--record-size", "100", "--throughput", "-1"];
  await done(field, "kafka-producer-perf-test", load);
  const text = await done(field, "kafka-log-dirs", ["--describe", "--topic-list", "dirs-a"]);
  const { brokers } = JSON.parse(text.slice(text.indexOf("{")));
  assert.equal(brokers.length, 1);
  const [directory] = brokers[0].logDirs;
  assert.equal(directory.error, null);
  const { size } = await Deno.stat(`${field.server.data}/dirs-a-0/00000000000000000000.log`);
  assert.deepEqual(directory.partitions, [{ partition: "dirs-a-0", size, offsetLag: 0, isFuture: false }]);
}

export const RECORD_CASES: readonly Case[] = [
  { name: "kafka-console-producer and -consumer carry keys, headers and nulls", run: readsWhatIsTyped },
  { name: "kafka-console-producer writes every codec with every acks", run: readsEveryCodec },
  { name: "kafka-console-producer makes a missing topic", run: createsOnDemand },
  { name: "kafka-get-offsets knows every special time", run: countsOffsets },
  { name: "kafka-delete-records moves the log start offset", run: deletesRecords },
  { name: "kafka-verifiable-producer counts every record", run: verifies },
  { name: "kafka-log-dirs gives the size of the files", run: sizesLogDirs },
];
