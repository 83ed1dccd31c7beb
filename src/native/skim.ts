/**
 * Skims one msgpack value without building it, so that the library that does
 * build it only ever sees sound input: lengths within the frame, bounded
 * nesting, no extension types (the protocol has none), texts for keys, exactly one value.
 * A frame of a few bytes that claims a billion entries stops here, before any
 * allocation. Called by `frame.ts` for every frame from a peer.
 */

/** Deepest nesting a frame may have; the protocol itself needs five. */
const DEPTH_MAX = 16;

let source: Uint8Array = new Uint8Array(0);
let at = 0;
let end = 0;

/**
 * What is wrong with the msgpack value in `bytes[from, to)`, or `null` when it is
 * one complete value that the protocol may contain.
 *
 * @example
 * ```ts
 * skim(new Uint8Array([0x81, 0xa1, 0x63, 0x01]), 0, 4); // null: { c: 1 }
 * ```
 */
export function skim(bytes: Uint8Array, from: number, to: number): string | null {
  source = bytes;
  at = from;
  end = to;
  const wrong = skimValue(0);
  if (wrong !== null) return wrong;
  return at === end ? null : `${end - at} bytes follow the message`;
}

function skimValue(depth: number): string | null {
  if (depth > DEPTH_MAX) return `Nested deeper than ${DEPTH_MAX}`;
  if (at >= end) return "The message ends early";
  const token = source[at++]!;
  if (token <= 0x7f || token >= 0xe0) return null;
  if (token <= 0x8f) return skimMap(token & 0x0f, depth);
  if (token <= 0x9f) return skimItems(token & 0x0f, depth);
  if (token <= 0xbf) return skip(token & 0x1f);
  switch (token) {
    case 0xc0:
    case 0xc2:
    case 0xc3:
      return null;
    case 0xc4:
    case 0xd9:
      return skipLong(1);
    case 0xc5:
    case 0xda:
      return skipLong(2);
    case 0xc6:
    case 0xdb:
      return skipLong(4);
    case 0xcc:
    case 0xd0:
      return skip(1);
    case 0xcd:
    case 0xd1:
      return skip(2);
    case 0xca:
    case 0xce:
    case 0xd2:
      return skip(4);
    case 0xcb:
    case 0xcf:
    case 0xd3:
      return skip(8);
    case 0xdc:
    case 0xdd:
      return skimItems(readLength(token === 0xdc ? 2 : 4), depth);
    case 0xde:
    case 0xdf:
      return skimMap(readLength(token === 0xde ? 2 : 4), depth);
    default:
      return `Type byte 0x${token.toString(16)} is not part of the protocol`;
  }
}

function skip(length: number): string | null {
  if (length > end - at) return "The message ends early";
  at += length;
  return null;
}

/** Reads an unsigned length of `width` bytes; −1 when the message ends first. */
function readLength(width: number): number {
  if (width > end - at) return -1;
  let length = 0;
  for (let index = 0; index < width; index++) length = length * 256 + source[at++]!;
  return length;
}

function skipLong(width: number): string | null {
  const length = readLength(width);
  return length < 0 ? "The message ends early" : skip(length);
}

/** Every value takes at least a byte, so a count above what is left is refused before the loop. */
function skimItems(count: number, depth: number): string | null {
  if (count < 0 || count > end - at) return "The message ends early";
  for (let index = 0; index < count; index++) {
    const wrong = skimValue(depth + 1);
    if (wrong !== null) return wrong;
  }
  return null;
}

function skimMap(count: number, depth: number): string | null {
  if (count < 0 || count * 2 > end - at) return "The message ends early";
  for (let index = 0; index < count; index++) {
    if (!isText(source[at])) return "The keys of a map must be texts";
    const wrong = skimValue(depth + 1) ?? skimValue(depth + 1);
    if (wrong !== null) return wrong;
  }
  return null;
}

function isText(token: number | undefined): boolean {
  return token !== undefined && ((token >= 0xa0 && token <= 0xbf) || (token >= 0xd9 && token <= 0xdb));
}
