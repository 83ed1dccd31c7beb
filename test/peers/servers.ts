/**
 * The two brokers a peer can be run against, as processes: Weir, and Apache Kafka itself (KRaft, one node, its
 * own defaults). Kafka is there to prove the checks of this folder, and as the other side of bench/peers. Each
 * runs on a directory of its own, on free ports of the loopback interface.
 */
import { javaHome, KAFKA_JVM } from "./java/jars.ts";
import { run } from "./process.ts";

/** A running broker. */
export interface Server {
  readonly kind: Kind;
  /** `HOST:PORT` a Kafka client connects to. */
  readonly address: string;
  /** Where its topic directories lie. */
  readonly data: string;
  readonly pid: number;
  /** Milliseconds from the start of the process to the first answer to ApiVersions. */
  readonly readyMs: number;
  /** SIGTERM; resolves once it ended. */
  stop(): Promise<void>;
  /** SIGKILL; resolves once it is gone. */
  kill(): Promise<void>;
}

export type Kind = "weir" | "kafka";

export interface ServerOptions {
  /** Broker settings by Kafka's names. */
  readonly settings?: Readonly<Record<string, string>>;
  /** `HOST:PORT` the broker gives its clients instead of its own. */
  readonly advertise?: string;
  /** A data directory to open that exists, whoever wrote it. */
  readonly data?: string;
  /** Takes what Weir says, which goes to standard error otherwise. */
  readonly hear?: (text: string) => void;
}

/** A started process and what tells that it is there. */
interface Started {
  readonly child: Deno.ChildProcess;
  readonly address: string;
  readonly data: string;
  readonly startedMs: number;
}

const START_MS_MAX = 60_000;

/** Starts a broker whose files lie below `directory`, which exists; its data, too, unless it is told of others. */
export async function startServer(
  kind: Kind,
  directory: string,
  options: ServerOptions = {},
): Promise<Server> {
  const port = freePort();
  const started = kind === "weir"
    ? spawnWeir(directory, port, options)
    : await spawnKafka(directory, port, options);
  const end = async (signal: Deno.Signal) => {
    try {
      started.child.kill(signal);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    await started.child.status;
  };
  try {
    await answers(started.address, started.child);
  } catch (error) {
    await end("SIGKILL");
    throw error;
  }
  const { address, data, startedMs, child } = started;
  const readyMs = performance.now() - startedMs;
  return {
    kind,
    address,
    data,
    pid: child.pid,
    readyMs,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

const MAIN = new URL("../../main.ts", import.meta.url).pathname;
const PERMISSIONS = ["net", "read", "write", "ffi", "env", "sys"].map((name) => `--allow-${name}`);

function spawnWeir(directory: string, port: number, options: ServerOptions): Started {
  const address = `127.0.0.1:${port}`;
  const data = options.data ?? `${directory}/data`;
  const doors = ["--kafka", address, "--native", "off", "--http", "off"];
  const advertise = options.advertise === undefined ? [] : ["--advertise", options.advertise];
  const sets = Object.entries(options.settings ?? {}).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
  const startedMs = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...PERMISSIONS, MAIN, "broker", "--data", data]
      .concat(doors, advertise, sets),
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  forward(child.stderr, options.hear ?? ((text) => console.error(text)));
  return { child, address, data, startedMs };
}

/** What the broker says goes to standard error, but for its word on stopping, which is asked of it here. */
async function forward(stream: ReadableStream<Uint8Array>, hear: (text: string) => void): Promise<void> {
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const said = text.replace(/^Stopping, press .*\n/m, "");
    if (said !== "") hear(said.trimEnd());
  }
}

/** What kafka-server-start sets for the heap. */
const HEAP = ["-Xmx1G", "-Xms1G"];

async function spawnKafka(directory: string, port: number, options: ServerOptions): Promise<Started> {
  const { classPath, brokerLog } = await javaHome();
  const data = options.data ?? `${directory}/data`;
  const properties = `${directory}/server.properties`;
  await Deno.writeTextFile(properties, kafkaProperties(data, port, options));
  if (options.data === undefined) await format(classPath, properties);
  const startedMs = performance.now();
  const child = new Deno.Command("java", {
    args: [...HEAP, ...KAFKA_JVM, `-Dlog4j2.configurationFile=${brokerLog}`, `-Dkafka.logs.dir=${directory}`]
      .concat("-cp", classPath, "kafka.Kafka", properties),
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return { child, address: `127.0.0.1:${port}`, data, startedMs };
}

async function format(classPath: string, properties: string): Promise<void> {
  const tool = ["-cp", classPath, "kafka.tools.StorageTool", "format", "--standalone"];
  const formatted = await run("java", [...tool, "-t", "V2VpciBzdGFuZHMgaGVyZQ", "-c", properties]);
  if (formatted.code !== 0) throw new Error(`The storage tool of Kafka failed: ${formatted.stderr}`);
}

/** A formatted directory holds its quorum; to one of Weir's, which has none, Kafka is told it. */
function quorumOf(data: string, controller: string): Record<string, string> {
  try {
    const state = JSON.parse(Deno.readTextFileSync(`${data}/__cluster_metadata-0/quorum-state`));
    if (state.data_version > 0) return { "controller.quorum.bootstrap.servers": controller };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return { "controller.quorum.voters": `1@${controller}` };
}

/** The server.properties that Kafka ships, with ports and directory of our own. */
function kafkaProperties(data: string, port: number, options: ServerOptions): string {
  const controller = `127.0.0.1:${freePort()}`;
  const isNew = options.data === undefined;
  const advertise = options.advertise ?? `127.0.0.1:${port}`;
  const lines: Record<string, string> = {
    "process.roles": "broker,controller",
    "node.id": "1",
    ...(isNew ? { "controller.quorum.bootstrap.servers": controller } : quorumOf(data, controller)),
    "listeners": `PLAINTEXT://127.0.0.1:${port},CONTROLLER://${controller}`,
    "advertised.listeners": `PLAINTEXT://${advertise},CONTROLLER://${controller}`,
    "inter.broker.listener.name": "PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
    "num.network.threads": "3",
    "num.io.threads": "8",
    "log.dirs": data,
    "num.partitions": "1",
    "offsets.topic.replication.factor": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "log.retention.hours": "168",
    "log.segment.bytes": "1073741824",
    ...options.settings,
  };
  return Object.entries(lines).map(([key, value]) => `${key}=${value}\n`).join("");
}

/** ApiVersions v0 without a client id, as a frame. */
const HELLO = new Uint8Array([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 255, 255]);

/** Waits until the address answers ApiVersions; throws when the process ends first, or after a minute. */
async function answers(address: string, child: Deno.ChildProcess): Promise<void> {
  let ended: number | null = null;
  child.status.then(({ code }) => ended = code);
  const untilMs = performance.now() + START_MS_MAX;
  const port = Number(address.split(":")[1]);
  while (performance.now() < untilMs) {
    if (ended !== null) throw new Error(`The broker ended before it was ready, status ${ended}`);
    if (await asks(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`"${address}" did not answer within ${START_MS_MAX} ms`);
}

async function asks(port: number): Promise<boolean> {
  try {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    await connection.write(HELLO);
    return await connection.read(new Uint8Array(64)) !== null;
  } catch {
    return false;
  }
}
