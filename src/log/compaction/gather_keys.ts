/**
 * The first pass of a cleaning: the last offset of every key in the dirty part,
 * as far as the map has room. Where it ends early the cleaning covers what was
 * read, and the next one goes on from there. Source: Kafka's `Cleaner.buildOffsetMap`.
 */
import { assert } from "../../model/mod.ts";
import * as batch from "../../record/mod.ts";
import type { BatchWalk } from "./batch_walk.ts";
import type { OffsetMap } from "./offset_map.ts";
import type { Transactions } from "./transactions.ts";

export class KeyGathering {
  /** The map holds all keys from the first dirty offset up to here. */
  latestOffset: number;
  readonly #map: OffsetMap;
  readonly #firstDirtyOffset: number;
  readonly #cursor = new batch.RecordCursor();

  constructor(map: OffsetMap, firstDirtyOffset: number) {
    this.#map = map;
    this.#firstDirtyOffset = firstDirtyOffset;
    this.latestOffset = firstDirtyOffset - 1;
  }

  /** Takes in the batch the walk stands at; false when the map is full. Throws like a read of its records. */
  take(walk: BatchWalk, transactions: Transactions): boolean {
    const { scan } = walk;
    if (scan.lastOffset < this.#firstDirtyOffset) return true;
    const bytes = walk.load();
    const isSkipped = batch.isControl(batch.attributes(scan.view, scan.at)) ||
      transactions.isAborted(scan.view, scan.at);
    if (!isSkipped && !this.#takeRecords(bytes)) return false;
    assert(scan.lastOffset > this.latestOffset || this.latestOffset === scan.lastOffset, "offsets ascend");
    this.latestOffset = scan.lastOffset;
    return true;
  }

  #takeRecords(bytes: Uint8Array): boolean {
    const cursor = this.#cursor;
    cursor.open(bytes);
    while (cursor.next()) {
      if (cursor.keySize < 0 || cursor.offset < this.#firstDirtyOffset) continue;
      if (!this.#map.put(cursor.bytes, cursor.keyAt, cursor.keySize, cursor.offset)) return false;
      this.latestOffset = cursor.offset;
    }
    return true;
  }
}
