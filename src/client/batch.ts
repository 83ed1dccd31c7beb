/**
 * What a producer holds between `send` and its answer: a delivery for each call,
 * and a batch of encoded records for each partition, with the delivery of every
 * record beside it. Records are encoded when they are sent, so what is buffered
 * is bytes; a batch keeps its builder until the broker has answered.
 */
import { BatchBuilder, type CodecName } from "../record/mod.ts";
import { ignore, type WeirError } from "./error.ts";
import { Sequences, type Stamp } from "./sequences.ts";

/** Where a record landed. */
export interface Sent {
  readonly partition: number;
  /** −1 with acks 0, where nobody tells. */
  readonly offset: number;
  /** Milliseconds since 1970, as it is in the log. */
  readonly timestamp: number;
}

let resolveLast!: (value: never) => void;
let rejectLast!: (error: Error) => void;
/** One function for all deliveries: a closure for each would cost more than the rest of a send. */
function capture(resolve: (value: never) => void, reject: (error: Error) => void): void {
  resolveLast = resolve;
  rejectLast = reject;
}

/** One `send` call: a promise, and how many of its records are not yet answered. */
export class Delivery {
  readonly promise: Promise<Sent | Sent[]>;
  /** `null` for a call with a single record. */
  readonly #sent: Sent[] | null;
  #left: number;
  #settled = false;
  readonly #resolve: (value: never) => void;
  readonly #reject: (error: Error) => void;

  /** `count` −1 stands for a call with one record that is no array. */
  constructor(count: number) {
    this.promise = new Promise<Sent | Sent[]>(capture);
    this.#resolve = resolveLast;
    this.#reject = rejectLast;
    this.#left = Math.abs(count);
    this.#sent = count < 0 ? null : new Array(count);
    if (count === 0) this.#resolve([] as never);
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** Tells where record `slot` of the call landed. */
  deliver(slot: number, sent: Sent): void {
    if (this.#sent !== null) this.#sent[slot] = sent;
    if (--this.#left > 0 || this.#settled) return;
    this.#settled = true;
    this.#resolve((this.#sent ?? sent) as never);
  }

  /** Fails the call. `quietly`: whoever ignores the promise is not to hear of it. */
  fail(error: WeirError, quietly: boolean): void {
    if (this.#settled) return;
    this.#settled = true;
    if (quietly) this.promise.catch(ignore);
    this.#reject(error);
  }
}

/** Records of one partition on their way, in order. */
export class Batch {
  readonly queue: PartitionQueue;
  readonly builder: BatchBuilder;
  /** Place among the batches of its partition. */
  readonly order: number;
  readonly createdMs: number;
  readonly deadlineMs: number;
  /** Times it was sent, and how many of them nobody knows the outcome of: the batch may be in the log. */
  attempts = 0;
  unknownAttempts = 0;
  /** `null` before it leaves, and for good when its producer is not idempotent. */
  stamp: Stamp | null = null;
  /** Why the last attempt failed: what a batch that runs out of time tells. */
  lastFailure: WeirError | null = null;
  /** Called when the batch is done with, however it went. */
  onDone: (() => void)[] = [];
  #encoded: Uint8Array | null = null;
  #encodedStamp: Stamp | null = null;
  #owners: Delivery[] = [];
  #slots: number[] = [];
  #timestamps: number[] = [];

  constructor(queue: PartitionQueue, builder: BatchBuilder, createdMs: number, deadlineMs: number) {
    this.queue = queue;
    this.builder = builder;
    this.order = queue.batchCount++;
    this.createdMs = createdMs;
    this.deadlineMs = deadlineMs;
  }

  /** Notes whose record was just appended to the builder. */
  own(delivery: Delivery, slot: number, timestamp: number): void {
    this.#owners.push(delivery);
    this.#slots.push(slot);
    this.#timestamps.push(timestamp);
  }

  /** The batch as it goes on the wire; made once for each stamp, also for retries. Throws when the codec is not there. */
  encode(codec: CodecName): Uint8Array {
    if (this.#encoded === null || this.#encodedStamp !== this.stamp) {
      this.#encoded = this.builder.build({ codec, ...this.stamp });
      this.#encodedStamp = this.stamp;
    }
    return this.#encoded;
  }

  /** Takes its number back: it is certain not to be in the log, and gets another when it leaves again. */
  unstamp(): void {
    this.stamp = null;
    this.unknownAttempts = 0;
  }

  /** Answers every record: they have consecutive offsets from `baseOffset`, or −1 for none known. */
  succeed(baseOffset: number, logAppendTimeMs: number): void {
    const { partition, sequences } = this.queue;
    sequences.prove();
    for (let index = 0; index < this.#owners.length; index++) {
      this.#owners[index]!.deliver(this.#slots[index]!, {
        partition,
        offset: baseOffset < 0 ? -1 : baseOffset + index,
        timestamp: logAppendTimeMs >= 0 ? logAppendTimeMs : this.#timestamps[index]!,
      });
    }
    for (const done of this.onDone) done();
  }

  /** Fails every call that has a record here. */
  fail(error: WeirError, quietly: boolean): void {
    for (const owner of this.#owners) owner.fail(error, quietly);
    for (const done of this.onDone) done();
  }
}

/** What waits for one partition. */
export class PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  /** Being filled. */
  open: Batch | null = null;
  /** Full or to be sent again, in order. */
  closed: Batch[] = [];
  /** Sent and not answered. */
  inFlight = new Set<Batch>();
  /** Nothing leaves before: the pause after a failure. */
  notBeforeMs = 0;
  /** Batches there have been. */
  batchCount = 0;
  readonly sequences: Sequences;
  /** The accumulator has it in its list. */
  listed = false;

  constructor(topic: string, partition: number, sequences: Sequences = new Sequences()) {
    this.topic = topic;
    this.partition = partition;
    this.sequences = sequences;
  }

  /** True when a batch waits here, full or not. */
  get waits(): boolean {
    return this.open !== null || this.closed.length > 0;
  }

  /** Closes the open batch: no record joins it any more. */
  close(): void {
    if (this.open === null) return;
    this.closed.push(this.open);
    this.open = null;
  }

  /** Takes a batch back, to where its turn is. */
  restore(batch: Batch): void {
    const later = this.closed.findIndex((other) => other.order > batch.order);
    this.closed.splice(later < 0 ? this.closed.length : later, 0, batch);
    this.unstampLost();
  }

  /** True when no batch before this one is unsettled. */
  isOldest(batch: Batch): boolean {
    for (const other of this.inFlight) if (other.order < batch.order) return false;
    return !this.closed.some((other) => other.order < batch.order);
  }

  /**
   * While an era ends: takes the numbers back from the first waiting batch that is certain not to be in the
   * log, and from all behind it, for the broker takes none of them without the ones before.
   */
  unstampLost(): void {
    if (!this.sequences.ending) return;
    const from = this.closed.findIndex(({ stamp, unknownAttempts }) =>
      stamp === null || unknownAttempts === 0
    );
    for (let index = Math.max(0, from); from >= 0 && index < this.closed.length; index++) {
      this.closed[index]!.unstamp();
    }
  }
}
