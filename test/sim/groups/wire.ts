/**
 * What classic members of consumer groups write into the bytes that the broker
 * hands on: Kafka's ConsumerProtocolSubscription and ConsumerProtocolAssignment.
 * Written here once more, apart from the coordinator's own reader, so that the
 * two check each other. Called by the simulated classic members.
 *
 *     subscription  version:i16 topics:[string] userData:bytes owned:[topic [partition]] (1+) generation:i32 (2+)
 *     assignment    version:i16 assigned:[topic [partition]] userData:bytes
 */
import { Reader, Writer } from "../../../src/bytes/mod.ts";

/** A partition as members talk of it: `topic-partition`. */
export type Place = string;

export interface Subscription {
  readonly topics: readonly string[];
  readonly owned: readonly Place[];
  /** Of the assignment that `owned` comes from; -1 when there was none. */
  readonly generation: number;
}

export function place(topic: string, partition: number): Place {
  return `${topic}-${partition}`;
}

/** The two halves of a place. */
export function partsOf(name: Place): { readonly topic: string; readonly partition: number } {
  const dash = name.lastIndexOf("-");
  return { topic: name.slice(0, dash), partition: Number(name.slice(dash + 1)) };
}

/** Places by their topics, both in order. */
export function byTopic(places: Iterable<Place>): Map<string, number[]> {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of [...places].sort().map(partsOf)) {
    const partitions = topics.get(topic);
    if (partitions === undefined) topics.set(topic, [partition]);
    else partitions.push(partition);
  }
  for (const partitions of topics.values()) partitions.sort((a, b) => a - b);
  return topics;
}

export function encodeSubscription({ topics, owned, generation }: Subscription, version: number): Uint8Array {
  const writer = new Writer();
  writer.writeInt16(version);
  writer.writeArrayCount(topics.length);
  for (const topic of topics) writer.writeString(topic);
  writer.writeBytes(null);
  if (version >= 1) writePlaces(writer, owned);
  if (version >= 2) writer.writeInt32(generation);
  return writer.bytes().slice();
}

export function decodeSubscription(bytes: Uint8Array): Subscription {
  const reader = new Reader(bytes);
  const version = reader.readInt16();
  const topics = Array.from({ length: reader.readArrayCount() }, () => reader.readString());
  reader.readNullableBytes();
  const owned = version >= 1 ? readPlaces(reader) : [];
  return { topics, owned, generation: version >= 2 ? reader.readInt32() : -1 };
}

export function encodeAssignment(places: readonly Place[]): Uint8Array {
  const writer = new Writer();
  writer.writeInt16(1);
  writePlaces(writer, places);
  writer.writeBytes(null);
  return writer.bytes().slice();
}

/** No bytes stand for no partitions: members that the leader forgot. */
export function decodeAssignment(bytes: Uint8Array): Place[] {
  if (bytes.length === 0) return [];
  const reader = new Reader(bytes);
  reader.readInt16();
  return readPlaces(reader);
}

function writePlaces(writer: Writer, places: readonly Place[]): void {
  const topics = byTopic(places);
  writer.writeArrayCount(topics.size);
  for (const [topic, partitions] of topics) {
    writer.writeString(topic);
    writer.writeArrayCount(partitions.length);
    for (const partition of partitions) writer.writeInt32(partition);
  }
}

function readPlaces(reader: Reader): Place[] {
  const places: Place[] = [];
  for (let topics = reader.readArrayCount(); topics > 0; topics--) {
    const topic = reader.readString();
    for (let count = reader.readArrayCount(); count > 0; count--) {
      places.push(place(topic, reader.readInt32()));
    }
  }
  return places;
}
