/**
 * What consumers of the classic protocol tell each other through the broker,
 * which does not look at it: their subscriptions and assignments. Bytes that are
 * something else read as nothing: another kind of member may have written them.
 * Source: Kafka's ConsumerProtocolSubscription and ConsumerProtocolAssignment.
 *
 *     i16 version | i32 count x (string topic, i32 count x i32 partition) | ...   assignment
 *     i16 version | i32 count x string topic | ...                                subscription
 */
import { DecodeError, Reader } from "../bytes/mod.ts";
import type { TopicPartition } from "./offsets.ts";

/** The partitions of an assignment; none of bytes that are no assignment. */
export function partitionsOfAssignment(bytes: Uint8Array): TopicPartition[] {
  return readOr([], bytes, (reader) =>
    readList(reader, () => {
      const topic = reader.readString();
      return readList(reader, () => ({ topic, partition: reader.readInt32() }));
    }).flat());
}

/** The topics of a subscription; none of bytes that are no subscription. */
export function topicsOfSubscription(bytes: Uint8Array): string[] {
  return readOr([], bytes, (reader) => readList(reader, () => reader.readString()));
}

function readOr<Value>(otherwise: Value, bytes: Uint8Array, read: (reader: Reader) => Value): Value {
  if (bytes.length === 0) return otherwise;
  try {
    const reader = new Reader(bytes);
    reader.readInt16();
    return read(reader);
  } catch (error) {
    if (error instanceof DecodeError) return otherwise;
    throw error;
  }
}

function readList<Item>(reader: Reader, read: () => Item): Item[] {
  return Array.from({ length: Math.max(0, reader.readArrayCount()) }, read);
}
