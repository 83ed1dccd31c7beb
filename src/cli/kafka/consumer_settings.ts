/**
 * What `kafka-console-consumer` is told about where and how to read: its own
 * options and the consumer's properties, checked together as Kafka checks them.
 */
import type { ConsumerSettings } from "../../client/mod.ts";
import type { Arguments } from "../arguments.ts";
import { CommandError, UsageError } from "../command.ts";
import { choiceProperty, numberProperty, type Properties } from "./properties.ts";

/** Settings of a Kafka consumer besides those every client has. */
export const CONSUMER_NAMES = [
  "auto.commit.interval.ms",
  "auto.offset.reset",
  "check.crcs",
  "enable.auto.commit",
  "exclude.internal.topics",
  "fetch.max.bytes",
  "fetch.max.wait.ms",
  "fetch.min.bytes",
  "group.id",
  "group.instance.id",
  "group.protocol",
  "group.remote.assignor",
  "heartbeat.interval.ms",
  "isolation.level",
  "key.deserializer",
  "max.partition.fetch.bytes",
  "max.poll.interval.ms",
  "max.poll.records",
  "partition.assignment.strategy",
  "session.timeout.ms",
  "value.deserializer",
] as const;

/** Which options stand together, in Kafka's words. Throws {@linkcode UsageError}. */
export function checkConsumerOptions(given: Arguments): void {
  if (given.has("topic") === given.has("include")) {
    throw new UsageError("Exactly one of --include/--topic is required. ");
  }
  if (given.has("partition")) {
    if (!given.has("topic")) throw new UsageError("The topic is required when partition is specified.");
    if (given.has("from-beginning") && given.has("offset")) {
      throw new UsageError("Options from-beginning and offset cannot be specified together.");
    }
    if (given.has("group")) throw new UsageError("Options group and partition cannot be specified together.");
  } else if (given.has("offset")) {
    throw new UsageError("The partition is required when offset is specified.");
  }
}

/** Where to begin, in the client's words. Throws {@linkcode UsageError}. */
export function startOf(given: Arguments, properties: Properties): "earliest" | "latest" | number {
  const offset = given.text("offset");
  if (offset !== undefined) return parseOffset(offset);
  const reset = properties.get("auto.offset.reset");
  if (given.has("from-beginning") && reset !== undefined && reset !== "earliest") {
    throw new CommandError(
      `Can't simultaneously specify --from-beginning and 'auto.offset.reset=${reset}', please remove one option`,
    );
  }
  const isEarliest = given.has("from-beginning") || (!given.has("partition") && reset === "earliest");
  return isEarliest ? "earliest" : "latest";
}

function parseOffset(text: string): "earliest" | "latest" | number {
  const word = text.toLowerCase();
  if (word === "earliest" || word === "latest") return word;
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  throw new UsageError(
    `The provided offset value '${text}' is incorrect. Valid values are 'earliest', 'latest', or a non-negative long.`,
  );
}

/**
 * The group to read in: of `--group`, or `group.id`; without either none, where Kafka makes one up and commits
 * nothing to it. Throws {@linkcode CommandError} when they differ.
 */
export function groupOf(given: Arguments, properties: Properties): string | undefined {
  const [option, property] = [given.text("group"), properties.get("group.id")];
  if (option !== undefined && property !== undefined && option !== property) {
    throw new CommandError(
      "The group ids provided in different places (directly using '--group', via '--command-property', or via " +
        `'--command-config') do not match. Detected group ids: '${option}', '${property}'`,
    );
  }
  const group = option ?? property;
  if (group === undefined || !given.has("partition")) return group;
  throw new CommandError("Options group and partition cannot be specified together.");
}

/** What the client's consumer is told. Throws {@linkcode CommandError} for values that make no sense. */
export function consumerOptions(given: Arguments, properties: Properties): ConsumerSettings {
  const isolations = ["read_uncommitted", "read_committed"] as const;
  const isolation = given.choice("isolation-level", isolations) ??
    choiceProperty(properties, "isolation.level", isolations);
  const resets = ["earliest", "latest", "none"] as const;
  const reset = choiceProperty(properties, "auto.offset.reset", resets) ??
    (given.has("from-beginning") ? "earliest" : "latest");
  return {
    ...groupOptions(groupOf(given, properties), properties),
    isolation: isolation ?? "read_uncommitted",
    reset: reset === "none" ? "error" : reset,
    bytesMin: numberProperty(properties, "fetch.min.bytes", 0),
    bytesMax: numberProperty(properties, "fetch.max.bytes", 1),
    partitionBytesMax: numberProperty(properties, "max.partition.fetch.bytes", 1),
    waitMsMax: numberProperty(properties, "fetch.max.wait.ms", 0),
  };
}

/** How a member behaves; nothing without a group. */
function groupOptions(group: string | undefined, properties: Properties): ConsumerSettings {
  if (group === undefined) return {};
  const commits = choiceProperty(properties, "enable.auto.commit", ["true", "false"] as const);
  return {
    group,
    instanceId: properties.get("group.instance.id"),
    autoCommit: commits !== "false",
    autoCommitIntervalMs: numberProperty(properties, "auto.commit.interval.ms", 0),
    maxPollIntervalMs: numberProperty(properties, "max.poll.interval.ms", 1),
  };
}
