/**
 * The LZ4 frame. Written as Java's client does: blocks of 64 KiB, independent,
 * no checksums, no content size. Read from every client: any block size, linked
 * blocks, content size, block and content checksums (stepped over: the batch's
 * CRC covers the whole blob). Several frames in a row are one input.
 *
 *     frame  04 22 4D 18 | flags | block size | [content size 8] | header checksum
 *            block ... | end mark 4 x 00 | [content checksum 4]
 *     block  length u32 little-endian, top bit: stored plain | bytes | [checksum 4]
 *
 * Every block's sequences are stepped through before the library sees them, so
 * the output is exactly as large as it must be and damaged input cannot harm.
 * Source: the LZ4 frame format, version 1.6.
 */
import lz4 from "lz4js";
import { DecodeError } from "../../bytes/mod.ts";
import type { Codec } from "../compression.ts";

/** The two calls used of the library, which ships no types. */
const LIBRARY = lz4 as {
  compressBlock(from: Uint8Array, to: Uint8Array, at: number, length: number, hashes: Uint32Array): number;
  decompressBlock(from: Uint8Array, to: Uint8Array, at: number, length: number, toAt: number): number;
};

/** Magic, version 1 with independent blocks, 64 KiB, and the checksum of these two bytes. */
const FRAME_HEADER = Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82);
const FRAME_MAGIC = 0x184d2204;
const BLOCK_BYTES = 65_536;
const STORED_PLAIN_BIT = 0x80000000;
/** Bytes one block may add when it cannot be compressed: the library writes past them before it knows. */
const BLOCK_BYTES_MAX = BLOCK_BYTES + Math.ceil(BLOCK_BYTES / 255) + 16;
const HASHES = new Uint32Array(65_536);

/** LZ4 in frames. */
export const LZ4: Codec = { compress: compressLz4, decompress: decompressLz4 };

function compressLz4(bytes: Uint8Array): Uint8Array {
  const blocks = Math.ceil(bytes.length / BLOCK_BYTES);
  const frame = new Uint8Array(FRAME_HEADER.length + blocks * (4 + BLOCK_BYTES_MAX) + 4);
  const view = new DataView(frame.buffer);
  frame.set(FRAME_HEADER);
  let at = FRAME_HEADER.length;
  for (let from = 0; from < bytes.length; from += BLOCK_BYTES) {
    at = putBlock(frame, view, at, bytes.subarray(from, from + BLOCK_BYTES));
  }
  // The end mark is four zero bytes, which are there already unless a block was tried in their place.
  view.setUint32(at, 0, true);
  return frame.subarray(0, at + 4);
}

function putBlock(frame: Uint8Array, view: DataView, at: number, block: Uint8Array): number {
  HASHES.fill(0);
  const size = LIBRARY.compressBlock(block, frame.subarray(at + 4), 0, block.length, HASHES);
  if (size > 0 && size < block.length) {
    view.setUint32(at, size, true);
    return at + 4 + size;
  }
  view.setUint32(at, (block.length | STORED_PLAIN_BIT) >>> 0, true);
  frame.set(block, at + 4);
  return at + 4 + block.length;
}

function decompressLz4(bytes: Uint8Array, bytesMax: number): Uint8Array {
  const sizes = new FrameWalk(bytes, bytesMax, null);
  const unfolded = new Uint8Array(sizes.made);
  new FrameWalk(bytes, bytesMax, unfolded);
  return unfolded;
}

/** One pass over the frames: without a target it checks and measures, with one it unfolds. */
class FrameWalk {
  /** Bytes the frames unfold to. */
  made = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #bytesMax: number;
  readonly #target: Uint8Array | null;
  #at = 0;

  constructor(bytes: Uint8Array, bytesMax: number, target: Uint8Array | null) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#bytesMax = bytesMax;
    this.#target = target;
    do this.#frame(); while (this.#at < bytes.length);
  }

  #frame(): void {
    const magic = this.#view.getUint32(this.#skip(4), true);
    if (magic !== FRAME_MAGIC) {
      throw new DecodeError(`LZ4 frame starts with "${magic}", wanted ${FRAME_MAGIC}`);
    }
    const flags = this.#bytes[this.#skip(1)]!;
    const blockCode = (this.#bytes[this.#skip(1)]! >>> 4) & 7;
    // Version 1, no dictionary, a block size that is defined.
    if ((flags & 0xc1) !== 0x40 || blockCode < 4) {
      throw new DecodeError(`LZ4 frame with flags "${flags}" and block size "${blockCode}" cannot be read`);
    }
    this.#skip((flags & 0x08) === 0 ? 1 : 9);
    const blockBytesMax = 4 ** blockCode * 256;
    const linkedFrom = (flags & 0x20) === 0 ? this.made : -1;
    while (this.#block(linkedFrom, blockBytesMax, (flags & 0x10) !== 0));
    if ((flags & 0x04) !== 0) this.#skip(4);
  }

  /** One block; false at the end mark. `linkedFrom`: where blocks may look back to, −1 their own start. */
  #block(linkedFrom: number, blockBytesMax: number, hasChecksum: boolean): boolean {
    const word = this.#view.getUint32(this.#skip(4), true);
    if (word === 0) return false;
    const length = word & ~STORED_PLAIN_BIT;
    const isPlain = word !== length;
    const at = this.#skip(length);
    const lookBackMax = linkedFrom === -1 ? 0 : this.made - linkedFrom;
    if (this.#target === null) this.#measure(at, length, isPlain, lookBackMax, blockBytesMax);
    else this.#unfold(at, length, isPlain, this.#target);
    if (hasChecksum) this.#skip(4);
    return true;
  }

  #measure(at: number, length: number, isPlain: boolean, lookBackMax: number, blockBytesMax: number): void {
    const size = isPlain ? length : blockSize(this.#bytes, at, at + length, lookBackMax);
    if (size > blockBytesMax) {
      throw new DecodeError(`LZ4 block of "${size}" bytes must unfold to at most ${blockBytesMax} bytes`);
    }
    this.made += size;
    if (this.made > this.#bytesMax) {
      throw new DecodeError(
        `LZ4 frame of "${this.made}" bytes or more must unfold to at most ${this.#bytesMax}`,
      );
    }
  }

  #unfold(at: number, length: number, isPlain: boolean, target: Uint8Array): void {
    if (isPlain) {
      target.set(this.#bytes.subarray(at, at + length), this.made);
      this.made += length;
    } else this.made = LIBRARY.decompressBlock(this.#bytes, target, at, length, this.made);
  }

  #skip(length: number): number {
    const at = this.#at;
    if (length > this.#bytes.length - at) {
      throw new DecodeError(`LZ4 frame ends early: ${length} bytes wanted, ${this.#bytes.length - at} left`);
    }
    this.#at = at + length;
    return at;
  }
}

/**
 * Steps through the sequences of one compressed block and returns the bytes it
 * unfolds to. A sequence: token | more literal length | literals | distance u16 |
 * more match length; the last one stops after its literals.
 */
function blockSize(bytes: Uint8Array, from: number, to: number, lookBackMax: number): number {
  let at = from;
  let made = 0;
  while (at < to) {
    const token = bytes[at++]!;
    let literals = token >>> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255 && at < to) literals += more = bytes[at++]!;
    }
    at += literals;
    made += literals;
    if (at === to) return made;
    if (at > to - 2) break;
    const distance = bytes[at]! | (bytes[at + 1]! << 8);
    if (distance === 0 || distance > made + lookBackMax) {
      throw new DecodeError(`LZ4 match from "${distance}" bytes back must be 1 to ${made + lookBackMax}`);
    }
    at += 2;
    let match = token & 15;
    if (match === 15) {
      let more = 255;
      while (more === 255 && at < to) match += more = bytes[at++]!;
    }
    made += match + 4;
  }
  throw new DecodeError("LZ4 block ends inside a sequence");
}
