/**
 * `weir kafka-console-producer`: lines of standard input become records, as in
 * Kafka's command of that name. The prompt `>` is shown on a terminal only. The
 * end of the input, Ctrl-C and SIGTERM send what was read and end with status 0;
 * a record that is refused ends it with status 1 (Kafka's own goes on and ends
 * with 0, so that a script never hears of it).
 */
import { type Producer, topic } from "../../client/mod.ts";
import type { Arguments } from "../arguments.ts";
import { type Command, CommandError, type Context, type ExitStatus } from "../command.ts";
import { LineSplitter } from "../lines.ts";
import { messageBytesMax } from "../produce.ts";
import { isShown } from "../output.ts";
import { type RecordOfLine, RecordPump } from "../record_pump.ts";
import { readStandardInput } from "../standard_input.ts";
import { COMMON, serversOf, withServers } from "./bootstrap.ts";
import {
  checkClientProperties,
  clientProperties,
  COMMAND_CONFIG,
  connectOptions,
} from "./client_settings.ts";
import { lineReader } from "./line_reader.ts";
import {
  PRODUCER_NAMES,
  PRODUCER_OPTIONS,
  producerOptions,
  producerProperties,
} from "./producer_settings.ts";
import { reporting, requiredText } from "./run.ts";

const PROPERTY = { value: "KEY=VALUE", repeated: true };

/** Names of the one reader there is, as Kafka's versions call it. */
const READERS = ["org.apache.kafka.tools.LineMessageReader", "kafka.tools.ConsoleProducer$LineMessageReader"];

export const kafkaConsoleProducer: Command = {
  operands: [],
  stopsSilently: true,
  options: [
    ...COMMON,
    { name: "topic", value: "TOPIC", help: "the topic to write to; required" },
    { name: "reader-property", ...PROPERTY, help: "how lines are read, see below" },
    { name: "property", ...PROPERTY, help: "the same as --reader-property" },
    { name: "reader-config", value: "FILE", help: "properties file with --reader-property settings" },
    { name: "command-property", ...PROPERTY, help: "a setting of Kafka's producer, such as linger.ms=5" },
    { name: "producer-property", ...PROPERTY, help: "the same as --command-property" },
    { ...COMMAND_CONFIG, help: "properties file with --command-property settings" },
    { name: "producer.config", value: "FILE", help: "the same as --command-config" },
    {
      name: "compression-codec",
      value: "CODEC",
      optional: true,
      help: "none, gzip, snappy, lz4 or zstd; gzip without a name",
      fallback: "none",
    },
    { name: "sync", help: "send one record at a time" },
    ...PRODUCER_OPTIONS,
    { name: "line-reader", value: "CLASS", help: "only Kafka's own", fallback: READERS[0]! },
  ],
  notes: [
    "Reader properties and their defaults: parse.key=false, key.separator=TAB, parse.headers=false, " +
    "headers.delimiter=TAB, headers.separator=, headers.key.separator=: null.marker (none), ignore.error=false. A " +
    "line with both is h1:v1,h2:v2 TAB key TAB value.",
    "Bytes that are not UTF-8 are kept as they are.",
  ],
  examples: [
    "weir kafka-console-producer --topic orders --bootstrap-server localhost:9092",
    "weir kafka-console-producer --topic orders --bootstrap-server localhost:9092 --reader-property parse.key=true " +
    "--reader-property key.separator=:",
  ],
  run: (given, context) => {
    const name = requiredText(given, "topic");
    return reporting(context, "", () => produceLines(name, given, context));
  },
};

async function produceLines(name: string, given: Arguments, context: Context): Promise<ExitStatus> {
  const reader = given.text("line-reader") ?? READERS[0]!;
  if (!READERS.includes(reader)) {
    throw new CommandError(`Line reader "${reader}" cannot be loaded: only ${READERS[0]} is there`);
  }
  const recordOf = lineReader(
    await clientProperties(given, ["reader-config"], ["property", "reader-property"]),
  );
  const properties = producerProperties(
    given,
    await clientProperties(
      given,
      ["producer.config", COMMAND_CONFIG.name],
      ["producer-property", "command-property"],
    ),
  );
  checkClientProperties(properties, PRODUCER_NAMES, context.output);
  const options = producerOptions(properties);
  return await withServers<ExitStatus>(
    serversOf(given),
    connectOptions(properties),
    context,
    async (weir) => {
      const splitter = new LineSplitter(await messageBytesMax(weir, name));
      await using producer = weir.producer(options);
      await pumpLines(producer, name, recordOf, splitter, given.has("sync"), context);
      return 0;
    },
  );
}

async function pumpLines(
  producer: Producer,
  name: string,
  recordOf: RecordOfLine,
  splitter: LineSplitter,
  isSync: boolean,
  context: Context,
): Promise<void> {
  const pump = new RecordPump(producer, topic(name, { key: "bytes", value: "bytes" }), recordOf);
  const prompt = promptOf(context);
  try {
    await prompt();
    for await (const chunk of readStandardInput(context.signal)) {
      for (const line of splitter.lines(chunk)) {
        await pump.send([line]);
        if (isSync) await sent(producer, pump);
        await prompt();
      }
    }
    const rest = splitter.rest();
    if (rest !== null) await pump.send([rest]);
  } finally {
    await sent(producer, pump);
  }
  pump.throwFailure();
}

/** Resolves when all was acknowledged or refused; nothing waits for more records in its batch. */
async function sent(producer: Producer, pump: RecordPump): Promise<void> {
  await producer.flush().catch(() => {}); // The pump keeps the failure.
  await pump.settled();
}

/** Shows `>` before each line that is typed. */
function promptOf({ output }: Context): () => Promise<void> | undefined {
  const isTyped = Deno.stdin.isTerminal() && isShown();
  return () => isTyped ? output.write(">") : undefined;
}
