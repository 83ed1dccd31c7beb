/**
 * A segment's sparse map from offset to position, Kafka's `.index`. Offsets are
 * relative to the segment's base, both columns strictly ascend, big-endian:
 *
 *      0 ..................... 4 ..................... 8
 *      | relative offset i32   | position i32          |
 *
 * The offset is the *last* one of the batch that starts at the position, so an
 * entry can be checked against the batch it points at, which readers do. A clean
 * close adds an entry for the last batch: its offset tells the log's end without
 * a look at the records. Called by the segment and by verify.
 */
import { assert } from "../model/mod.ts";
import { EntryFile } from "./entry_file.ts";
import type { FileHandle } from "./open_files.ts";

export const OFFSET_ENTRY_BYTES = 8;

export class OffsetIndex {
  readonly file: EntryFile;
  #lastOffset = -1;
  #lastKnown = false;

  constructor(handle: FileHandle, isNew: boolean) {
    this.file = new EntryFile(handle, OFFSET_ENTRY_BYTES, isNew);
  }

  get count(): number {
    return this.file.count;
  }

  /** Relative offset of the last entry, −1 when there is none. */
  get lastOffset(): number {
    if (!this.#lastKnown) {
      this.#lastOffset = this.count === 0 ? -1 : this.offsetAt(this.count - 1);
      this.#lastKnown = true;
    }
    return this.#lastOffset;
  }

  offsetAt(index: number): number {
    this.file.seek(index);
    return this.file.view.getInt32(this.file.at);
  }

  positionAt(index: number): number {
    this.file.seek(index);
    return this.file.view.getInt32(this.file.at + 4);
  }

  /** Adds an entry; both values above the last one's. */
  append(relativeOffset: number, position: number): void {
    assert(relativeOffset > this.lastOffset, "offsets in an index ascend");
    this.file.append();
    this.file.view.setInt32(this.file.at, relativeOffset);
    this.file.view.setInt32(this.file.at + 4, position);
    this.#lastOffset = relativeOffset;
  }

  /** Index of the last entry at or below `relativeOffset`, −1 when there is none. */
  floor(relativeOffset: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.offsetAt(middle) <= relativeOffset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Keeps the first `count` entries; true if the file changed. */
  truncate(count: number): boolean {
    this.#lastKnown = false;
    return this.file.truncate(count);
  }
}
