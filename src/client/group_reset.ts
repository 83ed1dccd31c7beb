/**
 * Moves a group's committed offsets: which partitions, where to, and what comes of
 * it, before anything is written. Offsets outside the log become its nearest end.
 */
import { TIMESTAMP_EARLIEST, TIMESTAMP_LATEST } from "../model/mod.ts";
import type { Connection, RequestOptions } from "./connection.ts";
import { WeirError } from "./error.ts";
import { offsetsAt } from "./group_ends.ts";
import { alterOffsets, committedOffsets, nameText } from "./group_offsets.ts";
import type { Metadata } from "./metadata.ts";
import { type Place, placeOf, type Position, type TopicPartition } from "./offsets.ts";
import { partitionKey } from "./partition_reader.ts";

/** Where a reset goes. */
export type ResetTarget =
  /** "earliest", "latest", an offset, the first record at or after a time (the end when there is none). */
  | Position
  /** Where the group is; where nothing is committed, the end. */
  | "current"
  /** So many records on from where the group is, or back. */
  | { readonly shiftBy: number };

/** What {@linkcode GroupReset} is to happen to. */
export interface ResetOptions extends RequestOptions {
  readonly to: ResetTarget;
  /** All partitions of these; without topics and partitions, whatever the group has committed. */
  readonly topics?: readonly string[] | undefined;
  readonly partitions?: readonly TopicPartition[] | undefined;
  /** Say what would be done and do nothing. */
  readonly dryRun?: boolean | undefined;
}

/** One partition of a reset. */
export interface GroupReset extends TopicPartition {
  /** Committed before; −1 where nothing was. */
  readonly before: number;
  /** Committed now, or with `dryRun` what would be. */
  readonly offset: number;
}

/** See `Admin.resetGroupOffsets`. */
export async function resetOffsets(
  connection: Connection,
  metadata: Metadata,
  group: string,
  options: ResetOptions,
): Promise<GroupReset[]> {
  const before = await beforeReset(connection, metadata, group, options);
  const resets = await targets(connection, before, options);
  if (options.dryRun !== true) await alterOffsets(connection, group, resets, options);
  return resets;
}

type Before = Omit<GroupReset, "offset">;

async function beforeReset(
  connection: Connection,
  metadata: Metadata,
  group: string,
  options: ResetOptions,
): Promise<Before[]> {
  const { topics, partitions } = options;
  const named = topics === undefined && partitions === undefined;
  const chosen = new Map((partitions ?? []).map((where) => [partitionKey(where), where]));
  for (const topic of topics ?? []) {
    for (const { partition } of (await metadata.refresh(topic, false, options)).partitions) {
      chosen.set(partitionKey({ topic, partition }), { topic, partition });
    }
  }
  const committed = await committedOffsets(connection, group, named ? null : [...chosen.values()], options);
  return committed.map(({ topic, partition, offset }) => ({ topic, partition, before: offset }));
}

async function targets(
  connection: Connection,
  rows: readonly Before[],
  options: ResetOptions,
): Promise<GroupReset[]> {
  const target = options.to;
  const shift = typeof target === "object" && "shiftBy" in target ? target.shiftBy : 0;
  const place = target === "current" || typeof target === "object" && "shiftBy" in target
    ? null
    : placeOf(target);
  const starts = await offsetsAt(connection, rows, TIMESTAMP_EARLIEST, options);
  const ends = await offsetsAt(connection, rows, TIMESTAMP_LATEST, options);
  const times = place !== null && "timestamp" in place && place.timestamp >= 0
    ? await offsetsAt(connection, rows, place.timestamp, options)
    : null;
  return rows.map(({ topic, partition, before }) => {
    const key = partitionKey({ topic, partition });
    const [start, end] = [starts.get(key), ends.get(key)];
    if (start === undefined || end === undefined) throw unknownEnds({ topic, partition });
    if (place === null && shift !== 0 && before < 0) throw notCommitted({ topic, partition });
    const current = before < 0 ? end : before + shift;
    const wanted = place === null ? current : offsetOfPlace(place, start, end, times?.get(key));
    return { topic, partition, before, offset: Math.min(Math.max(wanted, start), end) };
  });
}

function offsetOfPlace(place: Place, start: number, end: number, found: number | undefined): number {
  if ("offset" in place) return place.offset;
  if ("nearest" in place) return place.nearest;
  if (place.timestamp === TIMESTAMP_EARLIEST) return start;
  return found === undefined || found < 0 ? end : found;
}

function unknownEnds(where: TopicPartition): WeirError {
  return new WeirError("UNKNOWN_TOPIC_OR_PARTITION", `No log of ${nameText(where)} to reset an offset in`);
}

function notCommitted(where: TopicPartition): WeirError {
  return new WeirError("INVALID_ARGUMENT", `Nothing is committed in ${nameText(where)} to shift from`);
}
