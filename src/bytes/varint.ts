/**
 * Variable-length integers (LEB128), written straight into a byte array.
 * Two families: unsigned (lengths and tags of flexible Kafka messages) and
 * zig-zag (fields of a record), the latter in 32 bits (varint) and 64 (varlong).
 * No bigint: a varlong is a safe integer, split into two 32-bit halves.
 *
 *     byte    1 x x x x x x x   seven bits, low group first; top bit: more follow
 *     zigzag  0 -1 1 -2 2 ...   becomes 0 1 2 3 4 ...
 *
 * Each `put...` writes at `at`, where there must be room, and returns the
 * position after the last byte. Reading is {@linkcode Reader}'s.
 */

const TWO_32 = 4_294_967_296;

/** Bytes an unsigned varint takes: 1 to 5. `value` counts as 32 bits, unsigned. */
export function unsignedVarintSize(value: number): number {
  const bits = 32 - Math.clz32(value);
  return bits <= 7 ? 1 : Math.ceil(bits / 7);
}

/** Bytes a zig-zag varint takes: 1 to 5. */
export function varintSize(value: number): number {
  const zigzag = (value << 1) ^ (value >> 31);
  if ((zigzag & ~0x7f) === 0) return 1;
  if ((zigzag & ~0x3fff) === 0) return 2;
  if ((zigzag & ~0x1fffff) === 0) return 3;
  return (zigzag & ~0xfffffff) === 0 ? 4 : 5;
}

/** Bytes a zig-zag varlong takes: 1 to 10, of a safe integer at most 8. */
export function varlongSize(value: number): number {
  if (value === (value | 0)) return varintSize(value);
  const high = Math.floor(value / TWO_32);
  const zigzagHigh = ((high << 1) | ((value | 0) >>> 31)) ^ (high >> 31);
  return Math.ceil((64 - Math.clz32(zigzagHigh)) / 7);
}

/** Writes an unsigned varint; `value` counts as 32 bits, unsigned. */
export function putUnsignedVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  while ((rest & ~0x7f) !== 0) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

/** Writes a zig-zag varint of a 32-bit signed integer. */
export function putVarint(bytes: Uint8Array, at: number, value: number): number {
  return putUnsignedVarint(bytes, at, (value << 1) ^ (value >> 31));
}

/** Writes a zig-zag varlong of a safe integer. */
export function putVarlong(bytes: Uint8Array, at: number, value: number): number {
  // The zig-zag of 32 bits fits in 32, so a small value is the same bytes either way.
  if (value === (value | 0)) return putVarint(bytes, at, value);
  const sign = value < 0 ? -1 : 0;
  const low = value | 0;
  let zigzagLow = (low << 1) ^ sign;
  let zigzagHigh = ((Math.floor(value / TWO_32) << 1) | (low >>> 31)) ^ sign;
  while (zigzagHigh !== 0 || (zigzagLow & ~0x7f) !== 0) {
    bytes[at++] = (zigzagLow & 0x7f) | 0x80;
    zigzagLow = (zigzagLow >>> 7) | (zigzagHigh << 25);
    zigzagHigh >>>= 7;
  }
  bytes[at++] = zigzagLow;
  return at;
}
