/**
 * `weir kafka-consumer-groups` beside Kafka's own command, on the same broker: for each command line both print the
 * same table. Lines are compared sorted, members of one size come in any order; words on standard error are each
 * tool's own.
 */
import assert from "node:assert/strict";
import { type Case, type Field, Skip } from "../cases.ts";
import { type Ended, run } from "../process.ts";
import { java } from "./jars.ts";
import { createTopic, done } from "./tools.ts";

const COMMAND = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
const CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer";
const MAIN = new URL("../../../main.ts", import.meta.url).pathname;

async function printsTheSame(field: Field): Promise<void> {
  if (field.server.kind === "kafka") throw new Skip("Weir's commands talk to Weir");
  await createTopic(field, "lines-a", 3);
  await createTopic(field, "lines-b", 1);
  await done(field, "kafka-console-producer", ["--topic", "lines-a"], "1\n2\n3\n4\n");
  await done(field, "kafka-console-producer", ["--topic", "lines-b"], "1\n2\n3\n");
  for (const [topic, count] of [["lines-a", "4"], ["lines-b", "1"]]) {
    const words = ["--topic", topic!, "--group", "lines-left", "--from-beginning", "--max-messages", count!];
    await done(field, "kafka-console-consumer", words);
  }
  await comparesAtRest(field);
  const members = [
    consume(field, "lines-classic", []),
    consume(field, "lines-consumer", ["group.protocol=consumer", "group.instance.id=one", "client.id=me"]),
  ];
  await isStable(field, ["lines-classic", "lines-consumer"]);
  await comparesLive(field);
  await done(field, "kafka-console-producer", ["--topic", "lines-a"], "5\n");
  for (const { code, stderr } of await Promise.all(members)) assert.equal(code, 0, stderr);
  await comparesDeletion(field);
}

async function comparesAtRest(field: Field): Promise<void> {
  const left = "--describe --group lines-left";
  for (
    const more of ["", " --members", " --members --verbose", " --state", " --state --verbose", " --verbose"]
  ) {
    await compare(field, left + more);
  }
  const reset = "--reset-offsets --group lines-left --dry-run";
  for (
    const where of [
      "--topic lines-a --to-earliest",
      "--topic lines-a:0,2 --topic lines-b --to-latest",
      "--all-topics --to-current",
      "--all-topics --shift-by -1",
      "--topic lines-b --to-offset 9",
      "--topic lines-a --by-duration P1D",
      "--topic lines-b --to-datetime 2030-01-01T00:00:00.000",
      "--all-topics --to-earliest --export",
    ]
  ) await compare(field, `${reset} ${where}`);
}

async function comparesLive(field: Field): Promise<void> {
  const groups = "--describe --group lines-classic --group lines-consumer";
  for (const more of ["", " --members", " --members --verbose", " --state", " --state --verbose"]) {
    await compare(field, groups + more);
  }
  await compare(field, "--list");
  await compare(field, "--list --state --type");
  await compare(field, "--list --type classic");
}

async function comparesDeletion(field: Field): Promise<void> {
  await compare(
    field,
    "--reset-offsets --group lines-x --group lines-y --topic lines-b --to-latest --execute",
  );
  const [theirs, ours] = ["lines-x", "lines-y"].map((group) =>
    `--delete-offsets --group ${group} --topic lines-b`
  );
  const named = (text: string) => text.replace(/lines-[xy]/g, "G");
  assert.equal(named((await weir(field, ours!)).stdout), named((await kafka(field, theirs!)).stdout));
  const deleted = await weir(field, "--delete --group lines-y");
  assert.equal(named(deleted.stdout), named((await kafka(field, "--delete --group lines-x")).stdout));
}

async function compare(field: Field, line: string): Promise<void> {
  const theirs = await kafka(field, line);
  const ours = await weir(field, line);
  assert.equal(ours.code, 0, `${line}: ${ours.stderr}`);
  assert.deepEqual(ours.stdout.split("\n").sort(), theirs.stdout.split("\n").sort(), line);
}

function kafka(field: Field, line: string): Promise<Ended> {
  return java(COMMAND, ["--bootstrap-server", field.server.address, ...line.split(" ")]);
}

function weir(field: Field, line: string): Promise<Ended> {
  const words = ["kafka-consumer-groups", "--bootstrap-server", field.server.address, ...line.split(" ")];
  return run(Deno.execPath(), ["run", "--quiet", "--no-prompt", "--allow-all", MAIN, ...words]);
}

/** A member, until the first record comes. */
function consume(field: Field, group: string, settings: readonly string[]): Promise<Ended> {
  const words = ["--bootstrap-server", field.server.address, "--topic", "lines-a", "--group", group];
  const properties = settings.flatMap((setting) => ["--command-property", setting]);
  return java(CONSUMER, [...words, "--max-messages", "1", ...properties]);
}

async function isStable(field: Field, groups: readonly string[]): Promise<void> {
  for (let attempt = 0; attempt < 40; attempt++) {
    const { stdout } = await weir(field, "--list --state stable");
    if (groups.every((group) => stdout.includes(`\n${group} `))) return;
  }
  throw new Error(`Groups "${groups.join('", "')}" did not become stable`);
}

export const GROUP_LINE_CASES: readonly Case[] = [
  { name: "weir kafka-consumer-groups prints the lines of Kafka's command", run: printsTheSame },
];
