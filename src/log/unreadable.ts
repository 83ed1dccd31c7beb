/**
 * Batches are checked by their bytes, not by their records: what a producer
 * compressed wrongly, or with a codec this machine lacks, is stored and served
 * all the same. Whoever looks into such a batch asks here what went wrong.
 */
import { DecodeError } from "../bytes/mod.ts";
import { CodecUnavailableError } from "../record/mod.ts";

/** True when `error` says that a sound batch's records can't be read here. */
export function isUnreadable(error: unknown): boolean {
  return error instanceof DecodeError || error instanceof CodecUnavailableError;
}
