/**
 * Writes Kafka's primitive types into a buffer that grows and is kept: a writer
 * is made once and {@linkcode Writer.reset} before each message, because fresh
 * large buffers are slow. Integers are big-endian, 64-bit ones safe-integer
 * numbers. The mirror image of Reader; used by every encoder of the project.
 */
import { putUtf8, utf8Size } from "./text.ts";
import { putUnsignedVarint, putVarint, putVarlong } from "./varint.ts";
import { putUuid, UUID_BYTES } from "./uuid.ts";

const TWO_32 = 4_294_967_296;
const VARINT_BYTES_MAX = 5;
const VARLONG_BYTES_MAX = 10;
/** The largest length a string's 16-bit length can say. */
const STRING_BYTES_MAX = 32_767;

/**
 * A growing buffer.
 *
 * @example
 * ```ts
 * const writer = new Writer();
 * writer.writeInt32(7);
 * writer.writeString("hi");
 * writer.bytes(); // 00 00 00 07 00 02 68 69
 * ```
 */
export class Writer {
  #buffer: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #position = 0;
  /** Long byte fields that are not copied, and where they belong. */
  #detached: { readonly at: number; readonly bytes: Uint8Array }[] = [];

  constructor(bytesInitial = 256) {
    this.#buffer = new Uint8Array(bytesInitial);
    this.#view = new DataView(this.#buffer.buffer);
  }

  /** Bytes written since the last reset, without those of {@linkcode writeDetached}. */
  get position(): number {
    return this.#position;
  }

  /** Bytes of {@linkcode writeDetached} since the last reset. */
  get detachedBytes(): number {
    return this.#detached.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  /** Forgets what was written and keeps the buffer. */
  reset(): void {
    this.#position = 0;
    if (this.#detached.length > 0) this.#detached = [];
  }

  /** Puts `bytes` here without a copy: only {@linkcode chunks} gives them, and they must stay untouched until then. */
  writeDetached(bytes: Uint8Array): void {
    this.#detached.push({ at: this.#position, bytes });
  }

  /** Everything written, in order: copies of what lies in the buffer, and the detached bytes themselves. */
  chunks(): Uint8Array[] {
    const copy = this.#buffer.slice(0, this.#position);
    const chunks: Uint8Array[] = [];
    let from = 0;
    for (const { at, bytes } of this.#detached) {
      if (at > from) chunks.push(copy.subarray(from, at));
      chunks.push(bytes);
      from = at;
    }
    if (from < copy.length || chunks.length === 0) chunks.push(copy.subarray(from));
    return chunks;
  }

  /** Writes a 32-bit integer over what was written at `at`. */
  patchInt32(at: number, value: number): void {
    this.#view.setInt32(at, value);
  }

  /** A view of what was written, valid until the next write or reset. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.#position);
  }

  writeInt8(value: number): void {
    const at = this.#claim(1);
    this.#view.setInt8(at, value);
  }

  writeBoolean(value: boolean): void {
    const at = this.#claim(1);
    this.#view.setInt8(at, value ? 1 : 0);
  }

  writeInt16(value: number): void {
    const at = this.#claim(2);
    this.#view.setInt16(at, value);
  }

  writeInt32(value: number): void {
    const at = this.#claim(4);
    this.#view.setInt32(at, value);
  }

  /** Writes an unsigned 32-bit integer. */
  writeUint32(value: number): void {
    const at = this.#claim(4);
    this.#view.setUint32(at, value);
  }

  writeFloat64(value: number): void {
    const at = this.#claim(8);
    this.#view.setFloat64(at, value);
  }

  /** Writes a safe integer in 64 bits. */
  writeInt64(value: number): void {
    const at = this.#claim(8);
    this.#view.setInt32(at, Math.floor(value / TWO_32));
    this.#view.setInt32(at + 4, value | 0);
  }

  writeUnsignedVarint(value: number): void {
    this.#reserve(VARINT_BYTES_MAX);
    this.#position = putUnsignedVarint(this.#buffer, this.#position, value);
  }

  /** Writes a zig-zag varint of a 32-bit signed integer. */
  writeVarint(value: number): void {
    this.#reserve(VARINT_BYTES_MAX);
    this.#position = putVarint(this.#buffer, this.#position, value);
  }

  /** Writes a zig-zag varlong of a safe integer. */
  writeVarlong(value: number): void {
    this.#reserve(VARLONG_BYTES_MAX);
    this.#position = putVarlong(this.#buffer, this.#position, value);
  }

  /** Copies `bytes` as they are, without a length. */
  writeRaw(bytes: Uint8Array): void {
    const at = this.#claim(bytes.length);
    this.#buffer.set(bytes, at);
  }

  /** Writes a string behind a 16-bit length; `null` as −1. Throws `RangeError` past 32,767 bytes. */
  writeString(text: string | null): void {
    if (text === null) return this.writeInt16(-1);
    const size = utf8Size(text);
    if (size > STRING_BYTES_MAX) {
      throw new RangeError(`String of ${size} bytes must be at most ${STRING_BYTES_MAX} bytes`);
    }
    this.writeInt16(size);
    const at = this.#claim(size);
    putUtf8(this.#buffer, at, text, size);
  }

  /** Writes a string behind an unsigned varint of its length + 1; `null` as 0. */
  writeCompactString(text: string | null): void {
    if (text === null) return this.writeUnsignedVarint(0);
    const size = utf8Size(text);
    this.writeUnsignedVarint(size + 1);
    const at = this.#claim(size);
    putUtf8(this.#buffer, at, text, size);
  }

  /** Writes bytes behind a 32-bit length; `null` as −1. */
  writeBytes(bytes: Uint8Array | null): void {
    if (bytes === null) return this.writeInt32(-1);
    this.writeInt32(bytes.length);
    this.writeRaw(bytes);
  }

  /** Writes bytes behind an unsigned varint of their length + 1; `null` as 0. */
  writeCompactBytes(bytes: Uint8Array | null): void {
    if (bytes === null) return this.writeUnsignedVarint(0);
    this.writeUnsignedVarint(bytes.length + 1);
    this.writeRaw(bytes);
  }

  /** Writes the 16 bytes of an id's 22 characters. Throws `DecodeError` when `id` is none. */
  writeUuid(id: string): void {
    const at = this.#claim(UUID_BYTES);
    putUuid(this.#buffer, at, id);
  }

  /** Writes the count of an array's elements; −1 stands for a `null` array. */
  writeArrayCount(count: number): void {
    this.writeInt32(count);
  }

  /** Like {@linkcode writeArrayCount}, as an unsigned varint of the count + 1. */
  writeCompactArrayCount(count: number): void {
    this.writeUnsignedVarint(count + 1);
  }

  /** Makes room for `length` bytes more and returns where they go: the buffer may be another one afterwards. */
  #claim(length: number): number {
    this.#reserve(length);
    const at = this.#position;
    this.#position = at + length;
    return at;
  }

  #reserve(length: number): void {
    const wanted = this.#position + length;
    if (wanted <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(wanted, this.#buffer.length * 2));
    grown.set(this.#buffer.subarray(0, this.#position));
    this.#buffer = grown;
    this.#view = new DataView(grown.buffer);
  }
}
