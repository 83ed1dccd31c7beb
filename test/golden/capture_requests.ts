/**
 * Makes the golden requests: real clients talk to a real broker through a proxy that
 * writes down the first frame of each API and version a client sends, to
 * `requests/CLIENT/API_vVERSION.hex`. Run by hand, when a client's version changes;
 * clients that are not installed are left out, Go's unless
 * `deno task conformance` built them. `KAFKA_JARS` may name a folder
 * with Apache Kafka's jars.
 *
 *     deno run -A test/golden/capture_requests.ts
 */
import { concat } from "@std/bytes/concat";
import type { Admin, Kafka } from "kafkajs";
import { findApi } from "../../src/kafka/registry.ts";
import { spawnProcess } from "../broker_process.ts";
import { CONFLUENT, KAFKA_PYTHON } from "./capture_python.ts";

const TOPIC = "golden";
/** After this, members have a heartbeat to send. */
const HEARTBEAT_MS = 3_500;
const FOLDER = new URL("./requests/", import.meta.url);
let frames = new Map<string, Uint8Array>();

/** Writes down the frames that pass from the client to the broker. */
async function record(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
  let held = new Uint8Array(0);
  for await (const chunk of from.readable.pipeThrough(new TransformStream<Uint8Array, Uint8Array>())) {
    held = concat([held, chunk]);
    while (held.length >= 4) {
      const length = new DataView(held.buffer, held.byteOffset).getInt32(0);
      if (held.length < 4 + length) break;
      keep(held.slice(4, 4 + length));
      held = held.subarray(4 + length);
    }
    for (let at = 0; at < chunk.length;) at += await to.write(chunk.subarray(at));
  }
  to.closeWrite();
}

function keep(frame: Uint8Array): void {
  const view = new DataView(frame.buffer);
  const api = findApi(view.getInt16(0));
  const version = view.getInt16(2);
  if (api === null || version > api.versions[1] || version < api.versions[0]) return;
  const name = `${api.name.replace(/(?<=.)[A-Z]/g, (letter) => `_${letter}`).toLowerCase()}_v${version}`;
  if (!frames.has(name)) frames.set(name, frame);
}

async function pass(client: Deno.TcpConn, kafka: string): Promise<void> {
  const [hostname, port] = kafka.split(":") as [string, string];
  const broker = await Deno.connect({ hostname, port: Number(port) });
  await Promise.all([record(client, broker), broker.readable.pipeTo(client.writable)]).catch(() => {});
}

async function run(command: string, args: readonly string[], stdin = "", env: Record<string, string> = {}) {
  const child = new Deno.Command(command, {
    args: [...args],
    stdin: "piped",
    stdout: "null",
    stderr: "inherit",
    env,
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin)).catch(() => {});
  await writer.close().catch(() => {});
  await child.status;
}

async function kafkajs(broker: string): Promise<void> {
  const { ConfigResourceTypes, Kafka, logLevel } = (await import("kafkajs")).default;
  const kafka = new Kafka({ clientId: "golden", brokers: [broker], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: 2 }] });
  await admin.fetchTopicMetadata({ topics: [TOPIC] });
  await admin.describeCluster();
  const type = ConfigResourceTypes.TOPIC;
  const configEntries = [{ name: "retention.ms", value: "100000" }];
  await admin.describeConfigs({ includeSynonyms: false, resources: [{ type, name: TOPIC }] });
  await admin.alterConfigs({ validateOnly: false, resources: [{ type, name: TOPIC, configEntries }] });
  await admin.createPartitions({ topicPartitions: [{ topic: TOPIC, count: 3 }] });
  for (const idempotent of [false, true]) {
    const producer = kafka.producer({ idempotent, maxInFlightRequests: 1 });
    await producer.connect();
    await producer.send({ topic: TOPIC, acks: -1, messages: [{ key: "k", value: "v", partition: 0 }] });
    await producer.disconnect();
  }
  await admin.fetchTopicOffsets(TOPIC);
  await kafkajsGroup(kafka, admin);
  await admin.deleteTopicRecords({ topic: TOPIC, partitions: [{ partition: 0, offset: "1" }] });
  await admin.deleteTopics({ topics: [TOPIC] });
  await admin.disconnect();
}

async function kafkajsGroup(kafka: Kafka, admin: Admin): Promise<void> {
  const consumer = kafka.consumer({ groupId: TOPIC, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topics: [TOPIC], fromBeginning: true });
  const { promise, resolve } = Promise.withResolvers<void>();
  await consumer.run({
    eachMessage: async ({ heartbeat }) => {
      await new Promise((later) => setTimeout(later, HEARTBEAT_MS));
      await heartbeat();
      resolve();
    },
  });
  await promise;
  await consumer.disconnect();
  await admin.listGroups();
  await admin.describeGroups([TOPIC]);
  await admin.fetchOffsets({ groupId: TOPIC, topics: [TOPIC] });
  await admin.deleteGroups([TOPIC]);
}

async function platformatic(broker: string): Promise<void> {
  const { Admin, ConfigResourceTypes, Producer } = await import("@platformatic/kafka");
  const options = { clientId: "golden", bootstrapBrokers: [broker], retries: 0 };
  const admin = new Admin(options);
  await admin.createTopics({ topics: [TOPIC], partitions: 2, replicas: 1 });
  await admin.metadata({ topics: [TOPIC] });
  const resource = { resourceType: ConfigResourceTypes.TOPIC, resourceName: TOPIC };
  await admin.describeConfigs({ resources: [{ ...resource, configurationKeys: ["retention.ms"] }] });
  for (const idempotent of [false, true]) {
    const producer = new Producer({ ...options, idempotent });
    const messages = [{ topic: TOPIC, partition: 0, value: new TextEncoder().encode("v") as Buffer }];
    await producer.send({ messages, acks: -1 });
    await producer.close();
  }
  await platformaticGroups(broker);
  await admin.deleteTopics({ topics: [TOPIC] });
  await admin.close();
}

async function platformaticGroups(broker: string): Promise<void> {
  const { Admin, Consumer } = await import("@platformatic/kafka");
  const options = { clientId: "golden", bootstrapBrokers: [broker], retries: 0 };
  for (const groupProtocol of ["classic", "consumer"] as const) {
    const groupId = `${TOPIC}-${groupProtocol}`;
    const consumer = new Consumer({
      ...options,
      groupId,
      groupProtocol,
      autocommit: false,
      maxWaitTime: 100,
    });
    const stream = await consumer.consume({ topics: [TOPIC], mode: "committed", fallbackMode: "earliest" });
    for await (const { commit } of stream) {
      await commit();
      break;
    }
    await new Promise((later) => setTimeout(later, HEARTBEAT_MS));
    await consumer.close(true);
  }
  const groups = [`${TOPIC}-classic`];
  const admin = new Admin(options);
  await admin.listGroups({});
  await admin.describeGroups({ groups });
  await admin.listConsumerGroupOffsets({ groups });
  await admin.deleteConsumerGroupOffsets({
    groupId: groups[0]!,
    topics: [{ name: TOPIC, partitionIndexes: [0] }],
  });
  await admin.deleteGroups({ groups });
  await admin.close();
}

async function kcat(broker: string): Promise<void> {
  const common = ["-b", broker, "-X", "client.id=golden"];
  for (const idempotence of ["false", "true"]) {
    const settings = ["-X", `enable.idempotence=${idempotence}`];
    await run("kcat", [...common, "-P", "-t", TOPIC, "-p", "0", ...settings], "one\ntwo\n");
  }
  await run("kcat", [...common, "-L"]);
  await run("kcat", [...common, "-C", "-t", TOPIC, "-p", "0", "-o", "beginning", "-e"]);
  await run("kcat", [...common, "-Q", "-t", `${TOPIC}:0:-1`]);
  const reset = ["-X", "auto.offset.reset=earliest", "-X", "heartbeat.interval.ms=100"];
  await run("kcat", [...common, "-G", TOPIC, "-c", "2", ...reset, TOPIC]);
}

function python(program: string): (broker: string) => Promise<void> {
  return (broker) => run("/usr/bin/python3", ["-c", program, broker]);
}

async function java(broker: string): Promise<void> {
  const jars = Deno.env.get("KAFKA_JARS");
  if (jars === undefined) return;
  const tool = (name: string, args: readonly string[], stdin = "") => {
    return run("java", ["-cp", `${jars}/*`, `org.apache.kafka.tools.${name}`, ...args], stdin);
  };
  const at = ["--bootstrap-server", broker];
  await tool("TopicCommand", [...at, "--create", "--topic", TOPIC, "--partitions", "2"]);
  await tool("TopicCommand", [...at, "--describe", "--topic", TOPIC]);
  await tool("consumer.ConsoleConsumer", [
    ...[...at, "--topic", TOPIC, "--partition", "0", "--offset", "earliest", "--timeout-ms", "2000"],
  ]);
  await tool("ConsoleProducer", [...at, "--topic", TOPIC], "one\ntwo\n");
  for (const protocol of ["classic", "consumer"]) {
    const property = ["--command-property", `group.protocol=${protocol}`, "--timeout-ms", "4500"];
    const from = ["--topic", TOPIC, "--group", `${TOPIC}-${protocol}`, "--from-beginning"];
    await tool("consumer.ConsoleConsumer", [...at, ...from, ...property]);
    const verbs = [
      "--list",
      "--describe --group",
      "--delete-offsets --topic golden --group",
      "--delete --group",
    ];
    for (const verb of verbs) {
      const group = verb === "--list" ? [] : [`${TOPIC}-${protocol}`];
      await tool("consumer.group.ConsumerGroupCommand", [...at, ...verb.split(" "), ...group]);
    }
  }
  await tool("GetOffsetShell", [...at, "--topic", TOPIC]);
  await tool("LogDirsCommand", [...at, "--describe"]);
  await tool("TopicCommand", [...at, "--alter", "--topic", TOPIC, "--partitions", "3"]);
  await tool("TopicCommand", [...at, "--delete", "--topic", TOPIC]);
}

/** A Go program of `test/peers/go`, as the conformance suite built it. */
function go(name: string): (broker: string) => Promise<void> {
  return (broker) => run(`${Deno.env.get("HOME")}/.cache/weir/go/${name}`, [broker, TOPIC]);
}

/** Runs one client against a broker of its own and keeps what it sent. */
async function capture(client: string, session: (broker: string) => Promise<void>): Promise<void> {
  frames = new Map();
  const data = await Deno.makeTempDir();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const child = spawnProcess(data, [`advertised.address=127.0.0.1:${port}`], "127.0.0.1:0");
  const reader = child.stdout.getReader();
  const words = new TextDecoder().decode((await reader.read()).value);
  const kafka = /kafka=(\S+)/.exec(words)![1]!;
  const accepting = (async () => {
    for await (const connection of listener) pass(connection, kafka);
  })();
  await session(`127.0.0.1:${port}`).catch((error) => console.error(`${client}: ${error.message}`));
  listener.close();
  await accepting.catch(() => {});
  child.kill("SIGTERM");
  await child.status;
  await reader.cancel();
  await Deno.remove(data, { recursive: true });
  await save(client);
}

async function save(client: string): Promise<void> {
  if (frames.size === 0) return console.log(`${client}: nothing captured`);
  const folder = new URL(`${client}/`, FOLDER);
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { recursive: true });
  for (const [name, frame] of frames) {
    await Deno.writeTextFile(new URL(`${name}.hex`, folder), frame.toHex().replace(/.{1,100}/g, "$&\n"));
  }
  console.log(`${client}: ${[...frames.keys()].join(" ")}`);
}

const SESSIONS = {
  kafkajs,
  platformatic,
  kcat,
  kafka_python: python(KAFKA_PYTHON),
  confluent_kafka: python(CONFLUENT),
  java,
  franz_go: go("franzgroup"),
  sarama: go("saramagroup"),
  segmentio: go("segmentiogroup"),
};
for (const [client, session] of Object.entries(SESSIONS)) {
  if (Deno.args.length === 0 || Deno.args.includes(client)) await capture(client, session);
}
Deno.exit();
