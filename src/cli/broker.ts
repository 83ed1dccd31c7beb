/**
 * `weir broker`: settings from their layers, a running broker, one ready line,
 * and a clean end on Ctrl-C or SIGTERM. Nothing is printed on standard output
 * before the ready line. The configuration file's parser is loaded only when a
 * file is given; no client code is loaded at all.
 */
import { type BrokerSettings, resolveBrokerSettings } from "../config/mod.ts";
import { type BrokerOptions, type RunningBroker, startBroker, StartError } from "../compose.ts";
import { processUptimeMs, stderrLogger, systemClock } from "../host/mod.ts";
import type { Arguments } from "./arguments.ts";
import { type Command, CommandError, type Context, type ExitStatus, UsageError } from "./command.ts";
import { OutputClosed } from "./output.ts";
import { readyLine } from "./broker_words.ts";

/** Flags that stand for a setting. */
const FLAG_SETTINGS = {
  data: "log.dirs",
  kafka: "kafka.listener",
  native: "native.listener",
  http: "http.listener",
  advertise: "advertised.address",
  console: "console.mode",
} as const;

export const broker: Command = {
  operands: [],
  options: [
    { name: "data", value: "DIR", help: "data directory, made when missing", fallback: "./data" },
    { name: "memory", help: "keep everything in memory, nothing on disk" },
    { name: "kafka", value: "HOST:PORT", help: "door for Kafka clients, or off", fallback: "127.0.0.1:9092" },
    {
      name: "native",
      value: "HOST:PORT",
      help: "door for Weir clients and commands, or off",
      fallback: "127.0.0.1:9292",
    },
    { name: "http", value: "HOST:PORT", help: "door for HTTP, or off", fallback: "127.0.0.1:8080" },
    {
      name: "advertise",
      value: "HOST[:PORT]",
      help: "address that clients are told to connect to",
      fallback: "where they connected",
    },
    {
      name: "console",
      value: "MODE",
      help: "what HTTP allows: full, read-only (no change), off (no change, no pages)",
      fallback: "full",
    },
    { name: "config", value: "FILE", help: "settings, in TOML" },
    { name: "set", value: "KEY=VALUE", help: "one setting, wins over all other places", repeated: true },
  ],
  notes: [
    "Port 0 takes a free port. Settings come from --set, then flags, then environment variables " +
    "(WEIR_LOG_SEGMENT_BYTES for log.segment.bytes), then the --config file, then defaults; their names are " +
    "Apache Kafka's. Ctrl-C or SIGTERM stops cleanly: everything is flushed and the next start reads no records.",
    "The HTTP door serves the console, a REST API, metrics and health; whoever reaches it needs no password, so " +
    "it listens on this machine alone unless told otherwise.",
  ],
  examples: [
    "weir broker",
    "weir broker --data /var/lib/weir --native 0.0.0.0:9292 --set log.segment.bytes=256MiB",
    "weir broker --memory --native 127.0.0.1:0",
  ],
  run,
};

async function run(given: Arguments, context: Context): Promise<ExitStatus> {
  const settings = await readSettings(given, context);
  const logger = stderrLogger(systemClock);
  const running = await start({ settings, memory: given.has("memory"), logger });
  try {
    const line = readyLine(running.addresses, running.dataDirectory, processUptimeMs());
    // Standard output may be a file on a full disk, which is no reason not to serve.
    const failed = await context.output.write(line).catch((error: Error) => error);
    if (failed instanceof OutputClosed) throw failed;
    if (failed) logger.log("warning", `Could not print "${line.trim()}": ${failed.message}`);
    await untilAborted(context.signal);
  } finally {
    await running.stop();
  }
  return 0;
}

async function start(options: BrokerOptions): Promise<RunningBroker> {
  try {
    return await startBroker(options);
  } catch (error) {
    if (error instanceof StartError) throw new CommandError(error.message, { cause: error });
    throw error;
  }
}

async function readSettings(given: Arguments, context: Context): Promise<BrokerSettings> {
  const file = given.text("config");
  const resolved = resolveBrokerSettings({
    assignments: given.all("set"),
    flags: flagSettings(given),
    environment: Deno.env.toObject(),
    ...(file === undefined ? {} : { file: await readSettingsFile(file) }),
  });
  if (resolved.kind === "setting_error") throw new UsageError(resolved.message);
  for (const warning of resolved.warnings) context.output.note(`weir: ${warning}`);
  return resolved.settings;
}

function flagSettings(given: Arguments): Record<string, string> {
  const flags: Record<string, string> = {};
  for (const [flag, key] of Object.entries(FLAG_SETTINGS)) {
    const value = given.text(flag);
    if (value !== undefined) flags[key] = value;
  }
  return flags;
}

async function readSettingsFile(path: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? "there is no such file" : (error as Error).message;
    throw new CommandError(`Cannot read the configuration file "${path}": ${reason}`);
  }
  const { parse } = await import("smol-toml");
  try {
    return parse(text);
  } catch (error) {
    // The parser's message goes on with a drawing of the line: the first line of it says what is wrong.
    const { message, line, column } = error as Error & { line?: number; column?: number };
    const reason = message.split("\n")[0]!.replace(/^Invalid TOML document: /, "");
    throw new CommandError(
      `The configuration file "${path}" is not TOML: line ${line}, column ${column}: ${reason}`,
    );
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
