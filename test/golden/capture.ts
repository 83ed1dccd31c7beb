/**
 * Makes the golden batches: real clients produce to a small server that speaks
 * just enough of Kafka's protocol to make them, and the record batches they send
 * are written to `*.hex` beside this file, what went into them to `*.json`. Run by
 * hand, when a client's version changes, where `kcat` is installed:
 *
 *     deno run -A test/golden/capture.ts
 *
 * Answered: ApiVersions 0-2, Metadata 4, Produce 7, InitProducerId 1.
 */
import { Reader, Writer } from "../../src/bytes/mod.ts";
import { CODEC_NAMES, type CodecName } from "../../src/record/mod.ts";

const HERE = new URL("./", import.meta.url);
const TIME_MS = 1_700_000_000_000;
const TOPIC = "golden";

/** What every client is given, as text; `null` where there is nothing. kcat knows no per-record headers and times. */
interface Golden {
  readonly timestamp: number | null;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [string, string])[];
}

const RECORDS: readonly Golden[] = [
  { timestamp: TIME_MS, key: "user_456", value: '{"order":123}', headers: [["source", "web"]] },
  { timestamp: TIME_MS + 1, key: null, value: "no key, ünïcödé 🦫", headers: [] },
  { timestamp: TIME_MS + 70_000, key: "tombstone", value: null, headers: [["a", "1"], ["b", ""]] },
  { timestamp: TIME_MS - 5, key: "", value: "", headers: [] },
  { timestamp: TIME_MS + 2, key: "long", value: "weir ".repeat(300), headers: [] },
];
const KCAT_HEADERS = [["source", "kcat"], ["empty", ""]] as const;
const KCAT_RECORDS: readonly Golden[] = [
  { timestamp: null, key: "user_456", value: '{"order":123}', headers: KCAT_HEADERS },
  { timestamp: null, key: "ключ", value: "ünïcödé 🦫", headers: KCAT_HEADERS },
  { timestamp: null, key: "long", value: "weir ".repeat(300), headers: KCAT_HEADERS },
];

const captured: Uint8Array[] = [];

/** Reads frames and answers them, one after another, until the client goes. */
async function serve(connection: Deno.TcpConn, port: number): Promise<void> {
  let held = new Uint8Array(0);
  const chunk = new Uint8Array(65_536);
  for (;;) {
    const count = await connection.read(chunk).catch(() => null);
    if (count === null) return;
    held = joined(held, chunk.subarray(0, count));
    while (held.length >= 4) {
      const size = new DataView(held.buffer).getInt32(0);
      if (held.length < 4 + size) break;
      const reply = answer(new Reader(held.slice(4, 4 + size)), port);
      held = held.slice(4 + size);
      const frame = new Writer();
      frame.writeBytes(reply);
      await connection.write(frame.bytes());
    }
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}

function answer(request: Reader, port: number): Uint8Array {
  const api = request.readInt16();
  const version = request.readInt16();
  const reply = new Writer();
  reply.writeInt32(request.readInt32());
  request.readNullableString();
  if (api === 18) answerApiVersions(reply, version);
  else if (api === 3) answerMetadata(reply, port);
  else if (api === 0) answerProduce(request, reply);
  else if (api === 22) answerInitProducerId(reply);
  else throw new Error(`API "${api}" version "${version}" is not answered here`);
  return reply.bytes();
}

function answerApiVersions(reply: Writer, version: number): void {
  // librdkafka derives its features from what is named here: without Produce 0 it compresses with zstd alone.
  const ranges = [[0, 0, 7], [1, 4, 10], [2, 1, 2], [3, 4, 4], [10, 0, 1], [18, 0, 2], [22, 0, 1]] as const;
  reply.writeInt16(version > 2 ? 35 : 0);
  reply.writeArrayCount(ranges.length);
  for (const range of ranges) for (const value of range) reply.writeInt16(value);
  if (version === 1 || version === 2) reply.writeInt32(0);
}

function answerMetadata(reply: Writer, port: number): void {
  reply.writeInt32(0);
  reply.writeArrayCount(1);
  reply.writeInt32(1);
  reply.writeString("127.0.0.1");
  reply.writeInt32(port);
  reply.writeString(null);
  reply.writeString("golden-cluster");
  reply.writeInt32(1);
  reply.writeArrayCount(1);
  reply.writeInt16(0);
  reply.writeString(TOPIC);
  reply.writeBoolean(false);
  reply.writeArrayCount(1);
  reply.writeInt16(0);
  reply.writeInt32(0);
  reply.writeInt32(1);
  for (const replicas of [[1], [1]]) {
    reply.writeArrayCount(replicas.length);
    for (const replica of replicas) reply.writeInt32(replica);
  }
}

function answerProduce(request: Reader, reply: Writer): void {
  request.readNullableString();
  request.skip(6);
  if (request.readArrayCount() !== 1) throw new Error("One topic is wanted");
  request.readString();
  if (request.readArrayCount() !== 1) throw new Error("One partition is wanted");
  request.readInt32();
  captured.push(request.readBytes().slice());
  reply.writeArrayCount(1);
  reply.writeString(TOPIC);
  reply.writeArrayCount(1);
  reply.writeInt32(0);
  reply.writeInt16(0);
  reply.writeInt64(0);
  reply.writeInt64(-1);
  reply.writeInt64(0);
  reply.writeInt32(0);
}

function answerInitProducerId(reply: Writer): void {
  reply.writeInt32(0);
  reply.writeInt16(0);
  reply.writeInt64(4_242);
  reply.writeInt16(3);
}

async function produceWithKafkajs(broker: string, codec: CodecName, idempotent: boolean): Promise<void> {
  const { CompressionTypes, Kafka, logLevel } = (await import("kafkajs")).default;
  const producer = new Kafka({ brokers: [broker], logLevel: logLevel.ERROR }).producer({
    idempotent,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  const messages = RECORDS.map(({ timestamp, key, value, headers }) => ({
    timestamp: String(timestamp),
    key,
    value,
    headers: Object.fromEntries(headers),
  }));
  const compression = codec === "gzip" ? CompressionTypes.GZIP : CompressionTypes.None;
  await producer.send({ topic: TOPIC, acks: -1, compression, messages });
  await producer.disconnect();
}

async function produceWithPlatformatic(broker: string, codec: CodecName, idempotent: boolean): Promise<void> {
  const { Producer } = await import("@platformatic/kafka");
  const producer = new Producer({ clientId: "golden", bootstrapBrokers: [broker], idempotent, retries: 0 });
  const bytes = (text: string) => Buffer.from(text);
  const messages = RECORDS.map(({ timestamp, key, value, headers }) => ({
    topic: TOPIC,
    partition: 0,
    timestamp: BigInt(timestamp!),
    ...(key === null ? {} : { key: bytes(key) }),
    ...(value === null ? {} : { value: bytes(value) }),
    headers: new Map(headers.map(([key, value]) => [bytes(key), bytes(value)])),
  }));
  await producer.send({ messages, compression: codec, acks: -1 });
  await producer.close();
}

async function produceWithKcat(broker: string, codec: CodecName, idempotent: boolean): Promise<void> {
  const settings = ["-X", "linger.ms=500", "-X", `enable.idempotence=${idempotent}`];
  const headers = KCAT_HEADERS.flatMap(([key, value]) => ["-H", `${key}=${value}`]);
  const kcat = new Deno.Command("kcat", {
    args: ["-P", "-b", broker, "-t", TOPIC, "-p", "0", "-K", "\t", "-z", codec, ...settings, ...headers],
    stdin: "piped",
  }).spawn();
  const writer = kcat.stdin.getWriter();
  const lines = KCAT_RECORDS.map(({ key, value }) => `${key}\t${value}\n`).join("");
  await writer.write(new TextEncoder().encode(lines));
  await writer.close();
  const { success } = await kcat.status;
  if (!success) throw new Error("kcat failed");
}

async function save(
  client: string,
  version: string,
  name: string,
  codec: CodecName,
  input: string,
): Promise<void> {
  const [batch] = captured.splice(0);
  if (batch === undefined) throw new Error(`${client} sent no batch`);
  const comment = `# ${client} ${version}, codec ${codec}, records as in ${input}; Produce version 7\n`;
  await Deno.writeTextFile(
    new URL(`${name}.hex`, HERE),
    comment + batch.toHex().replace(/.{1,100}/g, "$&\n"),
  );
}

async function kcatVersion(): Promise<string> {
  const { stdout } = await new Deno.Command("kcat", { args: ["-V"] }).output();
  return /librdkafka [\d.]+/.exec(new TextDecoder().decode(stdout))?.[0] ?? "unknown";
}

/** The version that `deno.json` pins. */
async function pinned(name: string): Promise<string> {
  const { imports } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", HERE)));
  return String(imports[name]).split("@").at(-1)!;
}

async function captureAll(broker: string): Promise<void> {
  const clients = [
    ["kafkajs", await pinned("kafkajs"), ["none", "gzip"], produceWithKafkajs, "clients.json"],
    [
      "platformatic",
      await pinned("@platformatic/kafka"),
      CODEC_NAMES,
      produceWithPlatformatic,
      "clients.json",
    ],
    ["kcat", await kcatVersion(), CODEC_NAMES, produceWithKcat, "kcat.json"],
  ] as const;
  for (const [client, version, codecs, produce, input] of clients) {
    for (const codec of codecs) {
      await produce(broker, codec, false);
      await save(client, version, `${client}_${codec}`, codec, input);
    }
    await produce(broker, "none", true);
    await save(client, version, `${client}_idempotent`, "none", input);
  }
  await Deno.writeTextFile(new URL("clients.json", HERE), JSON.stringify(RECORDS, null, 2) + "\n");
  await Deno.writeTextFile(new URL("kcat.json", HERE), JSON.stringify(KCAT_RECORDS, null, 2) + "\n");
}

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const { port } = listener.addr;
const accepting = (async () => {
  for await (const connection of listener) serve(connection, port).catch((error) => console.error(error));
})();
await captureAll(`127.0.0.1:${port}`);
listener.close();
await accepting;
