/**
 * One assigned partition of a consumer: where the next fetch begins, what was
 * fetched and not yet handed out, and how far the application has come.
 *
 *     position            fetchOffset               highWatermark
 *        | handed out next    | asked for next          | end, as last heard
 *     ---+--------------------+-------------------------+--->
 *        '---- buffered -----'
 *
 * A seek throws the buffer away and grows `generation`, so that the answer to an
 * older fetch is recognised and dropped.
 */
import {
  attributes,
  batchIsSound,
  type CodecUnavailableError,
  isControl,
  lastOffset,
  partitionLeaderEpoch,
  RecordCursor,
  wholeBatchBytes,
} from "../record/mod.ts";
import { asWeirError, WeirError } from "./error.ts";
import type { Place, TopicPartition } from "./offsets.ts";
import { ConsumerRecord, type RecordSource } from "./record.ts";
import type { TopicCodecs } from "./topic.ts";

interface Chunk {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Where the next batch begins. */
  at: number;
}

/** See the file's head. */
export class PartitionReader implements RecordSource {
  readonly topic: string;
  readonly partition: number;
  readonly codecs: TopicCodecs;
  /** Where to begin, while the broker was not asked yet; `null` once the position is known. */
  place: Place | null;
  /** Offset of the record handed out next; −1 while it is not known. */
  position = -1;
  fetchOffset = -1;
  highWatermark = -1;
  logStartOffset = -1;
  /** With `until: "end"`: nothing from here on is handed out. */
  endOffset = Infinity;
  generation = 0;
  paused = false;
  /** Nothing is fetched or handed out: it is being given away, or was just given. Not the application's doing. */
  held = false;
  /** What the group has committed here, as far as this consumer knows; −1 for nothing. */
  committed = -1;
  /** Of the batch handed out from last; −1 before. */
  leaderEpoch = -1;
  /** Waits in the consumer's list of readers with records. */
  listed = false;
  /** Failures in a row, and since when; both 0 after a success. */
  failures = 0;
  failingSinceMs = 0;
  /** What iteration throws; a seek clears it. */
  error: WeirError | null = null;
  bufferedBytes = 0;
  /** Timestamp of the record handed out last; −1 before. */
  lastTimestampMs = -1;
  #chunks: Chunk[] = [];
  #cursor = new RecordCursor();
  #batchOpen = false;
  #batchNextOffset = 0;

  constructor(topic: string, partition: number, codecs: TopicCodecs, place: Place) {
    this.topic = topic;
    this.partition = partition;
    this.codecs = codecs;
    this.place = place;
  }

  /** True when records may wait here. */
  get hasBuffered(): boolean {
    return this.#batchOpen || this.#chunks.length > 0;
  }

  /** True when there is nothing more to hand out, ever. */
  get finished(): boolean {
    return this.place === null && this.position >= this.endOffset;
  }

  /** Goes elsewhere; what is buffered is forgotten. */
  seek(place: Place): void {
    this.place = place;
    this.position = this.fetchOffset = "offset" in place ? place.offset : -1;
    if ("offset" in place) this.place = null;
    this.generation += 1;
    this.error = null;
    this.failures = 0;
    this.bufferedBytes = 0;
    this.#chunks = [];
    this.#batchOpen = false;
  }

  /** Hands out nothing any more; what is buffered or under way is forgotten, the position stays. */
  retire(): void {
    this.held = true;
    this.generation += 1;
    this.bufferedBytes = 0;
    this.#chunks = [];
    this.#batchOpen = false;
  }

  /** Takes the position the broker found for `place`. */
  begin(offset: number): void {
    this.place = null;
    this.position = this.fetchOffset = offset;
  }

  /** Takes what a fetch brought: whole batches. Throws CORRUPT_MESSAGE where something else came. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    let next = this.fetchOffset;
    for (let size = this.#batchSize(view, 0); size > 0; size = this.#batchSize(view, at)) {
      next = Math.max(next, lastOffset(view, at) + 1);
      at += size;
    }
    if (at === 0) return;
    this.fetchOffset = next;
    this.bufferedBytes += at;
    this.#chunks.push({ bytes: at === bytes.length ? bytes : bytes.subarray(0, at), view, at: 0 });
  }

  /** The next record, or `null` when none is buffered. Throws CORRUPT_MESSAGE and stays where it is. */
  next<Key, Value>(): ConsumerRecord<Key, Value> | null {
    const cursor = this.#cursor;
    while (this.position < this.endOffset) {
      if (!this.#batchOpen && !this.#openBatch()) return null;
      while (this.#advance(cursor)) {
        if (cursor.offset < this.position) continue;
        if (cursor.offset >= this.endOffset) break;
        this.position = cursor.offset + 1;
        this.lastTimestampMs = cursor.timestamp;
        return new ConsumerRecord(this, cursor);
      }
      this.#batchOpen = false;
      this.position = Math.max(this.position, this.#batchNextOffset);
    }
    return null;
  }

  /** Steps over batches until one with records for the application is open; false when there is none. */
  #openBatch(): boolean {
    for (let chunk = this.#chunks[0]; chunk !== undefined; chunk = this.#chunks[0]) {
      if (chunk.at >= chunk.bytes.length) {
        this.#chunks.shift();
        continue;
      }
      const { view, at } = chunk;
      const size = this.#batchSize(view, at);
      this.#batchNextOffset = lastOffset(view, at) + 1;
      const skips = this.#batchNextOffset <= this.position || isControl(attributes(view, at));
      if (!skips) this.#open(chunk, size);
      chunk.at += size;
      this.bufferedBytes -= size;
      if (!skips) return this.#batchOpen = true;
      this.position = Math.max(this.position, this.#batchNextOffset);
    }
    return false;
  }

  #open({ bytes, view, at }: Chunk, size: number): void {
    if (!batchIsSound(view, at, size)) throw this.#corrupt(new Error("its checksum is wrong"));
    this.leaderEpoch = partitionLeaderEpoch(view, at);
    try {
      this.#cursor.open(bytes.subarray(at, at + size));
    } catch (error) {
      throw this.#corrupt(error);
    }
  }

  #advance(cursor: RecordCursor): boolean {
    try {
      return cursor.next();
    } catch (error) {
      throw this.#corrupt(error);
    }
  }

  #batchSize(view: DataView, at: number): number {
    try {
      return wholeBatchBytes(view, at);
    } catch (error) {
      throw this.#corrupt(error);
    }
  }

  #corrupt(error: unknown): WeirError {
    const unavailable = (error as CodecUnavailableError).name === "CodecUnavailableError";
    const code = unavailable ? "UNSUPPORTED_COMPRESSION_TYPE" : "CORRUPT_MESSAGE";
    const what = `Batch of topic "${this.topic}", partition ${this.partition} at offset ${this.position}`;
    return asWeirError(error, code, `${what} cannot be read`);
  }
}

/** `topic/partition`, to find a reader by. */
export function partitionKey({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
