/**
 * Goes over the batches of neighbouring segments, in pieces: between two pieces
 * the log is read and written to, so a piece ends with `pause` and the next one
 * views the file anew. Damage, also a file that can't be read, ends the walk with
 * an UncleanableError.
 */
import { assert } from "../../model/mod.ts";
import { DiskError } from "../../storage/disk.ts";
import { type BatchScan, DATA_WINDOW_BYTES } from "../batch_scan.ts";
import { WRONG_HEADER } from "../header_sums.ts";
import type { Segment } from "../segment.ts";
import { UncleanableError } from "./uncleanable.ts";

export class BatchWalk {
  readonly #segments: readonly Segment[];
  readonly #windowBytes: number;
  #index = 0;
  #position = 0;
  #nextOffset: number;
  #scan: BatchScan | null = null;
  /** Headers up to here are those that were written. */
  #checkedTo = 0;

  constructor(segments: readonly Segment[], windowBytes: number) {
    this.#segments = segments;
    this.#windowBytes = windowBytes;
    this.#nextOffset = segments[0]?.baseOffset ?? 0;
  }

  /** Stands at the batch that `next` found. */
  get scan(): BatchScan {
    assert(this.#scan !== null, "a batch is looked at after it was found");
    return this.#scan;
  }

  /** True when the batch is the last one of the last segment. */
  get isAtEnd(): boolean {
    const { position, bytes } = this.scan;
    const segment = this.#segments[this.#index]!;
    return this.#index === this.#segments.length - 1 && position + bytes === segment.bytes;
  }

  /** Goes to the next batch; false after the last one. Throws UncleanableError, DiskError. */
  next(): boolean {
    for (;;) {
      const segment = this.#segments[this.#index];
      if (segment === undefined) return false;
      this.#checkHeaders(segment);
      if (this.#read(() => this.#scanOf(segment).next())) return true;
      const { damage } = this.scan;
      if (damage !== null) throw this.#damaged(damage);
      this.#scan = null;
      this.#index++;
      this.#position = 0;
      this.#nextOffset = this.#segments[this.#index]?.baseOffset ?? 0;
    }
  }

  /** All bytes of the batch, after a look at its CRC. Valid until the file is next used. */
  load(): Uint8Array {
    if (!this.#read(() => this.scan.isSound())) throw this.#damaged("its CRC does not fit its bytes");
    return this.#read(() => this.scan.load());
  }

  /** The file will be used by others before the next batch is asked for. */
  pause(): void {
    const scan = this.#scan;
    if (scan === null) return;
    this.#position = scan.position + scan.bytes;
    this.#nextOffset = scan.bytes > 0 ? scan.lastOffset + 1 : scan.nextOffset;
    this.#scan = null;
  }

  /** Compares headers some way ahead with what an earlier cleaning wrote: a wrong offset must not be written anew. */
  #checkHeaders(segment: Segment): void {
    const position = this.#scan === null ? this.#position : this.#scan.position + this.#scan.bytes;
    const { sums, bytes, log } = segment;
    if (sums === null || position === bytes || (position > 0 && position < this.#checkedTo)) return;
    this.pause();
    const to = Math.min(bytes, position + DATA_WINDOW_BYTES);
    const wrong = this.#read(() => sums.findWrong(position, to, bytes));
    this.#checkedTo = to;
    if (wrong < 0) return;
    throw new UncleanableError(`Batch at position "${wrong}" of "${log.path}" is damaged: ${WRONG_HEADER}`);
  }

  #scanOf(segment: Segment): BatchScan {
    return this.#scan ??= segment.scan(this.#position, this.#nextOffset, this.#windowBytes);
  }

  /** A file of the log itself that can't be read is damage; any other error, of a sync to make room, say, is not. */
  #read<Value>(read: () => Value): Value {
    try {
      return read();
    } catch (error) {
      const { path } = this.#segments[this.#index]!.log;
      if (!(error instanceof DiskError) || error.path !== path) throw error;
      throw new UncleanableError(error.message);
    }
  }

  #damaged(what: string): UncleanableError {
    const { path } = this.#segments[this.#index]!.log;
    return new UncleanableError(`Batch at position "${this.scan.position}" of "${path}" is damaged: ${what}`);
  }
}
