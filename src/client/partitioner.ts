/**
 * Which partition a record goes to. Keyed records agree with Kafka's Java
 * client: murmur2 of the key's bytes, its sign bit dropped, modulo the number of
 * partitions, so that records of one key meet wherever they were sent from.
 * Keyless ones stay on one partition until its batch leaves ("sticky", KIP-480),
 * or take turns ("round-robin"). Source: `Utils.murmur2` and `DefaultPartitioner`.
 */
import { WeirError } from "./error.ts";

/** What a partitioner of your own gets to decide on. */
export interface PartitionChoice {
  readonly topic: string;
  /** The key as it goes into the record; `null` without one. Valid during the call only. */
  readonly key: Uint8Array | null;
  /** How many partitions the topic has. */
  readonly partitions: number;
}

/** Returns a partition, from 0 up to and without `partitions`. */
export type Partitioner = (choice: PartitionChoice) => number;

/** `default`: by key, sticky without one. `round-robin`: in turn, whatever the key. */
export type PartitionerOption = "default" | "round-robin" | Partitioner;

const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;

/**
 * MurmurHash2 of `bytes[from, to)`, 32 bits, as Kafka's Java client computes it; a signed integer.
 *
 * @example
 * ```ts
 * murmur2(new TextEncoder().encode("foobar")); // -790332482
 * ```
 */
export function murmur2(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
  let hash = SEED ^ (to - from);
  let at = from;
  for (; at + 4 <= to; at += 4) {
    let word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    word = Math.imul(word, MULTIPLIER);
    word ^= word >>> 24;
    hash = Math.imul(hash, MULTIPLIER) ^ Math.imul(word, MULTIPLIER);
  }
  const rest = to - at;
  if (rest === 3) hash ^= bytes[at + 2]! << 16;
  if (rest >= 2) hash ^= bytes[at + 1]! << 8;
  if (rest >= 1) hash = Math.imul(hash ^ bytes[at]!, MULTIPLIER);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, MULTIPLIER);
  return hash ^ (hash >>> 15);
}

/** `partition` when the topic has it; throws INVALID_ARGUMENT otherwise. */
export function checkPartition(topic: string, partition: number, partitions: number): number {
  if (Number.isInteger(partition) && partition >= 0 && partition < partitions) return partition;
  throw new WeirError(
    "INVALID_ARGUMENT",
    `Partition "${partition}" of topic "${topic}" must be an integer from 0 to ${partitions - 1}`,
  );
}
