/**
 * Records in the clear: one fetch as any client sends it, its batches decoded
 * here and their bytes copied, for the buffer they came in goes back to its
 * worker. Unfolding is bounded far below what a client may ask for: this runs on
 * the thread that serves everybody.
 */
import type { ReadAnswer, ReadQuery, RecordView } from "../console/mod.ts";
import { type Clock, monotonicMs } from "../host/mod.ts";
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
import type { Unfolded } from "./unfolded.ts";

/** What one compressed batch may unfold to: that takes one turn of the thread. */
const UNFOLDED_BYTES_MAX = 16_777_216;
/** How long records are decoded before the thread is left to others, and how often it is looked. */
const TURN_MS_MAX = 4;
const RECORDS_PER_STEP = 128;

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

/** What a read needs. */
export interface ReadPorts {
  readonly ask: Ask;
  readonly clock: Clock;
  readonly unfolded: Unfolded;
}

/** One read; an aborted `signal` gives up waiting, with no records. */
export function readRecords(ports: ReadPorts, query: ReadQuery, signal?: AbortSignal): Promise<ReadAnswer> {
  const { topic, partition, offset, bytesMax, waitMsMax } = query;
  const entry = { topic, partition, offset, bytesMax, currentLeaderEpoch: -1, lastFetchedEpoch: -1 };
  const isolation = "read_committed";
  const asked = ports.ask({ kind: "fetch", waitMsMax, bytesMin: 1, bytesMax, isolation, entries: [entry] })
    .then((reply) => decodeReply(ports, reply, query));
  return signal === undefined ? asked : orAborted(asked, signal, offset);
}

/** The signal may outlive many reads: none leaves anything with it. */
function orAborted(asked: Promise<ReadAnswer>, signal: AbortSignal, offset: number): Promise<ReadAnswer> {
  return new Promise((resolve, reject) => {
    const gone = () => resolve(nothing(offset, fault("REQUEST_TIMED_OUT", "Whoever asked no longer waits")));
    if (signal.aborted) gone();
    signal.addEventListener("abort", gone, { once: true });
    asked.then(resolve, reject).finally(() => signal.removeEventListener("abort", gone));
  });
}

async function decodeReply(ports: ReadPorts, reply: Reply, query: ReadQuery): Promise<ReadAnswer> {
  if (reply.kind === "failed") return nothing(query.offset, reply.fault);
  assert(reply.kind === "fetched", "a fetch is answered by what was fetched");
  try {
    const entry = reply.entries[0]!;
    if (needsCodecs(entry.records)) await import("../record/codecs/mod.ts");
    return await decodeEntry(ports, entry, query);
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
    const name = codecNameOf(viewOf(batch));
    isMissing ||= name !== undefined && !hasCodec(name);
  });
  return isMissing;
}

function codecNameOf(view: DataView) {
  return CODEC_NAMES[codecOf(attributes(view, 0))];
}

/** Decodes for a moment at a time: the thread is everybody's. */
async function decodeEntry(ports: ReadPorts, entry: FetchedEntry, query: ReadQuery): Promise<ReadAnswer> {
  const { logStartOffset, highWatermark } = entry;
  if (entry.fault !== null) {
    return { ...nothing(query.offset, entry.fault), logStartOffset, highWatermark };
  }
  const reading = new Reading(query, ports.unfolded);
  const batches: Uint8Array[] = [];
  forEachBatch(entry.records, (batch) => void batches.push(batch));
  let beganMs = monotonicMs();
  for (const batch of batches) {
    for (const _ of reading.take(batch)) {
      if (monotonicMs() - beganMs <= TURN_MS_MAX) continue;
      await ports.clock.sleep(0);
      beganMs = monotonicMs();
    }
  }
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
  readonly #unfolded: Unfolded;
  readonly #partition: string;
  #bytes = 0;
  #count = 0;
  #isFull = false;

  constructor(query: ReadQuery, unfolded: Unfolded) {
    this.#query = query;
    this.#unfolded = unfolded;
    this.#partition = `${query.topic}-${query.partition}`;
    this.nextOffset = query.offset;
  }

  /** Takes the records of a batch; yields now and then. */
  *take(batch: Uint8Array): Generator<void> {
    if (this.#isFull || this.failed !== null) return;
    const view = viewOf(batch);
    const afterOffset = lastOffset(view, 0) + 1;
    try {
      if (!isControl(attributes(view, 0))) yield* this.#takeRecords(batch, view);
    } catch (error) {
      // Records before it are answered first; then it is named, and who reads may go on behind it.
      this.failed = unreadable(this.#query, (error as Error).message);
      if (this.records.length > 0) return;
    }
    if (!this.#isFull) this.nextOffset = Math.max(this.nextOffset, afterOffset);
  }

  *#takeRecords(batch: Uint8Array, view: DataView): Generator<void> {
    const cursor = this.#open(batch, view);
    if (cursor === null) return;
    const run = new Run(cursor.bytes);
    let passed = 0;
    try {
      do {
        if (++passed % RECORDS_PER_STEP === 0) yield;
        if (cursor.offset < this.#query.offset) continue;
        if (this.#isEnough(cursor)) {
          this.#isFull = true;
          if (codecNameOf(view) !== "none") this.#unfolded.keep(this.#partition, view, cursor);
          return;
        }
        this.#bytes += cursor.recordEnd - cursor.attributesAt;
        this.#count++;
        run.add(this.#query, cursor);
        this.nextOffset = cursor.offset + 1;
      } while (cursor.next());
    } finally {
      run.end(this.records);
    }
  }

  /** A cursor at the batch's first record, or at the one where the read before stopped; `null`: it is empty. */
  #open(batch: Uint8Array, view: DataView): RecordCursor | null {
    const known = this.#unfolded.take(this.#partition, view, this.#query.offset);
    if (known !== undefined) return known;
    const cursor = new RecordCursor();
    cursor.open(batch, UNFOLDED_BYTES_MAX);
    return cursor.next() ? cursor : null;
  }

  #isEnough(cursor: RecordCursor): boolean {
    const { countMax, bytesMax } = this.#query;
    if (this.#count >= countMax) return true;
    return this.#bytes > 0 && this.#bytes + cursor.recordEnd - cursor.attributesAt > bytesMax;
  }
}

/** A record of which only the place is known yet. */
interface Placed {
  readonly record: Omit<RecordView, "key" | "value" | "headers">;
  readonly key: Place | null;
  readonly value: Place | null;
  readonly headers: readonly { readonly key: string; readonly value: Place | null }[];
}

interface Place {
  readonly from: number;
  readonly to: number;
}

/** Makes records of one run of bytes: one copy for all, not one for each key and value. */
class Run {
  readonly #bytes: Uint8Array;
  readonly #placed: Placed[] = [];
  #from = -1;
  #to = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  add(query: ReadQuery, cursor: RecordCursor): void {
    if (this.#from < 0) this.#from = cursor.bodyAt;
    this.#to = cursor.recordEnd;
    this.#placed.push({
      record: {
        topic: query.topic,
        partition: query.partition,
        offset: cursor.offset,
        timestamp: cursor.timestamp,
        timestampType: cursor.usesAppendTime ? "LogAppendTime" : "CreateTime",
      },
      key: placeOf(cursor.keyAt, cursor.keySize),
      value: placeOf(cursor.valueAt, cursor.valueSize),
      headers: cursor.headers.map(([key, value]) => ({
        key,
        value: value && placeOf(value.byteOffset - this.#bytes.byteOffset, value.length),
      })),
    });
  }

  /** The records, over bytes of their own: those they were read from go back to their worker. */
  end(records: RecordView[]): void {
    if (this.#placed.length === 0) return;
    const from = this.#from;
    // A plain array, also where a codec unfolded into a Node `Buffer`.
    const copy = new Uint8Array(this.#bytes.subarray(from, this.#to));
    const cut = (place: Place | null) => place && copy.subarray(place.from - from, place.to - from);
    for (const { record, key, value, headers } of this.#placed) {
      const shown = headers.map((header) => ({ key: header.key, value: cut(header.value) }));
      records.push({ ...record, key: cut(key), value: cut(value), headers: shown });
    }
  }
}

function placeOf(from: number, size: number): Place | null {
  return size < 0 ? null : { from, to: from + size };
}

function unreadable({ topic, partition }: ReadQuery, reason: string): Fault {
  return fault("CORRUPT_MESSAGE", `A batch of "${topic}-${partition}" cannot be read: ${reason}`);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
