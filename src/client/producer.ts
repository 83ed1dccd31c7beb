/**
 * The producer: `intake.ts` encodes what is sent into the batches of
 * `accumulator.ts`, `sender.ts` carries those to the broker. A send whose topic is known and whose bytes fit the
 * buffer costs one promise and no turn of the event loop; every other one waits
 * in line behind the earlier ones of its topic, so order is kept. With acks "all"
 * the producer is idempotent: each record is in the log once, in order, however
 * often its batch was sent. Else delivery is at least once, in order per partition
 * with the default `inFlightMax` of 1.
 */
import type { Acks } from "../model/mod.ts";
import { Accumulator } from "./accumulator.ts";
import { Delivery, type Sent } from "./batch.ts";
import type { Connection, RequestOptions } from "./connection.ts";
import { abortedError, ignore, throwIfAborted, WeirError } from "./error.ts";
import { Intake } from "./intake.ts";
import type { Metadata } from "./metadata.ts";
import { choiceOption, numberOption } from "./options.ts";
import { ProducerIdentity } from "./producer_identity.ts";
import {
  checkCodec,
  checkIdempotent,
  checkPartitioner,
  type ProducerOptions,
  type ProducerRecord,
} from "./producer_options.ts";
import { abortable, pause } from "./runtime.ts";
import { Sender } from "./sender.ts";
import type { Format, InputOf, Topic } from "./topic.ts";

/** See the file's head. Made by `weir.producer`. */
export class Producer {
  #connection: Connection;
  #onClose: () => void;
  #accumulator: Accumulator;
  #sender: Sender;
  #intake: Intake;
  #closing: Promise<void> | null = null;

  /** Use `weir.producer`. */
  constructor(connection: Connection, metadata: Metadata, options: ProducerOptions, onClose: () => void) {
    this.#connection = connection;
    this.#onClose = onClose;
    const deliveryTimeoutMs = numberOption("deliveryTimeoutMs", options.deliveryTimeoutMs, 120_000, 1);
    const createTopics = options.createTopics ?? true;
    const { requestTimeoutMs } = connection.settings;
    const acks = { all: -1, 1: 1, 0: 0 }[choiceOption("acks", options.acks, ["all", 1, 0])] as Acks;
    const identity = checkIdempotent(options) ? new ProducerIdentity(connection, deliveryTimeoutMs) : null;
    this.#accumulator = new Accumulator({
      lingerMs: numberOption("lingerMs", options.lingerMs, 0, 0),
      batchBytesMax: numberOption("batchBytesMax", options.batchBytesMax, 262_144, 1),
      inFlightMax: numberOption("inFlightMax", options.inFlightMax, 1, 1),
      deliveryTimeoutMs,
      identity,
    });
    this.#intake = new Intake(metadata, this.#accumulator, {
      partitioner: checkPartitioner(options.partitioner ?? "default"),
      bufferBytesMax: numberOption("bufferBytesMax", options.bufferBytesMax, 67_108_864, 1),
      deliveryTimeoutMs,
      createTopics,
      onAppend: () => this.#sender.schedule(),
    });
    this.#sender = new Sender(connection, metadata, this.#accumulator, {
      acks,
      codec: checkCodec(options.compression ?? "none"),
      requestTimeoutMs: numberOption("requestTimeoutMs", options.requestTimeoutMs, requestTimeoutMs, 1),
      retriesMax: numberOption("retriesMax", options.retriesMax, Infinity, 0),
      createTopics,
      identity,
      onRoom: () => this.#intake.admitAll(),
      onTaken: ({ topic, partition }) => this.#intake.batchLeft(topic, partition),
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
    if (!delivery.settled) this.#intake.accept(topic, records, delivery);
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
        if (this.#intake.crowded) return this.#intake.waitForRoom();
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
    this.#accumulator.flushing += 1;
    try {
      const all = Promise.all([this.#intake.settled(), this.#sender.settled()]).then(ignore);
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
    this.#intake.close(closedError());
    this.#sender.close(closedError());
    this.#connection.close();
    this.#onClose();
  }
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
