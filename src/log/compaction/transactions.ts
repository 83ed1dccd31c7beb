/**
 * What compaction knows of transactions: which batches of the dirty part belong to
 * an aborted one, and whether a marker still has a batch to decide on. Markers are
 * gathered first, from the dirty part to the log's end; below the last stable
 * offset every transaction has one. In the clean part no aborted record is left.
 * Source: Kafka's `CleanedTransactionMetadata`.
 */
import { assert } from "../../model/mod.ts";
import * as batch from "../../record/mod.ts";

interface Markers {
  /** Ascending. */
  readonly offsets: number[];
  readonly isAbort: boolean[];
}

export class Transactions {
  readonly #markers = new Map<number, Markers>();
  /** Producers of whom a batch was seen since their last marker. */
  readonly #open = new Set<number>();

  /** Takes in a control batch of the part that is gathered. */
  gather(bytes: Uint8Array): void {
    const type = markerType(bytes);
    if (type < 0) return;
    const view = viewOf(bytes);
    const id = batch.producerId(view, 0);
    const markers = this.#markers.get(id) ?? { offsets: [], isAbort: [] };
    const offset = batch.lastOffset(view, 0);
    assert(offset > (markers.offsets.at(-1) ?? -1), "markers are gathered in order");
    markers.offsets.push(offset);
    markers.isAbort.push(type === batch.CONTROL_ABORT);
    this.#markers.set(id, markers);
  }

  /** True when the data batch at `at`, which reaches into the dirty part, belongs to an aborted transaction. */
  isAborted(view: DataView, at: number): boolean {
    if (!batch.isTransactional(batch.attributes(view, at))) return false;
    const markers = this.#markers.get(batch.producerId(view, at));
    if (markers === undefined) return false;
    const decided = above(markers.offsets, batch.lastOffset(view, at));
    return markers.isAbort[decided] ?? false;
  }

  /** A data batch goes by, in the order of the log. */
  pass(view: DataView, at: number): void {
    if (batch.isTransactional(batch.attributes(view, at))) this.#open.add(batch.producerId(view, at));
  }

  /** A control batch goes by: true when nothing is left for it to decide on. */
  passMarker(bytes: Uint8Array): boolean {
    if (batch.recordCount(viewOf(bytes), 0) === 0) return true;
    if (markerType(bytes) < 0) return false;
    return !this.#open.delete(batch.producerId(viewOf(bytes), 0));
  }
}

/** Commit or abort, −1 for every other control batch and an emptied one. */
function markerType(bytes: Uint8Array): number {
  if (batch.recordCount(viewOf(bytes), 0) === 0) return -1;
  const { type } = batch.readControlRecord(bytes);
  return type === batch.CONTROL_ABORT || type === batch.CONTROL_COMMIT ? type : -1;
}

/** Index of the first of `offsets` above `offset`. */
function above(offsets: readonly number[], offset: number): number {
  let low = 0;
  let high = offsets.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (offsets[middle]! > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
