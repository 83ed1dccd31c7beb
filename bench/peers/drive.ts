/**
 * One broker under Kafka's own performance tools: started on an empty directory, warmed up, written to, read from,
 * stopped. What the tools print is the speed; what the operating system says of the broker's process is its cost.
 * The tools run as Kafka's scripts run them (JVM options, 512 MB of heap) and with the client's own defaults.
 */
import { cpuSeconds, memoryMb } from "../macro/process.ts";
import { java, KAFKA_JVM } from "../../test/peers/java/jars.ts";
import { type Kind, type Server, startServer } from "../../test/peers/servers.ts";

/** What a broker is put under. */
export interface Load {
  readonly recordBytes: number;
  readonly acks: "1" | "all";
  /** Bytes of record values, in all. */
  readonly bytes: number;
  readonly partitions: number;
  /** Producer settings besides acks, `KEY=VALUE`. */
  readonly settings: readonly string[];
  /** How it is read back: as a member of a group, or by assigned partitions (Consume.java). */
  readonly consumer: "group" | "assign";
}

/** One measurement. */
export interface Measured {
  readonly broker: Kind;
  readonly what: "produce" | "consume";
  readonly recordBytes: number;
  readonly acks: string;
  readonly records: number;
  readonly recordsPerSecond: number;
  readonly megabytesPerSecond: number;
  /** Latency of an acknowledgement; null for reading, of which the tool gives none. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly cpuSecondsPerGb: number;
  /** Resident memory of the broker: before any record, right after the load, and the highest. */
  readonly idleMb: number;
  readonly residentMb: number;
  readonly peakMb: number;
  readonly readyMs: number;
}

const TOOL_JVM = ["-Xmx512M", ...KAFKA_JVM];
const TIMEOUT_MS = 600_000;
const CONSUME = new URL("Consume.java", import.meta.url).pathname;

async function tool(main: string, words: readonly string[]): Promise<string> {
  const ended = await java(main, words, { jvm: TOOL_JVM, timeoutMs: TIMEOUT_MS });
  if (ended.code !== 0) throw new Error(`"${main}" failed: ${ended.stdout}${ended.stderr}`);
  return ended.stdout;
}

/** Measures a broker on a directory of its own, which exists and is empty; reads back what acks=1 wrote. */
export async function drive(kind: Kind, directory: string, load: Load): Promise<Measured[]> {
  const server = await startServer(kind, directory);
  try {
    const idleMb = memoryMb(server.pid).now;
    for (const topic of ["warm", "bench"]) await createTopic(server, topic, load.partitions);
    await produce(server, "warm", load, load.bytes / 10);
    const results = [
      await measure(server, "produce", load, idleMb, () => {
        return produce(server, "bench", load, load.bytes);
      }),
    ];
    if (load.acks === "1") {
      await consume(server, "warm", load, load.bytes / 10);
      results.push(
        await measure(server, "consume", load, idleMb, () => consume(server, "bench", load, load.bytes)),
      );
    }
    return results;
  } finally {
    await server.stop();
  }
}

interface Speed {
  readonly records: number;
  readonly recordsPerSecond: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

async function measure(
  server: Server,
  what: Measured["what"],
  load: Load,
  idleMb: number,
  run: () => Promise<Speed>,
): Promise<Measured> {
  const before = cpuSeconds(server.pid);
  const speed = await run();
  const cpu = cpuSeconds(server.pid) - before;
  const memory = memoryMb(server.pid);
  const { recordBytes, acks } = load;
  return {
    broker: server.kind,
    what,
    recordBytes,
    acks,
    ...speed,
    megabytesPerSecond: speed.recordsPerSecond * recordBytes / 1e6,
    cpuSecondsPerGb: cpu / (speed.records * recordBytes / 1e9),
    idleMb,
    residentMb: memory.now,
    peakMb: memory.peak,
    readyMs: server.readyMs,
  };
}

async function createTopic(server: Server, topic: string, partitions: number): Promise<void> {
  const words = [
    "--create",
    "--topic",
    topic,
    "--partitions",
    String(partitions),
    "--replication-factor",
    "1",
  ];
  await tool("org.apache.kafka.tools.TopicCommand", ["--bootstrap-server", server.address, ...words]);
}

const SENT = /^(\d+) records sent, ([\d.]+) records\/sec .* ([\d.]+) ms 50th, .* ([\d.]+) ms 99th,/m;

async function produce(server: Server, topic: string, load: Load, bytes: number): Promise<Speed> {
  const records = Math.floor(bytes / load.recordBytes);
  const size = ["--num-records", String(records), "--record-size", String(load.recordBytes)];
  const properties = ["--command-property", `acks=${load.acks}`, ...load.settings];
  const said = await tool("org.apache.kafka.tools.ProducerPerformance", [
    ...["--bootstrap-server", server.address, "--topic", topic, "--throughput", "-1"],
    ...size,
    ...properties,
  ]);
  // The last line of this form counts them all; those before it are of a few seconds each.
  const found = said.trimEnd().split("\n").map((line) => SENT.exec(line)).filter((line) => line !== null).at(
    -1,
  );
  if (!found || Number(found[1]) !== records) throw new Error(`${records} records were to be sent: ${said}`);
  const [recordsPerSecond, p50Ms, p99Ms] = found.slice(2).map(Number) as [number, number, number];
  return { records, recordsPerSecond, p50Ms, p99Ms };
}

/** The time a member takes to join its group is left out, as the tool itself tells it apart. */
async function consume(server: Server, topic: string, load: Load, bytes: number): Promise<Speed> {
  const records = Math.floor(bytes / load.recordBytes);
  const said = load.consumer === "assign"
    ? await tool(CONSUME, [server.address, topic, String(records)])
    : await tool("org.apache.kafka.tools.ConsumerPerformance", [
      ...["--bootstrap-server", server.address, "--topic", topic, "--num-records", String(records)],
    ]);
  const figures = said.trimEnd().split("\n").at(-1)!.split(", ").map(Number);
  if (!(figures[4]! >= records)) throw new Error(`${records} records were to be read: ${said}`);
  return { records: figures[4]!, recordsPerSecond: figures[9]!, p50Ms: null, p99Ms: null };
}
