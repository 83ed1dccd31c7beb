/**
 * Walks the batches of a segment file, header by header, over views of the file:
 * no copy where the disk maps it, one read per window where it does not. Checks
 * what the next header depends on (magic, size, offsets that ascend) and stops at
 * the first batch that is wrong, saying why. The CRC is checked when asked for.
 *
 *      from ........ position ........ end
 *                    | batch | next batch ...      [ window .............. )
 *
 * While a scan runs nothing else may touch the file: views die with the next call.
 */
import { assert } from "../model/mod.ts";
import * as batch from "../record/mod.ts";
import type { FileHandle } from "./open_files.ts";

/** Format of batches: the only one a log of Weir holds. */
const MAGIC = 2;
const EMPTY = new DataView(new ArrayBuffer(0));

/** Bytes per view when only headers are wanted: about what costs no more than the call itself. */
export const HEADER_WINDOW_BYTES = 16_384;
/** Bytes per view when all bytes are wanted. */
export const DATA_WINDOW_BYTES = 262_144;

export class BatchScan {
  readonly #handle: FileHandle;
  readonly #end: number;
  readonly #limitOffset: number;
  readonly #windowBytes: number;
  #windowAt = 0;
  /** Header of the batch at `at`; the bytes behind it only after `load`. */
  view: DataView = EMPTY;
  at = 0;
  /** Where the batch starts in the file, and its size. */
  position: number;
  bytes = 0;
  baseOffset = -1;
  lastOffset = -1;
  /** The lowest offset the next batch may have. */
  nextOffset: number;
  /** What is wrong with the bytes at `position`; `null` while all is well and at the end. */
  damage: string | null = null;

  /** Walks `[from, end)` of the file, expecting offsets from `nextOffset` on and below `limitOffset`. */
  constructor(
    handle: FileHandle,
    range: { readonly from: number; readonly end: number },
    offsets: { readonly nextOffset: number; readonly limitOffset: number },
    windowBytes: number,
  ) {
    assert(range.from <= range.end, "a scan goes forward");
    this.#handle = handle;
    this.#end = range.end;
    this.#limitOffset = offsets.limitOffset;
    this.#windowBytes = windowBytes;
    this.position = range.from;
    this.nextOffset = offsets.nextOffset;
  }

  /** Steps to the next batch. False at the end and at damage. */
  next(): boolean {
    assert(this.damage === null, "a scan does not go on after damage");
    if (this.bytes > 0) this.nextOffset = this.lastOffset + 1;
    this.position += this.bytes;
    this.bytes = 0;
    if (this.position === this.#end) return false;
    this.damage = this.#readHeader();
    if (this.damage !== null) this.bytes = 0;
    return this.damage === null;
  }

  /** The whole batch, valid until the next call of any method. */
  load(): Uint8Array {
    if (this.at + this.bytes > this.view.byteLength) this.#moveWindow(this.bytes);
    return new Uint8Array(this.view.buffer, this.view.byteOffset + this.at, this.bytes);
  }

  /** Views the batch again after something else used the file. */
  reload(): void {
    if (this.bytes > 0) this.#moveWindow(this.bytes);
  }

  /** True when the batch's bytes have the CRC its header says. */
  isSound(): boolean {
    this.load();
    return batch.batchIsSound(this.view, this.at, this.bytes);
  }

  #readHeader(): string | null {
    const left = this.#end - this.position;
    if (left < batch.BATCH_HEADER_BYTES) return `only ${left} bytes are left, fewer than a header has`;
    this.at = this.position - this.#windowAt;
    if (this.at + batch.BATCH_HEADER_BYTES > this.view.byteLength) this.#moveWindow(batch.BATCH_HEADER_BYTES);
    const { view, at } = this;
    const magic = batch.magic(view, at);
    if (magic !== MAGIC) return `its format is ${magic}, not ${MAGIC}`;
    const bytes = batch.batchBytes(view, at);
    if (bytes < batch.BATCH_HEADER_BYTES || bytes > left) {
      return `it says ${bytes} bytes, but ${left} are left`;
    }
    this.bytes = bytes;
    this.baseOffset = batch.baseOffset(view, at);
    this.lastOffset = batch.lastOffset(view, at);
    return this.#areOffsetsRight()
      ? null
      : `its offsets are ${this.baseOffset} to ${this.lastOffset}, expected is ${this.nextOffset}`;
  }

  /** Base offsets are outside the CRC: only the batches around can contradict one. */
  #areOffsetsRight(): boolean {
    const { baseOffset, lastOffset, nextOffset } = this;
    if (baseOffset < nextOffset || lastOffset < baseOffset || lastOffset >= this.#limitOffset) return false;
    const gap = baseOffset - nextOffset;
    if (gap === 0) return true;
    // Compaction leaves gaps. But when the batch behind would follow without one, or lies before, this base is wrong.
    const after = this.bytes + batch.BATCH_HEADER_BYTES;
    if (this.position + after > this.#end) return true;
    if (this.at + after > this.view.byteLength) this.#moveWindow(after);
    const next = this.at + this.bytes;
    const nextBase = batch.baseOffset(this.view, next);
    if (nextBase === lastOffset - gap + 1) return false;
    return nextBase > lastOffset || batch.magic(this.view, next) !== MAGIC;
  }

  /** Views at least `bytesMin` bytes from `position` on. */
  #moveWindow(bytesMin: number): void {
    const length = Math.min(Math.max(this.#windowBytes, bytesMin), this.#end - this.position);
    const window = this.#handle.use().view(this.position, length);
    this.view = new DataView(window.buffer, window.byteOffset, window.byteLength);
    this.#windowAt = this.position;
    this.at = 0;
  }
}

/**
 * Position of the first sound batch at or after `from` whose base offset is at least `nextOffset`
 * and whose last is below `limitOffset`: how reading goes on behind damaged bytes. −1 when there is none.
 */
export function findSoundBatch(
  handle: FileHandle,
  from: number,
  end: number,
  nextOffset: number,
  limitOffset: number,
): number {
  let windowAt = from;
  while (windowAt + batch.BATCH_HEADER_BYTES <= end) {
    const window = handle.use().view(windowAt, Math.min(DATA_WINDOW_BYTES, end - windowAt));
    const view = new DataView(window.buffer, window.byteOffset, window.byteLength);
    const at = findHeader(view, end - windowAt, nextOffset, limitOffset);
    if (at < 0) {
      windowAt += view.byteLength - batch.BATCH_HEADER_BYTES + 1;
      continue;
    }
    const range = { from: windowAt + at, end };
    const scan = new BatchScan(handle, range, { nextOffset, limitOffset }, DATA_WINDOW_BYTES);
    if (scan.next() && scan.isSound()) return windowAt + at;
    windowAt += at + 1;
  }
  return -1;
}

/** The first place in `view` that looks like the header of a wanted batch; −1. */
function findHeader(view: DataView, bytesLeft: number, nextOffset: number, limitOffset: number): number {
  const last = view.byteLength - batch.BATCH_HEADER_BYTES;
  for (let at = 0; at <= last; at++) {
    if (batch.magic(view, at) !== MAGIC) continue;
    const bytes = batch.batchBytes(view, at);
    if (bytes < batch.BATCH_HEADER_BYTES || bytes > bytesLeft - at) continue;
    if (batch.baseOffset(view, at) >= nextOffset && batch.lastOffset(view, at) < limitOffset) return at;
  }
  return -1;
}
