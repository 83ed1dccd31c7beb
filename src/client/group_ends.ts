/**
 * Where logs begin and end, and how old the first record is behind an offset: for
 * many partitions at once, where one that is gone does not spoil the others.
 */
import { attributes, baseTimestamp, forEachBatch, isControl, readRecords } from "../record/mod.ts";
import { type Connection, type RequestOptions, retry } from "./connection.ts";
import type { TopicPartition } from "./offsets.ts";
import { partitionKey } from "./partition_reader.ts";

/** Bytes of a partition asked for first, and then where that was too little; the answer's first batch comes whole. */
const LOOK_BYTES = 16_384;
const LONG_LOOK_BYTES = 1_048_576;
/** Of one answer. */
const ANSWER_BYTES = 8_388_608;
const PARTITIONS_PER_LOOK = 500;

/** Offsets at a timestamp (or −1 latest, −2 earliest) by {@linkcode partitionKey}; none for a partition that cannot say. */
export async function offsetsAt(
  connection: Connection,
  partitions: readonly TopicPartition[],
  timestamp: number,
  options: RequestOptions,
): Promise<Map<string, number>> {
  if (partitions.length === 0) return new Map();
  const entries = partitions.map(({ topic, partition }) => ({ topic, partition, timestamp }));
  const ask = () => connection.request("list_offsets", { entries }, options);
  const reply = await retry(connection.settings, ask, options, "Listing offsets");
  const found = reply.entries.filter(({ e }) => !e);
  return new Map(found.map((entry) => [partitionKey(entry), entry.offset]));
}

/** Times of the first records at or after given offsets, by {@linkcode partitionKey}; none where there is no such record. */
export async function firstTimestamps(
  connection: Connection,
  places: readonly (TopicPartition & { readonly offset: number })[],
  options: RequestOptions,
): Promise<Map<string, number>> {
  const times = new Map<string, number>();
  let left = [...places];
  for (let bytesMax = LOOK_BYTES; left.length > 0; bytesMax = LONG_LOOK_BYTES) {
    const before = left.length;
    for (let from = 0; from < before; from += PARTITIONS_PER_LOOK) {
      await look(connection, left.slice(from, from + PARTITIONS_PER_LOOK), bytesMax, times, options);
    }
    left = left.filter((place) => !times.has(partitionKey(place)));
    if (left.length === before && bytesMax === LONG_LOOK_BYTES) break;
  }
  return times;
}

async function look(
  connection: Connection,
  places: readonly (TopicPartition & { readonly offset: number })[],
  bytesMax: number,
  times: Map<string, number>,
  options: RequestOptions,
): Promise<void> {
  const entries = places.map(({ topic, partition, offset }) => ({ topic, partition, offset, bytesMax }));
  const body = { waitMsMax: 0, bytesMax: ANSWER_BYTES, entries };
  const ask = () => connection.request("fetch", body, options);
  const reply = await retry(connection.settings, ask, options, "Looking at records");
  reply.entries.forEach(({ topic, partition, e, records }, index) => {
    const time = e ? null : firstTimestamp(records, places[index]!.offset);
    if (time !== null) times.set(partitionKey({ topic, partition }), time);
  });
}

/** The time of the first record at or after `offset`; `null` when none of `bytes` is. */
function firstTimestamp(bytes: Uint8Array, offset: number): number | null {
  let found: number | null = null;
  forEachBatch(bytes, (batch) => {
    if (found === null) found = timestampIn(batch, offset);
  });
  return found;
}

function timestampIn(batch: Uint8Array, offset: number): number | null {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
  if (isControl(attributes(view, 0))) return null;
  try {
    return readRecords(batch).find((record) => record.offset >= offset)?.timestamp ?? null;
  } catch {
    // A codec this runtime lacks, or damage: the batch's own time is near enough for a lag.
    return baseTimestamp(view, 0);
  }
}
