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

/** What the client's consumer is told. Throws {@linkcode CommandError} for a group and for values that make no sense. */
export function consumerOptions(given: Arguments, properties: Properties): ConsumerSettings {
  if (given.has("group") || properties.has("group.id")) {
    throw new CommandError("Consumer groups are not served yet: leave --group out to read without one");
  }
  const isolations = ["read_uncommitted", "read_committed"] as const;
  const isolation = given.choice("isolation-level", isolations) ??
    choiceProperty(properties, "isolation.level", isolations);
  const resets = ["earliest", "latest", "none"] as const;
  const reset = choiceProperty(properties, "auto.offset.reset", resets) ??
    (given.has("from-beginning") ? "earliest" : "latest");
  return {
    isolation: isolation ?? "read_uncommitted",
    reset: reset === "none" ? "error" : reset,
    bytesMin: numberProperty(properties, "fetch.min.bytes", 0),
    bytesMax: numberProperty(properties, "fetch.max.bytes", 1),
    partitionBytesMax: numberProperty(properties, "max.partition.fetch.bytes", 1),
    waitMsMax: numberProperty(properties, "fetch.max.wait.ms", 0),
  };
}
