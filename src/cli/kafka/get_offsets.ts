/**
 * `weir kafka-get-offsets`: where partitions begin or end, as `topic:partition:offset`
 * lines, in the order of their names. Partitions without such an offset are left out.
 */
import type { Weir } from "../../client/mod.ts";
import type { Arguments } from "../arguments.ts";
import { type Command, CommandError, type Context, type ExitStatus } from "../command.ts";
import { COMMON } from "./bootstrap.ts";
import { COMMAND_CONFIG } from "./client_settings.ts";
import { refuseTogether, reporting, withAdmin } from "./run.ts";
import { topicFilter } from "./topic_filter.ts";

export const kafkaGetOffsets: Command = {
  operands: [],
  options: [
    ...COMMON,
    COMMAND_CONFIG,
    { name: "topic", value: "TOPIC", help: "only topics that match, by names or patterns", fallback: "all" },
    { name: "partitions", value: "P,...", help: "only these partitions", fallback: "all" },
    {
      name: "topic-partitions",
      value: "TOPIC:P,...",
      help: "topics with a partition or a range each, such as orders:0,audit:1-3,clicks:2-",
    },
    {
      name: "time",
      value: "WHEN",
      help: "-1 or latest, -2 or earliest, -3 or max-timestamp, or milliseconds since 1970",
      fallback: "latest",
    },
    { name: "exclude-internal-topics", help: "leave the broker's own topics out" },
  ],
  examples: ["weir kafka-get-offsets --topic orders --time earliest --bootstrap-server localhost:9092"],
  run: (given, context) => {
    refuseTogether(given, "topic-partitions", ["topic", "partitions"]);
    return reporting(context, "Error occurred: ", () => {
      const isWanted = partitionFilter(given);
      const time = parseTime(given.text("time") ?? "latest");
      return withAdmin(given, context, (weir) => printOffsets(weir, given, isWanted, time, context));
    });
  },
};

type PartitionFilter = (topic: string, partition: number) => boolean;

async function printOffsets(
  weir: Weir,
  given: Arguments,
  isWanted: PartitionFilter,
  time: "earliest" | "latest" | "max" | Date,
  { output, signal }: Context,
): Promise<ExitStatus> {
  const topics = await weir.admin.listTopics({ internal: !given.has("exclude-internal-topics"), signal });
  const lines: string[] = [];
  let count = 0;
  for (const { name, partitions } of topics) {
    const wanted = partitions.map(({ partition }) => partition).filter((index) => isWanted(name, index));
    count += wanted.length;
    for (const found of await weir.admin.offsets(name, time, { partitions: wanted, signal })) {
      if (found.offset >= 0) lines.push(`${name}:${found.partition}:${found.offset}\n`);
    }
  }
  if (count === 0) throw new CommandError("Could not match any topic-partitions with the specified filters");
  await output.write(lines.join(""));
  return 0;
}

function parseTime(text: string): "earliest" | "latest" | "max" | Date {
  if (text === "latest" || text === "-1") return "latest";
  if (text === "earliest" || text === "-2" || text === "earliest-local" || text === "-4") return "earliest";
  if (text === "max-timestamp" || text === "-3") return "max";
  const timestampMs = /^\d+$/.test(text) ? Number(text) : NaN;
  if (timestampMs <= 8_640_000_000_000_000) return new Date(timestampMs);
  throw new CommandError(
    `Malformed time argument ${text}. Please use -1 or latest / -2 or earliest / -3 or max-timestamp, or a ` +
      `specified long format timestamp`,
  );
}

function partitionFilter(given: Arguments): PartitionFilter {
  const rules = given.text("topic-partitions");
  if (rules !== undefined) {
    const filters = rules.split(",").map(ruleFilter);
    return (topic, partition) => filters.some((filter) => filter(topic, partition));
  }
  const matches = topicFilter(given.text("topic") ?? ".*");
  const partitions = (given.text("partitions") ?? "").split(",").filter((text) => text !== "");
  if (partitions.some((text) => !/^\d+$/.test(text))) {
    throw new CommandError(
      `--partitions expects a comma separated list of numeric partition ids, but received: ${
        given.text("partitions")
      }`,
    );
  }
  const wanted = new Set(partitions.map(Number));
  return (topic, partition) => matches(topic) && (wanted.size === 0 || wanted.has(partition));
}

/** `TOPIC`, `TOPIC:3`, `TOPIC:1-3` (3 left out), `TOPIC:1-`, `TOPIC:-3`; without a topic, any. */
function ruleFilter(rule: string): PartitionFilter {
  const parts = /^([^:]*)(?::(?:(\d+)|(\d*)-(\d*))?)?$/.exec(rule);
  if (parts === null) throw new CommandError(`Invalid rule specification: ${rule}`);
  const [, topic, single, from, to] = parts;
  const matches = topicFilter(topic || ".*");
  const first = Number(single ?? (from || 0));
  const end = single === undefined ? (to ? Number(to) : Infinity) : first + 1;
  return (name, partition) => matches(name) && partition >= first && partition < end;
}
