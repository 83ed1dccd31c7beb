/**
 * Snappy as Kafka's clients write it. Java's wraps raw blocks in the stream of
 * xerial's snappy-java; librdkafka, Go and Node clients send one raw block. Both
 * are read, the stream is written.
 *
 *     stream  82 53 4E 41 50 50 59 00 | version i32 1 | compatible i32 1 | block ...
 *     block   length i32 | raw snappy: size varint | elements
 *
 * Every block's elements are stepped through before the library sees them: they
 * must stay inside the block, look back only at what exists, and add up to the
 * size claimed; only then is memory taken. So damaged input cannot hang it.
 */
import snappy from "snappyjs";
import { DecodeError, Reader } from "../../bytes/mod.ts";
import type { Codec } from "../compression.ts";

/** The two calls used of the library, which ships no types. */
const LIBRARY = snappy as {
  compress(bytes: Uint8Array): Uint8Array;
  uncompress(bytes: Uint8Array, bytesMax?: number): Uint8Array;
};

const STREAM_HEADER = Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1);
const STREAM_MAGIC_BYTES = 8;
/** What snappy-java puts into a block. */
const BLOCK_BYTES = 32_768;

/** Snappy: writes the xerial stream, reads that and raw blocks. */
export const SNAPPY: Codec = { compress: compressSnappy, decompress: decompressSnappy };

function compressSnappy(bytes: Uint8Array): Uint8Array {
  const blocks: Uint8Array[] = [];
  let size = STREAM_HEADER.length;
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    const block = LIBRARY.compress(bytes.subarray(at, at + BLOCK_BYTES));
    blocks.push(block);
    size += 4 + block.length;
  }
  const stream = new Uint8Array(size);
  const view = new DataView(stream.buffer);
  stream.set(STREAM_HEADER);
  let at = STREAM_HEADER.length;
  for (const block of blocks) {
    view.setInt32(at, block.length);
    stream.set(block, at + 4);
    at += 4 + block.length;
  }
  return stream;
}

function decompressSnappy(bytes: Uint8Array, bytesMax: number): Uint8Array {
  if (!isStream(bytes)) {
    blockSize(bytes, bytesMax);
    return LIBRARY.uncompress(plain(bytes));
  }
  const blocks: Uint8Array[] = [];
  let size = 0;
  const reader = new Reader(bytes, STREAM_HEADER.length);
  while (reader.remaining > 0) {
    const block = reader.readBytes();
    size += blockSize(block, bytesMax - size);
    blocks.push(block);
  }
  return joinBlocks(blocks, size);
}

function joinBlocks(blocks: readonly Uint8Array[], size: number): Uint8Array {
  const joined = new Uint8Array(size);
  let at = 0;
  for (const block of blocks) {
    const part = LIBRARY.uncompress(plain(block));
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function isStream(bytes: Uint8Array): boolean {
  if (bytes.length < STREAM_HEADER.length) return false;
  for (let at = 0; at < STREAM_MAGIC_BYTES; at++) if (bytes[at] !== STREAM_HEADER[at]) return false;
  return true;
}

/** The library answers a Node Buffer with another one, from a pool: give it plain views. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Steps through a raw block; returns the bytes it unfolds to, which are what it claims. */
function blockSize(block: Uint8Array, bytesMax: number): number {
  const reader = new Reader(block);
  const claimed = reader.readUnsignedVarint();
  if (claimed > bytesMax) {
    throw new DecodeError(`Snappy block of "${claimed}" bytes must unfold to at most ${bytesMax} bytes`);
  }
  let made = 0;
  while (reader.remaining > 0 && made <= claimed) {
    const tag = reader.readUint8();
    made += (tag & 3) === 0 ? stepLiteral(reader, tag) : stepCopy(reader, tag, made);
  }
  if (made === claimed && reader.remaining === 0) return claimed;
  throw new DecodeError(`Snappy block unfolds to "${made}" bytes or more, but claims ${claimed}`);
}

/** A literal: its length − 1 in the tag, or in the one to four bytes after it. */
function stepLiteral(reader: Reader, tag: number): number {
  let length = (tag >>> 2) + 1;
  if (length > 60) {
    const lengthBytes = length - 60;
    length = 1;
    for (let index = 0; index < lengthBytes; index++) length += reader.readUint8() * 256 ** index;
  }
  reader.skip(length);
  return length;
}

/** A copy of bytes made before: 11, 16 or 32 bits of distance. */
function stepCopy(reader: Reader, tag: number, made: number): number {
  const kind = tag & 3;
  let distance = reader.readUint8();
  if (kind === 1) distance += (tag >>> 5) << 8;
  else {for (let index = 1; index < (kind === 2 ? 2 : 4); index++) {
      distance += reader.readUint8() * 256 ** index;
    }}
  if (distance === 0 || distance > made) {
    throw new DecodeError(`Snappy copy from "${distance}" bytes back must be 1 to the ${made} bytes made`);
  }
  return kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
}
