/**
 * Frames of the native protocol, for both ends. Decoding skims first and copies
 * nothing: `bin` values are views of the input. Encoding gives a list of chunks
 * that follow each other on the wire, so that large record bytes go out as they
 * are, without a copy into the frame. `protocol.ts` draws the frame.
 */
import { Packr, Unpackr } from "msgpackr/pack";
import { skim } from "./skim.ts";

/** Bytes of the length in front of each frame. */
export const FRAME_HEAD_BYTES = 4;

/** Record bytes up to this size are packed into their frame; longer ones travel as a chunk of their own. */
const INLINE_BYTES_MAX = 4_096;

const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: "number" });
const packr = new Packr({ useRecords: false, variableMapSize: true, encodeUndefinedAsNil: true });

/** A decoded frame: its map, not yet checked any further than that it is one. */
export type Message = Record<string, unknown>;

/** The frame is not one msgpack map. */
export class FrameError extends Error {
  override name = "FrameError";
}

/** The length a frame claims; `at` points at its first byte, four bytes must be there. */
export function frameLength(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/**
 * Decodes the message in `bytes[from, to)` (without its length). Binary values
 * are views of `bytes`. Throws {@linkcode FrameError}.
 *
 * @example
 * ```ts
 * const [chunk] = encodeFrame({ k: "hello", c: 1, v: 1 });
 * decodeFrame(chunk!, FRAME_HEAD_BYTES, chunk!.length); // { k: "hello", c: 1, v: 1 }
 * ```
 */
export function decodeFrame(bytes: Uint8Array, from: number, to: number): Message {
  const wrong = skim(bytes, from, to);
  if (wrong !== null) throw new FrameError(wrong);
  const value: unknown = unpackr.unpack(bytes.subarray(from, to));
  if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    throw new FrameError("A message must be a map");
  }
  return value as Message;
}

/** Encodes a message without long binary values as one chunk, length included. */
export function encodeFrame(message: object): Uint8Array[] {
  const body = packr.pack(message);
  return [withHead(body.length, body)];
}

/**
 * Encodes `{ ...message, entries: [...] }` where each entry is `{ ...fields, [name]: bytes }`
 * and the bytes may be long. The chunks share no memory with the packer, but do with
 * `entries[n].bytes`: those must stay untouched until they are written.
 */
export function encodeFrameWithBytes(
  message: object,
  name: string,
  entries: readonly { readonly fields: object; readonly bytes: Uint8Array }[],
): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  const key = packr.pack(name).slice();
  let pending: Uint8Array[] = [openMap(message), packr.pack("entries").slice(), arrayHead(entries.length)];
  let total = 0;
  for (const { fields, bytes } of entries) {
    pending.push(openMap(fields), key, binHead(bytes.length));
    if (bytes.length <= INLINE_BYTES_MAX) {
      pending.push(bytes);
      continue;
    }
    const head = concatenate(pending, chunks.length === 0 ? FRAME_HEAD_BYTES : 0);
    chunks.push(head, bytes);
    total += head.length + bytes.length;
    pending = [];
  }
  if (pending.length > 0) {
    const tail = concatenate(pending, chunks.length === 0 ? FRAME_HEAD_BYTES : 0);
    chunks.push(tail);
    total += tail.length;
  }
  writeLength(chunks[0]!, total - FRAME_HEAD_BYTES);
  return chunks;
}

function withHead(length: number, body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(FRAME_HEAD_BYTES + length);
  writeLength(frame, length);
  frame.set(body, FRAME_HEAD_BYTES);
  return frame;
}

function writeLength(frame: Uint8Array, length: number): void {
  frame[0] = length >>> 24;
  frame[1] = length >>> 16;
  frame[2] = length >>> 8;
  frame[3] = length;
}

/** A packed map of fewer than 15 keys whose head promises one key more, which the caller appends. */
function openMap(fields: object): Uint8Array {
  const packed = packr.pack(fields).slice();
  const head = packed[0]!;
  if (head < 0x80 || head >= 0x8f) {
    throw new FrameError("A map with bytes must have fewer than 15 other keys");
  }
  packed[0] = head + 1;
  return packed;
}

function arrayHead(count: number): Uint8Array {
  if (count < 16) return Uint8Array.of(0x90 | count);
  return Uint8Array.of(0xdd, count >>> 24, count >>> 16, count >>> 8, count);
}

function binHead(length: number): Uint8Array {
  if (length < 0x100) return Uint8Array.of(0xc4, length);
  return Uint8Array.of(0xc6, length >>> 24, length >>> 16, length >>> 8, length);
}

function concatenate(parts: readonly Uint8Array[], reserved: number): Uint8Array {
  let length = reserved;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let at = reserved;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
