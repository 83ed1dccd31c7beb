/**
 * `weir kafka-log-dirs`: how many bytes each partition has in the broker's data
 * directory, as the JSON that Kafka's command of that name prints.
 */
import type { Weir } from "../../client/mod.ts";
import type { Arguments } from "../arguments.ts";
import { type Command, CommandError, type Context, type ExitStatus } from "../command.ts";
import { COMMON } from "./bootstrap.ts";
import { COMMAND_CONFIG } from "./client_settings.ts";
import { reporting, requiredSwitch, withAdmin } from "./run.ts";

export const kafkaLogDirs: Command = {
  operands: [],
  options: [
    ...COMMON,
    COMMAND_CONFIG,
    { name: "describe", help: "show the data directories; required" },
    { name: "topic-list", value: "TOPIC,...", help: "only these topics", fallback: "all" },
    { name: "broker-list", value: "ID,...", help: "only these brokers", fallback: "all" },
  ],
  examples: ["weir kafka-log-dirs --describe --topic-list orders --bootstrap-server localhost:9092"],
  run: (given, context) => {
    requiredSwitch(given, "describe");
    return reporting(
      context,
      "",
      () => withAdmin(given, context, (weir) => printDirectories(weir, given, context)),
    );
  },
};

async function printDirectories(
  weir: Weir,
  given: Arguments,
  { output, signal }: Context,
): Promise<ExitStatus> {
  const { node } = weir.broker;
  const missing = listOf(given, "broker-list").filter((id) => id !== String(node));
  if (missing.length > 0) {
    throw new CommandError(
      `ERROR: The given brokers do not exist from --broker-list: ${
        missing.join(",")
      }. Current existent brokers: ${node}`,
    );
  }
  await output.write("Querying brokers for log directories information\n");
  const broker = await weir.admin.describeBroker({ signal });
  const wanted = listOf(given, "topic-list");
  const topics = (await weir.admin.describeTopics(null, { signal }))
    .filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  const partitions = topics.flatMap((topic) =>
    topic.partitions.map(({ partition, bytes }) => ({
      partition: `${topic.name}-${partition}`,
      size: bytes,
      offsetLag: 0,
      isFuture: false,
    }))
  );
  const logDirs = [{ partitions, error: null, logDir: broker.dataDirectory }];
  const answer = { brokers: [{ broker: node, logDirs }], version: 1 };
  await output.write(`Received log directory information from brokers ${node}\n${JSON.stringify(answer)}\n`);
  return 0;
}

function listOf(given: Arguments, name: string): string[] {
  return (given.text(name) ?? "").split(",").filter((part) => part !== "");
}
