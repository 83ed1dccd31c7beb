/**
 * Keeps the readers of a consumer filled: finds where each begins, then fetches
 * for all that have room, one request after another on the consumer's own
 * connection, while the application works through what came before. Waits at the
 * broker when there is nothing new; never holds more than `prefetchBytesMax` of a
 * partition, so a slow application slows the fetching, not the memory.
 */
import { TIMESTAMP_EARLIEST, TIMESTAMP_LATEST } from "../model/mod.ts";
import type { NativeReplies, NativeRequests, WireError, WireFetched } from "../native/mod.ts";
import type { Connection } from "./connection.ts";
import { asWeirError, errorOfWire, WeirError } from "./error.ts";
import { listOffsets, type Place, placeOf } from "./offsets.ts";
import { partitionKey, type PartitionReader } from "./partition_reader.ts";
import { backoffMs, defer, type Deferred, nowMs, pause } from "./runtime.ts";

/** What to do when a position is not in the log: it was trimmed, or the end was cut. */
export type ResetPolicy = "nearest" | "earliest" | "latest" | "error";

/** What the fetcher goes by. Sizes in bytes, times in milliseconds. */
export interface FetcherSettings {
  readonly waitMsMax: number;
  readonly bytesMin: number;
  readonly bytesMax: number;
  readonly partitionBytesMax: number;
  readonly prefetchBytesMax: number;
  readonly isolation: "read_uncommitted" | "read_committed";
  readonly reset: ResetPolicy;
  readonly untilEnd: boolean;
  /** Called when a reader has records, or an error, or is done. */
  readonly onArrival: (reader: PartitionReader) => void;
  /** Called before each round; may add readers. */
  readonly onRound: () => void;
  /** Called when positions were found. */
  readonly onPositions: () => void;
}

/** A fetch waits no longer than this while some partition is left out for want of room, or as paused. */
const WAIT_WITHOUT_ROOM_MS = 5;
const WAIT_WHILE_PAUSED_MS = 100;
/** Such answers in a row are believed: the topic is gone, the bytes stay damaged. */
const BELIEVED_FAILURES = 5;
const BELIEVED = new Set(["UNKNOWN_TOPIC_OR_PARTITION", "CORRUPT_MESSAGE"]);

type FetchEntry = NativeRequests["fetch"]["entries"][number];

/** See the file's head. */
export class Fetcher {
  #connection: Connection;
  #settings: FetcherSettings;
  #readers: ReadonlyMap<string, PartitionReader>;
  #wake: Deferred<void> | null = null;
  /** Something changed since the round began: no sleep at its end. */
  #woken = false;
  #stopped = new AbortController();
  #recycled = false;
  #round = 0;
  #failures = 0;

  constructor(
    connection: Connection,
    readers: ReadonlyMap<string, PartitionReader>,
    settings: FetcherSettings,
  ) {
    this.#connection = connection;
    this.#readers = readers;
    this.#settings = settings;
  }

  /** Runs until stopped. Throws what cannot be retried. */
  async run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      try {
        await this.#once();
        this.#failures = 0;
      } catch (error) {
        if (this.#stopped.signal.aborted) return;
        await this.#recover(asWeirError(error, "PROTOCOL", "Fetching"));
      }
    }
  }

  /** Tells that a reader has room again, or was resumed. */
  wake(): void {
    this.#woken = true;
    this.#wake?.resolve();
    this.#wake = null;
  }

  /** Drops the fetch under way, which waits for the wrong place: a reader went elsewhere. */
  restart(): void {
    const asleep = this.#wake !== null;
    this.wake();
    if (asleep) return;
    this.#recycled = true;
    this.#connection.recycle();
  }

  stop(): void {
    this.#stopped.abort();
    this.wake();
  }

  /** True when a reader has room for more: the consumer asks after handing out a batch. */
  hasRoom(reader: PartitionReader): boolean {
    return reader.bufferedBytes < this.#settings.prefetchBytesMax / 2;
  }

  async #once(): Promise<void> {
    this.#woken = false;
    this.#settings.onRound();
    await this.#findPositions();
    const { entries, readers, leftOut } = this.#pick();
    if (entries.length === 0) {
      if (this.#woken) return;
      this.#wake ??= defer();
      return await this.#wake.promise;
    }
    const { waitMsMax, bytesMin, bytesMax, isolation } = this.#settings;
    const wait = Math.min(waitMsMax, leftOut);
    const generations = readers.map((reader) => reader.generation);
    const reply = await this.#connection.request(
      "fetch",
      { waitMsMax: wait, bytesMin, bytesMax, isolation, entries },
      { signal: this.#stopped.signal, timeoutMs: this.#connection.settings.requestTimeoutMs + wait },
    );
    this.#take(reply, readers, generations);
    await this.#restAfterFailures(readers);
  }

  async #recover(error: WeirError): Promise<void> {
    const asked = this.#recycled;
    this.#recycled = false;
    if (asked) return;
    if (!error.retriable) throw error;
    this.#failures += 1;
    await this.#pause(this.#failures);
  }

  async #pause(failures: number): Promise<void> {
    const { retryBackoffMs, retryBackoffMsMax } = this.#connection.settings;
    const delayMs = backoffMs(failures, retryBackoffMs, retryBackoffMsMax);
    await pause(delayMs, this.#stopped.signal, "Fetching").catch(() => {});
  }

  /** Asks the broker where the readers begin that do not know, and where those end that stop at the end. */
  async #findPositions(): Promise<void> {
    const lost = [...this.#readers.values()].filter(({ place, error }) => place !== null && error === null);
    const places = lost.map(({ place }) => place!);
    const generations = lost.map(({ generation }) => generation);
    const found = await this.#list(lost, (_, index) => timestampOfPlace(places[index]!));
    const needsEnd = lost.filter((_, index) => "nearest" in places[index]! || found[index]! < 0);
    const latest = await this.#list(needsEnd, () => TIMESTAMP_LATEST);
    const ends = new Map(needsEnd.map((reader, index) => [reader, latest[index]!]));
    lost.forEach((reader, index) => {
      if (reader.generation !== generations[index]) return;
      reader.begin(settle(places[index]!, found[index]!, ends.get(reader) ?? 0));
    });
    if (this.#settings.untilEnd) await this.#findEnds();
    if (lost.length > 0) this.#settings.onPositions();
  }

  async #findEnds(): Promise<void> {
    const open = [...this.#readers.values()].filter(({ endOffset }) => endOffset === Infinity);
    const ends = await this.#list(open, () => TIMESTAMP_LATEST);
    open.forEach((reader, index) => {
      reader.endOffset = ends[index]!;
      if (reader.finished) this.#settings.onArrival(reader);
    });
  }

  /** Offsets at a timestamp for each reader. */
  async #list(
    readers: readonly PartitionReader[],
    timestampFor: (reader: PartitionReader, index: number) => number,
  ): Promise<number[]> {
    const entries = readers.map((reader, index) => {
      return { topic: reader.topic, partition: reader.partition, timestamp: timestampFor(reader, index) };
    });
    const found = await listOffsets(this.#connection, entries, { signal: this.#stopped.signal });
    return found.map(({ offset }) => offset);
  }

  /** What to fetch, the partition that comes first changing from round to round; and how long a wait suits the rest. */
  #pick(): { entries: FetchEntry[]; readers: PartitionReader[]; leftOut: number } {
    const entries: FetchEntry[] = [];
    const readers: PartitionReader[] = [];
    let leftOut = Infinity;
    const all = [...this.#readers.values()];
    const first = this.#round++ % Math.max(1, all.length);
    for (let index = 0; index < all.length; index++) {
      const reader = all[(first + index) % all.length]!;
      const ready = reader.place === null && reader.error === null && !reader.held;
      if (!ready || reader.fetchOffset >= reader.endOffset) continue;
      if (reader.paused) leftOut = Math.min(leftOut, WAIT_WHILE_PAUSED_MS);
      else if (!this.hasRoom(reader)) leftOut = Math.min(leftOut, WAIT_WITHOUT_ROOM_MS);
      else {
        const { topic, partition, fetchOffset } = reader;
        entries.push({ topic, partition, offset: fetchOffset, bytesMax: this.#settings.partitionBytesMax });
        readers.push(reader);
      }
    }
    return { entries, readers, leftOut };
  }

  #take(reply: NativeReplies["fetch"], readers: PartitionReader[], generations: number[]): void {
    const wanted = new Map(readers.map((reader, index) => [partitionKey(reader), { reader, index }]));
    for (const entry of reply.entries) {
      const asked = wanted.get(partitionKey(entry));
      if (asked === undefined || asked.reader.generation !== generations[asked.index]) continue;
      if (entry.e) this.#refuse(asked.reader, entry.e);
      else this.#fill(asked.reader, entry);
    }
  }

  #fill(reader: PartitionReader, entry: WireFetched): void {
    reader.failures = 0;
    reader.highWatermark = entry.highWatermark;
    reader.logStartOffset = entry.logStartOffset;
    try {
      reader.push(entry.records);
    } catch (error) {
      reader.error = asWeirError(error, "CORRUPT_MESSAGE", "Fetching");
    }
    if (entry.records.length > 0 || reader.error !== null) this.#settings.onArrival(reader);
  }

  #refuse(reader: PartitionReader, wire: WireError): void {
    if (wire.code === "OFFSET_OUT_OF_RANGE" && this.#settings.reset !== "error") {
      return reset(reader, this.#settings.reset);
    }
    const error = errorOfWire(wire, `Fetching topic "${reader.topic}", partition ${reader.partition}`);
    if (reader.failures++ === 0) reader.failingSinceMs = nowMs();
    const patient = nowMs() - reader.failingSinceMs < this.#connection.settings.requestTimeoutMs &&
      !(BELIEVED.has(error.code) && reader.failures >= BELIEVED_FAILURES);
    if (error.retriable && patient) return;
    reader.error = error;
    this.#settings.onArrival(reader);
  }

  /** Waits a little when every partition that was asked for has failed: there is nothing to hurry for. */
  async #restAfterFailures(readers: PartitionReader[]): Promise<void> {
    const failing = readers.filter((reader) => reader.failures > 0);
    if (failing.length === 0) return;
    await this.#pause(Math.min(...failing.map((reader) => reader.failures)));
  }
}

/** Sends a reader to where the log is. "nearest" keeps what it can: the start for what was trimmed, else the end. */
function reset(reader: PartitionReader, policy: Exclude<ResetPolicy, "error">): void {
  reader.seek(policy === "nearest" ? { nearest: reader.fetchOffset } : placeOf(policy));
}

/** What to ask the broker for a place that is no offset. */
function timestampOfPlace(place: Place): number {
  return "timestamp" in place ? place.timestamp : TIMESTAMP_EARLIEST;
}

/** The offset of a place, of what was `found` for it and, where that was asked for, the end of the log. */
function settle(place: Place, found: number, end: number): number {
  if ("nearest" in place) return Math.min(Math.max(place.nearest, found), end);
  return found < 0 ? end : found;
}
