/**
 * Makes a `.headersum` file, whose layout `header_sums.ts` draws, while compaction
 * writes the segment it belongs to.
 */
import { crc32c } from "../bytes/mod.ts";
import { assert } from "../model/mod.ts";
import * as batch from "../record/mod.ts";
import {
  BLOCK_BYTES,
  checkOf,
  ENTRY_BYTES,
  HEAD_BYTES,
  NO_BATCH,
  SUMMED_BYTES,
  type SumsHead,
} from "./header_sums.ts";

const HEADERS_MAX = Math.ceil(BLOCK_BYTES / batch.BATCH_HEADER_BYTES);

export class HeaderSumsWriter {
  /** Of the blocks that are complete: sum, and where the first batch begins. */
  readonly #entries: number[] = [];
  readonly #headers = new Uint8Array(HEADERS_MAX * SUMMED_BYTES);
  #count = 0;
  #first = NO_BATCH;
  #firstCrc = 0;
  #lastCrc = 0;
  #lastPosition = 0;

  /** Takes in the batch that was written at `position`, behind all others. */
  add(bytes: Uint8Array, position: number): void {
    assert(position === 0 || position > this.#lastPosition, "batches come in their order");
    const block = Math.floor(position / BLOCK_BYTES);
    while (this.#entries.length < 2 * block) this.#completeBlock();
    if (this.#count === 0) this.#first = position % BLOCK_BYTES;
    this.#headers.set(bytes.subarray(0, SUMMED_BYTES), this.#count++ * SUMMED_BYTES);
    this.#lastCrc = batch.crc(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
    if (position === 0) this.#firstCrc = this.#lastCrc;
    this.#lastPosition = position;
  }

  /** The whole file, once the `.log` has `logBytes` bytes and will get no more. */
  finish(logBytes: number): Uint8Array {
    assert(logBytes > this.#lastPosition, "the last batch has bytes");
    while (this.#entries.length < 2 * Math.ceil(logBytes / BLOCK_BYTES)) this.#completeBlock();
    const count = this.#entries.length / 2;
    const view = new DataView(new ArrayBuffer(HEAD_BYTES + count * ENTRY_BYTES));
    for (let block = 0; block < count; block++) {
      const [sum, first] = [this.#entries[2 * block]!, this.#entries[2 * block + 1]!];
      const at = HEAD_BYTES + block * ENTRY_BYTES;
      view.setUint32(at, sum);
      view.setUint16(at + 4, first);
      view.setUint16(at + 6, checkOf(block, sum, first));
    }
    const { lastCrc, firstCrc } = { lastCrc: this.#lastCrc, firstCrc: this.#firstCrc };
    putHead(view, { logBytes, lastPosition: this.#lastPosition, firstCrc, lastCrc });
    return new Uint8Array(view.buffer);
  }

  #completeBlock(): void {
    const sum = crc32c(this.#headers.subarray(0, this.#count * SUMMED_BYTES));
    this.#entries.push(this.#count === 0 ? 0 : sum, this.#first);
    this.#count = 0;
    this.#first = NO_BATCH;
  }
}

function putHead(view: DataView, head: SumsHead): void {
  view.setUint32(8, head.logBytes);
  view.setUint32(12, head.lastPosition);
  view.setUint32(16, head.firstCrc);
  view.setUint32(20, head.lastCrc);
  view.setUint32(0, crc32c(new Uint8Array(view.buffer, 0, HEAD_BYTES), 4));
}
