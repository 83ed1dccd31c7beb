/** Consumers in groups by Kafka's own tools, by the classic protocol and by the new one, and every verb of kafka-consumer-groups. */
import assert from "node:assert/strict";
import type { Case, Field } from "../cases.ts";
import { createTopic, done, refused, runTool, sortedLines } from "./tools.ts";

const PROTOCOLS = ["classic", "consumer"] as const;

/** Records of one byte and more, dealt out over the partitions in small batches. */
async function fill(field: Field, topic: string, count: number): Promise<void> {
  const words = ["--topic", topic, "--num-records", String(count), "--record-size", "10"];
  const small = ["--command-property", "batch.size=16", "partitioner.adaptive.partitioning.enable=false"];
  await done(field, "kafka-producer-perf-test", [...words, "--throughput", "-1", ...small]);
}

/** What kafka-console-consumer reads as a member of `group` until nothing comes; Kafka waits three seconds for members. */
async function consume(field: Field, topic: string, group: string, protocol: string): Promise<number> {
  const timeoutMs = field.server.kind === "kafka" ? "10000" : "4000";
  const words = ["--topic", topic, "--group", group, "--from-beginning", "--timeout-ms", timeoutMs];
  const ended = await runTool(field, "kafka-console-consumer", [
    ...words,
    "--command-property",
    `group.protocol=${protocol}`,
  ]);
  const said = /Processed a total of (\d+) messages/.exec(ended.stderr);
  assert.ok(said !== null, ended.stderr);
  return Number(said[1]);
}

async function consolesCarryOn(field: Field): Promise<void> {
  for (const protocol of PROTOCOLS) {
    const topic = `group-console-${protocol}`;
    await createTopic(field, topic, 3);
    await fill(field, topic, 60);
    assert.equal(await consume(field, topic, topic, protocol), 60);
    assert.equal(await consume(field, topic, topic, protocol), 0, "everything was committed");
    await fill(field, topic, 30);
    const other = PROTOCOLS[1 - PROTOCOLS.indexOf(protocol)]!;
    assert.equal(await consume(field, topic, topic, other), 30, "by the other protocol, from the commit");
    assert.equal(await consume(field, topic, `${topic}-2`, protocol), 90, "another group begins anew");
  }
}

interface Event {
  readonly name: string;
  readonly count?: number;
  readonly success?: boolean;
  readonly partitions?: readonly {
    readonly partition: number;
    readonly minOffset?: number;
    readonly maxOffset?: number;
  }[];
}

/** The events of a kafka-verifiable-consumer that ends once it read `count` records or more. */
async function verify(field: Field, topic: string, protocol: string, count: number): Promise<Event[]> {
  const group = ["--topic", topic, "--group-id", topic, "--group-protocol", protocol];
  const words = [...group, "--max-messages", String(count), "--reset-policy", "earliest"];
  const session = protocol === "classic" ? ["--session-timeout", "6000"] : [];
  const lines = await done(field, "kafka-verifiable-consumer", [...words, ...session]);
  return lines.trimEnd().split("\n").map((line) => JSON.parse(line));
}

function consumed(events: readonly Event[]): number {
  return events.reduce((sum, { name, count }) => name === "records_consumed" ? sum + count! : sum, 0);
}

async function verifies(field: Field): Promise<void> {
  for (const protocol of PROTOCOLS) {
    const topic = `group-verify-${protocol}`;
    await createTopic(field, topic, 3);
    await fill(field, topic, 300);
    const events = await verify(field, topic, protocol, 300);
    assert.equal(consumed(events), 300);
    const assigned = events.find(({ name }) => name === "partitions_assigned")!.partitions!;
    assert.deepEqual(assigned.map(({ partition }) => partition).sort(), [0, 1, 2]);
    const commits = events.filter(({ name }) => name === "offsets_committed");
    assert.ok(commits.length > 0 && commits.every(({ success }) => success), "every commit is taken");
    assert.equal(events.at(-2)!.name, "shutdown_complete");
  }
}

/** What was read, as `PARTITION:OFFSET`: a record whose commit a rebalance refused is read twice. */
function recordsOf(members: readonly Event[][]): Set<string> {
  const read = members.flat().filter(({ name }) => name === "records_consumed");
  return new Set(
    read.flatMap(({ partitions }) =>
      partitions!.flatMap(({ partition, minOffset, maxOffset }) =>
        Array.from(
          { length: maxOffset! - minOffset! + 1 },
          (_, index) => `${partition}:${minOffset! + index}`,
        )
      )
    ),
  );
}

/** Two members at once, while records come: both read, and between them every record is read. */
async function sharesBetweenTwo(field: Field): Promise<void> {
  for (const protocol of PROTOCOLS) {
    const topic = `group-two-${protocol}`;
    await createTopic(field, topic, 4);
    const words = ["--topic", topic, "--num-records", "5000", "--record-size", "10", "--throughput", "200"];
    const small = ["--command-property", "batch.size=16", "partitioner.adaptive.partitioning.enable=false"];
    const [one, other] = await Promise.all([
      verify(field, topic, protocol, 2_300),
      verify(field, topic, protocol, 2_300),
      done(field, "kafka-producer-perf-test", [...words, ...small]),
    ]);
    const left = 5_000 - recordsOf([one, other]).size;
    const rest = await verify(field, topic, protocol, left);
    assert.equal(recordsOf([one, other, rest]).size, 5_000, "every record is read");
    for (const events of [one, other]) {
      assert.ok(sharesOf(events).includes(2), `shares of two partitions, not ${sharesOf(events)}`);
    }
  }
}

/** How many partitions a member owned, one after another: what is assigned is added, what is revoked goes. */
function sharesOf(events: readonly Event[]): number[] {
  let owned = 0;
  return events.flatMap(({ name, partitions }) => {
    if (name !== "partitions_assigned" && name !== "partitions_revoked") return [];
    return owned += name === "partitions_assigned" ? partitions!.length : -partitions!.length;
  });
}

const group = (words: string) => (field: Field) => done(field, "kafka-consumer-groups", words.split(" "));

/** Cells of the line that `kafka-consumer-groups` prints of a partition. */
async function row(field: Field, name: string, place: readonly string[]): Promise<string[]> {
  const lines = sortedLines(await group(`--describe --group ${name}`)(field)).map((line) =>
    line.split(/\s+/)
  );
  const found = lines.find((cells) => place.every((cell, index) => cells[index + 1] === cell));
  assert.ok(found !== undefined, lines.join("\n"));
  return found;
}

async function administers(field: Field): Promise<void> {
  for (const protocol of PROTOCOLS) {
    const topic = `group-admin-${protocol}`;
    await createTopic(field, topic, 1);
    await fill(field, topic, 40);
    assert.equal(await consume(field, topic, topic, protocol), 40);
    await lists(field, topic, protocol);
    const coordinator = "\\S+ +\\(\\d+\\)";
    assert.match(
      await group(`--describe --group ${topic} --state`)(field),
      new RegExp(`${topic} +${coordinator} .*Empty +0\\s*$`),
    );
    assert.deepEqual((await row(field, topic, [topic, "0"])).slice(2, 6), ["0", "40", "40", "0"]);
    await resets(field, topic);
    await deletes(field, topic);
  }
}

async function lists(field: Field, name: string, protocol: string): Promise<void> {
  assert.ok(sortedLines(await group("--list")(field)).includes(name));
  assert.match(await group("--list --state empty")(field), new RegExp(`^${name} +Empty *$`, "m"));
  assert.doesNotMatch(await group("--list --state stable")(field), new RegExp(`^${name} `, "m"));
  const type = protocol === "classic" ? "Classic" : "Consumer";
  assert.match(await group(`--list --type ${protocol}`)(field), new RegExp(`^${name} +${type} *$`, "m"));
}

async function resets(field: Field, name: string): Promise<void> {
  const reset = async (to: string, mode = "--execute") => {
    const text = await group(`--reset-offsets --group ${name} --topic ${name} ${to} ${mode}`)(field);
    return text.trimEnd().split("\n").at(-1)!.split(/\s+/)[3];
  };
  assert.equal(await reset("--to-earliest", "--dry-run"), "0");
  assert.equal((await row(field, name, [name, "0"]))[3], "40", "a dry run changes nothing");
  assert.equal(await reset("--to-offset 10"), "10");
  assert.equal(await reset("--shift-by -3"), "7");
  assert.deepEqual((await row(field, name, [name, "0"])).slice(3, 6), ["7", "40", "33"]);
  assert.equal(await consume(field, name, name, "classic"), 33, "it goes on where it was put");
  assert.equal(await reset("--to-latest"), "40");
  assert.equal(await reset("--to-datetime 2020-01-01T00:00:00.000"), "0");
  assert.equal(await reset("--by-duration PT1H"), "0");
  assert.equal(await reset("--to-current", "--dry-run"), "0");
  const exported = await group(
    `--reset-offsets --group ${name} --all-topics --to-offset 5 --export --dry-run`,
  )(
    field,
  );
  const file = `${field.directory}/${name}.csv`;
  await Deno.writeTextFile(file, exported);
  await group(`--reset-offsets --group ${name} --from-file ${file} --execute`)(field);
  assert.equal((await row(field, name, [name, "0"]))[3], "5");
}

async function deletes(field: Field, name: string): Promise<void> {
  assert.match(await group(`--delete-offsets --group ${name} --topic ${name}`)(field), /Successful/);
  await fill(field, name, 1);
  assert.equal(await consume(field, name, name, "classic"), 41, "nothing is committed any more");
  const member = verify(field, name, "classic", 1);
  await isThere(field, name);
  const busy = ["--delete", "--group", name];
  const said = await runTool(field, "kafka-consumer-groups", busy);
  assert.match(said.stdout + said.stderr, /GroupNotEmptyException/);
  await fill(field, name, 1);
  assert.equal(consumed(await member), 1);
  assert.match(await group(`--delete --group ${name}`)(field), /was successful/);
  assert.ok(!sortedLines(await group("--list")(field)).includes(name));
  const gone = await runTool(field, "kafka-consumer-groups", ["--describe", "--group", name]);
  assert.match(gone.stdout + gone.stderr, /GroupIdNotFoundException/);
}

/** Waits until the group has a member that is shown with its host and its partitions. */
async function isThere(field: Field, name: string): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    const text = await group(`--describe --group ${name} --members --verbose`)(field);
    if (new RegExp(`^${name} +\\S+ +/127\\.0\\.0\\.1 +\\S+ +1 .*${name}:0`, "m").test(text)) return;
  }
  assert.fail(`group "${name}" never had a member`);
}

async function refusesNonsense(field: Field): Promise<void> {
  await refused(
    field,
    "kafka-console-consumer",
    ["--topic", "group-none", "--group", "", "--timeout-ms", "2000"],
    /InvalidGroupIdException|group/i,
  );
}

export const GROUP_CASES: readonly Case[] = [
  {
    name: "kafka-console-consumer --group carries on from its commits, by both protocols",
    run: consolesCarryOn,
  },
  { name: "kafka-verifiable-consumer reads and commits all, by both protocols", run: verifies },
  { name: "two kafka-verifiable-consumers share a topic, by both protocols", run: sharesBetweenTwo },
  { name: "kafka-consumer-groups lists, describes, resets and deletes", run: administers },
  { name: "kafka-console-consumer is told that a group needs a name", run: refusesNonsense },
];
