/**
 * What stays of a batch: the second pass, one batch at a time. Source: Kafka's
 * `Cleaner.cleanInto`, KIP-534.
 *
 *     record      beyond the map: stays. Else the last one of its key stays; a tombstone until its horizon is
 *                 past; one without a key goes
 *     aborted     all records go
 *     marker      stays while a batch of its transaction does, and then until its own horizon is past
 *     no record   the batch goes, but for an empty header of an active producer's last batch, of the last one
 *                 the cleaning covers; and (ours) a nameless one for the last one of a new segment: so
 *                 a segment ends where the next begins, and recovery can tell what compaction took from what a
 *                 crash took
 */
import * as batch from "../../record/mod.ts";
import type { LastBatch } from "../producer_states.ts";
import type { OffsetMap } from "./offset_map.ts";
import type { Transactions } from "./transactions.ts";

/** 142,000 years, for a `delete.retention.ms` of "never": timestamps that count from a horizon stay safe integers. */
const HORIZON_MS_MAX = 2 ** 52;

/** What the rules go by. */
export interface Rules {
  readonly map: OffsetMap;
  readonly transactions: Transactions;
  readonly lastBatches: ReadonlyMap<number, LastBatch>;
  readonly firstDirtyOffset: number;
  /** The map holds all keys from the first dirty offset up to here. */
  readonly latestOffset: number;
  readonly nowMs: number;
  /** `delete.retention.ms` */
  readonly tombstoneMs: number;
}

export class Survivors {
  readonly #rules: Rules;
  readonly #rewriter = new batch.BatchRewriter();
  /** Counts of records seen and kept so far. */
  recordsRead = 0;
  recordsKept = 0;

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  /** What stays of a sound batch: valid until the next call; `null` when it goes as a whole. */
  of(bytes: Uint8Array, isEndOfSegment: boolean): Uint8Array | null {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const isControl = batch.isControl(batch.attributes(view, 0));
    const isNeedless = isControl ? this.#rules.transactions.passMarker(bytes) : this.#passBatch(view);
    const isGone = isNeedless && (!isControl || this.#isPastHorizon(view));
    const rewritten = this.#rewriter.rewrite(bytes, {
      isKept: isGone ? keepsNone : isControl ? keepsAll : this.#recordRule(view),
      horizonMs: Math.min(HORIZON_MS_MAX, this.#rules.nowMs + this.#rules.tombstoneMs),
      isHorizonForced: isControl && isNeedless,
    });
    this.recordsRead += rewritten.recordsRead;
    this.recordsKept += rewritten.recordsKept;
    if (rewritten.bytes !== null) return rewritten.bytes;
    const isHeaderKept = this.#isLastOfProducer(view) ||
      batch.lastOffset(view, 0) === this.#rules.latestOffset;
    if (isHeaderKept) return this.#rewriter.empty(bytes);
    return isEndOfSegment ? this.#rewriter.placeholder(bytes) : null;
  }

  /** True when the data batch belongs to an aborted transaction. */
  #passBatch(view: DataView): boolean {
    const { transactions, firstDirtyOffset } = this.#rules;
    transactions.pass(view, 0);
    return batch.lastOffset(view, 0) >= firstDirtyOffset && transactions.isAborted(view, 0);
  }

  #isPastHorizon(view: DataView): boolean {
    return batch.hasDeleteHorizon(batch.attributes(view, 0)) &&
      batch.baseTimestamp(view, 0) <= this.#rules.nowMs;
  }

  #recordRule(view: DataView): (record: batch.RecordCursor) => boolean {
    const { map, latestOffset } = this.#rules;
    const areTombstonesKept = !this.#isPastHorizon(view);
    return (record) => {
      if (record.offset > latestOffset) return true;
      if (record.keySize < 0 || (record.valueSize < 0 && !areTombstonesKept)) return false;
      return record.offset >= map.get(record.bytes, record.keyAt, record.keySize);
    };
  }

  #isLastOfProducer(view: DataView): boolean {
    const last = this.#rules.lastBatches.get(batch.producerId(view, 0));
    if (last === undefined) return false;
    if (last.lastOffset >= 0) return last.lastOffset === batch.lastOffset(view, 0);
    return batch.isControl(batch.attributes(view, 0)) && batch.producerEpoch(view, 0) === last.epoch;
  }
}

function keepsAll(): boolean {
  return true;
}

function keepsNone(): boolean {
  return false;
}
