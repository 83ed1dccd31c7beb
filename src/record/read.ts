/**
 * Reads the records of a batch, and steps through batches that lie one after
 * another, as a fetch brings them and as a segment holds them. Liberal where
 * Kafka's clients are: offsets may have gaps, a batch may be empty, the last one
 * of a fetch may be cut. Lengths and counts must agree, or DecodeError is thrown
 * before anything is allocated for them. CRCs are `batchIsSound`'s, not checked
 * again here. With log-append time every record has the batch's max timestamp;
 * with a delete horizon the deltas count from it, as the cleaner wrote them.
 */
import { DecodeError, Reader, utf8Text } from "../bytes/mod.ts";
import { DECOMPRESSED_BYTES_MAX, HEADERS_PER_RECORD_MAX, RECORDS_PER_BATCH_MAX } from "../model/mod.ts";
import * as batch from "./batch.ts";
import { decompress } from "./compression.ts";

/** A record's header as it is read. */
export type ReadHeader = readonly [key: string, value: Uint8Array | null];

/** A record as it is read; bytes are views of the batch, or of what it unfolded to. */
export interface BatchRecord {
  readonly offset: number;
  /** Milliseconds since 1970; −1 when the producer gave none. */
  readonly timestamp: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly ReadHeader[];
}

/** A record has at least: length, attributes, two deltas, two lengths, header count. */
const RECORD_BYTES_MIN = 7;
const HEADER_BYTES_MIN = 2;
const NO_HEADERS: readonly ReadHeader[] = [];
const NOTHING = new Uint8Array(0);

/**
 * Walks over the records of one batch after another without allocating for a
 * record what is not asked for: `key` and `value` make a view when they are read.
 *
 * @example
 * ```ts
 * const cursor = new RecordCursor();
 * cursor.open(batch);
 * while (cursor.next()) console.log(cursor.offset, cursor.value);
 * ```
 */
export class RecordCursor {
  /** Offset of the record the cursor is at. */
  offset = 0;
  /** Its time, milliseconds since 1970. */
  timestamp = 0;
  /** Where its key and value lie in {@linkcode RecordCursor.bytes}; size −1 stands for `null`. */
  keyAt = 0;
  keySize = -1;
  valueAt = 0;
  valueSize = -1;
  /** Where its attributes lie, what comes after both deltas, and what comes after the record. */
  attributesAt = 0;
  bodyAt = 0;
  recordEnd = 0;
  #reader = new Reader(NOTHING);
  #left = 0;
  #baseOffset = 0;
  #baseTimestamp = 0;
  #appendTime = 0;
  #usesAppendTime = false;
  #headerCount = 0;
  #headersAt = 0;

  /** The records' bytes: those of the batch, or what they unfolded to. */
  get bytes(): Uint8Array {
    return this.#reader.bytes;
  }

  /** Key of the record the cursor is at, a view. */
  get key(): Uint8Array | null {
    return this.keySize < 0 ? null : this.bytes.subarray(this.keyAt, this.keyAt + this.keySize);
  }

  /** Value of the record the cursor is at, a view. */
  get value(): Uint8Array | null {
    return this.valueSize < 0 ? null : this.bytes.subarray(this.valueAt, this.valueAt + this.valueSize);
  }

  /** True when the record's time is the broker's, of when the batch was appended. */
  get usesAppendTime(): boolean {
    return this.#usesAppendTime;
  }

  /** Headers of the record the cursor is at. */
  get headers(): readonly ReadHeader[] {
    if (this.#headerCount === 0) return NO_HEADERS;
    const reader = new Reader(this.bytes, this.#headersAt, this.recordEnd);
    const headers: ReadHeader[] = [];
    for (let index = 0; index < this.#headerCount; index++) headers.push(readHeader(reader));
    return headers;
  }

  /**
   * Goes before the first record of `bytes`, exactly one sound batch, unfolding
   * it to `bytesMax` bytes at most. Throws `DecodeError`.
   */
  open(bytes: Uint8Array, bytesMax: number = DECOMPRESSED_BYTES_MAX): void {
    this.#left = 0;
    const view = viewOfOneBatch(bytes);
    const attributes = batch.attributes(view, 0);
    const count = batch.recordCount(view, 0);
    this.#baseOffset = batch.baseOffset(view, 0);
    this.#baseTimestamp = batch.baseTimestamp(view, 0);
    this.#appendTime = batch.maxTimestamp(view, 0);
    this.#usesAppendTime = batch.usesLogAppendTime(attributes);
    this.#openRecords(bytes, codecName(attributes), bytesMax);
    const countMax = Math.min(RECORDS_PER_BATCH_MAX, this.#reader.remaining / RECORD_BYTES_MIN);
    if (count < 0 || count > countMax) {
      throw new DecodeError(
        `Batch of "${count}" records must have 0 to ${Math.floor(countMax)} in its bytes`,
      );
    }
    this.#left = count;
  }

  #openRecords(bytes: Uint8Array, codec: batch.CodecName, bytesMax: number): void {
    if (codec === "none") return this.#reader.reset(bytes, batch.BATCH_HEADER_BYTES);
    const blob = bytes.subarray(batch.BATCH_HEADER_BYTES);
    this.#reader.reset(blob.length === 0 ? NOTHING : decompress(codec, blob, bytesMax));
  }

  /** Goes to the next record; false after the last one. Throws `DecodeError`. */
  next(): boolean {
    const reader = this.#reader;
    if (this.#left === 0) {
      if (reader.remaining === 0) return false;
      throw new DecodeError(`Batch has "${reader.remaining}" bytes after its last record, none are wanted`);
    }
    const length = reader.readVarint();
    const end = reader.position + length;
    if (length < 0 || end > reader.end) {
      throw new DecodeError(`Record of "${length}" bytes must be within the ${reader.remaining} bytes left`);
    }
    this.attributesAt = reader.skip(1);
    const timestampDelta = reader.readVarlong();
    this.timestamp = this.#usesAppendTime ? this.#appendTime : this.#baseTimestamp + timestampDelta;
    this.offset = this.#baseOffset + reader.readVarint();
    this.bodyAt = reader.position;
    this.keySize = reader.readVarint();
    this.keyAt = reader.skip(Math.max(0, this.keySize));
    this.valueSize = reader.readVarint();
    this.valueAt = reader.skip(Math.max(0, this.valueSize));
    this.#enterHeaders(reader, end);
    this.#left--;
    return true;
  }

  /** Notes where the headers are, checks them, and that the record ends where its length says. */
  #enterHeaders(reader: Reader, end: number): void {
    const count = reader.readVarint();
    if (count < 0 || count > HEADERS_PER_RECORD_MAX || count * HEADER_BYTES_MIN > reader.remaining) {
      throw new DecodeError(
        `Header count "${count}" must be 0 to ${HEADERS_PER_RECORD_MAX}, within the bytes left`,
      );
    }
    this.#headerCount = count;
    this.#headersAt = reader.position;
    this.recordEnd = end;
    for (let index = 0; index < count; index++) {
      reader.skip(reader.readVarint());
      reader.skip(Math.max(0, reader.readVarint()));
    }
    if (reader.position !== end) {
      throw new DecodeError(`Record ends at byte "${reader.position}", but its length says ${end}`);
    }
  }
}

/**
 * Every record of `bytes`, exactly one sound batch. Throws `DecodeError`, and
 * `CodecUnavailableError` for a codec that is not there.
 */
export function readRecords(bytes: Uint8Array, bytesMax: number = DECOMPRESSED_BYTES_MAX): BatchRecord[] {
  const records: BatchRecord[] = [];
  const cursor = new RecordCursor();
  cursor.open(bytes, bytesMax);
  while (cursor.next()) {
    const { offset, timestamp, key, value, headers } = cursor;
    records.push({ offset, timestamp, key, value, headers });
  }
  return records;
}

/**
 * Bytes of the whole batch at `at`, or 0 when it is cut. Throws `DecodeError`
 * when what lies there is no batch.
 */
export function wholeBatchBytes(view: DataView, at: number): number {
  const available = view.byteLength - at;
  if (available < batch.LOG_OVERHEAD_BYTES) return 0;
  const size = batch.batchBytes(view, at);
  if (size < batch.BATCH_HEADER_BYTES) {
    throw new DecodeError(
      `Batch of "${size}" bytes must be at least the ${batch.BATCH_HEADER_BYTES} of a header`,
    );
  }
  return size > available ? 0 : size;
}

/**
 * Visits the batches that lie one after another in `bytes`, the start of a cut
 * one at the end left out; returns the bytes visited. Throws `DecodeError` where
 * something else lies.
 *
 * @example
 * ```ts
 * forEachBatch(entry.records, (batch) => records.push(...readRecords(batch)));
 * ```
 */
export function forEachBatch(bytes: Uint8Array, visit: (batch: Uint8Array, at: number) => void): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  for (;;) {
    const size = wholeBatchBytes(view, at);
    if (size === 0) return at;
    visit(bytes.subarray(at, at + size), at);
    at += size;
  }
}

function readHeader(reader: Reader): ReadHeader {
  const keySize = reader.readVarint();
  const keyAt = reader.skip(keySize);
  const valueSize = reader.readVarint();
  return [
    utf8Text(reader.bytes, keyAt, keyAt + keySize),
    valueSize < 0 ? null : reader.readView(valueSize),
  ];
}

function viewOfOneBatch(bytes: Uint8Array): DataView {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = wholeBatchBytes(view, 0);
  if (size === 0 || size !== bytes.length) {
    throw new DecodeError(
      `Exactly one batch is wanted, not "${bytes.length}" bytes of which ${size} are one`,
    );
  }
  const magic = batch.magic(view, 0);
  if (magic !== batch.MAGIC) {
    throw new DecodeError(`Batch of format "${magic}" must have format ${batch.MAGIC}`);
  }
  return view;
}

function codecName(attributes: number): batch.CodecName {
  const name = batch.CODEC_NAMES[batch.codecOf(attributes)];
  if (name !== undefined) return name;
  throw new DecodeError(`Codec "${batch.codecOf(attributes)}" must be 0 to ${batch.CODEC_NAMES.length - 1}`);
}
