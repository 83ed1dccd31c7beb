/**
 * What `kafka-console-producer` is told about producing: its own options, then
 * the producer's properties, then Kafka's defaults of the tool.
 */
import type { ProducerOptions } from "../../client/mod.ts";
import type { Arguments } from "../arguments.ts";
import { CommandError, type Option } from "../command.ts";
import { acksOf, COMPRESSIONS } from "../produce_options.ts";
import { choiceProperty, numberProperty, type Properties } from "./properties.ts";

/** Options that stand for a property of the producer, and what the tool takes without either. */
const STANDS_FOR = {
  "request-required-acks": { property: "acks", fallback: "-1", help: "acks: 0, 1, all or -1" },
  "request-timeout-ms": { property: "request.timeout.ms", fallback: "1500", help: "for one request" },
  "message-send-max-retries": { property: "retries", fallback: "3", help: "times a batch is sent again" },
  "retry-backoff-ms": { property: "retry.backoff.ms", fallback: "100", help: "pause before a retry" },
  "timeout": { property: "linger.ms", fallback: "1000", help: "milliseconds a batch waits for more records" },
  "batch-size": { property: "batch.size", fallback: "16384", help: "bytes of a batch" },
  "max-partition-memory-bytes": {
    property: "batch.size",
    fallback: "16384",
    help: "the same as --batch-size",
  },
  "max-memory-bytes": { property: "buffer.memory", fallback: "33554432", help: "bytes that may be buffered" },
  "max-block-ms": { property: "max.block.ms", fallback: "60000", help: "how long a send may wait for room" },
  "metadata-expiry-ms": {
    property: "metadata.max.age.ms",
    fallback: "300000",
    help: "how old knowledge of topics may be",
  },
  "socket-buffer-size": {
    property: "send.buffer.bytes",
    fallback: "102400",
    help: "taken, and means nothing",
  },
} as const;

/** Those options, for the parser and the help. */
export const PRODUCER_OPTIONS: readonly Option[] = Object.entries(STANDS_FOR).map(
  ([name, { fallback, help }]) => ({ name, value: "N", help, fallback }),
);

/** Settings of a Kafka producer besides those every client has. */
export const PRODUCER_NAMES = [
  "acks",
  "batch.size",
  "buffer.memory",
  "compression.gzip.level",
  "compression.lz4.level",
  "compression.type",
  "compression.zstd.level",
  "delivery.timeout.ms",
  "enable.idempotence",
  "key.serializer",
  "linger.ms",
  "max.block.ms",
  "max.in.flight.requests.per.connection",
  "max.request.size",
  "metadata.max.idle.ms",
  "partitioner.adaptive.partitioning.enable",
  "partitioner.availability.timeout.ms",
  "partitioner.class",
  "partitioner.ignore.keys",
  "transaction.timeout.ms",
  "value.serializer",
] as const;

/** The properties with the command's own options over them, and the tool's defaults below. */
export function producerProperties(given: Arguments, properties: Properties): Map<string, string> {
  const merged = new Map(properties);
  for (const [option, { property, fallback }] of Object.entries(STANDS_FOR)) {
    const value = given.text(option);
    if (value !== undefined) merged.set(property, value);
    else if (!merged.has(property)) merged.set(property, fallback);
  }
  const codec = given.text("compression-codec");
  if (codec !== undefined) merged.set("compression.type", codec === "" ? "gzip" : codec);
  return merged;
}

/** What the client's producer is told. Throws {@linkcode CommandError} for a value that makes no sense. */
export function producerOptions(properties: Properties): ProducerOptions {
  if (properties.has("transactional.id")) {
    throw new CommandError(`"transactional.id" cannot be served: transactions are not served yet`);
  }
  const inFlightMax = numberProperty(properties, "max.in.flight.requests.per.connection", 1);
  const acks = choiceProperty(properties, "acks", ["all", "-1", "0", "1"]) ?? "all";
  return {
    acks: acksOf(acks === "-1" ? "all" : acks),
    compression: choiceProperty(properties, "compression.type", COMPRESSIONS),
    lingerMs: numberProperty(properties, "linger.ms", 0),
    batchBytesMax: Math.max(numberProperty(properties, "batch.size", 0) ?? 0, 1),
    bufferBytesMax: numberProperty(properties, "buffer.memory", 1),
    requestTimeoutMs: numberProperty(properties, "request.timeout.ms", 1),
    retriesMax: numberProperty(properties, "retries", 0),
    deliveryTimeoutMs: numberProperty(properties, "delivery.timeout.ms", 1),
    inFlightMax,
    idempotent: isIdempotent(properties, inFlightMax),
  };
}

/** As asked for; where nobody asks, Kafka's producer gives it up for more than 5 requests in flight. */
function isIdempotent(properties: Properties, inFlightMax: number | undefined): boolean | undefined {
  const wanted = choiceProperty(properties, "enable.idempotence", ["true", "false"]);
  if (wanted !== undefined) return wanted === "true";
  return inFlightMax !== undefined && inFlightMax > 5 ? false : undefined;
}
