/**
 * Builds batches: for the client's producer, the journal and tests. Records are
 * written straight into one buffer that is kept from batch to batch, behind room
 * for the header; nothing is allocated per record, strings are encoded in place.
 *
 *     record  length varint | attributes i8 = 0 | timestamp delta varlong | offset delta varint
 *             key length varint, bytes | value length varint, bytes | header count varint | header ...
 *     header  key length varint, UTF-8 | value length varint, bytes       (length −1: null)
 *
 * Offsets are 0, 1, 2 ... from the base offset; timestamps count from the first
 * record's. The length of a record is known before its first byte is written.
 */
import { crc32c, putUtf8, putVarint, putVarlong, utf8Size, varintSize, varlongSize } from "../bytes/mod.ts";
import { assert, RECORDS_PER_BATCH_MAX } from "../model/mod.ts";
import * as batch from "./batch.ts";
import { compress } from "./compression.ts";

/** What a key or a value may be: bytes, text that is written as UTF-8, or nothing. */
export type Content = Uint8Array | string | null;

/** A record's header: its key, and bytes or text or nothing. */
export type Header = readonly [key: string, value: Content];

/** What goes into a batch's header beside what the records say. All optional. */
export interface BatchOptions {
  /** "none". */
  readonly codec?: batch.CodecName;
  /** 0: the broker stamps it. */
  readonly baseOffset?: number;
  /** −1: the broker stamps it. */
  readonly leaderEpoch?: number;
  /** −1, none; with its epoch and the sequence of the first record. */
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly isTransactional?: boolean;
  readonly isControl?: boolean;
}

/** A record as {@linkcode encodeBatch} takes it. */
export interface RecordInput {
  /** Milliseconds since 1970; −1 for none. */
  readonly timestamp: number;
  readonly key?: Content;
  readonly value?: Content;
  readonly headers?: readonly Header[];
}

const NO_HEADERS: readonly Header[] = [];
const TWO_32 = 4_294_967_296;
/** Attributes byte and three lengths or counts of one byte: what every record has at least, beside its deltas. */
const LENGTH_BYTES_MAX = 5;

/**
 * Collects records into a batch, again and again.
 *
 * @example
 * ```ts
 * const builder = new BatchBuilder();
 * builder.append(Date.now(), "user_456", '{"order":123}');
 * const bytes = builder.build({ codec: "none" }).slice();
 * builder.reset();
 * ```
 */
export class BatchBuilder {
  #buffer: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #end = batch.BATCH_HEADER_BYTES;
  #count = 0;
  #baseTimestamp = 0;
  #maxTimestamp = 0;

  constructor(bytesInitial = 4_096) {
    this.#buffer = new Uint8Array(Math.max(bytesInitial, batch.BATCH_HEADER_BYTES));
    this.#view = new DataView(this.#buffer.buffer);
  }

  /** Records appended since the last reset. */
  get recordCount(): number {
    return this.#count;
  }

  /** Bytes the batch has so far, header included, before compression. */
  get bytes(): number {
    return this.#end;
  }

  /** Timestamp of the first record, milliseconds since 1970; 0 before there is one. */
  get baseTimestamp(): number {
    return this.#baseTimestamp;
  }

  /** Forgets the records and keeps the buffer. */
  reset(): void {
    this.#end = batch.BATCH_HEADER_BYTES;
    this.#count = 0;
    this.#baseTimestamp = 0;
    this.#maxTimestamp = 0;
  }

  /** Adds a record; `timestamp` in milliseconds since 1970, a safe integer. */
  append(timestamp: number, key: Content, value: Content, headers: readonly Header[] = NO_HEADERS): void {
    assert(this.#count < RECORDS_PER_BATCH_MAX, "a batch holds no more records than a reader takes");
    if (this.#count === 0) this.#baseTimestamp = this.#maxTimestamp = timestamp;
    else if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp;
    const timestampDelta = timestamp - this.#baseTimestamp;
    const keySize = contentSize(key);
    const valueSize = contentSize(value);
    const length = 1 + varlongSize(timestampDelta) + varintSize(this.#count) +
      fieldSize(keySize) + fieldSize(valueSize) + headersSize(headers);
    this.#reserve(LENGTH_BYTES_MAX + length);
    const bytes = this.#buffer;
    let at = putVarint(bytes, this.#end, length);
    bytes[at++] = 0;
    at = putVarlong(bytes, at, timestampDelta);
    at = putVarint(bytes, at, this.#count);
    at = putContent(bytes, at, key, keySize);
    at = putContent(bytes, at, value, valueSize);
    this.#end = putHeaders(bytes, at, headers);
    this.#count++;
  }

  /**
   * The batch of what was appended, at least one record. Without a codec a view
   * of the builder's buffer, valid until the next `append` or `reset` (take a
   * `slice()` to keep it); with one, bytes of its own. May be called again, with
   * other options, to send the same records anew.
   */
  build(options: BatchOptions = {}): Uint8Array<ArrayBuffer> {
    assert(this.#count > 0, "a batch holds at least one record");
    const codec = options.codec ?? "none";
    if (codec === "none") {
      this.#putHeader(this.#view, this.#end, options);
      const bytes = this.#buffer.subarray(0, this.#end);
      this.#view.setUint32(batch.CRC_AT, crc32c(bytes, batch.ATTRIBUTES_AT));
      return bytes;
    }
    const blob = compress(codec, this.#buffer.subarray(batch.BATCH_HEADER_BYTES, this.#end));
    const bytes = new Uint8Array(batch.BATCH_HEADER_BYTES + blob.length);
    bytes.set(blob, batch.BATCH_HEADER_BYTES);
    const view = new DataView(bytes.buffer);
    this.#putHeader(view, bytes.length, options);
    view.setUint32(batch.CRC_AT, crc32c(bytes, batch.ATTRIBUTES_AT));
    return bytes;
  }

  #putHeader(view: DataView, size: number, options: BatchOptions): void {
    let attributes = batch.CODEC_NAMES.indexOf(options.codec ?? "none");
    if (options.isTransactional) attributes |= batch.TRANSACTIONAL_BIT;
    if (options.isControl) attributes |= batch.CONTROL_BIT;
    putInt64(view, batch.BASE_OFFSET_AT, options.baseOffset ?? 0);
    view.setInt32(batch.BATCH_LENGTH_AT, size - batch.LOG_OVERHEAD_BYTES);
    view.setInt32(batch.PARTITION_LEADER_EPOCH_AT, options.leaderEpoch ?? -1);
    view.setInt8(batch.MAGIC_AT, batch.MAGIC);
    view.setInt16(batch.ATTRIBUTES_AT, attributes);
    view.setInt32(batch.LAST_OFFSET_DELTA_AT, this.#count - 1);
    putInt64(view, batch.BASE_TIMESTAMP_AT, this.#baseTimestamp);
    putInt64(view, batch.MAX_TIMESTAMP_AT, this.#maxTimestamp);
    putInt64(view, batch.PRODUCER_ID_AT, options.producerId ?? -1);
    view.setInt16(batch.PRODUCER_EPOCH_AT, options.producerEpoch ?? -1);
    view.setInt32(batch.BASE_SEQUENCE_AT, options.baseSequence ?? -1);
    view.setInt32(batch.RECORD_COUNT_AT, this.#count);
  }

  #reserve(length: number): void {
    const wanted = this.#end + length;
    if (wanted <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(wanted, this.#buffer.length * 2));
    grown.set(this.#buffer.subarray(0, this.#end));
    this.#buffer = grown;
    this.#view = new DataView(grown.buffer);
  }
}

/**
 * Builds one batch of `records`, bytes of its own.
 *
 * @example
 * ```ts
 * const bytes = encodeBatch([{ timestamp: 1_700_000_000_000, key: "k", value: "v" }]);
 * ```
 */
export function encodeBatch(
  records: readonly RecordInput[],
  options: BatchOptions = {},
): Uint8Array<ArrayBuffer> {
  const builder = new BatchBuilder();
  for (const record of records) {
    builder.append(record.timestamp, record.key ?? null, record.value ?? null, record.headers);
  }
  return builder.build(options).slice();
}

/**
 * Bytes a record adds to a batch at most, before compression: to decide whether
 * it still fits before it is appended.
 */
export function recordBytesMax(
  key: Content,
  value: Content,
  headers: readonly Header[] = NO_HEADERS,
): number {
  // Length 5, attributes 1, timestamp delta 8 at most, offset delta 5.
  return 19 + fieldSize(contentSize(key)) + fieldSize(contentSize(value)) + headersSize(headers);
}

/** Bytes of a key or value; −1 for `null`, as its length field says. */
function contentSize(content: Content): number {
  if (content === null) return -1;
  return typeof content === "string" ? utf8Size(content) : content.length;
}

/** Bytes of a length field and what follows it. */
function fieldSize(size: number): number {
  return varintSize(size) + (size > 0 ? size : 0);
}

function headersSize(headers: readonly Header[]): number {
  let size = varintSize(headers.length);
  for (let index = 0; index < headers.length; index++) {
    const header = headers[index]!;
    size += fieldSize(utf8Size(header[0])) + fieldSize(contentSize(header[1]));
  }
  return size;
}

function putHeaders(bytes: Uint8Array, at: number, headers: readonly Header[]): number {
  at = putVarint(bytes, at, headers.length);
  for (let index = 0; index < headers.length; index++) {
    const header = headers[index]!;
    at = putContent(bytes, at, header[0], utf8Size(header[0]));
    at = putContent(bytes, at, header[1], contentSize(header[1]));
  }
  return at;
}

function putContent(bytes: Uint8Array, at: number, content: Content, size: number): number {
  at = putVarint(bytes, at, size);
  if (content === null) return at;
  if (typeof content === "string") return putUtf8(bytes, at, content, size);
  bytes.set(content, at);
  return at + size;
}

function putInt64(view: DataView, at: number, value: number): void {
  view.setInt32(at, Math.floor(value / TWO_32));
  view.setInt32(at + 4, value | 0);
}
