/**
 * What the pieces of a cleaning's work take, in bytes of plain records, so that a
 * step of a given budget takes about the same time whatever it comes upon. By
 * measurement: a record of a few bytes takes as long as a hundred bytes more of
 * its neighbour's value, and packed bytes as long as what they unfold to.
 */
import * as batch from "../../record/mod.ts";
import type { BatchScan } from "../batch_scan.ts";

const RECORD_COST_BYTES = 100;
const PACKED_FACTOR = 8;
/** Syncing a file that is on the device already, or renaming a few. */
export const SYNC_COST_BYTES = 1_048_576;
/** Ends a step: something goes on in the background. */
export const WAIT_COST_BYTES = Number.MAX_SAFE_INTEGER;

/** Reading the batch at which `scan` stands, and all its records. */
export function batchCost({ view, at, bytes }: BatchScan): number {
  const isPacked = batch.codecOf(batch.attributes(view, at)) !== 0;
  return bytes * (isPacked ? PACKED_FACTOR : 1) + RECORD_COST_BYTES * batch.recordCount(view, at);
}
