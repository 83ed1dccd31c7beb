/**
 * Carries batches from the accumulator to the broker: many partitions' batches in
 * one produce frame, retries with growing pauses, and the deadline of each batch.
 * It runs when records were sent, an answer came, or a timer says so. With an
 * identity nothing leaves before that is known.
 */
import type { Acks, FaultCode } from "../model/mod.ts";
import { encodeFrameWithBytes, type NativeReplies, type WireError } from "../native/mod.ts";
import type { CodecName } from "../record/mod.ts";
import type { Accumulator } from "./accumulator.ts";
import type { Batch, PartitionQueue } from "./batch.ts";
import type { Connection } from "./connection.ts";
import { asWeirError, errorOfWire, ignore, WeirError } from "./error.ts";
import type { Link } from "./link.ts";
import type { Metadata } from "./metadata.ts";
import type { ProducerIdentity } from "./producer_identity.ts";
import { backoffMs, nowMs, startTimer, stopTimer, type Timer } from "./runtime.ts";

/** What the sender goes by. */
export interface SenderSettings {
  readonly acks: Acks;
  readonly codec: CodecName;
  readonly requestTimeoutMs: number;
  readonly retriesMax: number;
  readonly createTopics: boolean;
  /** `null` when the producer is not idempotent. */
  readonly identity: ProducerIdentity | null;
  /** Called when batches were answered and their bytes are free. */
  readonly onRoom: () => void;
  /** Called when a batch of the partition leaves. */
  readonly onTaken: (queue: PartitionQueue) => void;
}

/** Record bytes of one frame, before compression. */
const FRAME_RECORD_BYTES_MAX = 4_194_304;
/** What a frame holds beside its record bytes, for each batch at most. */
const FRAME_ENTRY_BYTES_MAX = 512;
/** Turns of the microtask queue that those who just got an answer have to send again, into the same batch. */
const TURNS_OF_GRACE = 4;
/** Sends of one batch while its topic is unknown: then the topic is believed to be gone. */
const UNKNOWN_TOPIC_ATTEMPTS_MAX = 5;

/** Refusals that say the batch is not in the log; any other may come after it was written. */
const NOT_WRITTEN: ReadonlySet<FaultCode> = new Set<FaultCode>([
  "CORRUPT_MESSAGE",
  "INVALID_PRODUCER_EPOCH",
  "INVALID_RECORD",
  "INVALID_REQUEST",
  "INVALID_REQUIRED_ACKS",
  "INVALID_TIMESTAMP",
  "INVALID_TOPIC_EXCEPTION",
  "MESSAGE_TOO_LARGE",
  "OUT_OF_ORDER_SEQUENCE_NUMBER",
  "RECORD_LIST_TOO_LARGE",
  "UNKNOWN_TOPIC_OR_PARTITION",
  "UNSUPPORTED_COMPRESSION_TYPE",
  "UNSUPPORTED_FOR_MESSAGE_FORMAT",
]);

/** See the file's head. */
export class Sender {
  #connection: Connection;
  #metadata: Metadata;
  #accumulator: Accumulator;
  #settings: SenderSettings;
  #scheduled = false;
  #timer: Timer | null = null;
  #closed: WeirError | null = null;

  constructor(
    connection: Connection,
    metadata: Metadata,
    accumulator: Accumulator,
    settings: SenderSettings,
  ) {
    this.#connection = connection;
    this.#metadata = metadata;
    this.#accumulator = accumulator;
    this.#settings = settings;
  }

  /** Sends what is ready, once the running code and those it wakes are done. */
  schedule(): void {
    if (this.#scheduled || this.#closed !== null) return;
    this.#scheduled = true;
    this.#turn(TURNS_OF_GRACE);
  }

  /** Resolves when every batch there is now was answered or has failed. */
  async settled(): Promise<void> {
    this.schedule();
    const done = [...this.#accumulator.batches].map((batch) =>
      new Promise<void>((resolve) => batch.onDone.push(resolve))
    );
    await Promise.all(done);
  }

  /** Stops, and fails what is left without a sound. */
  close(error: WeirError): void {
    this.#closed = error;
    stopTimer(this.#timer);
    for (const batch of [...this.#accumulator.batches]) this.#finish(batch, error);
  }

  #turn(left: number): void {
    queueMicrotask(() => left > 1 ? this.#turn(left - 1) : this.#pump());
  }

  #pump(): void {
    this.#scheduled = false;
    if (this.#closed !== null) return;
    const now = nowMs();
    const { identity } = this.#settings;
    if (identity !== null && !identity.known && this.#accumulator.batches.size > 0) this.#identify(identity);
    for (;;) {
      const batches = this.#accumulator.take(now, FRAME_RECORD_BYTES_MAX);
      if (batches.length === 0) break;
      for (const { queue } of batches) this.#settings.onTaken(queue);
      void this.#carry(batches);
    }
    this.#rest(now);
  }

  /** Asks for a producer id; when there is to be none, all that waits for it fails. */
  #identify(identity: ProducerIdentity): void {
    identity.obtain().then(() => this.schedule(), (error: WeirError) => {
      if (error.retriable) return this.schedule();
      for (const batch of this.#accumulator.expire(Infinity)) this.#finish(batch, error);
      this.#settings.onRoom();
    });
  }

  /** Sets the timer for what can leave, or runs out of time, later. */
  #rest(now: number): void {
    stopTimer(this.#timer);
    this.#timer = null;
    const atMs = Math.min(this.#accumulator.nextReadyAtMs(), this.#accumulator.nextDeadlineMs());
    if (atMs === Infinity) return;
    this.#timer = startTimer(Math.max(1, atMs - now), () => {
      this.#expire();
      this.#pump();
    });
  }

  #expire(): void {
    for (const batch of this.#accumulator.expire(nowMs())) this.#finish(batch, this.#timedOut(batch));
  }

  async #carry(batches: Batch[]): Promise<void> {
    try {
      const link = this.#connection.link ?? await this.#reach(batches);
      this.#checkCluster(link);
      const entries = this.#encode(batches, link);
      if (entries.length === 0) return;
      if (this.#settings.acks === 0) await this.#post(link, entries);
      else await this.#exchange(link, entries);
    } catch (error) {
      for (const batch of batches) this.#fail(batch, asWeirError(error, "NETWORK_EXCEPTION", "Producing"));
    }
    this.#settings.onRoom();
    this.schedule();
  }

  /** Another cluster knows nothing of this producer, or another one by its id: begin anew there. */
  #checkCluster(link: Link): void {
    const { identity } = this.#settings;
    if (identity === null || identity.cluster === link.hello.cluster) return;
    identity.forget(identity.producerId);
    this.#accumulator.renumber();
    throw new WeirError("NETWORK_EXCEPTION", "The broker belongs to another cluster than before");
  }

  #reach(batches: Batch[]): Promise<Link> {
    return this.#connection.reach(this.#deadlineMs(batches));
  }

  /** When to give a request up: its own time, or sooner when that of a batch runs out. */
  #deadlineMs(batches: readonly Batch[]): number {
    let deadlineMs = nowMs() + this.#settings.requestTimeoutMs;
    for (const batch of batches) deadlineMs = Math.min(deadlineMs, batch.deadlineMs);
    return deadlineMs;
  }

  /** The frame's entries; batches that cannot be encoded, or do not fit a frame, fail here. */
  #encode(batches: Batch[], link: Link): Entry[] {
    const entries: Entry[] = [];
    for (const batch of batches) {
      try {
        const bytes = batch.encode(this.#settings.codec);
        if (bytes.length + FRAME_ENTRY_BYTES_MAX > link.hello.frameBytesMax) {
          throw new WeirError(
            "MESSAGE_TOO_LARGE",
            `The broker takes frames of ${link.hello.frameBytesMax} bytes`,
          );
        }
        const { topic, partition } = batch.queue;
        entries.push({ fields: { topic, partition }, bytes, batch });
      } catch (error) {
        this.#finish(batch, asWeirError(error, "INVALID_RECORD", "Encoding a batch"));
      }
    }
    return entries;
  }

  #frame(c: number, entries: readonly Entry[]): Uint8Array[] {
    const { acks, requestTimeoutMs } = this.#settings;
    for (const { batch } of entries) {
      batch.attempts += 1;
      batch.unknownAttempts += 1;
    }
    const head = { k: "produce", c, acks, timeoutMs: Math.min(requestTimeoutMs, 2_147_483_647) };
    return encodeFrameWithBytes(head, "batch", entries);
  }

  async #post(link: Link, entries: readonly Entry[]): Promise<void> {
    await link.post((c) => this.#frame(c, entries));
    for (const { batch } of entries) this.#succeed(batch, -1, -1);
  }

  async #exchange(link: Link, entries: readonly Entry[]): Promise<void> {
    const deadlineMs = this.#deadlineMs(entries.map(({ batch }) => batch));
    const reply = await link.exchange("Produce", (c) => this.#frame(c, entries), deadlineMs) as unknown as
      & NativeReplies["produce"]
      & { readonly entries: unknown };
    for (let index = 0; index < entries.length; index++) {
      const { batch } = entries[index]!;
      const answer = reply.entries[index];
      if (answer === undefined) throw new WeirError("PROTOCOL", "A produce reply lacks an entry");
      if (answer.e) this.#refuse(batch, this.#refused(batch, answer.e));
      else this.#succeed(batch, answer.baseOffset, answer.logAppendTimeMs);
    }
  }

  #succeed(batch: Batch, baseOffset: number, logAppendTimeMs: number): void {
    if (!this.#accumulator.batches.has(batch)) return;
    this.#accumulator.release(batch);
    batch.succeed(baseOffset, logAppendTimeMs);
  }

  /** Has a batch sent again if that may help, or fails it for good. */
  #fail(batch: Batch, error: WeirError): void {
    if (!this.#accumulator.batches.has(batch)) return;
    batch.lastFailure = error;
    const { retryBackoffMs, retryBackoffMsMax } = this.#connection.settings;
    const notBeforeMs = nowMs() + backoffMs(Math.max(1, batch.attempts), retryBackoffMs, retryBackoffMsMax);
    if (!this.#mayRetry(batch, error)) return this.#finish(batch, error);
    if (notBeforeMs >= batch.deadlineMs) return this.#finish(batch, this.#timedOut(batch));
    this.#metadata.refresh(batch.queue.topic, this.#settings.createTopics).catch(ignore);
    this.#accumulator.restore(batch, notBeforeMs);
  }

  /** Takes the broker's word that a batch was not written; what that means depends on the word. */
  #refuse(batch: Batch, error: WeirError): void {
    if (NOT_WRITTEN.has(error.code as FaultCode)) batch.unknownAttempts -= 1;
    this.#fail(batch, error);
  }

  #mayRetry(batch: Batch, error: WeirError): boolean {
    const isFenced = error.code === "INVALID_PRODUCER_EPOCH";
    const mayRenumber = (isFenced || error.code === "OUT_OF_ORDER_SEQUENCE_NUMBER") &&
      this.#accumulator.refuse(batch, isFenced);
    if (this.#closed !== null || batch.attempts > this.#settings.retriesMax) return false;
    if (!error.retriable && !mayRenumber) return false;
    return error.code !== "UNKNOWN_TOPIC_OR_PARTITION" || batch.attempts < UNKNOWN_TOPIC_ATTEMPTS_MAX;
  }

  #finish(batch: Batch, error: WeirError): void {
    if (!this.#accumulator.batches.has(batch)) return;
    this.#accumulator.giveUp(batch);
    batch.fail(error, this.#closed !== null);
  }

  #refused(batch: Batch, wire: WireError): WeirError {
    const { topic, partition } = batch.queue;
    return errorOfWire(wire, `Producing to topic "${topic}", partition ${partition}`);
  }

  #timedOut(batch: Batch): WeirError {
    const last = batch.lastFailure ?? this.#settings.identity?.failure ?? null;
    const { topic, partition } = batch.queue;
    const reason = last === null ? "it could not be sent" : last.message;
    const what = `Delivery to topic "${topic}", partition ${partition} took too long`;
    return new WeirError("TIMED_OUT", `${what}: ${reason}`, last === null ? {} : { cause: last });
  }
}

interface Entry {
  readonly fields: { readonly topic: string; readonly partition: number };
  readonly bytes: Uint8Array;
  readonly batch: Batch;
}
