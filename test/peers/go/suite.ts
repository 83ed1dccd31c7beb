/** franz-go, sarama and segmentio's kafka-go, at the versions of go.mod, each as a program of its own. */
import assert from "node:assert/strict";
import { cacheDirectory } from "../cache.ts";
import type { Case, Field, Suite } from "../cases.ts";
import { isInstalled, run } from "../process.ts";

const FOLDER = new URL(".", import.meta.url).pathname;

/** Go's own caches make the second build quick; go.sum holds what every module must be. */
async function prepare(): Promise<string | null> {
  if (!await isInstalled("go", ["version"])) return "Go is not installed";
  const output = `${await cacheDirectory("go")}/`;
  const environment = { GOFLAGS: "-mod=readonly -buildvcs=false", GOTOOLCHAIN: "local" };
  const fetched = await run("go", ["mod", "download"], {
    directory: FOLDER,
    environment,
    timeoutMs: 300_000,
  });
  if (fetched.code !== 0) {
    return "The clients could not be fetched from the Go proxy, or Go is older than go.mod asks";
  }
  const built = await run("go", ["build", "-o", output, "./..."], {
    directory: FOLDER,
    environment,
    timeoutMs: 300_000,
  });
  if (built.code !== 0) throw new Error(`The Go programs do not build: ${built.stderr}`);
  return null;
}

async function program(field: Field, name: string, topic: string): Promise<string[]> {
  const ended = await run(`${await cacheDirectory("go")}/${name}`, [field.server.address, topic]);
  assert.equal(ended.code, 0, ended.stdout + ended.stderr);
  return ended.stdout.trimEnd().split("\n");
}

/** The fifteen records of franz-go and sarama: three for each of five codecs, the third without a value. */
const RECORDS = Array.from({ length: 15 }, (_, offset) => {
  const [codec, number] = [Math.floor(offset / 3), offset % 3];
  return `record ${offset} k${number} ${number === 2 ? "null" : `${codec}-${number}`} ${codec}`;
});

async function franz(field: Field): Promise<void> {
  const lines = await program(field, "franz", "go-franz");
  const records = lines.filter((line) => line.startsWith("record"));
  const others = lines.filter((line) => !line.startsWith("record"));
  assert.deepEqual(records, RECORDS);
  assert.deepEqual(others.filter((line) => line.startsWith("config")).sort(), [
    "config max.message.bytes=5000 DYNAMIC_TOPIC_CONFIG",
    "config retention.ms=604800000 DEFAULT_CONFIG",
  ]);
  assert.deepEqual(others.filter((line) => !line.startsWith("config")), [
    "created go-franz partitions=2",
    "offsets 0 15 0",
    "low watermark 4 partitions 3",
    "brokers 1",
    "deleted",
  ]);
}

async function sarama(field: Field): Promise<void> {
  const end = ["settings 5000 1000000 partitions 3 brokers 1 controlled true", "deleted"];
  assert.deepEqual(await program(field, "sarama", "go-sarama"), [...RECORDS, ...end, ...RECORDS, ...end]);
}

const GREETINGS = ["Key-A Hello World!", "Key-B One!", "Key-C Two!"];

async function segmentio(field: Field): Promise<void> {
  const records = RECORDS.map((_, offset) =>
    `record ${offset} ${GREETINGS[offset % 3]} ${Math.floor(offset / 3)}`
  );
  const end = ["offsets 0 15, then 15 by hand", "deleted"];
  assert.deepEqual(await program(field, "segmentio", "go-segmentio"), [...records, ...end]);
}

async function segmentioGroup(field: Field): Promise<void> {
  assert.deepEqual(await program(field, "segmentiogroup", "go-segmentio-group"), [
    "one reader, then another: 30",
    "two readers at once: all true",
  ]);
}

async function franzGroup(field: Field): Promise<void> {
  assert.deepEqual(await program(field, "franzgroup", "go-franz-group"), [
    "cooperative: consumer, 2 members, 4 partitions by cooperative-sticky",
    "4 offsets committed",
    "eager: consumer, 2 members, 4 partitions by range",
    "4 offsets committed",
    "static: consumer, 2 members, 4 partitions by sticky",
    "4 offsets committed",
  ]);
}

async function saramaGroup(field: Field): Promise<void> {
  const end = "committed 120, read again 0, type consumer";
  const strategies = ["range", "roundrobin", "sticky"];
  assert.deepEqual(
    await program(field, "saramagroup", "go-sarama-group"),
    strategies.flatMap((strategy) => [`Stable ${strategy}, 1 member`, end]),
  );
}

const CASES: readonly Case[] = [
  { name: "franz-go produces, consumes and administers", run: franz },
  { name: "sarama produces, consumes and administers, at two protocol versions", run: sarama },
  { name: "segmentio kafka-go's Writer, Reader and Conn", run: segmentio },
  { name: "segmentio kafka-go's Reader with a GroupID, alone and two at once", run: segmentioGroup },
  { name: "franz-go's groups: cooperative, eager and static", run: franzGroup },
  { name: "sarama's ConsumerGroup, three strategies at three protocol versions", run: saramaGroup },
];

export const GO: Suite = { name: "go", prepare, cases: CASES };
