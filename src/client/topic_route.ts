/**
 * A producer's view of one topic: the queue of each partition, the sends that
 * wait in line, and where the next record without a key goes.
 */
import { putUtf8, utf8Size } from "../bytes/mod.ts";
import type { Content } from "../record/mod.ts";
import { PartitionQueue } from "./batch.ts";
import { checkPartition, murmur2, type PartitionerOption } from "./partitioner.ts";
import { random } from "./runtime.ts";

/** Keys are encoded here to be hashed; it grows to the longest one seen. */
let scratch = new Uint8Array(256);

/** See the file's head; `Waiting` is the producer's own. */
export class TopicRoute<Waiting> {
  readonly name: string;
  /** Sends in line, in order. */
  waiting: Waiting[] = [];
  /** Metadata was asked for on behalf of those in line. */
  learning = false;
  #partitioner: PartitionerOption;
  #queues: PartitionQueue[] = [];
  #turn = Math.floor(random() * 0x7fffffff);

  constructor(name: string, partitioner: PartitionerOption) {
    this.name = name;
    this.#partitioner = partitioner;
  }

  /** The queue of a partition. */
  queue(partition: number): PartitionQueue {
    return this.#queues[partition] ??= new PartitionQueue(this.name, partition);
  }

  /** Which of `partitions` a record goes to. Throws INVALID_ARGUMENT. */
  choose(key: Content, explicit: number | undefined, partitions: number): number {
    if (explicit !== undefined) return checkPartition(this.name, explicit, partitions);
    const partitioner = this.#partitioner;
    if (partitioner === "default") {
      return key === null ? this.#turn % partitions : partitionOfContent(key, partitions);
    }
    if (partitioner === "round-robin") return this.#turn++ % partitions;
    const bytes = key === null ? null : encodeKey(key);
    return checkPartition(this.name, partitioner({ topic: this.name, key: bytes, partitions }), partitions);
  }

  /** A batch of `partition` is full or has left: records without a key go on to the next partition. */
  batchLeft(partition: number, partitions: number): void {
    if (this.#partitioner === "default" && this.#turn % partitions === partition) this.#turn += 1;
  }
}

function partitionOfContent(key: string | Uint8Array, partitions: number): number {
  if (typeof key !== "string") return (murmur2(key, 0, key.length) & 0x7fffffff) % partitions;
  const size = encodeToScratch(key);
  return (murmur2(scratch, 0, size) & 0x7fffffff) % partitions;
}

function encodeKey(key: string | Uint8Array): Uint8Array {
  return typeof key === "string" ? scratch.subarray(0, encodeToScratch(key)) : key;
}

function encodeToScratch(key: string): number {
  const size = utf8Size(key);
  if (size > scratch.length) scratch = new Uint8Array(2 * size);
  putUtf8(scratch, 0, key, size);
  return size;
}
