/**
 * The options of `kafka-topics`: Kafka's own, and which of them stand together.
 */
import type { Arguments } from "../arguments.ts";
import { CommandError, type Option, UsageError } from "../command.ts";
import { COMMON } from "./bootstrap.ts";
import { COMMAND_CONFIG } from "./client_settings.ts";
import { actionOf, refuseTogether, requiredText } from "./run.ts";
import { PARTITION_REPORTS } from "./topics_words.ts";

const ACTIONS = ["list", "describe", "create", "alter", "delete"] as const;
export type TopicsAction = typeof ACTIONS[number];

const REPORTS = Object.keys(PARTITION_REPORTS);

export const TOPICS_OPTIONS: readonly Option[] = [
  ...COMMON,
  COMMAND_CONFIG,
  { name: "create", help: "create a topic" },
  { name: "list", help: "list the topics" },
  { name: "describe", help: "show topics and their partitions" },
  { name: "alter", help: "give topics more partitions" },
  { name: "delete", help: "delete topics" },
  {
    name: "topic",
    value: "TOPIC",
    help: "a topic's name; except for --create also a pattern, or several with commas",
  },
  { name: "topic-id", value: "ID", help: "the topic to describe, by its id" },
  { name: "partitions", value: "N", help: "how many partitions", fallback: "the broker's num.partitions" },
  { name: "replication-factor", value: "N", help: "copies of each partition; one broker keeps 1" },
  {
    name: "replica-assignment",
    value: "ID:ID,ID:ID,...",
    help: "brokers of each partition, instead of --partitions and --replication-factor",
  },
  { name: "config", value: "KEY=VALUE", help: "a setting of the new topic", repeated: true },
  { name: "if-not-exists", help: "with --create: say nothing when the topic is there" },
  { name: "if-exists", help: "with --alter, --delete, --describe: say nothing when no topic matches" },
  { name: "exclude-internal", help: "leave the broker's own topics out" },
  { name: "topics-with-overrides", help: "only topics that have settings of their own, without partitions" },
  { name: "under-replicated-partitions", help: "only partitions with a replica that is behind" },
  { name: "unavailable-partitions", help: "only partitions without a leader" },
  { name: "under-min-isr-partitions", help: "only partitions with too few replicas in sync" },
  { name: "at-min-isr-partitions", help: "only partitions with just enough replicas in sync" },
  {
    name: "partition-size-limit-per-response",
    value: "N",
    help: "taken, and means nothing: an answer holds all partitions",
  },
];

/** The action, after a look at what may stand beside it. Throws {@linkcode UsageError}. */
export function topicsAction(given: Arguments): TopicsAction {
  const action = actionOf(given, ACTIONS);
  const except = (...actions: TopicsAction[]) => ACTIONS.filter((other) => !actions.includes(other));
  if (action !== "list" && action !== "describe") requiredText(given, "topic");
  if (action === "alter") {
    refuseTogether(given, "config", ["alter"]);
    requiredText(given, "partitions");
  }
  if (action === "create") refuseTogether(given, "replica-assignment", ["partitions", "replication-factor"]);
  refuseTogether(given, "config", except("create", "alter"));
  refuseTogether(given, "partitions", except("create", "alter"));
  refuseTogether(given, "replication-factor", except("create"));
  refuseTogether(given, "replica-assignment", except("create", "alter"));
  for (const report of REPORTS) {
    refuseTogether(given, report, ["topics-with-overrides", ...except("describe")]);
  }
  refuseTogether(given, "topics-with-overrides", [...REPORTS, ...except("describe")]);
  refuseTogether(given, "if-exists", except("alter", "delete", "describe"));
  refuseTogether(given, "if-not-exists", except("create"));
  refuseTogether(given, "exclude-internal", except("list", "describe"));
  if (action === "describe" && given.has("if-exists") && !given.has("topic") && !given.has("topic-id")) {
    throw new UsageError("--topic or --topic-id is required to describe a topic");
  }
  return action;
}

/** Each `--config KEY=VALUE`, blanks around both taken off. */
export function topicSettings(given: Arguments): Record<string, string> {
  return Object.fromEntries(
    given.all("config").map((text) => {
      const split = text.indexOf("=");
      if (split > 0) return [text.slice(0, split).trim(), text.slice(split + 1).trim()];
      throw new CommandError(
        'requirement failed: Invalid topic config: all configs to be added must be in the format "key=val".',
      );
    }),
  );
}

/**
 * Partitions in all, from `--partitions` or from the length of `--replica-assignment`. This broker is all
 * there is to keep a copy, so anything else that is asked for throws {@linkcode CommandError}.
 */
export function partitionsWanted(given: Arguments, node: number): number | undefined {
  const factor = given.integer("replication-factor", -32_768, 32_767);
  if (factor !== undefined && factor < 1) {
    throw new CommandError("The replication factor must be between 1 and 32767 inclusive");
  }
  if (factor !== undefined && factor > 1) {
    throw new CommandError(
      `Unable to replicate the partition ${factor} time(s): The target replication factor of ${factor} cannot be ` +
        `reached because only 1 broker(s) are registered.`,
    );
  }
  const partitions = given.integer("partitions", -2_147_483_648, 2_147_483_647);
  if (partitions !== undefined && partitions < 1) {
    throw new CommandError("The partitions must be greater than 0");
  }
  const assignment = given.text("replica-assignment");
  if (assignment === undefined || assignment === "") return partitions;
  const lists = assignment.split(",");
  for (const [partition, list] of lists.entries()) checkReplicas(list, partition, node);
  return partitions ?? lists.length;
}

function checkReplicas(list: string, partition: number, node: number): void {
  const replicas = list.split(":").map((id) => id.trim());
  const twice = replicas.find((id, index) => replicas.indexOf(id) !== index);
  if (twice !== undefined) {
    throw new CommandError(`Partition replica lists may not contain duplicate entries: ${twice}`);
  }
  if (replicas.length === 1 && replicas[0] === String(node)) return;
  throw new CommandError(
    `The replicas "${list}" of partition ${partition} cannot be served: broker ${node} is the only one`,
  );
}
