/**
 * The idempotent producers of one partition, and what their batches are checked
 * against. The map is ordered by last use: past its bound the producer that was
 * silent longest is forgotten, and may then go on with any sequence, as Kafka
 * lets a producer that it does not know (any more). Pure memory; the files are
 * `producer_store.ts`' work. Source: KIP-98; Kafka's `ProducerStateManager`.
 */
import {
  assert,
  type Fault,
  fault,
  type ProducerDescription,
  PRODUCERS_PER_PARTITION_MAX,
} from "../model/mod.ts";
import * as batch from "../record/mod.ts";
import { lastSequenceOf, Producer } from "./producer.ts";

/** A batch that is in the log already. */
export interface KnownBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  /** Its largest timestamp. */
  readonly timestamp: number;
}

/** Where a producer is. */
export interface LastBatch {
  /** Of its last batch of records; −1 when there is none in its epoch. */
  readonly lastOffset: number;
  readonly epoch: number;
}

export class ProducerStates {
  readonly #producers = new Map<number, Producer>();
  readonly #countMax: number;

  constructor(countMax: number = PRODUCERS_PER_PARTITION_MAX) {
    assert(countMax > 0, "there is room for a producer");
    this.#countMax = countMax;
  }

  get count(): number {
    return this.#producers.size;
  }

  /** The least recently used first. */
  all(): IterableIterator<Producer> {
    return this.#producers.values();
  }

  clear(): void {
    this.#producers.clear();
  }

  /**
   * Judges the batch in `view`, which has a producer id, before the leader appends it: `null` when it is
   * next in order, where it lies when it came before, else why it is refused. Changes nothing.
   */
  check(view: DataView): KnownBatch | Fault | null {
    const id = batch.producerId(view, 0);
    assert(id >= 0, "only batches with a producer id are judged");
    if (!Number.isSafeInteger(id)) return foreignId(id);
    const producer = this.#producers.get(id);
    if (producer === undefined) return null;
    const epoch = batch.producerEpoch(view, 0);
    const sequence = batch.baseSequence(view, 0);
    if (epoch < producer.epoch) return fenced(producer, epoch);
    if (epoch > producer.epoch) return sequence === 0 ? null : outOfOrder(producer, epoch, sequence, 0);
    const delta = batch.lastOffsetDelta(view, 0);
    const at = producer.find(sequence, lastSequenceOf(sequence, delta));
    if (at >= 0) {
      const lastOffset = producer.offsetAt(at);
      return { baseOffset: lastOffset - delta, lastOffset, timestamp: producer.timestampAt(at) };
    }
    const wanted = producer.nextSequence;
    return sequence === wanted ? null : outOfOrder(producer, epoch, sequence, wanted);
  }

  /** Takes in the data batch at `at`, which is in the log: after an append, and in replay, without a check. */
  take(view: DataView, at: number): void {
    const id = batch.producerId(view, at);
    // No client can go on with such an id: none is told of, and none is taken.
    if (id < 0 || !Number.isSafeInteger(id)) return;
    const producer = this.#touch(id, batch.producerEpoch(view, at));
    const first = batch.baseSequence(view, at);
    const delta = batch.lastOffsetDelta(view, at);
    producer.add(
      first,
      lastSequenceOf(first, delta),
      batch.lastOffset(view, at),
      batch.maxTimestamp(view, at),
    );
    const isFirstOfTransaction = batch.isTransactional(batch.attributes(view, at)) &&
      producer.transactionStartOffset < 0;
    if (isFirstOfTransaction) producer.transactionStartOffset = batch.baseOffset(view, at);
  }

  /** Takes in a transaction's marker that is in the log. */
  takeMarker(id: number, epoch: number, coordinatorEpoch: number, timestamp: number): void {
    if (id < 0 || !Number.isSafeInteger(id)) return;
    const producer = this.#touch(id, epoch);
    producer.coordinatorEpoch = coordinatorEpoch;
    producer.transactionStartOffset = -1;
    producer.lastTimestamp = timestamp;
  }

  /** Takes in a producer as a snapshot has it. */
  put(producer: Producer): void {
    this.#producers.delete(producer.id);
    this.#makeRoom();
    this.#producers.set(producer.id, producer);
  }

  /** Forgets who was silent for `expirationMs`, by the timestamps of their batches, and has no transaction open. */
  expire(nowMs: number, expirationMs: number): void {
    for (const producer of this.#producers.values()) {
      if (producer.transactionStartOffset >= 0) continue;
      if (nowMs - producer.lastTimestamp >= expirationMs) this.#producers.delete(producer.id);
    }
  }

  /** The last batch of each, by producer id. */
  lastBatches(): Map<number, LastBatch> {
    const batches = new Map<number, LastBatch>();
    for (const { id, lastOffset, epoch } of this.#producers.values()) batches.set(id, { lastOffset, epoch });
    return batches;
  }

  describe(): ProducerDescription[] {
    return Array.from(this.#producers.values(), (producer) => ({
      producerId: producer.id,
      producerEpoch: producer.epoch,
      lastSequence: producer.lastSequence,
      lastTimestamp: producer.lastTimestamp,
      coordinatorEpoch: producer.coordinatorEpoch,
      currentTransactionStartOffset: producer.transactionStartOffset,
    }));
  }

  /** The producer, known or new, as the last one used and in `epoch`. */
  #touch(id: number, epoch: number): Producer {
    const known = this.#producers.get(id);
    const producer = known ?? new Producer(id, epoch);
    if (producer.epoch !== epoch) producer.begin(epoch);
    this.put(producer);
    return producer;
  }

  #makeRoom(): void {
    if (this.#producers.size < this.#countMax) return;
    let oldest: Producer | null = null;
    for (const producer of this.#producers.values()) {
      oldest ??= producer;
      if (producer.transactionStartOffset >= 0) continue;
      oldest = producer;
      break;
    }
    assert(oldest !== null, "a full map has an oldest producer");
    this.#producers.delete(oldest.id);
  }
}

function foreignId(id: number): Fault {
  const words = `Producer id "${id}" was not given out by this broker, wanted is at most`;
  return fault("INVALID_RECORD", `${words} ${Number.MAX_SAFE_INTEGER}`);
}

function fenced(producer: Producer, epoch: number): Fault {
  const words = `Epoch "${epoch}" of producer "${producer.id}" must be at least ${producer.epoch}`;
  return fault("INVALID_PRODUCER_EPOCH", words);
}

function outOfOrder(producer: Producer, epoch: number, sequence: number, wanted: number): Fault {
  const who = `producer "${producer.id}" in epoch "${epoch}"`;
  return fault("OUT_OF_ORDER_SEQUENCE_NUMBER", `Sequence "${sequence}" of ${who} must be ${wanted}`);
}
