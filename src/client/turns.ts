/**
 * Which reader a consumer takes from next. Readers with records wait in a line;
 * the first one gives until a batch of it is used up, then goes to the back, so
 * that a busy partition does not starve the others. A reader in error stays where
 * it is, and throws whenever it is its turn, until somebody seeks.
 */
import { asWeirError } from "./error.ts";
import type { ConsumerBatch } from "./consumer_options.ts";
import type { PartitionReader } from "./partition_reader.ts";
import type { ConsumerRecord } from "./record.ts";
import { abortable, defer, type Deferred } from "./runtime.ts";

/** Records of one batch, at most. */
const BATCH_RECORDS_MAX = 1_000;

/** See the file's head. */
export class Turns<Key, Value> {
  #line: PartitionReader[] = [];
  #arrival: Deferred<void> | null = null;
  #onConsumed: (reader: PartitionReader) => void;
  #pull: Deferred<void> | null = null;
  /** How often the application came for more. */
  pulls = 0;
  /** Calls of the application that wait for records. */
  waiting = 0;
  /** The reader that gave what the application is busy with; `null` when it came back, or left. */
  inHand: PartitionReader | null = null;
  /** Where that reader was before. */
  inHandFrom = -1;

  /** `onConsumed` is called when bytes of a reader's buffer were used up. */
  constructor(onConsumed: (reader: PartitionReader) => void) {
    this.#onConsumed = onConsumed;
  }

  /** Puts a reader in line and wakes who waits. */
  add(reader: PartitionReader): void {
    if (!reader.listed) {
      reader.listed = true;
      this.#line.push(reader);
    }
    this.arrive();
  }

  /** Wakes who waits, to look again. */
  arrive(): void {
    this.#arrival?.resolve();
    this.#arrival = null;
  }

  /** Resolves at the next {@linkcode arrive}. */
  async wait(signal: AbortSignal | undefined): Promise<void> {
    this.#arrival ??= defer();
    this.waiting += 1;
    try {
      await abortable(this.#arrival.promise, signal, "Consuming");
    } finally {
      this.waiting -= 1;
    }
  }

  /** The application is done with what it was given: it comes for more, or leaves its loop. */
  release(): void {
    this.pulls += 1;
    this.inHand = null;
    if (this.#pull === null) return;
    this.#pull.resolve();
    this.#pull = null;
  }

  /** Resolves at the next {@linkcode release}. */
  released(): Promise<void> {
    this.#pull ??= defer();
    return this.#pull.promise;
  }

  /** The next record, or `null` when none is there. Throws the error of the reader whose turn it is. */
  takeRecord(): ConsumerRecord<Key, Value> | null {
    for (let reader = this.#first(); reader !== null; reader = this.#first()) {
      const from = reader.position;
      const record = this.#read(reader);
      if (record === null) continue;
      this.inHand = reader;
      this.inHandFrom = from;
      return record;
    }
    return null;
  }

  /** The next records of one partition, or `null` when none are there. Throws like {@linkcode takeRecord}. */
  takeBatch(): ConsumerBatch<Key, Value> | null {
    for (let reader = this.#first(); reader !== null; reader = this.#first()) {
      const from = reader.position;
      const records: ConsumerRecord<Key, Value>[] = [];
      while (records.length < BATCH_RECORDS_MAX) {
        const record = this.#read(reader);
        if (record === null) break;
        records.push(record);
      }
      if (records.length === 0) continue;
      this.inHand = reader;
      this.inHandFrom = from;
      const { topic, partition, highWatermark } = reader;
      return { topic, partition, records, highWatermark };
    }
    return null;
  }

  #first(): PartitionReader | null {
    for (let reader = this.#line[0]; reader !== undefined; reader = this.#line[0]) {
      if (!reader.paused && !reader.held) {
        if (reader.error !== null) throw reader.error;
        if (reader.hasBuffered && !reader.finished) return reader;
      }
      this.#line.shift();
      reader.listed = false;
    }
    return null;
  }

  #read(reader: PartitionReader): ConsumerRecord<Key, Value> | null {
    const before = reader.bufferedBytes;
    let record: ConsumerRecord<Key, Value> | null;
    try {
      record = reader.next<Key, Value>();
    } catch (error) {
      reader.error = asWeirError(error, "CORRUPT_MESSAGE", "Reading");
      return null;
    }
    if (reader.bufferedBytes === before) return record;
    this.#onConsumed(reader);
    if (this.#line.length > 1 && this.#line[0] === reader) this.#line.push(this.#line.shift()!);
    return record;
  }
}

/** An iterator over what `next` gives, that leaves everything open when its loop is left and says so to `onLeave`. */
export function iterate<Item>(
  next: (signal: AbortSignal | undefined) => Promise<IteratorResult<Item>>,
  onLeave: () => void,
  signal: AbortSignal | undefined,
): AsyncIterableIterator<Item> {
  return {
    next: () => next(signal),
    return() {
      onLeave();
      return Promise.resolve({ done: true, value: undefined });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
