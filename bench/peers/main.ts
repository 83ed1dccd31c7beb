/**
 * `deno task bench:peers [--rounds N] [--bytes N] [--partitions N] [--consumer group|assign] [--set KEY=VALUE]...
 * [--only kafka|weir] [--small] [--dir DIR]`: Apache Kafka (KRaft, one node, its defaults) and Weir under Kafka's
 * own performance tools, each alone, turn by turn, on the same machine. One JSON line a measurement on standard
 * output, a table of medians at the end. `--small` checks that all of it runs; its figures say nothing.
 */
import { parseArgs } from "node:util";
import { inDirectory } from "../macro/process.ts";
import { java, prepareJava } from "../../test/peers/java/jars.ts";
import { startServer } from "../../test/peers/servers.ts";
import { drive, type Load, type Measured } from "./drive.ts";
import { tableOf } from "./table.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    rounds: { type: "string" },
    bytes: { type: "string" },
    partitions: { type: "string", default: "6" },
    consumer: { type: "string" },
    set: { type: "string", multiple: true, default: [] },
    only: { type: "string" },
    small: { type: "boolean", default: false },
    dir: { type: "string" },
  },
});

/** As a group where Weir has groups, unless told otherwise; the same for both brokers in any case. */
async function chooseConsumer(directory: string): Promise<Load["consumer"]> {
  if (values.consumer === "group" || values.consumer === "assign") return values.consumer;
  return await inDirectory(directory, async (folder) => {
    const server = await startServer("weir", folder);
    try {
      const words = ["--bootstrap-server", server.address];
      const { stdout } = await java("org.apache.kafka.tools.BrokerApiVersionsCommand", words);
      return /JoinGroup\(11\): \d/.test(stdout) ? "group" : "assign";
    } finally {
      await server.stop();
    }
  });
}

async function runRounds(directory: string): Promise<void> {
  const rounds = Number(values.rounds ?? (values.small ? 1 : 3));
  const bytes = Number(values.bytes ?? (values.small ? 2e6 : 5e8));
  const consumer = await chooseConsumer(directory);
  const brokers = (["kafka", "weir"] as const).filter((broker) => (values.only ?? broker) === broker);
  const partitions = Number(values.partitions);
  const measured: Measured[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const recordBytes of [100, 1000]) {
      for (const acks of ["1", "all"] as const) {
        const load: Load = { recordBytes, acks, bytes, partitions, settings: values.set, consumer };
        for (const broker of brokers) {
          const results = await inDirectory(directory, (folder) => drive(broker, folder, load));
          for (const one of results) {
            console.log(
              JSON.stringify({ bench: "peers", round, ...one, partitions, settings: values.set, consumer }),
            );
          }
          measured.push(...results);
        }
      }
    }
  }
  const how = consumer === "group" ? "kafka-consumer-perf-test" : "assigned partitions, for want of groups";
  console.log(`\nMedian of ${rounds} rounds (least-most); ${partitions} partitions; read by ${how}\n`);
  console.log(tableOf(measured));
}

const missing = await prepareJava();
if (missing !== null) {
  console.error(`Apache Kafka cannot run here: ${missing}`);
  Deno.exit(1);
}
const directory = await Deno.makeTempDir({
  prefix: "weir-peers-",
  ...(values.dir ? { dir: values.dir } : {}),
});
try {
  await runRounds(directory);
} finally {
  await Deno.remove(directory, { recursive: true });
}
