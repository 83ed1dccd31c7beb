/**
 * `weir kafka-topics`: Kafka's command of that name, flags, output and all.
 * Data and the words Kafka prints on standard output; failures on standard error.
 */
import { type TopicMetadata, type Weir, WeirError } from "../../client/mod.ts";
import type { Arguments } from "../arguments.ts";
import { type Command, CommandError, type Context, type ExitStatus } from "../command.ts";
import { reporting, withAdmin } from "./run.ts";
import { topicFilter } from "./topic_filter.ts";
import {
  partitionsWanted,
  TOPICS_OPTIONS,
  type TopicsAction,
  topicsAction,
  topicSettings,
} from "./topics_options.ts";
import {
  COLLISION_WARNING,
  overridden,
  PARTITION_REPORTS,
  partitionLine,
  topicLine,
} from "./topics_words.ts";

export const kafkaTopics: Command = {
  operands: [],
  options: TOPICS_OPTIONS,
  notes: [
    "--topic is a regular expression for the whole name in all actions but --create: orders,audit-.* or my\\.topic. " +
    "Settings of a topic that is there are changed with kafka-configs.",
  ],
  examples: [
    "weir kafka-topics --create --topic orders --partitions 3 --replication-factor 1 --bootstrap-server localhost:9092",
    "weir kafka-topics --list --bootstrap-server localhost:9092",
    "weir kafka-topics --describe --topic orders --bootstrap-server localhost:9092",
  ],
  run: (given, context) => {
    const action = topicsAction(given);
    return reporting(
      context,
      "Error while executing topic command : ",
      () => withAdmin(given, context, (weir) => ACTIONS[action](weir, given, context)),
    );
  },
};

const ACTIONS: Readonly<
  Record<TopicsAction, (weir: Weir, given: Arguments, context: Context) => Promise<ExitStatus>>
> = { create, list, describe, alter, delete: remove };

async function create(weir: Weir, given: Arguments, { output, signal }: Context): Promise<ExitStatus> {
  const name = given.text("topic")!;
  const partitions = partitionsWanted(given, weir.broker.node);
  const config = topicSettings(given);
  if (/[._]/.test(name)) await output.write(COLLISION_WARNING);
  try {
    await weir.admin.createTopic(name, { partitions, config, signal });
    await output.write(`Created topic ${name}.\n`);
  } catch (error) {
    const isThere = error instanceof WeirError && error.code === "TOPIC_ALREADY_EXISTS";
    if (!isThere || !given.has("if-not-exists")) throw error;
  }
  return 0;
}

async function list(weir: Weir, given: Arguments, context: Context): Promise<ExitStatus> {
  const topics = await matching(weir, given, context);
  await context.output.write(`${topics.map(({ name }) => name).join("\n")}\n`);
  return 0;
}

async function alter(weir: Weir, given: Arguments, context: Context): Promise<ExitStatus> {
  const partitions = partitionsWanted(given, weir.broker.node)!;
  for (const { name } of await expected(weir, given, context)) {
    await weir.admin.addPartitions(name, partitions, { signal: context.signal });
  }
  return 0;
}

async function remove(weir: Weir, given: Arguments, context: Context): Promise<ExitStatus> {
  for (const { name } of await expected(weir, given, context)) {
    await weir.admin.deleteTopic(name, { signal: context.signal });
  }
  return 0;
}

async function describe(weir: Weir, given: Arguments, context: Context): Promise<ExitStatus> {
  const topics = await expected(weir, given, context);
  if (topics.length === 0) return 0;
  const names = topics.map(({ name }) => name);
  const details = await weir.admin.describeTopics(names, { signal: context.signal });
  for (const [index, topic] of topics.entries()) {
    await context.output.write(describeText(topic, details[index]!.settings, given));
  }
  return 0;
}

function describeText(
  topic: TopicMetadata,
  settings: Parameters<typeof topicLine>[1],
  given: Arguments,
): string {
  const reports = Object.keys(PARTITION_REPORTS).filter((name) => given.has(name));
  const insyncMin = Number(settings.find(({ name }) => name === "min.insync.replicas")?.value ?? 1);
  const isShown = (partition: TopicMetadata["partitions"][number]) =>
    reports.length === 0 || reports.some((report) => PARTITION_REPORTS[report]!(partition, insyncMin));
  const partitions = given.has("topics-with-overrides") ? [] : topic.partitions.filter(isShown);
  const showsTopic = reports.length === 0 &&
    (!given.has("topics-with-overrides") || overridden(settings).length > 0);
  return (showsTopic ? topicLine(topic, settings) : "") +
    partitions.map((partition) => partitionLine(topic.name, partition)).join("");
}

/** The topics that are meant; none at all throws, unless `--if-exists` is given or none was named. */
async function expected(weir: Weir, given: Arguments, context: Context): Promise<TopicMetadata[]> {
  const topics = await matching(weir, given, context);
  const id = given.text("topic-id");
  const named = id === undefined ? given.text("topic") : id;
  if (topics.length > 0 || named === undefined || given.has("if-exists")) return topics;
  throw new CommandError(`${id === undefined ? "Topic" : "TopicId"} '${named}' does not exist as expected`);
}

async function matching(weir: Weir, given: Arguments, { signal }: Context): Promise<TopicMetadata[]> {
  const topics = await weir.admin.listTopics({ internal: !given.has("exclude-internal"), signal });
  const id = given.text("topic-id");
  if (id !== undefined) return topics.filter((topic) => topic.id === id);
  const named = given.text("topic");
  if (named === undefined) return topics;
  const matches = topicFilter(named);
  return topics.filter(({ name }) => matches(name));
}
