/** Batches of records the oracle knows. */
import { type BatchOptions, encodeBatch } from "../../src/record/mod.ts";
import type { SentRecord } from "./sent_record.ts";

/** What a tombstone is known by, for it has no value. */
export const ID_HEADER = "id";

/** Encodes records of one partition, and tells the oracle that they are one batch. */
export function encodeSent(records: readonly SentRecord[], options: BatchOptions = {}): Uint8Array {
  const batch = encodeBatch(
    records.map(({ timestamp, key, value, isTombstone }) =>
      isTombstone ? { timestamp, key, value: null, headers: [[ID_HEADER, value]] } : { timestamp, key, value }
    ),
    options,
  );
  const first = records[0]!;
  for (const record of records) record.batch = first.sequence;
  first.partition.upkeep?.sent(records, batch.length);
  return batch;
}
