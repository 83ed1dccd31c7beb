/**
 * `weir consume`: records of topics on standard output, as they come, all of them
 * or a group's share. Ends at `--max`, at the end with `--exit-at-end`, on Ctrl-C
 * or SIGTERM, or when the reader of standard output goes away; all of these are
 * status 0. A member of a group commits what was printed and leaves.
 */
import { type ConsumerRecord, topic, type Weir, WeirError } from "../client/mod.ts";
import type { Arguments } from "./arguments.ts";
import { type Command, CommandError, type Context, type ExitStatus, SERVER, UsageError } from "./command.ts";
import { countOf } from "./format.ts";
import { giveBack } from "./give_back.ts";
import { parsePosition, type StartPosition } from "./position.ts";
import { type PrintedRecord, RECORD_FORMATS, type RecordFormat, recordPieces } from "./record_format.ts";
import { withBroker } from "./session.ts";

export const consume: Command = {
  operands: [{ name: "TOPIC", many: true }],
  options: [
    {
      name: "from",
      value: "WHERE",
      help: "earliest, latest, an offset or an ISO time; in a group, where it has committed nothing",
      fallback: "latest",
    },
    { name: "from-beginning", help: "the same as --from earliest" },
    { name: "partition", value: "P", help: "only this partition", fallback: "all of them" },
    { name: "max", value: "N", help: "end after so many records" },
    { name: "exit-at-end", help: "end when everything was read that was there at the start" },
    {
      name: "format",
      value: RECORD_FORMATS.join("|"),
      help: "what is printed of a record",
      fallback: "value",
    },
    { name: "key-separator", value: "S", help: "between key and value in key-value", fallback: "a tab" },
    { name: "group", value: "G", help: "read as a member of a group, which shares the partitions out" },
    SERVER,
  ],
  notes: [
    "value and key-value print the bytes as they are and a newline; a missing key or value is the word null. json " +
    "prints an object a line, with bytes that are not UTF-8 in base64 as keyBase64 and valueBase64.",
    "With --group it goes on where the group has committed, commits what it printed every five seconds and at the end, " +
    "and leaves the group when it ends.",
  ],
  examples: [
    "weir consume orders",
    "weir consume orders --from earliest --exit-at-end --format json",
    "weir consume orders --from 2026-01-31T12:00:00Z --max 10",
    "weir consume orders --group order-processor --from earliest",
  ],
  run: runConsume,
};

/** What to read and how to print it. */
interface ConsumePlan {
  readonly topics: readonly string[];
  readonly group: string | undefined;
  readonly from: StartPosition;
  readonly partition: number | undefined;
  readonly max: number;
  readonly exitAtEnd: boolean;
  readonly format: RecordFormat;
  readonly separator: Uint8Array;
}

async function runConsume(given: Arguments, context: Context): Promise<ExitStatus> {
  const plan = consumePlan(given);
  return await withBroker(given, context, async (weir) => {
    const counter = { records: 0 };
    try {
      await checkTopics(weir, plan, context);
      await printRecords(weir, plan, context, counter);
    } catch (error) {
      if (!context.signal.aborted || !(error instanceof WeirError) || error.code !== "ABORTED") throw error;
    }
    await context.output.flush();
    context.output.note(`Consumed ${countOf(counter.records, "record")}`);
    return 0;
  });
}

function consumePlan(given: Arguments): ConsumePlan {
  if (given.text("group") === "") throw new UsageError('--group must be a name, not ""');
  if (given.has("group") && given.has("partition")) {
    throw new UsageError("--group and --partition are given together: a group shares partitions out itself");
  }
  if (given.has("from") && given.has("from-beginning")) {
    throw new UsageError("--from and --from-beginning are given together, one of them is wanted");
  }
  const from = given.has("from-beginning") ? "earliest" : given.text("from") ?? "latest";
  const separator = (given.text("key-separator") ?? "\t").replaceAll("\\t", "\t");
  return {
    topics: [...new Set(given.operands)],
    group: given.text("group"),
    from: parsePosition("from", from),
    partition: given.integer("partition", 0),
    max: given.integer("max", 1) ?? Infinity,
    exitAtEnd: given.has("exit-at-end"),
    format: given.choice("format", RECORD_FORMATS) ?? "value",
    separator: new TextEncoder().encode(separator),
  };
}

/** Prints until there is a reason to end, counting as it goes. */
async function printRecords(
  weir: Weir,
  plan: ConsumePlan,
  { output, signal }: Context,
  counter: { records: number },
): Promise<void> {
  await using consumer = openConsumer(weir, plan);
  for await (const { records } of consumer.batches({ signal })) {
    let count = 0;
    try {
      while (count < records.length && counter.records < plan.max) {
        const record = records[count]!;
        for (const piece of recordPieces(printed(record), plan.format, plan.separator)) {
          if (!output.take(piece)) await output.bytes(piece);
        }
        count++;
        counter.records++;
      }
      await output.flush();
    } finally {
      if (plan.group !== undefined) giveBack(consumer, records, count);
    }
    if (counter.records === plan.max) return;
  }
}

/** A topic or partition that is not there is an error now, not something to wait for. */
async function checkTopics(weir: Weir, plan: ConsumePlan, { signal }: Context): Promise<void> {
  const { partition } = plan;
  for (const { name, partitions } of await weir.admin.describeTopics(plan.topics, { signal })) {
    if (partition === undefined || partition < partitions.length) continue;
    throw new CommandError(
      `Topic "${name}" has no partition "${partition}": they are numbered from 0 to ${partitions.length - 1}`,
    );
  }
}

function openConsumer(weir: Weir, plan: ConsumePlan) {
  const { from, partition } = plan;
  const until = plan.exitAtEnd ? "end" as const : undefined;
  if (partition === undefined) {
    const topics = plan.topics.map((name) => topic(name, { key: "bytes", value: "bytes" }));
    return weir.consumer({ group: plan.group, topics, from, until });
  }
  const assignments = plan.topics.map((name) => ({ topic: name, partition }));
  return weir.consumer({ assignments, from, until, key: "bytes", value: "bytes" });
}

function printed(record: ConsumerRecord<Uint8Array, Uint8Array>): PrintedRecord {
  return {
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    timestampMs: record.timestamp,
    key: record.keyBytes,
    value: record.bytes(),
    headers: record.rawHeaders,
  };
}
