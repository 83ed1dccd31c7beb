/**
 * What the benches share: their options, their topic (made for the run and
 * removed after it, unless one is named), payloads and the line of results.
 */
import { type Topic, topic, type Weir } from "../client/mod.ts";
import { systemClock } from "../host/mod.ts";
import type { Arguments } from "./arguments.ts";
import { CommandError, type Context, type ExitStatus, type Option, UsageError } from "./command.ts";
import { formatCount, formatDuration } from "./format.ts";
import { ACKS, COMPRESSIONS } from "./produce_options.ts";

/** What a bench was asked for. Sizes in bytes. */
export interface BenchPlan {
  readonly records: number;
  readonly recordBytes: number;
  readonly partitions: number;
  readonly acks: typeof ACKS[number];
  readonly compression: typeof COMPRESSIONS[number];
  readonly batchBytes: number;
}

/** Defaults that differ from bench to bench. */
export interface BenchDefaults {
  readonly records: number;
  readonly recordBytes: number;
}

/** A topic whose keys and values are bytes. */
export type BytesTopic = Topic<"bytes", "bytes">;

/** The largest batch that is filled before it is sent. */
const BATCH_BYTES = 262_144;

/** The options of every bench. */
export function benchOptions(defaults: BenchDefaults): readonly Option[] {
  return [
    { name: "records", value: "N", help: "how many records", fallback: formatCount(defaults.records) },
    { name: "size", value: "BYTES", help: "bytes of each value", fallback: String(defaults.recordBytes) },
    { name: "partitions", value: "N", help: "partitions of the topic that is made", fallback: "1" },
    { name: "acks", value: ACKS.join("|"), help: "what an acknowledgement means", fallback: "1" },
    { name: "compression", value: "NAME", help: COMPRESSIONS.join(", "), fallback: "none" },
    { name: "batch", value: "BYTES", help: "largest batch", fallback: formatCount(BATCH_BYTES) },
    { name: "topic", value: "NAME", help: "use this topic and leave it", fallback: "a new one, removed" },
  ];
}

/** Reads the options of {@linkcode benchOptions}. */
export function benchPlan(given: Arguments, defaults: BenchDefaults): BenchPlan {
  if (given.has("topic") && given.has("partitions")) {
    throw new UsageError("--partitions is for the topic that a bench makes, not for --topic");
  }
  return {
    records: given.integer("records", 1) ?? defaults.records,
    recordBytes: given.integer("size", 0, 1_000_000_000) ?? defaults.recordBytes,
    partitions: given.integer("partitions", 1) ?? 1,
    acks: given.choice("acks", ACKS) ?? "1",
    compression: given.choice("compression", COMPRESSIONS) ?? "none",
    batchBytes: given.integer("batch", 1) ?? BATCH_BYTES,
  };
}

/** Runs `work` on the topic that was named, or on a new one that is removed whatever happens. */
export async function withBenchTopic(
  weir: Weir,
  given: Arguments,
  plan: BenchPlan,
  work: (target: BytesTopic) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  const named = given.text("topic");
  if (named !== undefined) return await work(topic(named, { key: "bytes", value: "bytes" }));
  const name = `weir-bench-${Deno.pid}-${systemClock.now()}`;
  await weir.admin.createTopic(name, { partitions: plan.partitions });
  try {
    return await work(topic(name, { key: "bytes", value: "bytes" }));
  } finally {
    await weir.admin.deleteTopic(name);
  }
}

/** A value of `bytes` letters and digits that compresses about as text does. */
export function benchPayload(bytes: number): Uint8Array {
  const alphabet = "0123456789abcdefghijklmnopqrstuvwxyz etaoin shrdlu ETAOIN SHRDLU";
  let state = 0x2545f491;
  return Uint8Array.from({ length: bytes }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return alphabet.charCodeAt((state >>> 8) & 63);
  });
}

/** Ends a bench that Ctrl-C broke off: its figures would mean nothing. */
export function throwIfStopped(context: Context): void {
  if (context.signal.aborted) {
    throw new CommandError("The bench was stopped before its end, there is no result");
  }
}

/** Records and bytes by the second. */
export function throughputOf(records: number, bytes: number, elapsedMs: number) {
  const seconds = Math.max(elapsedMs, 0.001) / 1_000;
  return {
    seconds: Math.round(elapsedMs) / 1_000,
    recordsPerSecond: Math.round(records / seconds),
    megabytesPerSecond: Math.round(bytes / seconds / 10_000) / 100,
  };
}

/** Prints results: one JSON line, or a line for each figure. */
export async function printResult(
  given: Arguments,
  context: Context,
  result: Readonly<Record<string, number | string>>,
): Promise<void> {
  const json = () => `${JSON.stringify(result)}\n`;
  await context.output.write(given.has("json") ? json() : resultText(result));
}

/** A line for each figure: its name in words, its value to the right. */
export function resultText(result: Readonly<Record<string, number | string>>): string {
  const rows = Object.entries(result).map(([name, value]) => [words(name), shown(name, value)] as const);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map(([name, value]) => `${name.padEnd(widths[0]!)}  ${value.padStart(widths[1]!)}\n`).join("");
}

/** `recordsPerSecond` as "records per second", `p999Ms` as "p99.9". */
function words(name: string): string {
  return name.replace(/Ms$/, "").replace(/^p999$/, "p99.9").replace(
    /[A-Z]/g,
    (letter) => ` ${letter.toLowerCase()}`,
  );
}

function shown(name: string, value: number | string): string {
  if (typeof value === "string") return value;
  if (name.endsWith("Ms")) return formatDuration(value);
  return Number.isInteger(value) ? formatCount(value) : String(value);
}
