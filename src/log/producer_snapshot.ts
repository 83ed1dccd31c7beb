/**
 * The file `.snapshot`: the producers of a partition as they were before the
 * offset in its name. Kafka's format, version 1; only each producer's last batch
 * is in it. Written without care for half a file: the CRC tells.
 *
 *     version i16 = 1 | crc u32 (CRC-32C of what follows) | count i32 | entries of 46 bytes
 *
 *     entry   producer id i64 | epoch i16 | last sequence i32 | last offset i64 | offset delta i32
 *             | timestamp i64 | coordinator epoch i32 | transaction's first offset i64 (−1 none)
 */
import { crc32c } from "../bytes/mod.ts";
import { assert } from "../model/mod.ts";
import { firstSequenceOf, Producer } from "./producer.ts";
import type { ProducerStates } from "./producer_states.ts";

const VERSION = 1;
const CRC_AT = 2;
const COUNT_AT = 6;
const HEADER_BYTES = 10;
const ENTRY_BYTES = 46;
const TWO_32 = 4_294_967_296;
const INT32_MAX = 2_147_483_647;
/** Far above any honest file: a larger one is not read into memory. */
export const SNAPSHOT_BYTES_MAX = 67_108_864;

/** A producer as a snapshot has it. Offsets are absolute, times milliseconds since 1970. */
export interface SnapshotEntry {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly lastSequence: number;
  readonly lastOffset: number;
  readonly offsetDelta: number;
  readonly timestamp: number;
  readonly coordinatorEpoch: number;
  readonly currentTransactionStartOffset: number;
}

/** The file's bytes. */
export function encodeSnapshot(states: ProducerStates): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + ENTRY_BYTES * states.count);
  const view = new DataView(bytes.buffer);
  let at = HEADER_BYTES;
  for (const producer of states.all()) {
    putInt64(view, at, producer.id);
    view.setInt16(at + 8, producer.epoch);
    view.setInt32(at + 10, producer.lastSequence);
    putInt64(view, at + 14, producer.lastOffset);
    view.setInt32(at + 22, producer.lastOffsetDelta);
    putInt64(view, at + 26, producer.lastTimestamp);
    view.setInt32(at + 34, producer.coordinatorEpoch);
    putInt64(view, at + 38, producer.transactionStartOffset);
    at += ENTRY_BYTES;
  }
  assert(at === bytes.length, "every producer has its entry");
  view.setInt16(0, VERSION);
  view.setInt32(COUNT_AT, states.count);
  view.setUint32(CRC_AT, crc32c(bytes, COUNT_AT));
  return bytes;
}

/** The file's entries; in words what is wrong with it. `offset` is the one in its name. */
export function decodeSnapshot(bytes: Uint8Array, offset: number): SnapshotEntry[] | string {
  if (bytes.length < HEADER_BYTES) return `its ${bytes.length} bytes are fewer than a header has`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getInt16(0);
  if (version !== VERSION) return `its format is ${version}, not ${VERSION}`;
  if (view.getUint32(CRC_AT) !== crc32c(bytes, COUNT_AT)) return "its CRC does not fit its bytes";
  const count = view.getInt32(COUNT_AT);
  if (bytes.length !== HEADER_BYTES + ENTRY_BYTES * count) {
    return `its ${bytes.length} bytes are not those of ${count} entries`;
  }
  const entries: SnapshotEntry[] = [];
  for (let at = HEADER_BYTES; at < bytes.length; at += ENTRY_BYTES) {
    const entry = readEntry(view, at);
    if (entry.lastOffset >= offset) return `its entry of offset ${entry.lastOffset} is not below its own`;
    entries.push(entry);
  }
  return entries;
}

/** The producer of an entry; `null` for one no batch of which could be taken. */
export function producerOf(entry: SnapshotEntry): Producer | null {
  const { producerId, lastSequence, lastOffset, offsetDelta, timestamp } = entry;
  if (!Number.isSafeInteger(producerId) || producerId < 0) return null;
  const producer = new Producer(producerId, entry.producerEpoch);
  const isBatch = lastOffset >= 0 && lastSequence >= 0 && offsetDelta >= 0 && offsetDelta <= INT32_MAX;
  if (isBatch) producer.add(firstSequenceOf(lastSequence, offsetDelta), lastSequence, lastOffset, timestamp);
  producer.lastTimestamp = timestamp;
  producer.coordinatorEpoch = entry.coordinatorEpoch;
  producer.transactionStartOffset = entry.currentTransactionStartOffset;
  return producer;
}

function readEntry(view: DataView, at: number): SnapshotEntry {
  return {
    producerId: int64(view, at),
    producerEpoch: view.getInt16(at + 8),
    lastSequence: view.getInt32(at + 10),
    lastOffset: int64(view, at + 14),
    offsetDelta: view.getInt32(at + 22),
    timestamp: int64(view, at + 26),
    coordinatorEpoch: view.getInt32(at + 34),
    currentTransactionStartOffset: int64(view, at + 38),
  };
}

function int64(view: DataView, at: number): number {
  return view.getInt32(at) * TWO_32 + view.getUint32(at + 4);
}

function putInt64(view: DataView, at: number, value: number): void {
  view.setInt32(at, Math.floor(value / TWO_32));
  view.setInt32(at + 4, value | 0);
}
