/**
 * The consumer of given topics or partitions. It finds its positions and begins
 * to fetch as soon as it is made; records come in order per partition, and the
 * partitions take turns. One cursor: iterating twice goes on where the first loop
 * stopped. Groups and their commits are a later seam: `group` is refused.
 */
import { abortedError, asWeirError, ignore, throwIfAborted, WeirError } from "./error.ts";
import type { Connection, RequestOptions } from "./connection.ts";
import { Fetcher, type ResetPolicy } from "./fetcher.ts";
import type { Metadata } from "./metadata.ts";
import { listOffsets, type Place, placeOf, type Position, type TopicPartition } from "./offsets.ts";
import { choiceOption, numberOption } from "./options.ts";
import { partitionKey, PartitionReader } from "./partition_reader.ts";
import type { ConsumerRecord } from "./record.ts";
import { abortable, defer, type Deferred, nowMs } from "./runtime.ts";
import { type Format, type Topic, topic as makeTopic, topicCodecs } from "./topic.ts";

/** How a consumer behaves, whatever its topics. Sizes in bytes, times in milliseconds. */
export interface ConsumerSettings {
  /** Consumer groups are not served yet: refused with NOT_SERVED. */
  readonly group?: string | undefined;
  /** Where to begin: default `"latest"`, only what comes from now on. A partition added later begins at its start. */
  readonly from?: Position | undefined;
  /** `"end"`: iteration is over once everything was read that was there when the consumer began. */
  readonly until?: "end" | undefined;
  /**
   * When a position is not in the log: `"nearest"` (default: the start of what is left, or the end),
   * `"earliest"`, `"latest"`, or `"error"`, where iteration throws OFFSET_OUT_OF_RANGE.
   */
  readonly reset?: ResetPolicy | undefined;
  /** How long the broker waits for records before it answers: default 500. */
  readonly waitMsMax?: number | undefined;
  /** Bytes the broker waits for: default 1. */
  readonly bytesMin?: number | undefined;
  /** Of one fetch in all: default 8,388,608. */
  readonly bytesMax?: number | undefined;
  /** Of one fetch and partition: default 1,048,576. A larger batch still comes whole. */
  readonly partitionBytesMax?: number | undefined;
  /** What may wait for the application, per partition: default 4,194,304. */
  readonly prefetchBytesMax?: number | undefined;
  /** Default `"read_uncommitted"`. */
  readonly isolation?: "read_uncommitted" | "read_committed" | undefined;
  /** Ends the consumer: iteration throws ABORTED. */
  readonly signal?: AbortSignal | undefined;
}

/** A consumer of topics by name; formats count for all of them and are `"auto"` by default. */
export interface NamedConsumerOptions<Key extends Format, Value extends Format> extends ConsumerSettings {
  /** All partitions of these, those added later too. */
  readonly topics?: readonly string[] | undefined;
  /** Only these partitions. */
  readonly assignments?: readonly (TopicPartition & { readonly from?: Position | undefined })[] | undefined;
  readonly key?: Key | undefined;
  readonly value?: Value | undefined;
}

/** A consumer of topics with formats. */
export interface TypedConsumerOptions<Key extends Format, Value extends Format> extends ConsumerSettings {
  readonly topics: readonly Topic<Key, Value>[];
}

/** What every consumer is made of. */
export type ConsumerOptions =
  & Omit<NamedConsumerOptions<Format, Format>, "topics">
  & { readonly topics?: readonly (string | Topic)[] | undefined };

/** Consecutive records of one partition. */
export interface ConsumerBatch<Key = unknown, Value = unknown> extends TopicPartition {
  readonly records: readonly ConsumerRecord<Key, Value>[];
  /** Where the partition ended when the broker was last asked. */
  readonly highWatermark: number;
}

/** How far one partition is behind. */
export interface Lag extends TopicPartition {
  /** Offset of the record handed out next. */
  readonly position: number;
  /** Offset the next record written will have. */
  readonly end: number;
  /** Records to go: `end - position`. */
  readonly records: number;
  /** Age of the record handed out last, 0 at the end; `null` before the first one. Milliseconds. */
  readonly behindMs: number | null;
}

/** Records of one batch of {@linkcode Consumer.batches}, at most. */
const BATCH_RECORDS_MAX = 1_000;

/** See the file's head. Made by `weir.consumer`. */
export class Consumer<Key = unknown, Value = unknown> implements AsyncIterable<ConsumerRecord<Key, Value>> {
  #connection: Connection;
  #shared: Connection;
  #metadata: Metadata;
  #options: ConsumerOptions;
  #onClose: () => void;
  #topics: Topic[];
  #place: Place;
  #readers = new Map<string, PartitionReader>();
  /** Readers with something to hand out, in turn. */
  #ready: PartitionReader[] = [];
  #arrival: Deferred<void> | null = null;
  #fetcher: Fetcher;
  #started: Promise<void>;
  #assigned = false;
  #failure: WeirError | null = null;
  #closed = false;
  #stopListening: () => void = ignore;

  /** Use `weir.consumer`. */
  constructor(
    connection: Connection,
    shared: Connection,
    metadata: Metadata,
    options: ConsumerOptions,
    onClose: () => void,
  ) {
    this.#connection = connection;
    this.#shared = shared;
    this.#metadata = metadata;
    this.#options = options;
    this.#onClose = onClose;
    this.#place = placeOf(options.from ?? "latest");
    this.#topics = checkTopics(options);
    this.#fetcher = new Fetcher(connection, this.#readers, this.#fetcherSettings(options));
    this.#assign(options.assignments ?? []);
    this.#listen(options.signal);
    this.#started = this.#start();
    this.#started.catch(ignore);
  }

  /** The partitions this consumer reads. Complete once {@linkcode ready} has resolved. */
  get assignments(): TopicPartition[] {
    return [...this.#readers.values()].map(({ topic, partition }) => ({ topic, partition }));
  }

  /** A `ReadableStream` of the same records. Cancelling it leaves the consumer open. */
  get readable(): ReadableStream<ConsumerRecord<Key, Value>> {
    return new ReadableStream({
      pull: async (controller) => {
        const { done, value } = await this.#nextRecord(undefined);
        if (done) controller.close();
        else controller.enqueue(value);
      },
    }, { highWaterMark: 0 });
  }

  /**
   * Resolves when every partition's position is known: with `from: "latest"`, what is
   * written afterwards will be read. Throws what iteration would.
   */
  async ready(options: RequestOptions = {}): Promise<void> {
    await abortable(this.#started, options.signal, "Getting ready");
    while ([...this.#readers.values()].some((reader) => reader.place !== null && reader.error === null)) {
      this.#throwFailure();
      await this.#waitForArrival(options.signal);
    }
    this.#throwFailure();
  }

  [Symbol.asyncIterator](): AsyncIterator<ConsumerRecord<Key, Value>> {
    return this.records();
  }

  /**
   * Iterates over records, like the consumer itself, until the signal fires (ABORTED). Leaving the loop
   * leaves the consumer open.
   *
   * @example
   * ```ts
   * for await (const record of consumer.records({ signal: AbortSignal.timeout(1000) })) handle(record);
   * ```
   */
  records(options: { readonly signal?: AbortSignal | undefined } = {}): AsyncIterableIterator<
    ConsumerRecord<Key, Value>
  > {
    return iterator((signal) => this.#nextRecord(signal), options.signal);
  }

  /**
   * Iterates over batches: up to 1,000 consecutive records of one partition. The quickest way to read.
   *
   * @example
   * ```ts
   * for await (const { topic, partition, records } of consumer.batches()) await store(records);
   * ```
   */
  batches(options: { readonly signal?: AbortSignal | undefined } = {}): AsyncIterableIterator<
    ConsumerBatch<Key, Value>
  > {
    return iterator((signal) => this.#nextBatch(signal), options.signal);
  }

  /** Goes elsewhere in one partition; buffered records are dropped. Throws INVALID_ARGUMENT. */
  seek(where: TopicPartition, position: Position): void {
    this.#reader(where).seek(placeOf(position));
    this.#fetcher.restart();
  }

  /** Hands out no more records of these partitions, or of any, until {@linkcode resume}. */
  pause(partitions: readonly TopicPartition[] = this.assignments): void {
    for (const where of partitions) this.#reader(where).paused = true;
  }

  /** Goes on with these partitions, or with all. */
  resume(partitions: readonly TopicPartition[] = this.assignments): void {
    for (const where of partitions) {
      const reader = this.#reader(where);
      reader.paused = false;
      if (reader.hasBuffered || reader.error !== null) this.#list(reader);
    }
    this.#fetcher.wake();
  }

  /** Partitions that are paused. */
  get paused(): TopicPartition[] {
    const paused = [...this.#readers.values()].filter((reader) => reader.paused);
    return paused.map(({ topic, partition }) => ({ topic, partition }));
  }

  /** Offset of the record handed out next; `undefined` while it is not known. Throws INVALID_ARGUMENT. */
  position(where: TopicPartition): number | undefined {
    const { position } = this.#reader(where);
    return position < 0 ? undefined : position;
  }

  /** How far each partition is behind; asks the broker where they end. */
  async lag(options: RequestOptions = {}): Promise<Lag[]> {
    await this.ready(options);
    const readers = [...this.#readers.values()];
    const entries = readers.map(({ topic, partition }) => ({ topic, partition, timestamp: -1 }));
    const ends = await listOffsets(this.#shared, entries, options);
    return readers.map(({ topic, partition, position, lastTimestampMs }, index) => {
      const end = ends[index]!.offset;
      const records = Math.max(0, end - position);
      const behindMs = lastTimestampMs < 0 ? null : Math.max(0, nowMs() - lastTimestampMs);
      return { topic, partition, position, end, records, behindMs: records === 0 ? 0 : behindMs };
    });
  }

  /** Ends iteration and closes the connection. */
  close(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#closed = true;
    this.#stopListening();
    this.#fetcher.stop();
    this.#connection.close();
    this.#arrive();
    this.#onClose();
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #fetcherSettings(options: ConsumerOptions) {
    const partitionBytesMax = numberOption("partitionBytesMax", options.partitionBytesMax, 1_048_576, 1);
    return {
      waitMsMax: numberOption("waitMsMax", options.waitMsMax, 500, 0),
      bytesMin: numberOption("bytesMin", options.bytesMin, 1, 0),
      bytesMax: numberOption("bytesMax", options.bytesMax, 8_388_608, 1),
      partitionBytesMax,
      prefetchBytesMax: numberOption("prefetchBytesMax", options.prefetchBytesMax, 4 * partitionBytesMax, 1),
      isolation: choiceOption(
        "isolation",
        options.isolation,
        ["read_uncommitted", "read_committed"] as const,
      ),
      reset: choiceOption("reset", options.reset, ["nearest", "earliest", "latest", "error"] as const),
      untilEnd: choiceOption("until", options.until, [undefined, "end"]) === "end",
      onArrival: (reader: PartitionReader) => this.#list(reader),
      onRound: () => this.#adoptNewPartitions(),
    };
  }

  #listen(signal: AbortSignal | undefined): void {
    if (signal === undefined) return;
    throwIfAborted(signal, "Consuming");
    const abort = () => {
      this.#failure ??= abortedError(signal, "Consuming");
      void this.close();
    };
    signal.addEventListener("abort", abort, { once: true });
    this.#stopListening = () => signal.removeEventListener("abort", abort);
  }

  async #start(): Promise<void> {
    try {
      const known = await Promise.all(this.#topics.map(({ name }) => this.#metadata.refresh(name)));
      known.forEach(({ partitions }, index) => {
        for (const { partition } of partitions) this.#add(this.#topics[index]!, partition, this.#place);
      });
      this.#assigned = true;
    } catch (error) {
      this.#fail(error);
      throw error;
    }
    this.#fetcher.run().catch((error) => this.#fail(error));
  }

  #assign(assignments: NonNullable<ConsumerOptions["assignments"]>): void {
    const { key, value } = this.#options;
    const formats = { ...(key === undefined ? {} : { key }), ...(value === undefined ? {} : { value }) };
    for (const { topic, partition, from } of assignments) {
      this.#add(makeTopic(topic, formats), partition, from === undefined ? this.#place : placeOf(from));
    }
  }

  #add(topic: Topic, partition: number, place: Place): void {
    const reader = new PartitionReader(topic.name, partition, topicCodecs(topic), place);
    if ("offset" in place) reader.seek(place);
    this.#readers.set(partitionKey(reader), reader);
  }

  /** Partitions that were added to a topic since; read from their start, nothing was there before. */
  #adoptNewPartitions(): void {
    this.#arrive();
    for (const topic of this.#topics) {
      const known = this.#metadata.peek(topic.name);
      for (const { partition } of known?.partitions ?? []) {
        const there = this.#readers.has(partitionKey({ topic: topic.name, partition }));
        if (!there) this.#add(topic, partition, placeOf("earliest"));
      }
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= asWeirError(error, "NETWORK_EXCEPTION", "Consuming");
    this.#arrive();
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  #list(reader: PartitionReader): void {
    if (!reader.listed) {
      reader.listed = true;
      this.#ready.push(reader);
    }
    this.#arrive();
  }

  #arrive(): void {
    this.#arrival?.resolve();
    this.#arrival = null;
  }

  #waitForArrival(signal: AbortSignal | undefined): Promise<void> {
    this.#arrival ??= defer();
    return abortable(this.#arrival.promise, signal, "Consuming");
  }

  /** The reader whose turn it is, or `null` when none has anything. Throws its error. */
  #turn(): PartitionReader | null {
    for (let reader = this.#ready[0]; reader !== undefined; reader = this.#ready[0]) {
      if (reader.error !== null) {
        this.#unlist();
        throw reader.error;
      }
      if (reader.hasBuffered && !reader.paused && !reader.finished) return reader;
      this.#unlist();
    }
    return null;
  }

  #unlist(): void {
    const reader = this.#ready.shift()!;
    reader.listed = false;
  }

  #takeRecord(): ConsumerRecord<Key, Value> | null {
    for (let reader = this.#turn(); reader !== null; reader = this.#turn()) {
      const record = this.#readFrom(reader);
      if (record !== null) return record;
    }
    return null;
  }

  /** A record of `reader`; when a batch was used up the fetcher hears of the room and the next reader has its turn. */
  #readFrom(reader: PartitionReader): ConsumerRecord<Key, Value> | null {
    const before = reader.bufferedBytes;
    let record: ConsumerRecord<Key, Value> | null = null;
    try {
      record = reader.next<Key, Value>();
    } catch (error) {
      reader.error = asWeirError(error, "CORRUPT_MESSAGE", "Reading");
      return null;
    }
    if (reader.bufferedBytes !== before) {
      if (this.#fetcher.hasRoom(reader)) this.#fetcher.wake();
      if (this.#ready.length > 1) this.#ready.push(this.#ready.shift()!);
    }
    return record;
  }

  #takeBatch(): ConsumerBatch<Key, Value> | null {
    for (let reader = this.#turn(); reader !== null; reader = this.#turn()) {
      const records: ConsumerRecord<Key, Value>[] = [];
      while (records.length < BATCH_RECORDS_MAX) {
        const record = this.#readFrom(reader);
        if (record === null) break;
        records.push(record);
      }
      const { topic, partition, highWatermark } = reader;
      if (records.length > 0) return { topic, partition, records, highWatermark };
    }
    return null;
  }

  #nextRecord(signal: AbortSignal | undefined): Promise<IteratorResult<ConsumerRecord<Key, Value>>> {
    return this.#next(() => this.#takeRecord(), signal);
  }

  #nextBatch(signal: AbortSignal | undefined): Promise<IteratorResult<ConsumerBatch<Key, Value>>> {
    return this.#next(() => this.#takeBatch(), signal);
  }

  /** What `take` gives, at once or when it comes; done when the consumer is closed or at its end. */
  async #next<Item>(
    take: () => Item | null,
    signal: AbortSignal | undefined,
  ): Promise<IteratorResult<Item>> {
    for (;;) {
      throwIfAborted(signal, "Consuming");
      this.#throwFailure();
      if (this.#closed) return { done: true, value: undefined };
      const item = take();
      if (item !== null) return { done: false, value: item };
      if (this.#atEnd()) return { done: true, value: undefined };
      await this.#waitForArrival(signal);
    }
  }

  #atEnd(): boolean {
    if (this.#options.until !== "end" || !this.#assigned) return false;
    for (const reader of this.#readers.values()) if (!reader.finished) return false;
    return true;
  }

  #reader(where: TopicPartition): PartitionReader {
    const reader = this.#readers.get(partitionKey(where));
    if (reader !== undefined) return reader;
    throw new WeirError(
      "INVALID_ARGUMENT",
      `Topic "${where.topic}", partition ${where.partition} is not assigned to this consumer`,
    );
  }
}

function iterator<Item>(
  next: (signal: AbortSignal | undefined) => Promise<IteratorResult<Item>>,
  signal: AbortSignal | undefined,
): AsyncIterableIterator<Item> {
  return {
    next: () => next(signal),
    return: () => Promise.resolve({ done: true, value: undefined }),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function checkTopics(options: ConsumerOptions): Topic[] {
  if (options.group !== undefined) {
    throw new WeirError(
      "NOT_SERVED",
      `Group "${options.group}" cannot be joined: consumer groups are not served yet, give topics or assignments alone`,
    );
  }
  if ((options.topics?.length ?? 0) + (options.assignments?.length ?? 0) === 0) {
    throw new WeirError("INVALID_ARGUMENT", "A consumer must have topics or assignments");
  }
  const { key = "auto", value = "auto" } = options;
  return (options.topics ?? []).map((given) =>
    typeof given === "string" ? makeTopic(given, { key, value }) : given
  );
}
