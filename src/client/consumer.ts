/**
 * The consumer of given topics or partitions. It finds its positions and begins
 * to fetch as soon as it is made; records come in order per partition, and the
 * partitions take turns. One cursor: iterating twice goes on where the first loop
 * stopped. Groups and their commits are a later seam: `group` is refused.
 */
import type { Connection, RequestOptions } from "./connection.ts";
import {
  type ConsumerBatch,
  type ConsumerOptions,
  consumerTopics,
  fetcherSettings,
  type Lag,
} from "./consumer_options.ts";
import { abortedError, asWeirError, ignore, throwIfAborted, WeirError } from "./error.ts";
import { Fetcher } from "./fetcher.ts";
import type { Metadata } from "./metadata.ts";
import { listOffsets, type Place, placeOf, type Position, type TopicPartition } from "./offsets.ts";
import { partitionKey, PartitionReader } from "./partition_reader.ts";
import type { ConsumerRecord } from "./record.ts";
import { abortable, nowMs } from "./runtime.ts";
import { type Topic, topic as makeTopic, topicCodecs } from "./topic.ts";
import { iterate, Turns } from "./turns.ts";

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
  #turns: Turns<Key, Value>;
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
    this.#topics = consumerTopics(options);
    this.#turns = new Turns((reader) => this.#fetcher.hasRoom(reader) && this.#fetcher.wake());
    const settings = fetcherSettings(options, {
      onArrival: (reader) => this.#turns.add(reader),
      onRound: () => this.#adoptNewPartitions(),
      onPositions: () => this.#turns.arrive(),
    });
    this.#fetcher = new Fetcher(connection, this.#readers, settings);
    this.#assign(options.assignments ?? []);
    this.#listen(options.signal);
    this.#started = this.#start();
    this.#started.catch(ignore);
  }

  /** The partitions this consumer reads. Complete once {@linkcode ready} has resolved. */
  get assignments(): TopicPartition[] {
    return [...this.#readers.values()].map(nameOf);
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
      await this.#turns.wait(options.signal);
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
    return iterate((signal) => this.#nextRecord(signal), options.signal);
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
    return iterate((signal) => this.#next(() => this.#turns.takeBatch(), signal), options.signal);
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
      if (reader.hasBuffered || reader.error !== null) this.#turns.add(reader);
    }
    this.#fetcher.wake();
  }

  /** Partitions that are paused. */
  get paused(): TopicPartition[] {
    return [...this.#readers.values()].filter((reader) => reader.paused).map(nameOf);
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
    this.#turns.arrive();
    this.#onClose();
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
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
    this.#turns.arrive();
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  #nextRecord(signal: AbortSignal | undefined): Promise<IteratorResult<ConsumerRecord<Key, Value>>> {
    return this.#next(() => this.#turns.takeRecord(), signal);
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
      await this.#turns.wait(signal);
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

function nameOf({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition };
}
