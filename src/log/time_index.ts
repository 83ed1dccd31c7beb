/**
 * A segment's sparse map from time to offset, Kafka's `.timeindex`, big-endian:
 *
 *      0 ................................... 8 .................. 12
 *      | timestamp i64, ms since 1970        | relative offset i32 |
 *
 * An entry says: up to this offset no record is later than this timestamp. The
 * offset is the last one of the first batch that reached the timestamp. Both
 * columns ascend, timestamps strictly. Called by the segment and by verify.
 */
import { assert } from "../model/mod.ts";
import { EntryFile } from "./entry_file.ts";
import type { FileHandle } from "./open_files.ts";

export const TIME_ENTRY_BYTES = 12;
const TWO_32 = 4_294_967_296;

export class TimeIndex {
  readonly file: EntryFile;
  #lastTimestamp = -1;
  #lastKnown = false;

  constructor(handle: FileHandle, isNew: boolean) {
    this.file = new EntryFile(handle, TIME_ENTRY_BYTES, isNew);
  }

  get count(): number {
    return this.file.count;
  }

  /** Timestamp of the last entry, −1 when there is none. */
  get lastTimestamp(): number {
    if (!this.#lastKnown) {
      this.#lastTimestamp = this.count === 0 ? -1 : this.timestampAt(this.count - 1);
      this.#lastKnown = true;
    }
    return this.#lastTimestamp;
  }

  timestampAt(index: number): number {
    this.file.seek(index);
    return this.file.view.getInt32(this.file.at) * TWO_32 + this.file.view.getUint32(this.file.at + 4);
  }

  offsetAt(index: number): number {
    this.file.seek(index);
    return this.file.view.getInt32(this.file.at + 8);
  }

  /** Adds an entry if the timestamp is above the last one's; true if it did. */
  append(timestamp: number, relativeOffset: number): boolean {
    if (timestamp <= this.lastTimestamp) return false;
    assert(relativeOffset >= 0, "a time entry names an offset of the segment");
    this.file.append();
    this.file.view.setInt32(this.file.at, Math.floor(timestamp / TWO_32));
    this.file.view.setUint32(this.file.at + 4, timestamp >>> 0);
    this.file.view.setInt32(this.file.at + 8, relativeOffset);
    this.#lastTimestamp = timestamp;
    return true;
  }

  /** Index of the last entry at or below `timestamp`, −1 when there is none. */
  floor(timestamp: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.timestampAt(middle) <= timestamp) low = middle + 1;
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
