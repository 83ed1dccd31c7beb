/**
 * A record as a consumer gets it. Key and value are decoded when they are first
 * read; until then, and for `"bytes"`, they are views of the bytes that came from
 * the broker, so a record that is kept keeps its whole fetch (about a megabyte)
 * in memory: keep what you need of it instead.
 */
import { utf8Text } from "../bytes/mod.ts";
import type { ReadHeader, RecordCursor } from "../record/mod.ts";
import type { TopicPartition } from "./offsets.ts";
import type { FormatCodec, TopicCodecs } from "./topic.ts";

/** Where a record's bytes come from. */
export interface RecordSource extends TopicPartition {
  readonly codecs: TopicCodecs;
}

const UNREAD = Symbol("unread");

/**
 * One record. `Key` and `Value` are what the topic's formats give; `null` is none.
 *
 * @example
 * ```ts
 * for await (const record of consumer) {
 *   console.log(record.topic, record.partition, record.offset, record.key, record.value);
 * }
 * ```
 */
export class ConsumerRecord<Key = unknown, Value = unknown> implements TopicPartition {
  readonly offset: number;
  /** Milliseconds since 1970; −1 when there is none. */
  readonly timestamp: number;
  /** Whose clock the timestamp is from: the producer's, or the broker's when it appended the record. */
  readonly timestampType: "CreateTime" | "LogAppendTime";
  readonly #source: RecordSource;
  readonly #bytes: Uint8Array;
  readonly #keyAt: number;
  readonly #keySize: number;
  readonly #valueAt: number;
  readonly #valueSize: number;
  readonly #headers: readonly ReadHeader[];
  #key: unknown = UNREAD;
  #value: unknown = UNREAD;

  /** Records are made by consumers. */
  constructor(source: RecordSource, cursor: RecordCursor) {
    this.offset = cursor.offset;
    this.timestamp = cursor.timestamp;
    this.timestampType = cursor.usesAppendTime ? "LogAppendTime" : "CreateTime";
    this.#source = source;
    this.#bytes = cursor.bytes;
    this.#keyAt = cursor.keyAt;
    this.#keySize = cursor.keySize;
    this.#valueAt = cursor.valueAt;
    this.#valueSize = cursor.valueSize;
    this.#headers = cursor.headers;
  }

  get topic(): string {
    return this.#source.topic;
  }

  get partition(): number {
    return this.#source.partition;
  }

  /** The key in the topic's format. Throws INVALID_VALUE when the bytes do not fit it. */
  get key(): Key | null {
    if (this.#key === UNREAD) this.#key = this.#decode(this.#source.codecs.key, this.keyBytes, "Key");
    return this.#key as Key | null;
  }

  /** The value in the topic's format. Throws INVALID_VALUE when the bytes do not fit it. */
  get value(): Value | null {
    if (this.#value === UNREAD) this.#value = this.#decode(this.#source.codecs.value, this.bytes(), "Value");
    return this.#value as Value | null;
  }

  /** The key's bytes, a view. */
  get keyBytes(): Uint8Array | null {
    return this.#view(this.#keyAt, this.#keySize);
  }

  /** The value's bytes, a view. */
  bytes(): Uint8Array | null {
    return this.#view(this.#valueAt, this.#valueSize);
  }

  /** The value as text, whatever its format. */
  text(): string | null {
    return this.#valueSize < 0 ? null : utf8Text(this.#bytes, this.#valueAt, this.#valueAt + this.#valueSize);
  }

  /** The value as parsed JSON, whatever its format. Throws SyntaxError when it is none. */
  // deno-lint-ignore no-explicit-any -- JSON.parse's own type
  json<Parsed = any>(): Parsed | null {
    const text = this.text();
    return text === null ? null : JSON.parse(text);
  }

  /** Headers as text by name; the last one counts where a name repeats. */
  get headers(): Readonly<Record<string, string>> {
    const headers: Record<string, string> = Object.create(null);
    for (const [name, value] of this.#headers) headers[name] = value === null ? "" : utf8Text(value);
    return headers;
  }

  /** Headers as they are in the record: in order, with repeats, values in bytes. */
  get rawHeaders(): readonly ReadHeader[] {
    return this.#headers;
  }

  /** For `JSON.stringify` and logs. */
  toJSON(): Record<string, unknown> {
    const { topic, partition, offset, timestamp, key, value, headers } = this;
    return { topic, partition, offset, timestamp, key, value, headers: { ...headers } };
  }

  /** A plain `Uint8Array`, also where a codec unfolded into a Node `Buffer`. */
  #view(at: number, size: number): Uint8Array | null {
    const bytes = this.#bytes;
    return size < 0 ? null : new Uint8Array(bytes.buffer, bytes.byteOffset + at, size);
  }

  #decode(codec: FormatCodec, bytes: Uint8Array | null, what: string): unknown {
    if (bytes === null) return null;
    return codec.decode(bytes, `${what} at topic "${this.topic}", ${this.partition}/${this.offset}`);
  }
}
