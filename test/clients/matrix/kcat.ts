/**
 * kcat in the matrix, by its flags alone. It has one set of headers per run and
 * one meaning of an empty value, so records that differ there take runs of their
 * own. What it prints is `PARTITION OFFSET TIME KEYSIZE VALUESIZE HEADERS`, a line
 * feed, key, value, a line feed.
 */
import { concat } from "@std/bytes/concat";
import {
  type ClientSession,
  type FetchStart,
  type FoundRecord,
  type MatrixClient,
  type MatrixRecord,
  never,
  type ProduceOptions,
  runProgram,
} from "./client.ts";

const KEY_END = "|=key=|";
const RECORD_END = "|=end=|";
const NO_TOOL = "no tool for settings and topics";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const KCAT: MatrixClient = {
  name: "kcat",
  lacks: {
    "create topic": NO_TOOL,
    timestamps: "no flag for them",
    "describe settings": NO_TOOL,
    "alter settings": NO_TOOL,
    "delete records": NO_TOOL,
    "delete topic": NO_TOOL,
  },
  found: await find(),
  open: (broker) => Promise.resolve(open(broker)),
};

async function find(): Promise<MatrixClient["found"]> {
  const words = await runProgram("kcat", ["-V"]).catch(() => null);
  if (words === null) return { missing: "kcat is not installed (Debian: apt-get install kcat)" };
  const [, version, library] = /Version (\S+).*(librdkafka [\d.]+)/.exec(decoder.decode(words)) ?? [];
  return { version: `${version}, ${library}` };
}

function open(broker: string): ClientSession {
  return {
    createTopic: never,
    async produce(topic, records, options) {
      for (const run of runsOf(records)) await produceRun(broker, topic, run, options);
    },
    async fetch(topic, partition, from, count) {
      const place = ["-t", topic, "-p", String(partition), "-o", startOf(from), "-c", String(count)];
      const format = ["-q", "-X", "check.crcs=true", "-f", "%p %o %T %K %S %h\n%k%s\n"];
      return parse(await runProgram("kcat", ["-C", "-b", broker, ...place, ...format]));
    },
    describe: never,
    alter: never,
    deleteRecords: never,
    deleteTopic: never,
    close: () => Promise.resolve(),
  };
}

function startOf(from: FetchStart): string {
  if (typeof from === "number") return String(from);
  return from === "earliest" ? "beginning" : from === "latest" ? "end" : `s@${from.timestampMs}`;
}

function runsOf(records: readonly MatrixRecord[]): MatrixRecord[][] {
  const runs: MatrixRecord[][] = [];
  let before: string | null = null;
  for (const record of records) {
    const kind = JSON.stringify([record.partition, record.value === null, headerFlags(record)]);
    if (kind === before) runs.at(-1)!.push(record);
    else runs.push([record]);
    before = kind;
  }
  return runs;
}

function headerFlags({ headers }: MatrixRecord): string[] {
  return headers.flatMap(([name, value]) => ["-H", `${name}=${decoder.decode(value)}`]);
}

async function produceRun(
  broker: string,
  topic: string,
  run: readonly MatrixRecord[],
  { acks, codec, isIdempotent }: ProduceOptions,
): Promise<void> {
  const [first] = run;
  const sets = [
    `acks=${acks}`,
    `enable.idempotence=${isIdempotent}`,
    "message.max.bytes=4000000",
    "linger.ms=50",
  ];
  const parts = run.flatMap(({ key, value }, index) => [
    ...(index === 0 ? [] : [encoder.encode(RECORD_END)]),
    ...(key === null ? [] : [key, encoder.encode(KEY_END)]),
    value ?? new Uint8Array(0),
  ]);
  const place = ["-P", "-b", broker, "-t", topic, "-p", String(first!.partition), "-z", codec];
  const shape = ["-K", KEY_END, "-D", RECORD_END, ...(first!.value === null ? ["-Z"] : [])];
  const options = [...sets.flatMap((set) => ["-X", set]), ...headerFlags(first!)];
  await runProgram("kcat", [...place, ...shape, ...options], concat(parts));
}

function parse(output: Uint8Array): FoundRecord[] {
  const found: FoundRecord[] = [];
  for (let at = 0; at < output.length;) {
    const lineEnd = output.indexOf(10, at);
    const words = decoder.decode(output.subarray(at, lineEnd)).split(" ");
    const [partition, offset, timestamp, keySize, valueSize] = words.slice(0, 5).map(Number);
    at = lineEnd + 1;
    const take = (size: number) => size < 0 ? null : output.subarray(at, at += size);
    const key = take(keySize!);
    const value = take(valueSize!);
    at += 1;
    const headers = words.slice(5).join(" ").split(",").filter((text) => text !== "").map((text) => {
      const [name, ...rest] = text.split("=");
      return [name!, encoder.encode(rest.join("="))] as const;
    });
    found.push({ partition: partition!, offset: offset!, timestamp: timestamp!, key, value, headers });
  }
  return found;
}
