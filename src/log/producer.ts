/**
 * One idempotent producer as one partition knows it: its epoch and its last five
 * batches, by which a repeated one is recognised and a missing one noticed.
 * Sequences count records from 0 and go on at 0 after 2147483647, also inside a
 * batch. Source: KIP-98, KIP-679; Kafka's `ProducerStateEntry`.
 *
 *     ring    first sequence | last sequence | last offset | timestamp      × 5, newest at #newest
 */
import { assert } from "../model/mod.ts";

/** As many as a client may have under way at once. */
const BATCHES_KEPT = 5;
const SEQUENCES = 2_147_483_648;
const FIELDS = 4;
const FIRST = 0;
const LAST = 1;
const OFFSET = 2;
const TIME = 3;

/** The last sequence of a batch that begins at `firstSequence`. */
export function lastSequenceOf(firstSequence: number, lastOffsetDelta: number): number {
  return (firstSequence + lastOffsetDelta) % SEQUENCES;
}

/** The first sequence of a batch that ends at `lastSequence`. */
export function firstSequenceOf(lastSequence: number, lastOffsetDelta: number): number {
  return (lastSequence - lastOffsetDelta + SEQUENCES) % SEQUENCES;
}

export class Producer {
  readonly id: number;
  epoch: number;
  /** −1 until there was a transaction's marker. */
  coordinatorEpoch = -1;
  /** −1 while no transaction is open. */
  transactionStartOffset = -1;
  /** Largest timestamp of the last batch, or the marker's; milliseconds since 1970. */
  lastTimestamp = -1;
  readonly #ring: number[] = [];
  #newest = -FIELDS;

  constructor(id: number, epoch: number) {
    assert(id >= 0, "a producer has an id");
    this.id = id;
    this.epoch = epoch;
  }

  /** Sequence of the last record, −1 before the first. */
  get lastSequence(): number {
    return this.#newest < 0 ? -1 : this.#ring[this.#newest + LAST]!;
  }

  /** Offset of the last record, −1 before the first. */
  get lastOffset(): number {
    return this.#newest < 0 ? -1 : this.#ring[this.#newest + OFFSET]!;
  }

  /** Records of the last batch, less one. */
  get lastOffsetDelta(): number {
    if (this.#newest < 0) return 0;
    return (this.lastSequence - this.#ring[this.#newest + FIRST]! + SEQUENCES) % SEQUENCES;
  }

  /** The sequence the next record must have. */
  get nextSequence(): number {
    return (this.lastSequence + 1) % SEQUENCES;
  }

  /** Where a kept batch of exactly these sequences lies in the ring, −1 when there is none. */
  find(firstSequence: number, lastSequence: number): number {
    const ring = this.#ring;
    for (let at = 0; at < ring.length; at += FIELDS) {
      if (ring[at + FIRST] === firstSequence && ring[at + LAST] === lastSequence) return at;
    }
    return -1;
  }

  /** Offset of the last record of the batch that {@linkcode find} found. */
  offsetAt(at: number): number {
    return this.#ring[at + OFFSET]!;
  }

  /** Largest timestamp of the batch that {@linkcode find} found. */
  timestampAt(at: number): number {
    return this.#ring[at + TIME]!;
  }

  /** A batch is in the log now; the oldest of more than five is forgotten. */
  add(firstSequence: number, lastSequence: number, lastOffset: number, timestamp: number): void {
    assert(lastOffset >= 0, "a batch that is remembered is in the log");
    const at = (this.#newest + FIELDS) % (BATCHES_KEPT * FIELDS);
    this.#ring[at + FIRST] = firstSequence;
    this.#ring[at + LAST] = lastSequence;
    this.#ring[at + OFFSET] = lastOffset;
    this.#ring[at + TIME] = timestamp;
    this.#newest = at;
    this.lastTimestamp = timestamp;
  }

  /** A new epoch: sequences begin anew. */
  begin(epoch: number): void {
    this.epoch = epoch;
    this.#ring.length = 0;
    this.#newest = -FIELDS;
  }
}
