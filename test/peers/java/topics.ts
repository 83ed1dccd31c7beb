/** kafka-topics and kafka-configs: what they print, and what they say when something is wrong. */
import assert from "node:assert/strict";
import type { Case, Field } from "../cases.ts";
import { createTopic, done, refused, sortedLines } from "./tools.ts";

const TOPICS = "kafka-topics";
const CONFIGS = "kafka-configs";

async function createsAndDescribes(field: Field): Promise<void> {
  const create = ["--create", "--topic", "tools-a", "--partitions", "3", "--replication-factor", "1"];
  const said = await done(field, TOPICS, [...create, "--config", "retention.ms=12345"]);
  assert.equal(said, "Created topic tools-a.\n");
  const lines = (await done(field, TOPICS, ["--describe", "--topic", "tools-a"])).trimEnd().split("\n");
  assert.match(
    lines[0]!,
    /^Topic: tools-a\tTopicId: [\w-]{22}\tPartitionCount: 3\tReplicationFactor: 1\tConfigs: (\S+,)?retention.ms=12345$/,
  );
  assert.equal(lines.length, 4);
  lines.slice(1).forEach((line, partition) => {
    const [, leader] = /Leader: (\d+)/.exec(line) ?? [];
    assert.ok(
      line.startsWith(
        `\tTopic: tools-a\tPartition: ${partition}\tLeader: ${leader}\tReplicas: ${leader}\tIsr: ${leader}`,
      ),
      line,
    );
  });
  assert.equal(
    await done(field, TOPICS, ["--describe", "--topic", "tools-a", "--unavailable-partitions"]),
    "",
  );
}

async function altersAndDeletes(field: Field): Promise<void> {
  await createTopic(field, "tools-b", 2);
  assert.ok(sortedLines(await done(field, TOPICS, ["--list"])).includes("tools-b"));
  await done(field, TOPICS, ["--alter", "--topic", "tools-b", "--partitions", "5"]);
  assert.match(await done(field, TOPICS, ["--describe", "--topic", "tools-b"]), /PartitionCount: 5\t/);
  await done(field, TOPICS, ["--create", "--topic", "tools-b", "--if-not-exists"]);
  await done(field, TOPICS, [
    "--create",
    "--topic",
    "tools-c",
    "--replica-assignment",
    await leaderTwice(field),
  ]);
  assert.match(await done(field, TOPICS, ["--describe", "--topic", "tools-c"]), /PartitionCount: 2\t/);
  await done(field, TOPICS, ["--delete", "--topic", "tools-b"]);
  const left = sortedLines(await done(field, TOPICS, ["--list"]));
  assert.ok(!left.includes("tools-b") && left.includes("tools-c"), left.join(" "));
}

/** A replica assignment of two partitions to the one broker there is. */
async function leaderTwice(field: Field): Promise<string> {
  const described = await done(field, TOPICS, ["--describe", "--topic", "tools-b"]);
  const [, leader] = /Leader: (\d+)/.exec(described) ?? [];
  return `${leader},${leader}`;
}

async function saysWhatIsWrong(field: Field): Promise<void> {
  await createTopic(field, "tools-d", 3);
  const create = (topic: string, ...words: string[]) => ["--create", "--topic", topic, ...words];
  await refused(field, TOPICS, create("tools-d"), /TopicExistsException: .*tools-d/);
  await refused(
    field,
    TOPICS,
    create("tools-e", "--replication-factor", "3"),
    /eplication factor.*3|3 time\(s\)/,
  );
  await refused(field, TOPICS, create("tools/e"), /InvalidTopicException: .*tools\/e/);
  await refused(field, TOPICS, create("tools-e", "--config", "nonsense.key=1"), /nonsense\.key/);
  await refused(field, TOPICS, create("tools-e", "--config", "retention.ms=abc"), /abc.*retention\.ms/);
  await refused(
    field,
    TOPICS,
    ["--alter", "--topic", "tools-d", "--partitions", "2"],
    /InvalidPartitionsException: .*tools-d/,
  );
  await refused(
    field,
    TOPICS,
    ["--describe", "--topic", "tools-e"],
    /Topic 'tools-e' does not exist as expected/,
  );
  await refused(
    field,
    TOPICS,
    ["--delete", "--topic", "tools-e"],
    /Topic 'tools-e' does not exist as expected/,
  );
}

async function altersTopicConfigs(field: Field): Promise<void> {
  await createTopic(field, "configs-a", 1, ["retention.ms=12345"]);
  const topic = ["--entity-type", "topics", "--entity-name", "configs-a"];
  const alter = (...words: string[]) => done(field, CONFIGS, ["--alter", ...topic, ...words]);
  const describe = () => done(field, CONFIGS, ["--describe", ...topic]);
  assert.equal(
    await alter("--add-config", "cleanup.policy=[compact,delete],max.message.bytes=2000000"),
    "Completed updating config for topic configs-a.\n",
  );
  const [first, ...rest] = (await describe()).trimEnd().split("\n");
  assert.equal(first, "Dynamic configs for topic configs-a are:");
  // Kafka leaves out the synonyms that count in another unit; naming them as well is no fault.
  const lines = rest.map((line) => line.replace(/, DEFAULT_CONFIG:log\.retention\.hours=168\}$/, "}"));
  assert.deepEqual(lines.sort(), [
    "  cleanup.policy=compact,delete sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:cleanup.policy=compact,delete, DEFAULT_CONFIG:log.cleanup.policy=delete}",
    "  max.message.bytes=2000000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:max.message.bytes=2000000, DEFAULT_CONFIG:message.max.bytes=1048588}",
    "  retention.ms=12345 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=12345}",
  ]);
  await alter("--delete-config", "cleanup.policy,max.message.bytes");
  assert.deepEqual((await describe()).trimEnd().split("\n").slice(1).map((line) => line.split(" ")[2]), [
    "retention.ms=12345",
  ]);
  await refused(
    field,
    CONFIGS,
    ["--alter", ...topic, "--add-config", "retention.ms=abc"],
    /InvalidConfiguration.*abc/,
  );
  await refused(
    field,
    CONFIGS,
    ["--alter", ...topic, "--add-config", "nonsense=1"],
    /InvalidConfiguration.*nonsense/,
  );
}

/** Defaults every Kafka broker has; a broker that shows another value would be believed by its users. */
const DEFAULTS = [
  "cleanup.policy=delete",
  "compression.type=producer",
  "max.message.bytes=1048588",
  "message.timestamp.type=CreateTime",
  "retention.bytes=-1",
  "retention.ms=604800000",
  "segment.bytes=1073741824",
  "segment.ms=604800000",
];

async function describesDefaults(field: Field): Promise<void> {
  await createTopic(field, "configs-b", 1);
  const topic = ["--entity-type", "topics", "--entity-name", "configs-b"];
  const text = await done(field, CONFIGS, ["--describe", "--all", ...topic]);
  assert.match(text, /^All configs for topic configs-b are:\n/);
  for (const line of DEFAULTS) {
    assert.ok(text.includes(`\n  ${line} sensitive=false synonyms={`), `no ${line}: ${text}`);
  }
  assert.match(
    text,
    /segment\.bytes=1073741824 sensitive=false synonyms=\{\w+_CONFIG:log\.segment\.bytes=1073741824/,
  );
}

async function describesTheBroker(field: Field): Promise<void> {
  await createTopic(field, "configs-c", 1);
  const described = await done(field, TOPICS, ["--describe", "--topic", "configs-c"]);
  const id = /Leader: (\d+)/.exec(described)![1]!;
  const text = await done(field, CONFIGS, [
    "--describe",
    "--all",
    "--entity-type",
    "brokers",
    "--entity-name",
    id,
  ]);
  assert.ok(text.startsWith(`All configs for broker ${id} are:\n`), text.slice(0, 200));
  for (const key of ["log.dirs", "message.max.bytes", "num.partitions", "auto.create.topics.enable"]) {
    assert.match(text, new RegExp(`\\n  ${key.replaceAll(".", "\\.")}=\\S+ sensitive=false synonyms=\\{`));
  }
  const cluster = ["--describe", "--entity-type", "brokers", "--entity-default"];
  assert.match(await done(field, CONFIGS, cluster), /^Default configs for brokers in the cluster are:\n/);
}

export const TOPIC_CASES: readonly Case[] = [
  { name: "kafka-topics creates and describes", run: createsAndDescribes },
  { name: "kafka-topics lists, alters, assigns and deletes", run: altersAndDeletes },
  { name: "kafka-topics says what is wrong", run: saysWhatIsWrong },
  { name: "kafka-configs adds, describes and deletes topic settings", run: altersTopicConfigs },
  { name: "kafka-configs shows Kafka's defaults and their synonyms", run: describesDefaults },
  { name: "kafka-configs describes the broker", run: describesTheBroker },
];
