/**
 * `weir topic ...`: create, list, describe, alter, add-partitions, delete, trim.
 * Data on standard output, what was done in words on standard error.
 */
import type { Arguments } from "./arguments.ts";
import { type Command, type Context, type ExitStatus, JSON_LINE, SERVER, UsageError } from "./command.ts";
import { countOf } from "./format.ts";
import { withBroker } from "./session.ts";
import { describeTopicText } from "./topic_words.ts";

const NAME = { name: "NAME" };
const CONFIG = {
  name: "config",
  value: "KEY=VALUE",
  help: "a setting of the topic, by Kafka's name",
  repeated: true,
};

export const create: Command = {
  operands: [NAME],
  options: [
    { name: "partitions", value: "N", help: "how many partitions", fallback: "the broker's num.partitions" },
    CONFIG,
    SERVER,
  ],
  notes: ["A name has 1 to 249 letters, digits, dots, underscores and dashes."],
  examples: ["weir topic create orders --partitions 3 --config retention.ms=3600000"],
  run: (given, context) =>
    withBroker(given, context, async (weir) => {
      const name = given.operands[0]!;
      const partitions = given.integer("partitions", 1);
      await weir.admin.createTopic(name, {
        partitions,
        config: settingsOf(given),
        signal: context.signal,
      });
      context.output.note(`Created topic "${name}"`);
      return 0;
    }),
};

export const list: Command = {
  operands: [],
  options: [{ name: "exclude-internal", help: "leave the broker's own topics out" }, JSON_LINE, SERVER],
  notes: ["One name a line, sorted; with --json one line with an array of names."],
  run: (given, context) =>
    withBroker(given, context, async (weir) => {
      const internal = !given.has("exclude-internal");
      const topics = await weir.admin.listTopics({ internal, signal: context.signal });
      const names = topics.map((topic) => topic.name).sort();
      const lines = names.map((name) => `${name}\n`).join("");
      await context.output.write(given.has("json") ? `${JSON.stringify(names)}\n` : lines);
      return 0;
    }),
};

export const describe: Command = {
  operands: [NAME],
  options: [JSON_LINE, SERVER],
  notes: ["Settings that differ from their default are marked with *."],
  run: (given, context) =>
    withBroker(given, context, async (weir) => {
      const topic = await weir.admin.describeTopic(given.operands[0]!, { signal: context.signal });
      await context.output.write(
        given.has("json") ? `${JSON.stringify(topic)}\n` : describeTopicText(topic),
      );
      return 0;
    }),
};

export const alter: Command = {
  operands: [NAME],
  options: [
    CONFIG,
    { name: "reset", value: "KEY", help: "take a setting back to its default", repeated: true },
    SERVER,
  ],
  notes: ["Changes take effect at once, without a restart."],
  examples: ["weir topic alter orders --config retention.ms=86400000 --reset segment.bytes"],
  run: runAlter,
};

function runAlter(given: Arguments, context: Context): Promise<ExitStatus> {
  const settings: Record<string, string | null> = settingsOf(given);
  for (const key of given.all("reset")) settings[key] = null;
  const count = Object.keys(settings).length;
  if (count === 0) throw new UsageError("Nothing to change: --config KEY=VALUE or --reset KEY is wanted");
  return withBroker(given, context, async (weir) => {
    await weir.admin.alterTopic(given.operands[0]!, settings, { signal: context.signal });
    context.output.note(`Changed ${countOf(count, "setting")} of topic "${given.operands[0]}"`);
    return 0;
  });
}

export const addPartitions: Command = {
  operands: [NAME],
  options: [{ name: "partitions", value: "N", help: "how many partitions there shall be in all" }, SERVER],
  notes: ["Records that were written stay where they are; keys of new ones may go to other partitions."],
  examples: ["weir topic add-partitions orders --partitions 6"],
  run: (given, context) => {
    const partitions = required(given.integer("partitions", 1), "--partitions N is missing");
    return withBroker(given, context, async (weir) => {
      await weir.admin.addPartitions(given.operands[0]!, partitions, { signal: context.signal });
      context.output.note(`Topic "${given.operands[0]}" has ${countOf(partitions, "partition")} now`);
      return 0;
    });
  },
};

export const remove: Command = {
  operands: [NAME],
  options: [SERVER],
  notes: ["The topic's files are removed and their space is freed."],
  run: (given, context) =>
    withBroker(given, context, async (weir) => {
      await weir.admin.deleteTopic(given.operands[0]!, { signal: context.signal });
      context.output.note(`Deleted topic "${given.operands[0]}"`);
      return 0;
    }),
};

export const trim: Command = {
  operands: [NAME],
  options: [
    { name: "partition", value: "P", help: "number of the partition" },
    { name: "before", value: "OFFSET", help: "the first offset to keep, or latest to remove everything" },
    JSON_LINE,
    SERVER,
  ],
  examples: ["weir topic trim orders --partition 0 --before 1000"],
  run: runTrim,
};

function runTrim(given: Arguments, context: Context): Promise<ExitStatus> {
  const partition = required(given.integer("partition", 0), "--partition P is missing");
  const before = given.text("before") === "latest"
    ? "latest"
    : required(given.integer("before", 0), "--before OFFSET is missing");
  const topic = given.operands[0]!;
  return withBroker(given, context, async (weir) => {
    const logStartOffset = await weir.admin.trim(topic, partition, before, { signal: context.signal });
    if (given.has("json")) {
      await context.output.write(`${JSON.stringify({ topic, partition, logStartOffset })}\n`);
    } else {
      context.output.note(
        `Partition ${partition} of topic "${topic}" begins at offset ${logStartOffset} now`,
      );
    }
    return 0;
  });
}

function settingsOf(given: Arguments): Record<string, string> {
  return Object.fromEntries(given.pairs("config"));
}

function required<Value>(value: Value | undefined, message: string): Value {
  if (value === undefined) throw new UsageError(message);
  return value;
}
