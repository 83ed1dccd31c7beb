/**
 * The header of a RecordBatch v2: where each field sits, and how it is read
 * without allocating. Everything big-endian; offsets and times become numbers.
 *
 *      0  base offset i64        17  crc u32 (of 21..end)     43  producer id i64
 *      8  batch length i32       21  attributes i16           51  producer epoch i16
 *     12  leader epoch i32       23  last offset delta i32    53  base sequence i32
 *     16  magic i8 = 2           27  base timestamp i64       57  record count i32
 *                                35  max timestamp i64        61  records ...
 *
 *     attributes  0-2 codec | 3 log-append time | 4 transactional | 5 control | 6 delete horizon
 *
 * Each accessor takes the view and the position `at` of the batch in it, and
 * checks nothing: `batchIsSound` or `validateBatch` came before. Source: KIP-98.
 */

/** Bytes before the part that "batch length" counts: base offset and batch length. */
export const LOG_OVERHEAD_BYTES = 12;
/** Bytes of the whole header; the records follow. */
export const BATCH_HEADER_BYTES = 61;
/** The only format Weir speaks. */
export const MAGIC = 2;

/** Where the fields sit in the header. */
export const BASE_OFFSET_AT = 0;
export const BATCH_LENGTH_AT = 8;
export const PARTITION_LEADER_EPOCH_AT = 12;
export const MAGIC_AT = 16;
export const CRC_AT = 17;
export const ATTRIBUTES_AT = 21;
export const LAST_OFFSET_DELTA_AT = 23;
export const BASE_TIMESTAMP_AT = 27;
export const MAX_TIMESTAMP_AT = 35;
export const PRODUCER_ID_AT = 43;
export const PRODUCER_EPOCH_AT = 51;
export const BASE_SEQUENCE_AT = 53;
export const RECORD_COUNT_AT = 57;

const CODEC_MASK = 0x07;
/** Attribute bits, as they are or-ed into the attributes. */
export const LOG_APPEND_TIME_BIT = 0x08;
export const TRANSACTIONAL_BIT = 0x10;
export const CONTROL_BIT = 0x20;
export const DELETE_HORIZON_BIT = 0x40;

const TWO_32 = 4_294_967_296;

/** A compression codec's name, as settings and the command line spell it. */
export type CodecName = "none" | "gzip" | "snappy" | "lz4" | "zstd";

/** Codec names by their number in the attributes. */
export const CODEC_NAMES: readonly CodecName[] = ["none", "gzip", "snappy", "lz4", "zstd"];

function int64(view: DataView, at: number): number {
  return view.getInt32(at) * TWO_32 + view.getUint32(at + 4);
}

/** Offset of the first record, or of the first one there once was. */
export function baseOffset(view: DataView, at: number): number {
  return int64(view, at + BASE_OFFSET_AT);
}

/** Bytes of the whole batch, header included: its length field + 12. */
export function batchBytes(view: DataView, at: number): number {
  return view.getInt32(at + BATCH_LENGTH_AT) + LOG_OVERHEAD_BYTES;
}

/** Epoch of the leader that wrote the batch; −1 as a producer sends it. */
export function partitionLeaderEpoch(view: DataView, at: number): number {
  return view.getInt32(at + PARTITION_LEADER_EPOCH_AT);
}

/** Format version: 2. */
export function magic(view: DataView, at: number): number {
  return view.getInt8(at + MAGIC_AT);
}

/** CRC-32C of everything after this field, unsigned. */
export function crc(view: DataView, at: number): number {
  return view.getUint32(at + CRC_AT);
}

/** Codec and flags. */
export function attributes(view: DataView, at: number): number {
  return view.getInt16(at + ATTRIBUTES_AT);
}

/** Last offset less base offset; kept when compaction removes records. */
export function lastOffsetDelta(view: DataView, at: number): number {
  return view.getInt32(at + LAST_OFFSET_DELTA_AT);
}

/** What the records' timestamp deltas add to, in milliseconds since 1970; −1 in an emptied batch. */
export function baseTimestamp(view: DataView, at: number): number {
  return int64(view, at + BASE_TIMESTAMP_AT);
}

/** Largest timestamp of the records, or the append time, in milliseconds since 1970. */
export function maxTimestamp(view: DataView, at: number): number {
  return int64(view, at + MAX_TIMESTAMP_AT);
}

/** Id of an idempotent producer; −1 none. */
export function producerId(view: DataView, at: number): number {
  return int64(view, at + PRODUCER_ID_AT);
}

/** Epoch of the producer id; −1 none. */
export function producerEpoch(view: DataView, at: number): number {
  return view.getInt16(at + PRODUCER_EPOCH_AT);
}

/** Sequence number of the first record; −1 none. */
export function baseSequence(view: DataView, at: number): number {
  return view.getInt32(at + BASE_SEQUENCE_AT);
}

/** Records in the batch; 0 only where compaction emptied it. */
export function recordCount(view: DataView, at: number): number {
  return view.getInt32(at + RECORD_COUNT_AT);
}

/** Offset of the last record; the next batch begins after it. */
export function lastOffset(view: DataView, at: number): number {
  return baseOffset(view, at) + lastOffsetDelta(view, at);
}

/** Number of the codec in a batch's attributes: 0 to 4 are known, see {@linkcode CODEC_NAMES}. */
export function codecOf(attributes: number): number {
  return attributes & CODEC_MASK;
}

/** True when the broker, not the producer, gave the records their time. */
export function usesLogAppendTime(attributes: number): boolean {
  return (attributes & LOG_APPEND_TIME_BIT) !== 0;
}

/** True for a batch that is part of a transaction. */
export function isTransactional(attributes: number): boolean {
  return (attributes & TRANSACTIONAL_BIT) !== 0;
}

/** True for a batch that holds a marker, not data. */
export function isControl(attributes: number): boolean {
  return (attributes & CONTROL_BIT) !== 0;
}

/** True when base timestamp holds the time after which the cleaner may drop the batch's tombstones. */
export function hasDeleteHorizon(attributes: number): boolean {
  return (attributes & DELETE_HORIZON_BIT) !== 0;
}
