/**
 * Records in the clear: one fetch as any client sends it, its batches decoded
 * here and their bytes copied, for the buffer they came in goes back to its
 * worker. Unfolding is bounded far below what a client may ask for: this runs on
 * the thread that serves everybody.
 */
import type { ReadAnswer, ReadQuery, RecordView } from "../console/mod.ts";
import { assert, type Fault, fault, type FetchedEntry, type Reply } from "../model/mod.ts";
import {
  attributes,
  CODEC_NAMES,
  codecOf,
  forEachBatch,
  hasCodec,
  isControl,
  lastOffset,
  RecordCursor,
} from "../record/mod.ts";

/** What one compressed batch may unfold to. */
const UNFOLDED_BYTES_MAX = 33_554_432;

/** Sends a command; its reply comes as a promise. */
export type Ask = (command: {
  readonly kind: "fetch";
  readonly waitMsMax: number;
  readonly bytesMin: number;
  readonly bytesMax: number;
  readonly isolation: "read_committed";
  readonly entries: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly offset: number;
    readonly bytesMax: number;
    readonly currentLeaderEpoch: number;
    readonly lastFetchedEpoch: number;
  }[];
}) => Promise<Reply>;

/** One read; an aborted `signal` gives up waiting, with no records. */
export async function readRecords(ask: Ask, query: ReadQuery, signal?: AbortSignal): Promise<ReadAnswer> {
  const { topic, partition, offset, bytesMax, waitMsMax } = query;
  const entry = { topic, partition, offset, bytesMax, currentLeaderEpoch: -1, lastFetchedEpoch: -1 };
  const isolation = "read_committed";
  const asked = ask({ kind: "fetch", waitMsMax, bytesMin: 1, bytesMax, isolation, entries: [entry] })
    .then((reply) => decodeReply(reply, query));
  return await (signal === undefined ? asked : Promise.race([asked, untilAborted(signal, offset)]));
}

function untilAborted(signal: AbortSignal, offset: number): Promise<ReadAnswer> {
  const gone = nothing(offset, fault("REQUEST_TIMED_OUT", "Whoever asked no longer waits"));
  if (signal.aborted) return Promise.resolve(gone);
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(gone), { once: true }));
}

async function decodeReply(reply: Reply, query: ReadQuery): Promise<ReadAnswer> {
  if (reply.kind === "failed") return nothing(query.offset, reply.fault);
  assert(reply.kind === "fetched", "a fetch is answered by what was fetched");
  try {
    const entry = reply.entries[0]!;
    if (needsCodecs(entry.records)) await import("../record/codecs/mod.ts");
    return decodeEntry(entry, query);
  } finally {
    reply.lease?.release();
  }
}

function nothing(nextOffset: number, failed: Fault): ReadAnswer {
  return { fault: failed, records: [], nextOffset, logStartOffset: -1, highWatermark: -1 };
}

function needsCodecs(bytes: Uint8Array): boolean {
  let isMissing = false;
  forEachBatch(bytes, (batch) => {
    const name = CODEC_NAMES[codecOf(attributes(viewOf(batch), 0))];
    isMissing ||= name !== undefined && !hasCodec(name);
  });
  return isMissing;
}

function decodeEntry(entry: FetchedEntry, query: ReadQuery): ReadAnswer {
  const { logStartOffset, highWatermark } = entry;
  if (entry.fault !== null) {
    return { ...nothing(query.offset, entry.fault), logStartOffset, highWatermark };
  }
  const reading = new Reading(query);
  forEachBatch(entry.records, (batch) => reading.take(batch));
  const { records, nextOffset, failed } = reading;
  return { fault: records.length === 0 ? failed : null, records, nextOffset, logStartOffset, highWatermark };
}

/** The records of one answer, batch by batch, up to as many as were asked for. */
class Reading {
  readonly records: RecordView[] = [];
  nextOffset: number;
  /** Why a batch could not be read. */
  failed: Fault | null = null;
  readonly #query: ReadQuery;
  readonly #cursor = new RecordCursor();
  #isFull = false;

  constructor(query: ReadQuery) {
    this.#query = query;
    this.nextOffset = query.offset;
  }

  take(batch: Uint8Array): void {
    if (this.#isFull || this.failed !== null) return;
    const view = viewOf(batch);
    const afterOffset = lastOffset(view, 0) + 1;
    try {
      if (!isControl(attributes(view, 0))) this.#takeRecords(batch);
    } catch (error) {
      // Records before it are answered first; then it is named, and who reads may go on behind it.
      this.failed = unreadable(this.#query, (error as Error).message);
      if (this.records.length > 0) return;
    }
    if (!this.#isFull) this.nextOffset = Math.max(this.nextOffset, afterOffset);
  }

  #takeRecords(batch: Uint8Array): void {
    const cursor = this.#cursor;
    const { topic, partition, offset, countMax } = this.#query;
    cursor.open(batch, UNFOLDED_BYTES_MAX);
    while (cursor.next()) {
      if (cursor.offset < offset) continue;
      if (this.records.length >= countMax) {
        this.#isFull = true;
        return;
      }
      this.records.push({ topic, partition, ...contentOf(cursor) });
      this.nextOffset = cursor.offset + 1;
    }
  }
}

function contentOf(cursor: RecordCursor): Omit<RecordView, "topic" | "partition"> {
  return {
    offset: cursor.offset,
    timestamp: cursor.timestamp,
    timestampType: cursor.usesAppendTime ? "LogAppendTime" : "CreateTime",
    key: copyOf(cursor.key),
    value: copyOf(cursor.value),
    headers: cursor.headers.map(([key, value]) => ({ key, value: copyOf(value) })),
  };
}

/** A plain array of its own bytes, also where a codec unfolded into a Node `Buffer`. */
function copyOf(bytes: Uint8Array | null): Uint8Array | null {
  return bytes === null ? null : new Uint8Array(bytes);
}

function unreadable({ topic, partition }: ReadQuery, reason: string): Fault {
  return fault("CORRUPT_MESSAGE", `A batch of "${topic}-${partition}" cannot be read: ${reason}`);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
