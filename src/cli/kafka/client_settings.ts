/**
 * Settings of Kafka's clients that are given to a command: those with a meaning
 * for Weir's client become its options, other settings that Kafka's clients know
 * are taken and do nothing, those that ask for encryption or a password are
 * refused, because leaving them out would be less than what was asked for, and
 * names that nobody knows are warned of, as Kafka does.
 */
import type { ConnectOptions } from "../../client/mod.ts";
import type { Arguments } from "../arguments.ts";
import { CommandError, type Option } from "../command.ts";
import type { Output } from "../output.ts";
import { numberProperty, type Properties, propertiesOf, readProperties } from "./properties.ts";

/** `--command-config`, of the commands that ask and change. */
export const COMMAND_CONFIG: Option = {
  name: "command-config",
  value: "FILE",
  help: "properties file with settings of the client",
};

/** Common to every client of Kafka, taken whether or not it means something here. */
const COMMON_NAMES = [
  "allow.auto.create.topics",
  "auto.include.jmx.reporter",
  "bootstrap.servers",
  "client.dns.lookup",
  "client.id",
  "client.rack",
  "connections.max.idle.ms",
  "default.api.timeout.ms",
  "enable.metrics.push",
  "interceptor.classes",
  "metadata.max.age.ms",
  "metadata.recovery.rebootstrap.trigger.ms",
  "metadata.recovery.strategy",
  "metric.reporters",
  "metrics.num.samples",
  "metrics.recording.level",
  "metrics.sample.window.ms",
  "receive.buffer.bytes",
  "reconnect.backoff.max.ms",
  "reconnect.backoff.ms",
  "request.timeout.ms",
  "retries",
  "retry.backoff.max.ms",
  "retry.backoff.ms",
  "security.protocol",
  "send.buffer.bytes",
  "socket.connection.setup.timeout.max.ms",
  "socket.connection.setup.timeout.ms",
];

/** Settings of the client out of a file (an option of that name) and `KEY=VALUE` words, which win. */
export async function clientProperties(
  given: Arguments,
  files: readonly string[],
  words: readonly string[],
): Promise<Map<string, string>> {
  const properties = new Map<string, string>();
  for (const option of files) {
    const path = given.text(option);
    if (path === undefined) continue;
    for (const [name, value] of await readProperties(path)) properties.set(name, value);
  }
  const assigned = words.flatMap((option) => [...given.all(option)]);
  for (const [name, value] of propertiesOf(assigned)) properties.set(name, value);
  return properties;
}

/** Refuses what cannot be kept and warns of names that are in neither list. */
export function checkClientProperties(
  properties: Properties,
  names: readonly string[],
  output: Output,
): void {
  for (const [name, value] of properties) {
    const protects = /^(sasl|ssl)\./.test(name) ||
      (name === "security.protocol" && value.trim().toUpperCase() !== "PLAINTEXT");
    if (protects) {
      throw new CommandError(
        `"${name}=${value}" cannot be served: connections to Weir are neither encrypted nor authenticated yet`,
      );
    }
    if (COMMON_NAMES.includes(name) || names.includes(name)) continue;
    output.note(`WARN The configuration '${name}' was supplied but isn't a known config.`);
  }
}

/** What the settings say about connections. */
export function connectOptions(properties: Properties): ConnectOptions {
  const backoffMs = numberProperty(properties, "retry.backoff.ms", 0);
  const backoffMsMax = numberProperty(properties, "retry.backoff.max.ms", 0);
  return {
    connectTimeoutMs: numberProperty(properties, "socket.connection.setup.timeout.ms", 1),
    requestTimeoutMs: numberProperty(properties, "request.timeout.ms", 1),
    metadataAgeMsMax: numberProperty(properties, "metadata.max.age.ms", 0),
    retryBackoffMs: backoffMs,
    retryBackoffMsMax: backoffMs === undefined ? backoffMsMax : Math.max(backoffMs, backoffMsMax ?? 1_000),
  };
}
