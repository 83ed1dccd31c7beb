/**
 * The producer: `send` encodes records into batches (`accumulator.ts`), `sender.ts`
 * carries those to the broker. A send whose topic is known and whose bytes fit the
 * buffer costs one promise and no turn of the event loop; every other one waits
 * in line behind the earlier ones of its topic, so order is kept. Delivery is at
 * least once, in order per partition with the default `inFlightMax` of 1.
 */
import { CODEC_NAMES, type CodecName, type Content, hasCodec, type Header } from "../record/mod.ts";
import { Accumulator } from "./accumulator.ts";
import { Delivery, type Sent } from "./batch.ts";
import type { Connection, RequestOptions } from "./connection.ts";
import { abortedError, asWeirError, ignore, throwIfAborted, WeirError } from "./error.ts";
import type { Metadata } from "./metadata.ts";
import { choiceOption, numberOption } from "./options.ts";
import type { PartitionerOption } from "./partitioner.ts";
import {
  abortable,
  defer,
  type Deferred,
  nowMs as clockMs,
  pause,
  startTimer,
  stopTimer,
  type Timer,
} from "./runtime.ts";
import { Sender } from "./sender.ts";
import { type Format, type InputOf, type Topic, type TopicCodecs, topicCodecs } from "./topic.ts";
import { TopicRoute } from "./topic_route.ts";

/** How a producer behaves. Sizes in bytes, times in milliseconds. */
export interface ProducerOptions {
  /** `"all"` (default): answered once on disk; `1`: once in the log; `0`: not answered at all. */
  readonly acks?: "all" | 1 | 0 | undefined;
  /** Default `"none"`. zstd needs Deno, Bun, or Node 22.15 or newer. */
  readonly compression?: CodecName | undefined;
  /** How long a batch that is not full waits for more: default 0, it leaves when its partition is free. */
  readonly lingerMs?: number | undefined;
  /** A batch's size before compression: default 262,144. A larger record gets a batch of its own. */
  readonly batchBytesMax?: number | undefined;
  /** Unanswered batches of one partition: default 1. With more, a retry may change the order of records. */
  readonly inFlightMax?: number | undefined;
  /** What may be buffered: default 67,108,864. Sends past it wait. */
  readonly bufferBytesMax?: number | undefined;
  /** From `send` until it fails with TIMED_OUT: default 120,000. */
  readonly deliveryTimeoutMs?: number | undefined;
  /** For one produce request: default the connection's. */
  readonly requestTimeoutMs?: number | undefined;
  /** Times a batch is sent again after a retriable failure: default as often as the time allows. */
  readonly retriesMax?: number | undefined;
  /** Default: Kafka's, by key, sticky without one. */
  readonly partitioner?: PartitionerOption | undefined;
  /** Whether the broker may create a missing topic, if its settings allow: default true. */
  readonly createTopics?: boolean | undefined;
}

/** A record to send. */
export interface ProducerRecord<Key = unknown, Value = unknown> {
  readonly key?: Key | null | undefined;
  /** `null` or none is a tombstone: a compacted topic forgets the key. */
  readonly value?: Value | null | undefined;
  readonly headers?: HeadersInput | undefined;
  /** Milliseconds since 1970, or a Date: default now. */
  readonly timestamp?: number | Date | undefined;
  /** Goes there, whatever the partitioner says. */
  readonly partition?: number | undefined;
}

/** Headers by name, or as pairs where a name repeats. */
export type HeadersInput = Readonly<Record<string, string | Uint8Array | null>> | readonly Header[];

/** A send that cannot go ahead yet. */
interface Waiting {
  readonly codecs: TopicCodecs;
  readonly records: ProducerRecord | readonly ProducerRecord[];
  readonly delivery: Delivery;
  readonly deadlineMs: number;
}

type Route = TopicRoute<Waiting>;

/** Sends that may wait in line: past it they fail with BUFFER_FULL at once. */
const WAITING_MAX = 1_000_000;

/** See the file's head. Made by `weir.producer`. */
export class Producer {
  #connection: Connection;
  #metadata: Metadata;
  #onClose: () => void;
  #accumulator: Accumulator;
  #sender: Sender;
  #routes = new Map<string, Route>();
  #partitioner: PartitionerOption;
  #bufferBytesMax: number;
  #deliveryTimeoutMs: number;
  #createTopics: boolean;
  #waitingCount = 0;
  #waitingTimer: Timer | null = null;
  #keys: Content[] = [];
  #values: Content[] = [];
  #partitions: number[] = [];
  #room: Deferred<void> | null = null;
  #closing: Promise<void> | null = null;

  /** Use `weir.producer`. */
  constructor(connection: Connection, metadata: Metadata, options: ProducerOptions, onClose: () => void) {
    this.#connection = connection;
    this.#metadata = metadata;
    this.#onClose = onClose;
    this.#partitioner = checkPartitioner(options.partitioner ?? "default");
    this.#bufferBytesMax = numberOption("bufferBytesMax", options.bufferBytesMax, 67_108_864, 1);
    this.#deliveryTimeoutMs = numberOption("deliveryTimeoutMs", options.deliveryTimeoutMs, 120_000, 1);
    this.#createTopics = options.createTopics ?? true;
    this.#accumulator = new Accumulator({
      lingerMs: numberOption("lingerMs", options.lingerMs, 0, 0),
      batchBytesMax: numberOption("batchBytesMax", options.batchBytesMax, 262_144, 1),
      inFlightMax: numberOption("inFlightMax", options.inFlightMax, 1, 1),
      deliveryTimeoutMs: this.#deliveryTimeoutMs,
    });
    this.#sender = new Sender(connection, metadata, this.#accumulator, {
      acks: { all: -1, 1: 1, 0: 0 }[choiceOption("acks", options.acks, ["all", 1, 0])] as -1 | 0 | 1,
      codec: checkCodec(options.compression ?? "none"),
      requestTimeoutMs: numberOption(
        "requestTimeoutMs",
        options.requestTimeoutMs,
        connection.settings.requestTimeoutMs,
        1,
      ),
      retriesMax: numberOption("retriesMax", options.retriesMax, Infinity, 0),
      createTopics: this.#createTopics,
      onRoom: () => this.#onRoom(),
      onTaken: ({ topic, partition }) => {
        const count = this.#metadata.peek(topic)?.partitions.length ?? 1;
        this.#routes.get(topic)?.batchLeft(partition, count);
      },
    });
  }

  /** Bytes that wait or are on their way. */
  get bufferedBytes(): number {
    return this.#accumulator.bufferedBytes;
  }

  /**
   * Sends a record, or an array of them, and resolves once the broker has
   * answered as `acks` wants, with where each landed. Records of one partition
   * keep the order of the calls. Values may be strings, `Uint8Array`s, anything
   * JSON can say, or what the topic's format takes.
   *
   * A signal ends the wait, not the sending: what is in a batch already still goes.
   * Throws INVALID_VALUE, INVALID_ARGUMENT, UNKNOWN_TOPIC_OR_PARTITION,
   * MESSAGE_TOO_LARGE, BUFFER_FULL, TIMED_OUT, ABORTED, CLOSED and what the broker answers.
   *
   * @example
   * ```ts
   * const { partition, offset } = await producer.send("orders", {
   *   key: "user_456",
   *   value: { order: 123 },
   *   headers: { source: "web" },
   * });
   * ```
   */
  send<Key extends Format, Value extends Format>(
    topic: Topic<Key, Value>,
    records: readonly ProducerRecord<InputOf<Key>, InputOf<Value>>[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Sent[]>;
  send<Key extends Format, Value extends Format>(
    topic: Topic<Key, Value>,
    record: ProducerRecord<InputOf<Key>, InputOf<Value>>,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Sent>;
  send(
    topic: string,
    records: readonly ProducerRecord[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Sent[]>;
  send(
    topic: string,
    record: ProducerRecord,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Sent>;
  send(
    topic: string | Topic,
    records: ProducerRecord | readonly ProducerRecord[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Sent | Sent[]> {
    const delivery = new Delivery(Array.isArray(records) ? records.length : -1);
    if (this.#closing !== null) delivery.fail(closedError(), false);
    else if (options?.signal !== undefined) failOnAbort(delivery, options.signal);
    if (!delivery.settled) this.#accept(topic, records, delivery);
    return delivery.promise;
  }

  /**
   * A `WritableStream` of records of one topic. It pushes back when half the buffer is
   * full; the first failed record fails the stream. Closing it flushes; the producer stays open.
   *
   * @example
   * ```ts
   * await ReadableStream.from([{ value: "one" }, { value: "two" }]).pipeTo(producer.writable("numbers"));
   * ```
   */
  writable<Key extends Format, Value extends Format>(
    topic: Topic<Key, Value>,
  ): WritableStream<ProducerRecord<InputOf<Key>, InputOf<Value>>>;
  writable(topic: string): WritableStream<ProducerRecord>;
  writable(topic: string | Topic): WritableStream<ProducerRecord> {
    let failure: unknown = null;
    const keep = (error: unknown) => failure ??= error;
    return new WritableStream<ProducerRecord>({
      write: (record) => {
        if (failure !== null) throw failure;
        this.send(topic as Topic, record).catch(keep);
        if (this.bufferedBytes > this.#bufferBytesMax / 2) return this.#waitForRoom();
      },
      close: async () => {
        await this.flush();
        if (failure !== null) throw failure;
      },
    });
  }

  /** Sends everything now and resolves when each record sent before this call was answered or has failed. */
  async flush(options: RequestOptions = {}): Promise<void> {
    throwIfAborted(options.signal, "Flushing");
    const waiting: Promise<unknown>[] = [];
    for (const route of this.#routes.values()) {
      for (const { delivery } of route.waiting) waiting.push(delivery.promise.catch(ignore));
    }
    this.#accumulator.flushing += 1;
    try {
      const all = Promise.all([...waiting, this.#sender.settled()]).then(ignore);
      await abortable(all, options.signal, "Flushing");
    } finally {
      this.#accumulator.flushing -= 1;
    }
  }

  /**
   * Flushes for at most `timeoutMs` (default 30,000), fails what is left with CLOSED,
   * and closes the connection. Sends whose promise nobody looks at fail without a sound.
   */
  close(options: RequestOptions = {}): Promise<void> {
    return this.#closing ??= this.#close(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(options: RequestOptions): Promise<void> {
    const enough = new AbortController();
    const late = pause(options.timeoutMs ?? 30_000, enough.signal, "Closing").catch(ignore);
    await Promise.race([this.flush({ signal: options.signal }).catch(ignore), late]);
    enough.abort();
    for (const route of this.#routes.values()) {
      const left = this.#removeWaiting(route, route.waiting.length);
      for (const { delivery } of left) delivery.fail(closedError(), true);
    }
    this.#sender.close(closedError());
    this.#connection.close();
    this.#onClose();
  }

  #accept(
    topic: string | Topic,
    records: ProducerRecord | readonly ProducerRecord[],
    delivery: Delivery,
  ): void {
    let codecs: TopicCodecs;
    try {
      codecs = topicCodecs(topic);
    } catch (error) {
      return delivery.fail(asWeirError(error, "INVALID_ARGUMENT", "Sending"), false);
    }
    const route = this.#route(typeof topic === "string" ? topic : topic.name);
    const known = this.#metadata.peek(route.name);
    if (known !== undefined && route.waiting.length === 0 && this.#hasRoom()) {
      this.#append(route, codecs, records, delivery, known.partitions.length);
    } else {
      this.#wait(route, codecs, records, delivery);
    }
  }

  #route(name: string): Route {
    let route = this.#routes.get(name);
    if (route === undefined) this.#routes.set(name, route = new TopicRoute(name, this.#partitioner));
    return route;
  }

  #hasRoom(): boolean {
    return this.#accumulator.bufferedBytes < this.#bufferBytesMax;
  }

  /** Encodes what a call sends into the queues of its partitions; all of it or, with an error, nothing. */
  #append(
    route: Route,
    codecs: TopicCodecs,
    records: ProducerRecord | readonly ProducerRecord[],
    delivery: Delivery,
    partitions: number,
  ): void {
    const nowMs = clockMs();
    try {
      if (isArray(records)) {
        for (let index = 0; index < records.length; index++) {
          this.#prepare(route, codecs, records[index]!, partitions, index);
        }
        for (let index = 0; index < records.length; index++) {
          this.#appendPrepared(route, records[index]!, delivery, index, partitions, nowMs);
        }
      } else {
        this.#prepare(route, codecs, records, partitions, 0);
        this.#appendPrepared(route, records, delivery, 0, partitions, nowMs);
      }
    } catch (error) {
      return delivery.fail(asWeirError(error, "INVALID_VALUE", `Sending to topic "${route.name}"`), false);
    }
    this.#sender.schedule();
  }

  /** Does everything that can fail for record `slot` of a call. */
  #prepare(
    route: Route,
    codecs: TopicCodecs,
    record: ProducerRecord,
    partitions: number,
    slot: number,
  ): void {
    const key = record.key ?? null;
    const value = record.value ?? null;
    const keyContent = key === null ? null : codecs.key.encode(key, "Key");
    const valueContent = value === null ? null : codecs.value.encode(value, "Value");
    const size = (keyContent?.length ?? 0) + (valueContent?.length ?? 0);
    if (size > this.#bufferBytesMax) {
      throw new WeirError(
        "MESSAGE_TOO_LARGE",
        `Record of "${size}" bytes must be at most the ${this.#bufferBytesMax} of bufferBytesMax`,
      );
    }
    checkTimestamp(record.timestamp);
    this.#keys[slot] = keyContent;
    this.#values[slot] = valueContent;
    this.#partitions[slot] = route.choose(keyContent, record.partition, partitions);
  }

  #appendPrepared(
    route: Route,
    record: ProducerRecord,
    delivery: Delivery,
    slot: number,
    partitions: number,
    nowMs: number,
  ): void {
    const partition = this.#partitions[slot]!;
    const queue = route.queue(partition);
    const filled = this.#accumulator.append(
      queue,
      record.timestamp === undefined ? nowMs : Number(record.timestamp),
      this.#keys[slot]!,
      this.#values[slot]!,
      headersOf(record.headers),
      delivery,
      slot,
      nowMs,
    );
    if (filled) route.batchLeft(partition, partitions);
    this.#keys[slot] = this.#values[slot] = null;
  }

  /** Puts a send in line behind the earlier ones of its topic. */
  #wait(
    route: Route,
    codecs: TopicCodecs,
    records: ProducerRecord | readonly ProducerRecord[],
    delivery: Delivery,
  ): void {
    if (this.#waitingCount >= WAITING_MAX) {
      const message = `No more than ${WAITING_MAX} sends can wait for room in the buffer`;
      return delivery.fail(new WeirError("BUFFER_FULL", message), false);
    }
    const deadlineMs = clockMs() + this.#deliveryTimeoutMs;
    route.waiting.push({ codecs, records, delivery, deadlineMs });
    this.#waitingCount += 1;
    this.#waitingTimer ??= startTimer(this.#deliveryTimeoutMs, () => this.#expireWaiting());
    this.#admit(route);
  }

  /** Lets go ahead who can. */
  #admit(route: Route): void {
    const known = this.#metadata.peek(route.name);
    if (known === undefined) return this.#learn(route);
    let admitted = 0;
    while (admitted < route.waiting.length && this.#hasRoom()) {
      const { codecs, records, delivery } = route.waiting[admitted++]!;
      if (!delivery.settled) this.#append(route, codecs, records, delivery, known.partitions.length);
    }
    this.#removeWaiting(route, admitted);
  }

  #removeWaiting(route: Route, count: number): Waiting[] {
    this.#waitingCount -= count;
    if (this.#waitingCount === 0) {
      stopTimer(this.#waitingTimer);
      this.#waitingTimer = null;
    }
    return route.waiting.splice(0, count);
  }

  #learn(route: Route): void {
    if (route.learning || route.waiting.length === 0) return;
    route.learning = true;
    this.#metadata.get(route.name, this.#createTopics).then(
      () => {
        route.learning = false;
        this.#admit(route);
      },
      (error) => {
        route.learning = false;
        const failed = this.#removeWaiting(route, route.waiting.length);
        for (const { delivery } of failed) delivery.fail(error, this.#closing !== null);
      },
    );
  }

  #expireWaiting(): void {
    this.#waitingTimer = null;
    const nowMs = clockMs();
    let earliestMs = Infinity;
    for (const route of this.#routes.values()) {
      let expired = 0;
      while (expired < route.waiting.length && route.waiting[expired]!.deadlineMs <= nowMs) expired++;
      for (const { delivery } of this.#removeWaiting(route, expired)) {
        delivery.fail(new WeirError("BUFFER_FULL", "The buffer stayed full for too long"), false);
      }
      earliestMs = Math.min(earliestMs, route.waiting[0]?.deadlineMs ?? Infinity);
    }
    if (earliestMs === Infinity) return;
    this.#waitingTimer = startTimer(earliestMs - nowMs, () => this.#expireWaiting());
  }

  #onRoom(): void {
    if (this.#waitingCount > 0) {
      for (const route of this.#routes.values()) if (route.waiting.length > 0) this.#admit(route);
    }
    if (this.#room === null || this.bufferedBytes > this.#bufferBytesMax / 2) return;
    this.#room.resolve();
    this.#room = null;
  }

  #waitForRoom(): Promise<void> {
    this.#room ??= defer();
    return this.#room.promise;
  }
}

function isArray<Item>(value: Item | readonly Item[]): value is readonly Item[] {
  return Array.isArray(value);
}

function closedError(): WeirError {
  return new WeirError("CLOSED", "The producer is closed");
}

function failOnAbort(delivery: Delivery, signal: AbortSignal): void {
  const abort = () => delivery.fail(abortedError(signal, "Sending"), false);
  if (signal.aborted) return abort();
  signal.addEventListener("abort", abort, { once: true });
  const off = () => signal.removeEventListener("abort", abort);
  delivery.promise.then(off, off);
}

function headersOf(headers: HeadersInput | undefined): readonly Header[] | undefined {
  if (headers === undefined || Array.isArray(headers)) return headers as readonly Header[] | undefined;
  return Object.entries(headers as Readonly<Record<string, Content>>);
}

function checkTimestamp(timestamp: number | Date | undefined): void {
  if (timestamp === undefined || Number.isSafeInteger(Number(timestamp)) && Number(timestamp) >= -1) return;
  throw new WeirError(
    "INVALID_ARGUMENT",
    `Timestamp "${String(timestamp)}" must be a Date or whole milliseconds since 1970`,
  );
}

function checkPartitioner(partitioner: PartitionerOption): PartitionerOption {
  return typeof partitioner === "function"
    ? partitioner
    : choiceOption<PartitionerOption>("partitioner", partitioner, ["default", "round-robin"]);
}

function checkCodec(codec: CodecName): CodecName {
  choiceOption("compression", codec, CODEC_NAMES);
  if (hasCodec(codec)) return codec;
  throw new WeirError(
    "UNSUPPORTED_COMPRESSION_TYPE",
    `Compression "${codec}" is not available in this runtime: zstd needs Deno, Bun, or Node 22.15 or newer`,
  );
}
