/**
 * `weir produce`: each line of standard input becomes a record, its bytes as
 * they are. Input is read no faster than the broker takes it: what is not
 * acknowledged yet stays below a bound. The end of the input, Ctrl-C or SIGTERM
 * flush and report; a record that is refused ends the command with status 1.
 */
import { type ProducerRecord, type Topic, topic, type Weir, WeirError } from "../client/mod.ts";
import type { Arguments } from "./arguments.ts";
import { type Command, CommandError, type Context, type ExitStatus, SERVER, UsageError } from "./command.ts";
import { countOf } from "./format.ts";
import { LineSplitter } from "./lines.ts";
import { ACKS, acksOf, COMPRESSIONS } from "./produce_options.ts";
import { indexOfBytes, RecordPump } from "./record_pump.ts";
import { withBroker } from "./session.ts";
import { openStandardInput } from "./standard_input.ts";

/** What a topic takes that nobody configured, for a topic that does not exist yet. */
const MESSAGE_BYTES_MAX = 1_048_588;

export const produce: Command = {
  operands: [{ name: "TOPIC" }],
  options: [
    { name: "partition", value: "P", help: "write to this partition", fallback: "by key, or spread" },
    { name: "key-separator", value: "S", help: "what stands between key and value, such as : or \\t" },
    { name: "acks", value: ACKS.join("|"), help: "what an acknowledgement means", fallback: "all" },
    { name: "compression", value: "NAME", help: COMPRESSIONS.join(", "), fallback: "none" },
    {
      name: "timeout",
      value: "SECONDS",
      help: "how long a record may wait for its acknowledgement",
      fallback: "30",
    },
    { name: "header", value: "KEY=VALUE", help: "a header of each record", repeated: true },
    SERVER,
  ],
  notes: [
    "Lines end with a newline; every other byte is kept, whether or not it is UTF-8. Without --key-separator " +
    "records have no key. acks all waits for the flush to disk, 1 for the log, 0 for nothing.",
  ],
  examples: [
    "echo 'hello' | weir produce orders",
    "weir produce orders --key-separator : --compression zstd < orders.txt",
  ],
  run: runProduce,
};

async function runProduce(given: Arguments, context: Context): Promise<ExitStatus> {
  const plan = linePlan(given);
  const producerOptions = {
    acks: acksOf(given.choice("acks", ACKS) ?? "all"),
    compression: given.choice("compression", COMPRESSIONS) ?? "none",
    deliveryTimeoutMs: (given.integer("timeout", 1) ?? 30) * 1_000,
  };
  return await withBroker(given, context, async (weir) => {
    const splitter = new LineSplitter(await messageBytesMax(weir, plan.target.name));
    await using producer = weir.producer(producerOptions);
    const pump = new RecordPump(producer, plan.target, (line, number) => recordOf(plan, line, number));
    const input = await openStandardInput(context);
    try {
      for await (const chunk of input.chunks) await pump.send(splitter.lines(chunk));
      const rest = splitter.rest();
      if (rest !== null) await pump.send([rest]);
    } finally {
      await pump.settled();
      input.close();
      context.output.note(`Produced ${countOf(pump.acknowledged, "record")} to topic "${plan.target.name}"`);
    }
    pump.throwFailure();
    return 0;
  });
}

/** How a line becomes a record. */
interface LinePlan {
  readonly target: Topic<"bytes", "bytes">;
  /** What stands between key and value; `null` for records without a key. */
  readonly separator: Uint8Array | null;
  readonly partition: number | undefined;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

function recordOf(
  plan: LinePlan,
  line: Uint8Array,
  number: number,
): ProducerRecord<Uint8Array, Uint8Array> {
  const { separator, partition, headers } = plan;
  if (separator === null) return { key: null, value: line, headers, partition };
  const at = indexOfBytes(line, separator);
  if (at < 0) {
    const wanted = new TextDecoder().decode(separator);
    throw new CommandError(`Line ${number} has no key: it lacks the separator "${wanted}"`);
  }
  return { key: line.subarray(0, at), value: line.subarray(at + separator.length), headers, partition };
}

function linePlan(given: Arguments): LinePlan {
  const separator = given.text("key-separator")?.replaceAll("\\t", "\t");
  if (separator === "") throw new UsageError("--key-separator must not be empty");
  return {
    target: topic(given.operands[0]!, { key: "bytes", value: "bytes" }),
    separator: separator === undefined ? null : new TextEncoder().encode(separator),
    partition: given.integer("partition", 0),
    headers: given.pairs("header"),
  };
}

/** The largest record the topic takes. */
export async function messageBytesMax(weir: Weir, name: string): Promise<number> {
  try {
    const described = await weir.admin.describeTopic(name);
    const setting = described.settings.find((candidate) => candidate.name === "max.message.bytes");
    return setting === undefined ? MESSAGE_BYTES_MAX : Number(setting.value);
  } catch (error) {
    if (error instanceof WeirError && error.code === "UNKNOWN_TOPIC_OR_PARTITION") return MESSAGE_BYTES_MAX;
    throw error;
  }
}
