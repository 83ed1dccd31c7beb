/**
 * `weir kafka-console-consumer`: records on standard output as Kafka's command
 * of that name prints them, and at the end how many they were on standard error.
 * Kafka makes up a group where none is given; here all partitions are read
 * directly then, which prints the same. Ctrl-C, SIGTERM, `--max-messages`,
 * `--timeout-ms` and a reader that goes away end it with status 0.
 */
import {
  type Consumer,
  type ConsumerBatch,
  type ConsumerSettings,
  topic,
  type TopicMetadata,
  type Weir,
  WeirError,
} from "../../client/mod.ts";
import type { Arguments } from "../arguments.ts";
import { type Command, CommandError, type Context, type ExitStatus } from "../command.ts";
import { COMMON, serversOf, withServers } from "./bootstrap.ts";
import {
  checkClientProperties,
  clientProperties,
  COMMAND_CONFIG,
  connectOptions,
} from "./client_settings.ts";
import { checkConsumerOptions, CONSUMER_NAMES, consumerOptions, startOf } from "./consumer_settings.ts";
import { giveBack } from "../give_back.ts";
import type { Output } from "../output.ts";
import { type RecordFormatter, recordFormatter } from "./record_formatter.ts";
import { reporting } from "./run.ts";
import { Silence } from "./silence.ts";
import { wholeMatch } from "./topic_filter.ts";

const PROPERTY = { value: "KEY=VALUE", repeated: true };

/** Kafka's formatters of records by class name, as its versions call them: the default one, and the one that prints nothing. */
const FORMATTERS: Readonly<Record<string, "default" | "none">> = {
  "org.apache.kafka.tools.consumer.DefaultMessageFormatter": "default",
  "kafka.tools.DefaultMessageFormatter": "default",
  "org.apache.kafka.tools.consumer.NoOpMessageFormatter": "none",
  "kafka.tools.NoOpMessageFormatter": "none",
};
const FORMATTER_DEFAULT = Object.keys(FORMATTERS)[0]!;

export const kafkaConsoleConsumer: Command = {
  operands: [],
  stopsSilently: true,
  options: [
    ...COMMON,
    { name: "topic", value: "TOPIC", help: "the topic to read; this or --include is required" },
    { name: "include", value: "REGEX", help: "the topics to read, by a pattern for the whole name" },
    { name: "from-beginning", help: "from the first record that is there, not only what comes from now on" },
    { name: "partition", value: "P", help: "only this partition" },
    {
      name: "offset",
      value: "WHERE",
      help: "with --partition: earliest, latest or an offset",
      fallback: "latest",
    },
    { name: "max-messages", value: "N", help: "end after so many records" },
    { name: "timeout-ms", value: "MS", help: "end when no record comes for so long" },
    { name: "formatter-property", ...PROPERTY, help: "what is printed of a record, see below" },
    { name: "property", ...PROPERTY, help: "the same as --formatter-property" },
    { name: "formatter-config", value: "FILE", help: "properties file with --formatter-property settings" },
    {
      name: "formatter",
      value: "CLASS",
      help: "Kafka's default formatter, or its NoOp",
      fallback: FORMATTER_DEFAULT,
    },
    { name: "key-deserializer", value: "CLASS", help: "how keys are printed" },
    { name: "value-deserializer", value: "CLASS", help: "how values are printed" },
    { name: "skip-message-on-error", help: "go on after a record that cannot be printed" },
    {
      name: "isolation-level",
      value: "LEVEL",
      help: "read_uncommitted or read_committed",
      fallback: "read_uncommitted",
    },
    { name: "command-property", ...PROPERTY, help: "a setting of Kafka's consumer" },
    { name: "consumer-property", ...PROPERTY, help: "the same as --command-property" },
    { ...COMMAND_CONFIG, help: "properties file with --command-property settings" },
    { name: "consumer.config", value: "FILE", help: "the same as --command-config" },
    { name: "group", value: "G", help: "read as a member of a group, from where it has committed on" },
  ],
  notes: [
    "Formatter properties and their defaults: print.value=true, print.key=false, print.timestamp=false, " +
    "print.partition=false, print.offset=false, print.headers=false, key.separator=TAB, line.separator=NEWLINE, " +
    "headers.separator=, null.literal=null, and key.deserializer, value.deserializer, headers.deserializer with a " +
    "class of org.apache.kafka.common.serialization: String, Short, Integer, Long, Float, Double, Boolean, UUID.",
    "With --group (or group.id) it commits what it printed, as often as auto.commit.interval.ms says and at the end, " +
    "unless enable.auto.commit is false; it speaks Weir's own protocol, whatever group.protocol says. Without a group " +
    "topics that begin to match --include later are not taken up.",
  ],
  examples: [
    "weir kafka-console-consumer --topic orders --from-beginning --bootstrap-server localhost:9092",
    "weir kafka-console-consumer --topic orders --from-beginning --max-messages 10 --formatter-property " +
    "print.key=true --bootstrap-server localhost:9092",
  ],
  run: (given, context) => {
    checkConsumerOptions(given);
    return reporting(context, "", () => printRecords(given, context));
  },
};

async function printRecords(given: Arguments, context: Context): Promise<ExitStatus> {
  const properties = await clientProperties(
    given,
    ["consumer.config", COMMAND_CONFIG.name],
    ["consumer-property", "command-property"],
  );
  checkClientProperties(properties, CONSUMER_NAMES, context.output);
  const settings = { ...consumerOptions(given, properties), from: startOf(given, properties) };
  const formatter = await formatterOf(given);
  const run = {
    formatter,
    count: 0,
    countMax: given.integer("max-messages", -1) ?? -1,
    timeoutMs: given.integer("timeout-ms", -1) ?? -1,
    skipsErrors: given.has("skip-message-on-error"),
    inGroup: settings.group !== undefined,
  };
  try {
    await withServers(serversOf(given), connectOptions(properties), context, async (weir) => {
      await using consumer = await openConsumer(weir, given, settings, context);
      await printBatches(consumer, run, context);
    });
  } catch (error) {
    if (!context.signal.aborted || !(error instanceof WeirError) || error.code !== "ABORTED") throw error;
  } finally {
    context.output.note(`Processed a total of ${run.count} messages`);
  }
  return 0;
}

interface Run {
  readonly formatter: RecordFormatter;
  count: number;
  /** −1 without a bound. */
  readonly countMax: number;
  /** −1 without a bound. */
  readonly timeoutMs: number;
  readonly skipsErrors: boolean;
  /** What is not printed is not to be committed. */
  readonly inGroup: boolean;
}

async function formatterOf(given: Arguments): Promise<RecordFormatter> {
  const name = given.text("formatter") ?? FORMATTER_DEFAULT;
  const kind = FORMATTERS[name];
  if (kind === undefined) {
    throw new CommandError(`Formatter "${name}" cannot be loaded: ${FORMATTER_DEFAULT} is the one there is`);
  }
  if (kind === "none") return () => [];
  const words = ["property", "formatter-property"];
  const properties = await clientProperties(given, ["formatter-config"], words);
  for (const side of ["key", "value"]) {
    const deserializer = given.text(`${side}-deserializer`);
    const property = `${side}.deserializer`;
    if (deserializer !== undefined && !properties.has(property)) properties.set(property, deserializer);
  }
  return recordFormatter(properties);
}

type BytesConsumer = Consumer<Uint8Array, Uint8Array>;
type Batch = ConsumerBatch<Uint8Array, Uint8Array>;

async function openConsumer(
  weir: Weir,
  given: Arguments,
  settings: ConsumerSettings,
  { signal }: Context,
): Promise<BytesConsumer> {
  const known = await weir.admin.listTopics({ internal: true, signal });
  const name = given.text("topic");
  if (name === undefined) return openPattern(weir, given.text("include")!, settings, known);
  const found = known.find((candidate) => candidate.name === name);
  if (found === undefined) throw new CommandError(`Topic '${name}' does not exist`);
  const partition = given.integer("partition", 0);
  if (partition === undefined) {
    return weir.consumer({ ...settings, topics: [topic(name, { key: "bytes", value: "bytes" })] });
  }
  if (partition >= found.partitions.length) {
    throw new CommandError(
      `Topic '${name}' has no partition ${partition}: they are numbered from 0 to ${
        found.partitions.length - 1
      }`,
    );
  }
  return weir.consumer({
    ...settings,
    assignments: [{ topic: name, partition }],
    key: "bytes",
    value: "bytes",
  });
}

/** Topics by a pattern: a group takes up those that come later, too. */
function openPattern(
  weir: Weir,
  pattern: string,
  settings: ConsumerSettings,
  known: readonly TopicMetadata[],
): BytesConsumer {
  const matches = wholeMatch(pattern);
  if (settings.group !== undefined) {
    return weir.consumer({ ...settings, pattern, key: "bytes", value: "bytes" });
  }
  const names = known.filter((found) => !found.internal && matches(found.name)).map((found) => found.name);
  if (names.length === 0) throw new CommandError(`No topic matches '${pattern}'`);
  const topics = names.map((found) => topic(found, { key: "bytes", value: "bytes" }));
  return weir.consumer({ ...settings, topics });
}

/** Prints until there is a reason to end, counting as it goes. */
async function printBatches(consumer: BytesConsumer, run: Run, { output, signal }: Context): Promise<void> {
  if (run.count === run.countMax) return;
  const silence = new Silence(run.timeoutMs);
  try {
    silence.begin();
    for await (const batch of consumer.batches({ signal: AbortSignal.any([signal, silence.signal]) })) {
      silence.end();
      await printBatch(consumer, batch, run, output);
      if (run.count === run.countMax) return;
      silence.begin();
    }
  } catch (error) {
    if (!silence.signal.aborted || signal.aborted) throw error;
  } finally {
    silence.end();
  }
}

async function printBatch(consumer: BytesConsumer, batch: Batch, run: Run, output: Output): Promise<void> {
  const { records } = batch;
  let count = 0;
  try {
    while (count < records.length && run.count !== run.countMax) {
      run.count++;
      const line = pieces(records[count]!, run, output);
      for (const piece of line) if (!output.take(piece)) await output.bytes(piece);
      count++;
    }
    await output.flush();
  } finally {
    if (run.inGroup) giveBack(consumer, records, count);
  }
}

function pieces(
  record: Parameters<RecordFormatter>[0],
  run: Run,
  output: Output,
): readonly Uint8Array[] {
  try {
    return run.formatter(record);
  } catch (error) {
    if (!run.skipsErrors || !(error instanceof CommandError)) throw error;
    output.note(`Error processing message, skipping this message: ${error.message}`);
    return [];
  }
}
