/**
 * A batch with fewer records: what compaction leaves of it. Offsets, sequence,
 * producer, leader epoch and codec stay as they are; records keep their bytes but
 * for the timestamp delta, which counts from the new base. Source: KIP-534;
 * Kafka's `MemoryRecords.filterTo`.
 *
 *     all kept           the same bytes, unless a delete horizon is to be set
 *     some kept          record count, base and max timestamp, CRC anew; gaps between the offset deltas
 *     none kept          `null`; `empty` makes the header that may stand for it
 *
 *     base timestamp     of the first record kept; or the delete horizon (attribute bit 6)
 */
import { crc32c, varintSize, varlongSize, Writer } from "../bytes/mod.ts";
import { assert } from "../model/mod.ts";
import * as batch from "./batch.ts";
import { compress } from "./compression.ts";
import { RecordCursor } from "./read.ts";

/** What {@linkcode BatchRewriter.rewrite} made of a batch. */
export interface Rewritten {
  /** The batch, valid until the next call; `null` when no record is left. */
  readonly bytes: Uint8Array | null;
  /** Records before and after. */
  readonly recordsRead: number;
  readonly recordsKept: number;
}

/** How records are chosen. */
interface Choice {
  /** Asked for each record in order. */
  readonly isKept: (record: RecordCursor) => boolean;
  /** The horizon a batch without one gets when it keeps a tombstone; milliseconds since 1970. */
  readonly horizonMs: number;
  /** The horizon is set without a tombstone too: for the marker of a transaction that left nothing. */
  readonly isHorizonForced: boolean;
}

const TWO_32 = 4_294_967_296;
/** What is noted of a record that stays: where its attributes (0), its body and its end lie, and the rest. */
const FIELDS = 5;
const BODY = 1;
const END = 2;
const OFFSET = 3;
const TIMESTAMP = 4;

/** Rewrites batches, one at a time; its buffers are kept. */
export class BatchRewriter {
  readonly #cursor = new RecordCursor();
  readonly #writer = new Writer(16_384);
  /** FIELDS numbers for each record kept. */
  readonly #kept: number[] = [];
  #hasTombstone = false;
  #maxTimestamp = -1;

  /** Chooses among the records of `bytes`, one sound batch. Throws `DecodeError`, `CodecUnavailableError`. */
  rewrite(bytes: Uint8Array, choice: Choice): Rewritten {
    const recordsRead = this.#choose(bytes, choice);
    const recordsKept = this.#kept.length / FIELDS;
    if (recordsKept === 0) return { bytes: null, recordsRead, recordsKept };
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const hasHorizon = batch.hasDeleteHorizon(batch.attributes(view, 0));
    const isHorizonNew = !hasHorizon && (this.#hasTombstone || choice.isHorizonForced);
    if (recordsKept === recordsRead && !isHorizonNew) return { bytes, recordsRead, recordsKept };
    const horizonMs = hasHorizon ? batch.baseTimestamp(view, 0) : isHorizonNew ? choice.horizonMs : null;
    return { bytes: this.#build(bytes, view, horizonMs), recordsRead, recordsKept };
  }

  /** Notes the records that stay; returns how many there were. */
  #choose(bytes: Uint8Array, choice: Choice): number {
    const cursor = this.#cursor;
    this.#kept.length = 0;
    this.#hasTombstone = false;
    this.#maxTimestamp = -1;
    let count = 0;
    for (cursor.open(bytes); cursor.next(); count++) {
      if (!choice.isKept(cursor)) continue;
      const { attributesAt, bodyAt, recordEnd, offset, timestamp } = cursor;
      this.#kept.push(attributesAt, bodyAt, recordEnd, offset, timestamp);
      if (cursor.valueSize < 0) this.#hasTombstone = true;
      this.#maxTimestamp = Math.max(this.#maxTimestamp, timestamp);
    }
    return count;
  }

  #build(old: Uint8Array, oldView: DataView, horizonMs: number | null): Uint8Array {
    const attributes = batch.attributes(oldView, 0);
    const baseTimestamp = horizonMs ?? this.#kept[TIMESTAMP]!;
    this.#writeRecords(batch.baseOffset(oldView, 0), baseTimestamp);
    const codec = batch.CODEC_NAMES[batch.codecOf(attributes)];
    assert(codec !== undefined, "a batch whose records were read has a known codec");
    const records = compress(codec, this.#writer.bytes());
    const bytes = new Uint8Array(batch.BATCH_HEADER_BYTES + records.length);
    bytes.set(old.subarray(0, batch.BATCH_HEADER_BYTES));
    bytes.set(records, batch.BATCH_HEADER_BYTES);
    const view = new DataView(bytes.buffer);
    if (horizonMs !== null) view.setInt16(batch.ATTRIBUTES_AT, attributes | batch.DELETE_HORIZON_BIT);
    putInt64(view, batch.BASE_TIMESTAMP_AT, baseTimestamp);
    putInt64(view, batch.MAX_TIMESTAMP_AT, this.#maxTimestamp);
    return finish(bytes, view, this.#kept.length / FIELDS);
  }

  #writeRecords(baseOffset: number, baseTimestamp: number): void {
    const writer = this.#writer;
    const source = this.#cursor.bytes;
    const kept = this.#kept;
    writer.reset();
    for (let at = 0; at < kept.length; at += FIELDS) {
      const offsetDelta = kept[at + OFFSET]! - baseOffset;
      const timestampDelta = kept[at + TIMESTAMP]! - baseTimestamp;
      const body = source.subarray(kept[at + BODY]!, kept[at + END]!);
      writer.writeVarint(1 + varlongSize(timestampDelta) + varintSize(offsetDelta) + body.length);
      writer.writeInt8(source[kept[at]!]!);
      writer.writeVarlong(timestampDelta);
      writer.writeVarint(offsetDelta);
      writer.writeRaw(body);
    }
  }

  /** The header that stands for the batch when it holds no record any more: offsets live on in it, and who wrote it. */
  empty(old: Uint8Array): Uint8Array {
    const bytes = old.slice(0, batch.BATCH_HEADER_BYTES);
    const view = new DataView(bytes.buffer);
    const gone = batch.DELETE_HORIZON_BIT | batch.codecOf(-1);
    view.setInt16(batch.ATTRIBUTES_AT, batch.attributes(view, 0) & ~gone);
    putInt64(view, batch.BASE_TIMESTAMP_AT, -1);
    return finish(bytes, view, 0);
  }

  /** Like {@linkcode empty}, but it only says up to where offsets were given: nobody's, and of no transaction. */
  placeholder(old: Uint8Array): Uint8Array {
    const bytes = this.empty(old);
    const view = new DataView(bytes.buffer);
    const gone = batch.TRANSACTIONAL_BIT | batch.CONTROL_BIT;
    view.setInt16(batch.ATTRIBUTES_AT, batch.attributes(view, 0) & ~gone);
    putInt64(view, batch.PRODUCER_ID_AT, -1);
    view.setInt16(batch.PRODUCER_EPOCH_AT, -1);
    view.setInt32(batch.BASE_SEQUENCE_AT, -1);
    return finish(bytes, view, 0);
  }
}

function finish(bytes: Uint8Array, view: DataView, recordCount: number): Uint8Array {
  view.setInt32(batch.BATCH_LENGTH_AT, bytes.length - batch.LOG_OVERHEAD_BYTES);
  view.setInt32(batch.RECORD_COUNT_AT, recordCount);
  view.setUint32(batch.CRC_AT, crc32c(bytes, batch.ATTRIBUTES_AT));
  return bytes;
}

function putInt64(view: DataView, at: number, value: number): void {
  view.setInt32(at, Math.floor(value / TWO_32));
  view.setInt32(at + 4, value | 0);
}
