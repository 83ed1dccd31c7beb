/**
 * Reads Kafka's primitive types from a byte array, front to back. Every read is
 * checked against the bytes that are left before anything is allocated, so a
 * length that lies costs nothing; short or senseless input throws DecodeError.
 * Integers are big-endian. Byte fields are views of the input, never copies.
 * 64-bit integers are safe-integer numbers. Used by every decoder of the project.
 */
import { DecodeError } from "./decode_error.ts";
import { utf8Text } from "./text.ts";
import { UUID_BYTES, uuidText } from "./uuid.ts";

const TWO_32 = 4_294_967_296;

/**
 * A cursor over `bytes[position, end)`.
 *
 * @example
 * ```ts
 * const reader = new Reader(new Uint8Array([0, 0, 0, 7, 0, 2, 0x68, 0x69]));
 * reader.readInt32(); // 7
 * reader.readString(); // "hi"
 * ```
 */
export class Reader {
  bytes: Uint8Array;
  position: number;
  end: number;
  #view: DataView;

  constructor(bytes: Uint8Array, from = 0, to: number = bytes.length) {
    this.bytes = bytes;
    this.position = from;
    this.end = Math.min(to, bytes.length);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Points the reader at other bytes: one reader serves a whole batch, a whole connection. */
  reset(bytes: Uint8Array, from = 0, to: number = bytes.length): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.position = from;
    this.end = Math.min(to, bytes.length);
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.end - this.position;
  }

  /** Steps over `length` bytes and returns where they start. */
  skip(length: number): number {
    const at = this.position;
    if (length < 0 || length > this.end - at) throw tooShort(length, this.end - at);
    this.position = at + length;
    return at;
  }

  readInt8(): number {
    return this.#view.getInt8(this.skip(1));
  }

  readUint8(): number {
    return this.bytes[this.skip(1)]!;
  }

  readBoolean(): boolean {
    return this.bytes[this.skip(1)] !== 0;
  }

  readInt16(): number {
    return this.#view.getInt16(this.skip(2));
  }

  readUint16(): number {
    return this.#view.getUint16(this.skip(2));
  }

  readInt32(): number {
    return this.#view.getInt32(this.skip(4));
  }

  readUint32(): number {
    return this.#view.getUint32(this.skip(4));
  }

  readFloat64(): number {
    return this.#view.getFloat64(this.skip(8));
  }

  /** A 64-bit integer; one that is no safe integer throws. */
  readInt64(): number {
    const at = this.skip(8);
    return safe(this.#view.getInt32(at), this.#view.getUint32(at + 4));
  }

  /** A 64-bit integer, clamped to the safe ones: for "never" and "no limit" fields. */
  readInt64Clamped(): number {
    const at = this.skip(8);
    const value = this.#view.getInt32(at) * TWO_32 + this.#view.getUint32(at + 4);
    return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value));
  }

  /** An unsigned varint of at most 32 bits. */
  readUnsignedVarint(): number {
    const bytes = this.bytes;
    let at = this.position;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (at >= this.end) throw tooShort(1, 0);
      const byte = bytes[at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.position = at;
        return value >>> 0;
      }
    }
    throw new DecodeError("Varint is longer than 5 bytes");
  }

  /** A zig-zag varint: a 32-bit signed integer. */
  readVarint(): number {
    const at = this.position;
    // Nearly every length and delta of a record is one byte.
    if (at < this.end) {
      const byte = this.bytes[at]!;
      if (byte < 0x80) {
        this.position = at + 1;
        return (byte >>> 1) ^ -(byte & 1);
      }
    }
    const value = this.readUnsignedVarint();
    return (value >>> 1) ^ -(value & 1);
  }

  /** A zig-zag varlong; one that is no safe integer throws. */
  readVarlong(): number {
    const at = this.position;
    if (at < this.end) {
      const byte = this.bytes[at]!;
      if (byte < 0x80) {
        this.position = at + 1;
        return (byte >>> 1) ^ -(byte & 1);
      }
    }
    return this.#readLongVarlong();
  }

  #readLongVarlong(): number {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.readUint8();
      const group = byte & 0x7f;
      if (shift < 32) low |= group << shift;
      if (shift === 28) high = group >>> 4;
      else if (shift > 28) high |= group << (shift - 32);
      if (byte < 0x80) {
        const sign = -(low & 1);
        return safe((high >>> 1) ^ sign, (((low >>> 1) | (high << 31)) ^ sign) >>> 0);
      }
    }
    throw new DecodeError("Varlong is longer than 10 bytes");
  }

  /** A view of the next `length` bytes. */
  readView(length: number): Uint8Array {
    const at = this.skip(length);
    return this.bytes.subarray(at, at + length);
  }

  /** A string behind a 16-bit length. */
  readString(): string {
    return this.#text(this.readInt16());
  }

  /** Like {@linkcode readString}; length −1 is `null`. */
  readNullableString(): string | null {
    const length = this.readInt16();
    return length === -1 ? null : this.#text(length);
  }

  /** A string behind an unsigned varint of its length + 1. */
  readCompactString(): string {
    return this.#text(this.readUnsignedVarint() - 1);
  }

  /** Like {@linkcode readCompactString}; 0 is `null`. */
  readCompactNullableString(): string | null {
    const length = this.readUnsignedVarint() - 1;
    return length === -1 ? null : this.#text(length);
  }

  /** Bytes behind a 32-bit length. */
  readBytes(): Uint8Array {
    return this.readView(this.readInt32());
  }

  /** Like {@linkcode readBytes}; length −1 is `null`. */
  readNullableBytes(): Uint8Array | null {
    const length = this.readInt32();
    return length === -1 ? null : this.readView(length);
  }

  /** Bytes behind an unsigned varint of their length + 1. */
  readCompactBytes(): Uint8Array {
    return this.readView(this.readUnsignedVarint() - 1);
  }

  /** Like {@linkcode readCompactBytes}; 0 is `null`. */
  readCompactNullableBytes(): Uint8Array | null {
    const length = this.readUnsignedVarint() - 1;
    return length === -1 ? null : this.readView(length);
  }

  /** 16 bytes, as 22 characters of base64url. */
  readUuid(): string {
    return uuidText(this.bytes, this.skip(UUID_BYTES));
  }

  /** The count of an array's elements, −1 for `null`; never more than the bytes left could hold. */
  readArrayCount(): number {
    return this.#count(this.readInt32());
  }

  /** Like {@linkcode readArrayCount}, behind an unsigned varint of the count + 1. */
  readCompactArrayCount(): number {
    return this.#count(this.readUnsignedVarint() - 1);
  }

  /** Steps over a section of tagged fields. */
  skipTaggedFields(): void {
    for (let left = this.readUnsignedVarint(); left > 0; left--) {
      this.readUnsignedVarint();
      this.skip(this.readUnsignedVarint());
    }
  }

  #count(count: number): number {
    if (count < -1 || count > this.remaining) {
      throw new DecodeError(`Array count "${count}" must be at most the ${this.remaining} bytes left`);
    }
    return count;
  }

  #text(length: number): string {
    const at = this.skip(length);
    return utf8Text(this.bytes, at, at + length);
  }
}

/** The number of a 64-bit integer's halves: `high` signed, `low` unsigned. */
function safe(high: number, low: number): number {
  const value = high * TWO_32 + low;
  if (Number.isSafeInteger(value)) return value;
  throw new DecodeError(`64-bit integer "${value}" must be a safe integer`);
}

function tooShort(wanted: number, left: number): DecodeError {
  return new DecodeError(
    wanted < 0
      ? `Length "${wanted}" must be 0 or more`
      : `Input ends early: ${wanted} bytes wanted, ${left} left`,
  );
}
