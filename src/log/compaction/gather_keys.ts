/**
 * The first pass of a cleaning: the last offset of every key in the dirty part,
 * as far as the map has room. Where it ends early the cleaning covers what was
 * read, and the next one goes on from there. Source: Kafka's `Cleaner.buildOffsetMap`.
 */
import { assert } from "../../model/mod.ts";
import * as batch from "../../record/mod.ts";
import type { BatchScan } from "../batch_scan.ts";
import type { BatchWalk } from "./batch_walk.ts";
import type { OffsetMap } from "./offset_map.ts";
import type { Transactions } from "./transactions.ts";
import { UncleanableError } from "./uncleanable.ts";

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
    if (!isSkipped && !this.#takeRecords(bytes, scan)) return false;
    assert(scan.lastOffset >= this.latestOffset, "offsets ascend");
    this.latestOffset = scan.lastOffset;
    return true;
  }

  #takeRecords(bytes: Uint8Array, { baseOffset, lastOffset }: BatchScan): boolean {
    const cursor = this.#cursor;
    cursor.open(bytes);
    for (let lowest = baseOffset; cursor.next(); lowest = cursor.offset + 1) {
      // A producer may have written anything before the topic was compacted; since then it is checked.
      if (cursor.offset < lowest || cursor.offset > lastOffset) {
        const words = `Record of offset "${cursor.offset}" lies in a batch of ${baseOffset} to ${lastOffset}`;
        throw new UncleanableError(`${words}, wanted is ${lowest} or more`);
      }
      if (cursor.keySize < 0 || cursor.offset < this.#firstDirtyOffset) continue;
      if (!this.#map.put(cursor.bytes, cursor.keyAt, cursor.keySize, cursor.offset)) return false;
      this.latestOffset = cursor.offset;
    }
    return true;
  }
}
