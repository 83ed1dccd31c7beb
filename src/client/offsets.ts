/**
 * Words for a place in a partition ("earliest", an offset, a time) and what they
 * mean in the protocol. Used by the consumer and the admin.
 */
import { TIMESTAMP_EARLIEST, TIMESTAMP_LATEST, TIMESTAMP_MAX } from "../model/mod.ts";
import type { NativeReplies } from "../native/mod.ts";
import { type Connection, type RequestOptions, retry } from "./connection.ts";
import { errorOfWire, WeirError } from "./error.ts";

/**
 * A place in a partition: its first record, its end, an offset, or the first
 * record at or after a time (a `Date` or an ISO 8601 text; the end when there is none).
 */
export type Position = "earliest" | "latest" | number | Date | string;

/** Names one partition. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** A place that is an offset already, or a timestamp to ask the broker about, or whatever of the log is nearest to an offset. */
export type Place =
  | { readonly offset: number }
  | { readonly timestamp: number }
  | { readonly nearest: number };

/** What a {@linkcode Position} means. Throws INVALID_ARGUMENT for one that means nothing. */
export function placeOf(position: Position): Place {
  if (position === "earliest") return { timestamp: TIMESTAMP_EARLIEST };
  if (position === "latest") return { timestamp: TIMESTAMP_LATEST };
  if (typeof position === "number") {
    if (Number.isSafeInteger(position) && position >= 0) return { offset: position };
  } else {
    const timestamp = position instanceof Date ? position.getTime() : parseTime(position);
    if (Number.isFinite(timestamp)) return { timestamp: Math.max(0, timestamp) };
  }
  throw new WeirError(
    "INVALID_ARGUMENT",
    `Position "${String(position)}" must be earliest, latest, an offset from 0, a Date or an ISO 8601 time`,
  );
}

function parseTime(text: unknown): number {
  return typeof text === "string" && /^\d{4}-\d\d/.test(text) ? Date.parse(text) : NaN;
}

/** What the broker found for one partition. */
export interface FoundOffset extends TopicPartition {
  /** −1 when no record is at or after the time. */
  readonly offset: number;
  /** The found record's timestamp; −1 where there is none. */
  readonly timestamp: number;
}

/** Asks for one timestamp per partition, with retries. Throws the first fault. */
export async function listOffsets(
  connection: Connection,
  entries: readonly (TopicPartition & { readonly timestamp: number })[],
  options: RequestOptions,
): Promise<FoundOffset[]> {
  if (entries.length === 0) return [];
  const ask = async () => {
    const reply = await connection.request("list_offsets", { entries: [...entries] }, options);
    return reply.entries.map(foundOffset);
  };
  return await retry(connection.settings, ask, options, "Listing offsets");
}

function foundOffset(entry: NativeReplies["list_offsets"]["entries"][number]): FoundOffset {
  const { topic, partition, e, offset, timestamp } = entry;
  if (e) throw errorOfWire(e, `Offsets of topic "${topic}", partition ${partition}`);
  return { topic, partition, offset, timestamp };
}

/** The timestamp that asks for `position`, where `max` stands for the record with the largest timestamp. */
export function timestampOf(position: Exclude<Position, number> | "max"): number {
  if (position === "max") return TIMESTAMP_MAX;
  const place = placeOf(position);
  return "timestamp" in place ? place.timestamp : TIMESTAMP_LATEST;
}
