/**
 * Records written over HTTP: sorted by partition as Kafka's clients sort them,
 * built into batches, sent as any client sends them with acks=all.
 */
import { murmur2 } from "../client/partitioner.ts";
import type { RecordToWrite, WriteAnswer } from "../console/mod.ts";
import { assert, type Fault, fault, type ProducedEntry, type Reply, type TopicImage } from "../model/mod.ts";
import { BatchBuilder, type Header, recordBytesMax } from "../record/mod.ts";

/** A batch is closed before it grows past this; a larger record is alone in its own. */
const BATCH_BYTES_MAX = 524_288;
const TIMEOUT_MS = 30_000;

/** What writing needs of the broker. */
export interface WritePorts {
  topic(name: string): TopicImage | undefined;
  nowMs(): number;
  /** In [0, 1). */
  fraction(): number;
  ask(command: {
    readonly kind: "produce";
    readonly acks: -1;
    readonly timeoutMs: number;
    readonly entries: readonly {
      readonly topic: string;
      readonly partition: number;
      readonly batch: Uint8Array;
    }[];
  }): Promise<Reply>;
}

/** Records that go into one batch: their places in the request, and their times. */
interface Draft {
  readonly partition: number;
  readonly builder: BatchBuilder;
  readonly places: number[];
  readonly timestamps: number[];
}

/** Appends, and answers in the order of `records`. */
export async function writeRecords(
  ports: WritePorts,
  topic: string,
  records: readonly RecordToWrite[],
): Promise<WriteAnswer[]> {
  const image = ports.topic(topic);
  if (image === undefined) {
    const missing = fault("UNKNOWN_TOPIC_OR_PARTITION", `Topic "${topic}" does not exist`);
    return records.map((record) => failed(record.partition, missing));
  }
  const answers: WriteAnswer[] = [];
  const drafts = draft(ports, image, records, answers);
  const entries = drafts.map(({ partition, builder }) => ({ topic, partition, batch: builder.build() }));
  if (entries.length === 0) return answers;
  const reply = await ports.ask({ kind: "produce", acks: -1, timeoutMs: TIMEOUT_MS, entries });
  drafts.forEach((batch, index) => settle(batch, entryOf(reply, index), answers));
  for (const { places } of drafts) await writeHalves(ports, topic, records, places, answers);
  return answers;
}

const TOO_LARGE: ReadonlySet<string | undefined> = new Set(["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"]);

/** A batch that is too large for its topic is written in halves, as clients do: its records may fit. */
async function writeHalves(
  ports: WritePorts,
  topic: string,
  records: readonly RecordToWrite[],
  places: readonly number[],
  answers: WriteAnswer[],
): Promise<void> {
  const { fault, partition } = answers[places[0]!]!;
  if (places.length < 2 || !TOO_LARGE.has(fault?.code)) return;
  const middle = places.length >> 1;
  for (const half of [places.slice(0, middle), places.slice(middle)]) {
    const written = await writeRecords(
      ports,
      topic,
      half.map((place) => ({ ...records[place]!, partition })),
    );
    half.forEach((place, index) => answers[place] = written[index]!);
  }
}

function entryOf(reply: Reply, index: number): ProducedEntry | Fault {
  if (reply.kind === "failed") return reply.fault;
  assert(reply.kind === "produced", "a produce is answered by what was produced");
  return reply.entries[index]!;
}

/** Puts each record into a batch of its partition; what names no partition of the topic is answered at once. */
function draft(
  ports: WritePorts,
  topic: TopicImage,
  records: readonly RecordToWrite[],
  answers: WriteAnswer[],
): Draft[] {
  const drafts: Draft[] = [];
  const open = new Map<number, Draft>();
  const count = topic.partitions.length;
  const keyless = Math.floor(ports.fraction() * count);
  records.forEach((record, place) => {
    const partition = choose(record, count, keyless);
    if (partition >= count) {
      answers[place] = failed(partition, noPartition(topic.name, partition, count));
      return;
    }
    const { key, value } = record;
    const headers = record.headers.map(({ key, value }): Header => [key, value]);
    let batch = open.get(partition);
    if (batch === undefined || batch.builder.bytes + recordBytesMax(key, value, headers) > BATCH_BYTES_MAX) {
      batch = { partition, builder: new BatchBuilder(), places: [], timestamps: [] };
      open.set(partition, batch);
      drafts.push(batch);
    }
    const timestamp = record.timestamp < 0 ? ports.nowMs() : record.timestamp;
    batch.builder.append(timestamp, key, value, headers);
    batch.places.push(place);
    batch.timestamps.push(timestamp);
  });
  return drafts;
}

function choose({ partition, key }: RecordToWrite, count: number, keyless: number): number {
  if (partition >= 0) return partition;
  return key === null ? keyless : (murmur2(key) & 0x7fffffff) % count;
}

function settle(batch: Draft, entry: ProducedEntry | Fault, answers: WriteAnswer[]): void {
  const fault = "code" in entry ? entry : entry.fault;
  batch.places.forEach((place, index) => {
    if (fault !== null || "code" in entry) {
      answers[place] = failed(batch.partition, fault!);
      return;
    }
    const { baseOffset, logAppendTimeMs } = entry;
    const timestamp = logAppendTimeMs >= 0 ? logAppendTimeMs : batch.timestamps[index]!;
    answers[place] = { fault: null, partition: batch.partition, offset: baseOffset + index, timestamp };
  });
}

function failed(partition: number, fault: Fault): WriteAnswer {
  return { fault, partition, offset: -1, timestamp: -1 };
}

function noPartition(topic: string, partition: number, count: number): Fault {
  const words = `Topic "${topic}" has no partition "${partition}", wanted 0 to ${count - 1}`;
  return fault("UNKNOWN_TOPIC_OR_PARTITION", words);
}
