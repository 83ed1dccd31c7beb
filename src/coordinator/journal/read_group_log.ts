/**
 * A log of `__consumer_offsets` read from its start to its end. What Kafka's
 * producers committed within transactions counts from the marker that ends theirs,
 * at the place where it stands; of one that was aborted, or never ended, nothing
 * does. Called by the logs of groups.
 */
import { DecodeError } from "../../bytes/mod.ts";
import type { Log } from "../../log/mod.ts";
import { assert } from "../../model/mod.ts";
import {
  attributes,
  baseOffset,
  CodecUnavailableError,
  CONTROL_COMMIT,
  forEachBatch,
  isControl,
  isTransactional,
  lastOffset,
  producerId,
  readControlRecord,
  recordCount,
  RecordCursor,
} from "../../record/mod.ts";
import type { GroupRecord } from "../groups/record.ts";
import { decodeGroupRecord } from "./decode_groups.ts";

/** What a log held. */
export interface ReplayedLog {
  readonly records: readonly GroupRecord[];
  /** Records of types that are not known. */
  readonly passedOver: number;
}

/** A log that holds what cannot be read. */
export class UnreadableLog extends Error {
  override name = "UnreadableLog";
}

const READ_BYTES = 262_144;

/** Everything in the log that counts, in its order. Throws UnreadableLog. */
export function readGroupLog(log: Log): ReplayedLog {
  const reading = new Reading();
  let offset = log.logStartOffset;
  let buffer = new Uint8Array(0);
  while (offset < log.logEndOffset) {
    const slice = log.locate(offset, READ_BYTES, log.logEndOffset, true);
    if ("code" in slice) throw new UnreadableLog(slice.message);
    // Nothing but records that a cleaner removed.
    if (slice.length === 0) break;
    if (buffer.length < slice.length) buffer = new Uint8Array(Math.max(slice.length, READ_BYTES));
    const target = buffer.subarray(0, slice.length);
    const failed = log.copy(slice, target);
    if (failed !== null) throw new UnreadableLog(failed.message);
    reading.add(target, offset);
    assert(slice.nextOffset > offset, "every read brings at least one batch");
    offset = slice.nextOffset;
  }
  return reading.finish();
}

interface Placed {
  readonly offset: number;
  readonly record: GroupRecord;
}

class Reading {
  readonly #cursor = new RecordCursor();
  readonly #placed: Placed[] = [];
  /** Of transactions that have not ended, by producer. */
  readonly #undecided = new Map<number, Placed[]>();
  #passedOver = 0;
  #isOutOfOrder = false;

  /** Takes in the records of the batches in `bytes` from `fromOffset` on. */
  add(bytes: Uint8Array, fromOffset: number): void {
    forEachBatch(bytes, (batch) => {
      const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
      if (lastOffset(view, 0) < fromOffset) return;
      try {
        if (isControl(attributes(view, 0))) this.#end(batch, view);
        else this.#take(batch, fromOffset, this.#targetOf(view));
      } catch (error) {
        if (!(error instanceof DecodeError) && !(error instanceof CodecUnavailableError)) throw error;
        throw new UnreadableLog(`Batch at offset "${baseOffset(view, 0)}" cannot be read: ${error.message}`);
      }
    });
  }

  finish(): ReplayedLog {
    if (this.#isOutOfOrder) this.#placed.sort((left, right) => left.offset - right.offset);
    return { records: this.#placed.map(({ record }) => record), passedOver: this.#passedOver };
  }

  #targetOf(view: DataView): Placed[] {
    if (!isTransactional(attributes(view, 0))) return this.#placed;
    const id = producerId(view, 0);
    let records = this.#undecided.get(id);
    if (records === undefined) this.#undecided.set(id, records = []);
    return records;
  }

  #take(batch: Uint8Array, fromOffset: number, target: Placed[]): void {
    const cursor = this.#cursor;
    cursor.open(batch);
    while (cursor.next()) {
      if (cursor.offset < fromOffset) continue;
      const record = decodeGroupRecord(cursor.key, cursor.value);
      if (record === null) this.#passedOver++;
      else target.push({ offset: cursor.offset, record });
    }
  }

  /** Ends the transaction of a marker's producer; an emptied control batch says nothing. */
  #end(batch: Uint8Array, view: DataView): void {
    if (recordCount(view, 0) === 0) return;
    const id = producerId(view, 0);
    const records = this.#undecided.get(id) ?? [];
    this.#undecided.delete(id);
    if (records.length === 0 || readControlRecord(batch).type !== CONTROL_COMMIT) return;
    for (const placed of records) this.#placed.push(placed);
    this.#isOutOfOrder = true;
  }
}
