/**
 * The matrix's rows: each a feature, what it needs of a client, and the steps
 * that show it. What a client writes is read back through the native client and
 * through the client; what the native client writes is read through the client.
 * Every byte is compared.
 */
import assert from "node:assert/strict";
import { CODEC_NAMES, type CodecName } from "../../../src/record/mod.ts";
import type { Weir } from "weir";
import type { ClientSession, MatrixClient, MatrixRecord, Need, ProduceOptions } from "./client.ts";
import { assertSame, nativeRead, nativeWrite } from "./compare.ts";

/** What a row works with: a fresh topic name, both clients. */
export interface Stage {
  readonly client: MatrixClient;
  readonly session: ClientSession;
  readonly weir: Weir;
  readonly topic: string;
}

export interface Row {
  readonly name: string;
  readonly needs: readonly Need[];
  run(stage: Stage): Promise<void>;
}

const TIME_MS = 1_700_000_000_000;
const PLAIN: ProduceOptions = { acks: -1, codec: "none", isIdempotent: false };
const bytes = (text: string) => new TextEncoder().encode(text);

function record(fields: Partial<MatrixRecord>): MatrixRecord {
  return { partition: 0, timestamp: TIME_MS, key: bytes("k"), value: bytes("v"), headers: [], ...fields };
}

function numbered(count: number, partition = 0): MatrixRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const value = bytes(`${index} ünïcödé ${"weir ".repeat(index % 40)}`);
    return record({ partition, timestamp: TIME_MS + index * 1_000, key: bytes(`key ${index}`), value });
  });
}

/** The client writes; the native client and the client itself read it back. */
async function roundTrip(
  { client, session, weir, topic }: Stage,
  records: readonly MatrixRecord[],
  options: Partial<ProduceOptions> = {},
): Promise<void> {
  const sent = client.lacks.timestamps === undefined
    ? records
    : records.map((each) => ({ ...each, timestamp: null }));
  await weir.admin.createTopic(topic, { partitions: 3, config: { "max.message.bytes": 4_000_000 } });
  await session.produce(topic, sent, { ...PLAIN, ...options });
  assertSame(await nativeRead(weir, topic, sent.length), sent, "read through the native client");
  if (client.lacks.fetch !== undefined) return;
  for (const partition of new Set(sent.map((each) => each.partition))) {
    const wanted = sent.filter((each) => each.partition === partition);
    assertSame(await session.fetch(topic, partition, "earliest", wanted.length), wanted, "read through it");
  }
}

/** A row that writes. */
function writes(
  name: string,
  records: readonly MatrixRecord[],
  options: Partial<ProduceOptions> = {},
  needs: readonly Need[] = [],
): Row {
  return { name, needs, run: (stage) => roundTrip(stage, records, options) };
}

const LARGE = [1, 2, 3].map((seed) => {
  const value = new Uint8Array(1_000_000).map((_, index) => 33 + (index * seed + (index >> 8)) % 90);
  return record({ key: bytes(`large ${seed}`), value });
});
const HEADERS = [
  [["source", "web"], ["empty", ""], ["ключ", "ünïcödé"]],
  [["repeat", "1"], ["repeat", "2"]],
  [],
].map((headers) => record({ headers: headers.map(([name, value]) => [name!, bytes(value!)]) }));

const WRITING: readonly Row[] = [
  writes("produce, acks=0", numbered(20), { acks: 0 }),
  writes("produce, acks=1", numbered(20), { acks: 1 }),
  writes("produce, acks=all", numbered(20)),
  ...CODEC_NAMES.map((codec) => writes(`produce, codec ${codec}`, numbered(300), { codec }, [codec])),
  writes("keys, also none and empty", [
    record({ key: null }),
    record({ key: bytes("") }),
    record({ key: bytes("ключ 🦫") }),
    record({ key: new Uint8Array([0xff, 0xfe, 1, 2]) }),
  ]),
  writes("headers", HEADERS),
  writes("null value", [
    record({ value: null }),
    record({ value: bytes("between") }),
    record({ value: null }),
  ]),
  writes("empty value", [record({ value: bytes("") }), record({ value: bytes("after") })]),
  writes("records of 1 MB", LARGE),
  writes("batches across partitions", [2, 0, 1].flatMap((partition) => numbered(100, partition))),
  writes("idempotent producer", numbered(200), { isIdempotent: true }, ["idempotence"]),
];

function reads(name: string, run: Row["run"], needs: readonly Need[] = []): Row {
  return { name, needs: ["fetch", ...needs], run };
}

async function nativelyWritten(
  { weir, topic }: Stage,
  codec: CodecName = "none",
): Promise<readonly MatrixRecord[]> {
  await weir.admin.createTopic(topic, { partitions: 1 });
  const records = [...numbered(200), ...HEADERS, record({ key: null }), record({ value: null })];
  await nativeWrite(weir, topic, records, codec);
  return records;
}

const READING: readonly Row[] = [
  reads("fetch from earliest", async (stage) => {
    const written = await nativelyWritten(stage);
    assertSame(await stage.session.fetch(stage.topic, 0, "earliest", written.length), written, "all");
  }),
  reads("fetch from latest", async (stage) => {
    const end = (await nativelyWritten(stage)).length;
    let isOver = false;
    const fetching = stage.session.fetch(stage.topic, 0, "latest", 1).finally(() => isOver = true);
    // Where the client stands at the end is its own secret: records come until it has one.
    const later = record({ value: bytes("later") });
    while (!isOver) {
      await nativeWrite(stage.weir, stage.topic, [later], "none");
      await Promise.race([fetching, new Promise((resolve) => setTimeout(resolve, 100))]);
    }
    const found = await fetching;
    assertSame(found, [later], "what came later");
    assert.ok(found[0]!.offset >= end);
  }),
  reads("fetch from an offset", async (stage) => {
    const written = await nativelyWritten(stage);
    const found = await stage.session.fetch(stage.topic, 0, 123, written.length - 123);
    assert.equal(found[0]!.offset, 123);
    assertSame(found, written.slice(123), "from 123 on");
  }),
  reads("fetch from a timestamp", async (stage) => {
    const written = await nativelyWritten(stage);
    const start = { timestampMs: TIME_MS + 77_001 };
    const found = await stage.session.fetch(stage.topic, 0, start, written.length - 78);
    assert.equal(found[0]!.offset, 78);
    assertSame(found, written.slice(78), "from 78 on");
  }),
  ...CODEC_NAMES.filter((codec) => codec !== "none").map((codec) =>
    reads(`fetch, codec ${codec}`, async (stage) => {
      const written = await nativelyWritten(stage, codec);
      assertSame(await stage.session.fetch(stage.topic, 0, "earliest", written.length), written, codec);
    }, [codec])
  ),
];

const MANAGING: readonly Row[] = [
  {
    name: "create topic",
    needs: ["create topic"],
    async run({ session, weir, topic }) {
      await session.createTopic(topic, 3, { "retention.ms": "86400000" });
      const { partitions, settings } = await weir.admin.describeTopic(topic);
      assert.equal(partitions.length, 3);
      assert.equal(settings.find(({ name }) => name === "retention.ms")?.value, "86400000");
    },
  },
  {
    name: "describe settings",
    needs: ["describe settings"],
    async run({ session, weir, topic }) {
      await weir.admin.createTopic(topic, { config: { "segment.bytes": 2_097_152 } });
      const found = await session.describe(topic);
      assert.equal(found["segment.bytes"], "2097152");
      assert.equal(found["cleanup.policy"], "delete");
    },
  },
  {
    name: "alter settings",
    needs: ["alter settings"],
    async run({ session, weir, topic }) {
      await weir.admin.createTopic(topic);
      await session.alter(topic, { "retention.ms": "123456", "max.message.bytes": "2000000" });
      const { settings } = await weir.admin.describeTopic(topic);
      const value = (wanted: string) => settings.find(({ name }) => name === wanted)?.value;
      assert.deepEqual([value("retention.ms"), value("max.message.bytes")], ["123456", "2000000"]);
    },
  },
  {
    name: "delete records",
    needs: ["delete records"],
    async run({ session, weir, topic }) {
      await weir.admin.createTopic(topic, { partitions: 1 });
      await nativeWrite(weir, topic, numbered(10), "none");
      await session.deleteRecords(topic, 0, 4);
      assert.equal((await weir.admin.offsets(topic, "earliest"))[0]!.offset, 4);
      assertSame(await nativeRead(weir, topic, 6), numbered(10).slice(4), "what is left");
    },
  },
  {
    name: "delete topic",
    needs: ["delete topic"],
    async run({ session, weir, topic }) {
      await weir.admin.createTopic(topic);
      await session.deleteTopic(topic);
      assert.ok(!(await weir.admin.listTopics()).some(({ name }) => name === topic));
    },
  },
];

export const ROWS: readonly Row[] = [MANAGING[0]!, ...WRITING, ...READING, ...MANAGING.slice(1)];

/** Why a client cannot do a row, or `null`. */
export function reasonOf(client: MatrixClient, row: Row): string | null {
  for (const need of row.needs) if (client.lacks[need] !== undefined) return client.lacks[need];
  return null;
}
