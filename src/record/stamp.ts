/**
 * What the leader writes into a batch before it goes to the log: in place, the
 * records untouched and never decompressed. Base offset and leader epoch lie
 * before the CRC and outside it; log-append time lies behind it, so only that
 * costs a new checksum. Called by the log for every append.
 */
import { crc32c } from "../bytes/mod.ts";
import {
  ATTRIBUTES_AT,
  BASE_OFFSET_AT,
  CRC_AT,
  LOG_APPEND_TIME_BIT,
  MAX_TIMESTAMP_AT,
  PARTITION_LEADER_EPOCH_AT,
} from "./batch.ts";

const TWO_32 = 4_294_967_296;

/** What is written into the batch. */
export interface Stamp {
  readonly baseOffset: number;
  readonly leaderEpoch: number;
  /** Milliseconds since 1970, for `message.timestamp.type` LogAppendTime; `null` keeps the producer's times. */
  readonly logAppendTimeMs: number | null;
}

/**
 * Stamps the one batch in `bytes`, which is sound.
 *
 * @example
 * ```ts
 * stampBatch(batch, { baseOffset: 1_042, leaderEpoch: 3, logAppendTimeMs: null });
 * ```
 */
export function stampBatch(bytes: Uint8Array, stamp: Stamp): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  putInt64(view, BASE_OFFSET_AT, stamp.baseOffset);
  view.setInt32(PARTITION_LEADER_EPOCH_AT, stamp.leaderEpoch);
  if (stamp.logAppendTimeMs === null) return;
  view.setInt16(ATTRIBUTES_AT, view.getInt16(ATTRIBUTES_AT) | LOG_APPEND_TIME_BIT);
  putInt64(view, MAX_TIMESTAMP_AT, stamp.logAppendTimeMs);
  view.setUint32(CRC_AT, crc32c(bytes, ATTRIBUTES_AT));
}

function putInt64(view: DataView, at: number, value: number): void {
  view.setInt32(at, Math.floor(value / TWO_32));
  view.setInt32(at + 4, value | 0);
}
