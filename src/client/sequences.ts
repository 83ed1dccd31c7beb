/**
 * How the records of one partition are numbered, so that the broker knows a batch
 * that comes twice (KIP-98). Numbers run on from batch to batch in an era: a
 * producer id with an epoch. A retry carries the stamp of the first attempt. A
 * batch that fails for good leaves a gap that the broker would not let later ones
 * pass, so it ends the era (KIP-360): once all that was stamped in it is settled
 * the next epoch begins, from 0, and what is late of the old one is refused.
 */
import type { ProducerIdentity } from "./producer_identity.ts";

/** Sequences are 31 bits and begin again at 0. */
const SEQUENCE_COUNT = 2_147_483_648;
const EPOCH_MAX = 32_767;

/** What an idempotent batch says of itself; fields of the record room's BatchOptions. */
export interface Stamp {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
}

/** See the file's head. One for each partition of a producer. */
export class Sequences {
  #producerId = -1;
  #producerEpoch = -1;
  #next: number;
  #proven = false;
  #ending = false;

  /** `first` is for tests of the wrap. */
  constructor(first = 0) {
    this.#next = first;
  }

  /** The broker knows of this era: until then it would take a later batch without the first. */
  get proven(): boolean {
    return this.#proven;
  }

  /** Nothing more is stamped until what was stamped is settled. */
  get ending(): boolean {
    return this.#ending;
  }

  /** Numbers the next `count` records. If the era was ending, it ends now: nothing of it may be on its way. */
  stamp(identity: ProducerIdentity, count: number): Stamp {
    if (this.#producerId < 0) this.#begin(identity.producerId, identity.producerEpoch);
    else if (this.#ending) this.#beginNext(identity);
    const stamp = {
      producerId: this.#producerId,
      producerEpoch: this.#producerEpoch,
      baseSequence: this.#next,
    };
    this.#next = (this.#next + count) % SEQUENCE_COUNT;
    return stamp;
  }

  /** A batch of the era is in the log. */
  prove(): void {
    this.#proven = true;
  }

  /** Ends the era. `fenced`: the broker knows a later epoch of this producer id, so that it serves no more. */
  end(identity: ProducerIdentity, fenced: boolean): void {
    this.#ending = true;
    if (fenced || this.#producerEpoch === EPOCH_MAX) identity.forget(this.#producerId);
  }

  /** Begins anew, as if nothing had been sent: for a broker that knows nothing of this producer. */
  reset(): void {
    this.#producerId = -1;
    this.#next = 0;
    this.#proven = false;
    this.#ending = false;
  }

  #beginNext(identity: ProducerIdentity): void {
    this.#next = 0;
    if (identity.producerId !== this.#producerId) {
      this.#begin(identity.producerId, identity.producerEpoch);
    } else {
      this.#begin(this.#producerId, this.#producerEpoch + 1);
    }
  }

  #begin(producerId: number, producerEpoch: number): void {
    this.#producerId = producerId;
    this.#producerEpoch = producerEpoch;
    this.#proven = false;
    this.#ending = false;
  }
}
