/**
 * What classic consumers say inside JoinGroup and are told inside SyncGroup: the
 * embedded consumer protocol. A group of the consumer protocol must understand it
 * to have classic members. Newer versions than known begin like the newest known.
 *
 *     version int16 | ConsumerProtocolSubscription or ConsumerProtocolAssignment
 */
import {
  DecodeError,
  messageCodec,
  type MessageOf,
  Reader,
  type Schema,
  Writer,
} from "../../../../bytes/mod.ts";
import type { GroupProtocol, Image } from "../../../../model/mod.ts";
import { canonical, NONE, type Partitions } from "../partitions.ts";

const VERSION_MAX = 3;

/** Source: Kafka's ConsumerProtocolSubscription. */
const SUBSCRIPTION = {
  name: "ConsumerProtocolSubscription",
  validVersions: "0-3",
  flexibleVersions: "none",
  fields: [
    { name: "topics", type: "[]string", versions: "0+" },
    { name: "userData", type: "bytes", versions: "0+", nullableVersions: "0+", default: "null" },
    {
      name: "ownedPartitions",
      type: "[]TopicPartition",
      versions: "1+",
      ignorable: true,
      fields: [
        { name: "topic", type: "string", versions: "1+" },
        { name: "partitions", type: "[]int32", versions: "1+" },
      ],
    },
    { name: "generationId", type: "int32", versions: "2+", default: -1, ignorable: true },
    {
      name: "rackId",
      type: "string",
      versions: "3+",
      nullableVersions: "3+",
      default: "null",
      ignorable: true,
    },
  ],
} as const satisfies Schema;

/** Source: Kafka's ConsumerProtocolAssignment. */
const ASSIGNMENT = {
  name: "ConsumerProtocolAssignment",
  validVersions: "0-3",
  flexibleVersions: "none",
  fields: [
    {
      name: "assignedPartitions",
      type: "[]TopicPartition",
      versions: "0+",
      fields: [
        { name: "topic", type: "string", versions: "0+" },
        { name: "partitions", type: "[]int32", versions: "0+" },
      ],
    },
    { name: "userData", type: "bytes", versions: "0+", nullableVersions: "0+", default: "null" },
  ],
} as const satisfies Schema;

/** What a classic consumer subscribes to, and what it says it owns. */
export interface Subscription {
  readonly topics: readonly string[];
  readonly owned: Partitions;
  readonly rackId: string | null;
}

/** The subscription in the first of `protocols`; `null` when there is none that can be read. */
export function readSubscription(protocols: readonly GroupProtocol[], image: Image): Subscription | null {
  const bytes = protocols[0]?.metadata;
  const message = bytes === undefined
    ? null
    : readMessage<MessageOf<typeof SUBSCRIPTION>>(SUBSCRIPTION, bytes);
  if (message === null) return null;
  const { topics, ownedPartitions, rackId } = message;
  return { topics, owned: withIds(ownedPartitions, image), rackId: rackId === "" ? null : rackId };
}

/** The partitions of an assignment; empty bytes are none, `null` is what cannot be read. */
export function readAssignment(bytes: Uint8Array, image: Image): Partitions | null {
  if (bytes.length === 0) return NONE;
  const message = readMessage<MessageOf<typeof ASSIGNMENT>>(ASSIGNMENT, bytes);
  return message === null ? null : withIds(message.assignedPartitions, image);
}

/** An assignment's bytes, in the version of the member's own `subscription`. Topics that are gone are left out. */
export function assignmentBytes(partitions: Partitions, subscription: Uint8Array, image: Image): Uint8Array {
  const version = Math.min(new Reader(subscription).readInt16(), VERSION_MAX);
  const assignedPartitions = partitions.flatMap(({ topicId, partitions }) => {
    const topic = image.topicNamesById.get(topicId);
    return topic === undefined ? [] : [{ topic, partitions }];
  });
  const writer = new Writer(256);
  writer.writeInt16(version);
  messageCodec(ASSIGNMENT, version).write(writer, { assignedPartitions, userData: null });
  return writer.bytes().slice();
}

/** Some clients give a version and leave out what it added: then what version 0 has is all there is. */
function readMessage<Message>(schema: Schema, bytes: Uint8Array): Message | null {
  const version = bytes.length < 2 ? -1 : new Reader(bytes).readInt16();
  if (version < 0) return null;
  return readVersion<Message>(schema, Math.min(version, VERSION_MAX), bytes) ??
    readVersion<Message>(schema, 0, bytes);
}

function readVersion<Message>(schema: Schema, version: number, bytes: Uint8Array): Message | null {
  try {
    const reader = new Reader(bytes);
    reader.readInt16();
    return messageCodec(schema, version).read(reader) as Message;
  } catch (error) {
    if (error instanceof DecodeError) return null;
    throw error;
  }
}

function withIds(
  named: readonly { readonly topic: string; readonly partitions: readonly number[] }[],
  image: Image,
): Partitions {
  return canonical(named.flatMap(({ topic, partitions }) => {
    const known = image.topics.get(topic);
    return known === undefined ? [] : [{ topicId: known.id, partitions }];
  }));
}
