/**
 * Msgpack as JSON: integers with all their digits, bytes in base64, times as text,
 * other extensions as `{"type":7,"data":"..."}`. Reads what strangers wrote: no
 * length is believed before the bytes are there, and nesting is bounded. Pure.
 *
 * Source: the MessagePack specification.
 */

const DEPTH_MAX = 100;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The JSON of one value in msgpack, on one line, or `null` for bytes that are not exactly one. */
export function msgpackText(bytes: Uint8Array): string | null {
  const reader = new Reader(bytes);
  try {
    const text = reader.value(0);
    return reader.isAtEnd ? text : null;
  } catch (error) {
    // Cut off, or text that is not UTF-8.
    if (error instanceof RangeError || error instanceof TypeError) return null;
    throw error;
  }
}

/** True when the first byte is that of a map or a list in msgpack. */
export function isCollection([head = 0]: Uint8Array): boolean {
  return (head >= 0x80 && head < 0xa0) || (head >= 0xdc && head <= 0xdf);
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** The next value. Throws a RangeError where there is none. */
  value(depth: number): string {
    const head = this.#unsigned(1);
    if (head < 0x80) return String(head);
    if (head < 0x90) return this.#map(head & 15, depth);
    if (head < 0xa0) return this.#list(head & 15, depth);
    if (head < 0xc0) return this.#text(head & 31);
    if (head >= 0xe0) return String(head - 256);
    return this.#long(head, depth);
  }

  #long(head: number, depth: number): string {
    if (head === 0xc0) return "null";
    if (head === 0xc2 || head === 0xc3) return String(head === 0xc3);
    if (head >= 0xc4 && head <= 0xc6) return `"${this.#take(this.#unsigned(1 << head - 0xc4)).toBase64()}"`;
    if (head >= 0xc7 && head <= 0xc9) return this.#extension(this.#unsigned(1 << head - 0xc7));
    if (head === 0xca || head === 0xcb) return this.#float(head === 0xca ? 4 : 8);
    if (head >= 0xcc && head <= 0xcf) return this.#integer(1 << head - 0xcc, false);
    if (head >= 0xd0 && head <= 0xd3) return this.#integer(1 << head - 0xd0, true);
    if (head >= 0xd4 && head <= 0xd8) return this.#extension(1 << head - 0xd4);
    if (head >= 0xd9 && head <= 0xdb) return this.#text(this.#unsigned(1 << head - 0xd9));
    if (head === 0xdc || head === 0xdd) return this.#list(this.#unsigned(head === 0xdc ? 2 : 4), depth);
    if (head === 0xde || head === 0xdf) return this.#map(this.#unsigned(head === 0xde ? 2 : 4), depth);
    throw new RangeError("No value begins with this byte");
  }

  #unsigned(size: number): number {
    const at = this.#at;
    this.#at += size;
    if (size === 1) return this.#view.getUint8(at);
    return size === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  #integer(size: number, isSigned: boolean): string {
    const at = this.#at;
    this.#at += size;
    if (size === 8) return String(isSigned ? this.#view.getBigInt64(at) : this.#view.getBigUint64(at));
    this.#at = at;
    const value = this.#unsigned(size);
    return String(isSigned && value >= 2 ** (size * 8 - 1) ? value - 2 ** (size * 8) : value);
  }

  /** JSON has no infinity and no NaN: those are told as text. */
  #float(size: number): string {
    const value = size === 4 ? this.#view.getFloat32(this.#at) : this.#view.getFloat64(this.#at);
    this.#at += size;
    return Number.isFinite(value) ? String(value) : `"${value}"`;
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError("The bytes end before the value does");
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  #text(length: number): string {
    return JSON.stringify(decoder.decode(this.#take(length)));
  }

  #list(count: number, depth: number): string {
    this.#check(count, depth);
    const items: string[] = [];
    while (items.length < count) items.push(this.value(depth + 1));
    return `[${items.join(",")}]`;
  }

  #map(count: number, depth: number): string {
    this.#check(count * 2, depth);
    const items: string[] = [];
    while (items.length < count) {
      const key = this.value(depth + 1);
      items.push(`${key.startsWith('"') ? key : JSON.stringify(key)}:${this.value(depth + 1)}`);
    }
    return `{${items.join(",")}}`;
  }

  /** Every value takes at least a byte. */
  #check(values: number, depth: number): void {
    if (depth >= DEPTH_MAX) throw new RangeError("Values lie too deep in each other");
    if (values > this.#bytes.length - this.#at) throw new RangeError("The bytes end before the values do");
  }

  #extension(length: number): string {
    const type = this.#unsigned(1);
    const data = this.#take(length);
    const seconds = type === 0xff ? secondsOf(data) : null;
    if (seconds !== null && Math.abs(seconds) < 8.64e12) {
      return `"${new Date(seconds * 1_000).toISOString()}"`;
    }
    return `{"type":${type > 127 ? type - 256 : type},"data":"${data.toBase64()}"}`;
  }
}

/** A timestamp: 4, 8 or 12 bytes. */
function secondsOf(data: Uint8Array): number | null {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (data.length === 4) return view.getUint32(0);
  if (data.length === 12) return Number(view.getBigInt64(4)) + view.getUint32(0) / 1e9;
  if (data.length !== 8) return null;
  const both = view.getBigUint64(0);
  return Number(both & 0x3_ffff_ffffn) + Number(both >> 34n) / 1e9;
}
