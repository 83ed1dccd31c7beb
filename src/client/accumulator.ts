/**
 * Gathers records into batches and says which may leave. A batch leaves when it
 * is full, when its linger is over, or when somebody flushes; never while as many
 * batches of its partition as `inFlightMax` are unanswered, so with the default
 * of one a retry cannot overtake a later batch. While a batch is on its way the
 * next one grows: batches get larger by themselves as the load rises. Those of an
 * idempotent producer are numbered as they leave (`sequences.ts`); then the broker
 * refuses what overtakes, and more than one may be on its way.
 *
 *     append -> open -> closed -> take -> (in flight) -> done
 *                          ^---- restore ----'
 */
import { BatchBuilder, type Content, type Header, recordBytesMax } from "../record/mod.ts";
import { Batch, type Delivery, PartitionQueue } from "./batch.ts";
import type { ProducerIdentity } from "./producer_identity.ts";

/** What the accumulator goes by. Sizes in bytes before compression, times in milliseconds. */
export interface AccumulatorSettings {
  readonly lingerMs: number;
  readonly batchBytesMax: number;
  readonly inFlightMax: number;
  readonly deliveryTimeoutMs: number;
  /** `null` when the producer is not idempotent. */
  readonly identity: ProducerIdentity | null;
}

/** A batch counts for at least this much of the buffer, for what is not its records. */
const BATCH_COST_BYTES = 512;
/** Builders kept for reuse. */
const BUILDERS_KEPT_MAX = 64;
/** More than the framing of a record without headers takes. */
const RECORD_FRAMING_BYTES = 64;
/** Bytes of UTF-8 that one unit of a string can take. */
const UTF8_BYTES_MAX = 3;

/** See the file's head. */
export class Accumulator {
  /** Bytes held: records waiting, and on their way. */
  bufferedBytes = 0;
  /** Batches waiting, and on their way. */
  readonly batches = new Set<Batch>();
  /** While above zero nothing lingers. */
  flushing = 0;
  #settings: AccumulatorSettings;
  #listed: PartitionQueue[] = [];
  #builders: BatchBuilder[] = [];

  constructor(settings: AccumulatorSettings) {
    this.#settings = settings;
  }

  /** Encodes a record at the end of its partition's queue. True when that began a new batch. */
  append(
    queue: PartitionQueue,
    timestamp: number,
    key: Content,
    value: Content,
    headers: readonly Header[] | undefined,
    delivery: Delivery,
    slot: number,
    nowMs: number,
  ): boolean {
    let batch = queue.open;
    if (batch !== null && !this.#fits(batch, key, value, headers)) {
      queue.close();
      batch = null;
    }
    const begins = batch === null;
    if (batch === null) batch = this.#begin(queue, nowMs);
    const before = batch.builder.bytes;
    batch.builder.append(timestamp, key, value, headers);
    this.bufferedBytes += batch.builder.bytes - before;
    batch.own(delivery, slot, timestamp);
    return begins;
  }

  /**
   * Takes a batch of every partition that may send one now, up to `bytesMax` bytes in all but at least one.
   */
  take(nowMs: number, bytesMax: number): Batch[] {
    const taken: Batch[] = [];
    const kept: PartitionQueue[] = [];
    let bytes = 0;
    for (const queue of this.#listed) {
      const batch = bytes < bytesMax && this.#readyAtMs(queue) <= nowMs ? this.#takeFrom(queue) : null;
      if (batch !== null) {
        taken.push(batch);
        bytes += batch.builder.bytes;
      }
      queue.listed = queue.waits;
      if (queue.listed) kept.push(queue);
    }
    this.#listed = kept;
    return taken;
  }

  /** When a batch may next leave of what waits now; `Infinity` when that hangs on an answer. */
  nextReadyAtMs(): number {
    let earliestMs = Infinity;
    for (const queue of this.#listed) earliestMs = Math.min(earliestMs, this.#readyAtMs(queue));
    return earliestMs;
  }

  /**
   * What a broker's refusal of a batch's number comes to: true when the batch may be sent again. Either one
   * before it is unsettled, and it goes again as it is; or its era ends, and it goes again under the next. But when
   * an earlier attempt may have brought it into the log, a new number could double it.
   */
  refuse(batch: Batch, fenced: boolean): boolean {
    const { identity } = this.#settings;
    if (identity === null || batch.stamp === null) return false;
    if (!fenced && !batch.queue.isOldest(batch)) return true;
    batch.queue.sequences.end(identity, fenced);
    batch.queue.unstampLost();
    return batch.unknownAttempts === 0;
  }

  /** Notes that a batch failed for good: its numbers are missing from the log, or nobody knows. */
  giveUp(batch: Batch): void {
    this.release(batch);
    if (this.#settings.identity === null || batch.stamp === null) return;
    batch.queue.sequences.end(this.#settings.identity, false);
    batch.queue.unstampLost();
  }

  /** Takes all numbers back: the broker is another one, which has seen none of these batches. */
  renumber(): void {
    for (const batch of this.batches) {
      batch.unstamp();
      batch.queue.sequences.reset();
    }
  }

  /** Puts a batch that failed back; its partition rests until `notBeforeMs`. */
  restore(batch: Batch, notBeforeMs: number): void {
    batch.queue.inFlight.delete(batch);
    batch.queue.restore(batch);
    batch.queue.notBeforeMs = notBeforeMs;
    this.#list(batch.queue);
  }

  /** Forgets a batch that was answered, or given up; its builder is used again. */
  release(batch: Batch): void {
    batch.queue.inFlight.delete(batch);
    this.bufferedBytes -= batch.builder.bytes + BATCH_COST_BYTES;
    this.batches.delete(batch);
    const keeps = this.#builders.length < BUILDERS_KEPT_MAX &&
      batch.builder.bytes <= 2 * this.#settings.batchBytesMax;
    if (!keeps) return;
    batch.builder.reset();
    this.#builders.push(batch.builder);
  }

  /** Takes out the waiting batches whose time ran out, or with `Infinity` all. */
  expire(nowMs: number): Batch[] {
    const expired: Batch[] = [];
    for (const queue of this.#listed) {
      queue.closed = queue.closed.filter((batch) => batch.deadlineMs > nowMs || expired.push(batch) < 0);
      if (queue.open === null || queue.open.deadlineMs > nowMs) continue;
      expired.push(queue.open);
      queue.open = null;
    }
    return expired;
  }

  /** The earliest deadline of what waits; `Infinity` when nothing does. */
  nextDeadlineMs(): number {
    let earliestMs = Infinity;
    for (const { closed, open } of this.#listed) {
      earliestMs = Math.min(earliestMs, closed[0]?.deadlineMs ?? open?.deadlineMs ?? Infinity);
    }
    return earliestMs;
  }

  /** True when the record still fits; the exact size is only worked out where a quick bound does not tell. */
  #fits(batch: Batch, key: Content, value: Content, headers: readonly Header[] | undefined): boolean {
    const room = this.#settings.batchBytesMax - batch.builder.bytes;
    const length = (key === null ? 0 : key.length) + (value === null ? 0 : value.length);
    if (headers === undefined && UTF8_BYTES_MAX * length + RECORD_FRAMING_BYTES <= room) return true;
    return recordBytesMax(key, value, headers) <= room;
  }

  #begin(queue: PartitionQueue, nowMs: number): Batch {
    const builder = this.#builders.pop() ?? new BatchBuilder();
    const batch = new Batch(queue, builder, nowMs, nowMs + this.#settings.deliveryTimeoutMs);
    queue.open = batch;
    this.bufferedBytes += builder.bytes + BATCH_COST_BYTES;
    this.batches.add(batch);
    this.#list(queue);
    return batch;
  }

  #takeFrom(queue: PartitionQueue): Batch | null {
    if (queue.closed.length === 0) queue.close();
    const batch = queue.closed.shift() ?? null;
    if (batch === null) return null;
    queue.inFlight.add(batch);
    const { identity } = this.#settings;
    if (identity !== null) batch.stamp ??= queue.sequences.stamp(identity, batch.builder.recordCount);
    return batch;
  }

  /** When the queue's first batch may leave. */
  #readyAtMs(queue: PartitionQueue): number {
    if (queue.inFlight.size >= this.#settings.inFlightMax || !this.#mayNumber(queue)) return Infinity;
    if (queue.closed.length > 0 || this.flushing > 0) return queue.notBeforeMs;
    if (queue.open === null) return Infinity;
    return Math.max(queue.notBeforeMs, queue.open.createdMs + this.#settings.lingerMs);
  }

  /**
   * False while an idempotent producer must wait with the queue's first batch. Alone on their way are: the first
   * of an era, for without it the broker would take the second; a retry, for the same reason where the broker
   * has forgotten the producer; and what comes after the end of an era.
   */
  #mayNumber({ closed, inFlight, sequences }: PartitionQueue): boolean {
    const { identity } = this.#settings;
    if (identity === null) return true;
    if (!identity.known) return false;
    if (inFlight.size === 0) return true;
    const isRetry = closed.length > 0 && closed[0]!.attempts > 0;
    return sequences.proven && !sequences.ending && !isRetry;
  }

  #list(queue: PartitionQueue): void {
    if (queue.listed) return;
    queue.listed = true;
    this.#listed.push(queue);
  }
}
