/** What partitions tell beside their records: the idempotent producers they know, and where leader epochs end. */
import type { EpochEnd, ProducerDescription } from "../model/mod.ts";
import { type Connection, type RequestOptions, retry } from "./connection.ts";
import { errorOfWire, WeirError } from "./error.ts";
import type { TopicPartition } from "./offsets.ts";

/** The idempotent producers one partition knows. */
export interface PartitionProducers extends TopicPartition {
  readonly producers: readonly ProducerDescription[];
}

/** See `Admin.describeProducers`. */
export async function describeProducers(
  connection: Connection,
  topic: string,
  partitions: readonly number[],
  options: RequestOptions,
): Promise<PartitionProducers[]> {
  const entries = partitions.map((partition) => ({ topic, partition }));
  const ask = () => connection.request("describe_producers", { entries }, options);
  const reply = await retry(connection.settings, ask, options, "Describing producers");
  return reply.entries.map(({ partition, producers, e }) => {
    if (e) throw errorOfWire(e, `Producers of topic "${topic}", partition ${partition}`);
    return { topic, partition, producers };
  });
}

/** See `Admin.epochEnd`. */
export async function findEpochEnd(
  connection: Connection,
  { topic, partition }: TopicPartition,
  leaderEpoch: number,
  options: RequestOptions,
): Promise<EpochEnd> {
  const entries = [{ topic, partition, leaderEpoch }];
  const ask = () => connection.request("epoch_ends", { entries }, options);
  const reply = await retry(connection.settings, ask, options, "Finding the end of an epoch");
  const found = reply.entries[0];
  if (found === undefined) throw new WeirError("PROTOCOL", `The reply lacks topic "${topic}"`);
  if (found.e) throw errorOfWire(found.e, `Epochs of topic "${topic}", partition ${partition}`);
  return { leaderEpoch: found.leaderEpoch, endOffset: found.endOffset };
}
