/**
 * `weir kafka-delete-records`: removes the oldest records of partitions, as a
 * JSON file in Kafka's form says; an offset of −1 removes all there are.
 */
import type { Weir } from "../../client/mod.ts";
import { type Command, CommandError, type Context, type ExitStatus } from "../command.ts";
import { COMMON } from "./bootstrap.ts";
import { COMMAND_CONFIG } from "./client_settings.ts";
import { reporting, requiredText, withAdmin } from "./run.ts";

export const kafkaDeleteRecords: Command = {
  operands: [],
  options: [
    ...COMMON,
    COMMAND_CONFIG,
    { name: "offset-json-file", value: "FILE", help: "which records, see below; required" },
  ],
  notes: [
    'The file: {"partitions": [{"topic": "orders", "partition": 0, "offset": 100}], "version": 1}. Records before ' +
    "the offset are removed.",
  ],
  examples: ["weir kafka-delete-records --offset-json-file offsets.json --bootstrap-server localhost:9092"],
  run: (given, context) => {
    const path = requiredText(given, "offset-json-file");
    return reporting(context, "", async () => {
      const entries = parseEntries(await readFile(path));
      return await withAdmin(given, context, (weir) => deleteRecords(weir, entries, context));
    });
  },
};

interface Entry {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

async function deleteRecords(
  weir: Weir,
  entries: readonly Entry[],
  { output, signal }: Context,
): Promise<ExitStatus> {
  await output.write("Executing records delete operation\nRecords delete operation completed:\n");
  for (const { topic, partition, offset } of entries) {
    const before = offset === -1 ? "latest" : offset;
    const result = await weir.admin.trim(topic, partition, before, { signal }).then(
      (lowWatermark) => `low_watermark: ${lowWatermark}`,
      (error: Error) => `error: ${error.message}`,
    );
    await output.write(`partition: ${topic}-${partition}\t${result}\n`);
  }
  return 0;
}

async function readFile(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? "there is no such file" : (error as Error).message;
    throw new CommandError(`Cannot read "${path}": ${reason}`);
  }
}

function parseEntries(text: string): Entry[] {
  const file = parseJson(text);
  const version = file["version"] ?? 1;
  if (version !== 1) throw new CommandError(`Not supported version field value ${version}`);
  if (!Array.isArray(file["partitions"])) throw new CommandError("Missing partitions field");
  const entries = file["partitions"].map(entryOf);
  const names = entries.map(({ topic, partition }) => `${topic}-${partition}`);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length === 0) return entries;
  throw new CommandError(`Offset json file contains duplicate topic partitions: ${twice.join(",")}`);
}

function parseJson(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new CommandError("The input string is not a valid JSON");
}

function entryOf(value: unknown): Entry {
  const { topic, partition, offset } = (value ?? {}) as Record<string, unknown>;
  const isWhole = typeof topic === "string" && Number.isSafeInteger(partition) &&
    Number.isSafeInteger(offset) &&
    (partition as number) >= 0 && (offset as number) >= -1;
  if (isWhole) return { topic, partition: partition as number, offset: offset as number };
  throw new CommandError(
    `${JSON.stringify(value)} must have a topic, a partition from 0 and an offset from -1`,
  );
}
