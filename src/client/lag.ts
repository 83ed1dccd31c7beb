/** How far a consumer is behind in the partitions it reads. */
import type { Connection, RequestOptions } from "./connection.ts";
import type { Lag } from "./consumer_options.ts";
import { listOffsets } from "./offsets.ts";
import type { PartitionReader } from "./partition_reader.ts";
import { nowMs } from "./runtime.ts";

/** See `Consumer.lag`. */
export async function lagOf(
  readers: readonly PartitionReader[],
  connection: Connection,
  options: RequestOptions,
): Promise<Lag[]> {
  const entries = readers.map(({ topic, partition }) => ({ topic, partition, timestamp: -1 }));
  const ends = await listOffsets(connection, entries, options);
  return readers.map(({ topic, partition, position, lastTimestampMs }, index) => {
    const end = ends[index]!.offset;
    const records = Math.max(0, end - position);
    const behindMs = lastTimestampMs < 0 ? null : Math.max(0, nowMs() - lastTimestampMs);
    return { topic, partition, position, end, records, behindMs: records === 0 ? 0 : behindMs };
  });
}
