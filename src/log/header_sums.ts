/**
 * What the CRC of a batch leaves out, summed for a segment that compaction made:
 * base offset, length, leader epoch, magic. In a log nobody cleaned each batch's
 * offset follows from the one before; where compaction left gaps it does not, and a
 * flipped bit would go unseen. The file `.headersum` lies beside the segment:
 *
 *      0 ....... 4 ....... 8 .......... 12 ............... 16 .......... 20 ......... 24
 *      | crc of  | version | bytes of    | position of the  | crc of the  | crc of the |
 *      | the rest| 0       | the .log    | last batch       | first batch | last batch |
 *
 *     24 + 8n .................... 28 + 8n ............................ 30 + 8n ...... 32 + 8n
 *      | sum over the headers of    | where the first of them begins    | check of    |
 *      | batches that begin in the  | in the block; 0xffff: none does   | the entry   |
 *      | n-th block of 4,096 bytes  |                                   |             |
 *
 * Made by the cleaner, swapped in with the segment. One that is of another `.log`,
 * for another broker cleaned or cut it, is passed over; so is a damaged entry.
 * Called when records are read, scrubbed, cleaned or verified.
 */
import { crc32c } from "../bytes/mod.ts";
import { assert } from "../model/mod.ts";
import * as batch from "../record/mod.ts";
import { DiskError } from "../storage/disk.ts";
import type { FileHandle } from "./open_files.ts";

export const BLOCK_BYTES = 4_096;
/** Of each batch: up to its CRC. */
export const SUMMED_BYTES = 17;
export const HEAD_BYTES = 24;
export const ENTRY_BYTES = 8;
/** In the place of a position: no batch begins in the block. */
export const NO_BATCH = 0xffff;
const CRC_AT = 17;

/** What is wrong with a batch that `findWrong` found. */
export const WRONG_HEADER = "its offset or leader epoch is not the one that compaction wrote";

/** A sentence on a file of sums that is damaged at a position. */
export function damagedSums({ handle, damage }: HeaderSums, position: number): string {
  return `Damaged "${handle.path}" at position "${position}": ${damage}; what it vouched for is read without, ` +
    `until the segment is compacted again`;
}

/** What the file says of itself and of its segment. */
export interface SumsHead {
  readonly logBytes: number;
  readonly lastPosition: number;
  readonly firstCrc: number;
  readonly lastCrc: number;
}

/** An entry: what it says of its block. */
interface Entry {
  readonly sum: number;
  readonly first: number;
}

/** Batches of a block, as far as one leads to the next. */
interface Block {
  readonly positions: readonly number[];
  /** Their headers, one behind the other. */
  readonly headers: Uint8Array;
}

/** The 16 bits that vouch for an entry. */
export function checkOf(block: number, sum: number, first: number): number {
  const view = new DataView(new ArrayBuffer(10));
  view.setUint32(0, block);
  view.setUint32(4, sum);
  view.setUint16(8, first);
  return crc32c(new Uint8Array(view.buffer)) & 0xffff;
}

/** The sums of one segment. */
export class HeaderSums {
  readonly handle: FileHandle;
  readonly #log: FileHandle;
  #state: "unknown" | "right" | "other" = "unknown";
  /** What is wrong with the file itself; `null` while nothing is known. */
  damage: string | null = null;

  constructor(log: FileHandle, handle: FileHandle) {
    this.#log = log;
    this.handle = handle;
  }

  /**
   * Position of the first batch that begins in `[from, to)` of the `.log` file, of `logBytes`, and is not as the
   * cleaner wrote it; −1 when all are, and where another batch of the block is damaged such that its CRC tells.
   * Views of the `.log` file do not outlive the call.
   */
  findWrong(from: number, to: number, logBytes: number): number {
    assert(from <= to && to <= logBytes, "what is compared is in the file");
    try {
      if (!this.#isOf(logBytes)) return -1;
      for (let block = Math.floor(from / BLOCK_BYTES); block * BLOCK_BYTES < to; block++) {
        const wrong = this.#findWrongIn(block, logBytes);
        const isInside = wrong >= from && wrong < to;
        if (isInside) return wrong;
      }
    } catch (error) {
      // What can't be read vouches for nothing. The log itself is another matter.
      if (!(error instanceof DiskError) || error.path !== this.handle.path) throw error;
      this.damage = error.message;
    }
    return -1;
  }

  /** Reads all of the file; gives the position in it of the first place that is damaged, −1 for none. */
  findDamage(logBytes: number): number {
    if (!this.#isOf(logBytes)) return this.damage === null ? -1 : 0;
    const count = Math.ceil(logBytes / BLOCK_BYTES);
    for (let block = 0; block < count; block++) {
      if (this.#entry(block) === null) return HEAD_BYTES + block * ENTRY_BYTES;
    }
    const size = HEAD_BYTES + count * ENTRY_BYTES;
    if (this.handle.use("read").size === size) return -1;
    this.damage = "bytes follow its last entry";
    return size;
  }

  /** True when the file is sound and that of this `.log`. */
  #isOf(logBytes: number): boolean {
    if (this.#state === "unknown") this.#state = this.#load(logBytes) ? "right" : "other";
    return this.#state === "right";
  }

  #load(logBytes: number): boolean {
    const head = this.#readHead();
    if (head === null || head.logBytes !== logBytes) return false;
    if (head.lastPosition + batch.BATCH_HEADER_BYTES > logBytes) return false;
    return this.#crcAt(0) === head.firstCrc && this.#crcAt(head.lastPosition) === head.lastCrc;
  }

  #readHead(): SumsHead | null {
    const view = this.#view(0, HEAD_BYTES);
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    if (bytes.length < HEAD_BYTES || crc32c(bytes, 4) !== view.getUint32(0) || view.getUint32(4) !== 0) {
      this.damage = "its first bytes do not have the checksum they say";
      return null;
    }
    return {
      logBytes: view.getUint32(8),
      lastPosition: view.getUint32(12),
      firstCrc: view.getUint32(16),
      lastCrc: view.getUint32(20),
    };
  }

  #crcAt(position: number): number {
    const bytes = this.#log.use().view(position, batch.BATCH_HEADER_BYTES);
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(CRC_AT);
  }

  #findWrongIn(block: number, logBytes: number): number {
    const entry = this.#entry(block);
    if (entry === null || entry.first === NO_BATCH) return -1;
    const found = this.#readBlock(block, entry.first, logBytes);
    if (crc32c(found.headers) === entry.sum) return -1;
    const flipped = findFlipped(found.headers, entry.sum);
    if (flipped >= 0) return found.positions[flipped]!;
    return this.#isDamagedOtherwise(found, logBytes) ? -1 : found.positions[0]!;
  }

  /** What the file says of a block; `null` when that is damaged. */
  #entry(block: number): Entry | null {
    const view = this.#view(HEAD_BYTES + block * ENTRY_BYTES, ENTRY_BYTES);
    if (view.byteLength === ENTRY_BYTES) {
      const entry = { sum: view.getUint32(0), first: view.getUint16(4) };
      if (view.getUint16(6) === checkOf(block, entry.sum, entry.first)) return entry;
    }
    this.damage = `entry "${block}" does not have the checksum it says`;
    return null;
  }

  /** The headers of the batches from `first` on that begin in the block. */
  #readBlock(block: number, first: number, logBytes: number): Block {
    const start = block * BLOCK_BYTES;
    const length = Math.min(BLOCK_BYTES + SUMMED_BYTES, logBytes - start);
    const bytes = this.#log.use().view(start, length);
    const view = new DataView(bytes.buffer, bytes.byteOffset, length);
    const positions: number[] = [];
    for (let at = first; at < BLOCK_BYTES && at + SUMMED_BYTES <= length;) {
      positions.push(start + at);
      const size = batch.batchBytes(view, at);
      if (size < batch.BATCH_HEADER_BYTES) break;
      at += size;
    }
    const headers = new Uint8Array(positions.length * SUMMED_BYTES);
    positions.forEach((position, index) => {
      const at = position - start;
      headers.set(bytes.subarray(at, at + SUMMED_BYTES), index * SUMMED_BYTES);
    });
    return { positions, headers };
  }

  /** True when a batch of the block is damaged in another way, which explains a sum that does not fit, and is told of by itself. */
  #isDamagedOtherwise({ positions }: Block, logBytes: number): boolean {
    return positions.some((position) => {
      const head = this.#log.use().view(position, Math.min(batch.BATCH_HEADER_BYTES, logBytes - position));
      if (head.length < batch.BATCH_HEADER_BYTES) return true;
      const size = batch.batchBytes(new DataView(head.buffer, head.byteOffset, head.byteLength), 0);
      if (size < batch.BATCH_HEADER_BYTES || position + size > logBytes) return true;
      const bytes = this.#log.use().view(position, size);
      return !batch.batchIsSound(new DataView(bytes.buffer, bytes.byteOffset, size), 0, size);
    });
  }

  /** Fewer bytes than asked for when the file has no more. */
  #view(position: number, length: number): DataView {
    const file = this.handle.use("read");
    const left = Math.max(0, Math.min(length, file.size - position));
    if (left === 0) return new DataView(new ArrayBuffer(0));
    const bytes = file.view(position, left);
    return new DataView(bytes.buffer, bytes.byteOffset, left);
  }
}

/** Which of the headers has the one flipped bit that makes them miss `sum`; −1 when there is none such. */
function findFlipped(headers: Uint8Array, sum: number): number {
  const tried = Uint8Array.from(headers);
  for (let at = 0; at < tried.length; at++) {
    for (let bit = 1; bit < 256; bit <<= 1) {
      tried[at]! ^= bit;
      if (crc32c(tried) === sum) return Math.floor(at / SUMMED_BYTES);
      tried[at]! ^= bit;
    }
  }
  return -1;
}
