/**
 * Group records as Apache Kafka's bytes: key and value each begin with two bytes,
 * then the message. What they say is the type of the record in the key, the
 * version of the message in the value.
 *
 *     key    type i16 | message, version 0        1 offset, 2 classic group, 3 5 6 7 8 16 consumer group
 *     value  version i16 | message                no value: a tombstone
 *
 * Versions are those that Kafka 4.3 writes: an offset in 4, with the old clients'
 * expiry in 1; a classic group in 3; all others in 0. The inverse is
 * `decode_groups.ts`. Source: `GroupCoordinatorRecordHelpers`.
 */
import { type DraftOf, type Message, messageCodec, type Schema, Writer } from "../../bytes/mod.ts";
import { assert, type Image } from "../../model/mod.ts";
import type { BatchBuilder } from "../../record/mod.ts";
import type { ConsumerGroupRecord, GroupRecord, HeldPartitions } from "../groups/record.ts";
import * as schemas from "./group_schemas.ts";

type Of<Kind extends GroupRecord["kind"]> = Extract<GroupRecord, { kind: Kind }>;

/** A message in one version, ready to be written. */
interface Versioned {
  readonly schema: Schema;
  readonly version: number;
  readonly message: Message;
}

/** Puts group records into a batch that is being built. */
export class GroupEncoder {
  readonly #key = new Writer(128);
  readonly #value = new Writer(256);

  /** Appends `record`, written at `nowMs`; topics get the ids they have in `image`. */
  encode(builder: BatchBuilder, image: Image, record: GroupRecord, nowMs: number): void {
    const { type, ...key } = keyOf(record);
    writePrefixed(this.#key, type, key);
    const value = valueOf(image, record);
    if (value !== null) writePrefixed(this.#value, value.version, value);
    builder.append(nowMs, this.#key.bytes(), value === null ? null : this.#value.bytes());
  }
}

function writePrefixed(writer: Writer, prefix: number, { schema, version, message }: Versioned): void {
  writer.reset();
  writer.writeInt16(prefix);
  messageCodec(schema, version).write(writer, message);
}

/** A message whose fields are checked against its table. */
function versioned<Table extends Schema>(schema: Table, version: number, message: DraftOf<Table>): Versioned {
  return { schema, version, message: message as Message };
}

function keyOf(record: GroupRecord): Versioned & { readonly type: number } {
  const { group } = record;
  switch (record.kind) {
    case "offset": {
      const { topic, partition } = record;
      return { type: 1, ...versioned(schemas.OFFSET_COMMIT_KEY, 0, { group, topic, partition }) };
    }
    case "classic_group":
      return { type: 2, ...versioned(schemas.GROUP_METADATA_KEY, 0, { group }) };
    default:
      return consumerKeyOf(record);
  }
}

function consumerKeyOf(record: ConsumerGroupRecord): Versioned & { readonly type: number } {
  const groupId = record.group;
  switch (record.kind) {
    case "consumer_group":
      return { type: 3, ...versioned(schemas.CONSUMER_GROUP_METADATA_KEY, 0, { groupId }) };
    case "consumer_target":
      return { type: 6, ...versioned(schemas.CONSUMER_GROUP_TARGET_KEY, 0, { groupId }) };
    case "consumer_pattern": {
      const key = { groupId, regularExpression: record.pattern };
      return { type: 16, ...versioned(schemas.CONSUMER_GROUP_PATTERN_KEY, 0, key) };
    }
  }
  const key = { groupId, memberId: record.memberId };
  switch (record.kind) {
    case "consumer_member":
      return { type: 5, ...versioned(schemas.CONSUMER_GROUP_MEMBER_KEY, 0, key) };
    case "consumer_target_member":
      return { type: 7, ...versioned(schemas.CONSUMER_GROUP_TARGET_MEMBER_KEY, 0, key) };
    case "consumer_current":
      return { type: 8, ...versioned(schemas.CONSUMER_GROUP_CURRENT_KEY, 0, key) };
  }
}

function valueOf(image: Image, record: GroupRecord): Versioned | null {
  if (record.value === null) return null;
  switch (record.kind) {
    case "offset":
      return offsetValue(image, record.topic, record.value);
    case "classic_group":
      return classicValue(record.value);
    case "consumer_group":
      return versioned(schemas.CONSUMER_GROUP_METADATA_VALUE, 0, record.value);
    case "consumer_member":
      return memberValue(record.value);
    case "consumer_target":
      return versioned(schemas.CONSUMER_GROUP_TARGET_VALUE, 0, record.value);
    case "consumer_target_member": {
      const { partitions } = record.value;
      return versioned(schemas.CONSUMER_GROUP_TARGET_MEMBER_VALUE, 0, { topicPartitions: partitions });
    }
    case "consumer_current":
      return currentValue(record.value);
    case "consumer_pattern": {
      const { topics, version, atMs } = record.value;
      return versioned(schemas.CONSUMER_GROUP_PATTERN_VALUE, 0, { topics, version, timestamp: atMs });
    }
  }
}

/** Version 1 alone has the expiry; it has no leader epoch. */
function offsetValue(image: Image, topic: string, value: NonNullable<Of<"offset">["value"]>): Versioned {
  const { offset, leaderEpoch, metadata, commitMs, expireMs } = value;
  const topicId = image.topics.get(topic)?.id;
  return versioned(schemas.OFFSET_COMMIT_VALUE, expireMs < 0 ? 4 : 1, {
    offset,
    leaderEpoch,
    metadata,
    commitTimestamp: commitMs,
    expireTimestamp: expireMs,
    ...(topicId === undefined ? {} : { topicId }),
  });
}

function classicValue(value: NonNullable<Of<"classic_group">["value"]>): Versioned {
  const { protocolType, generation, protocol, leader, sinceMs } = value;
  const members = value.members.map((member) => ({
    memberId: member.memberId,
    groupInstanceId: member.instanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    rebalanceTimeout: member.rebalanceTimeoutMs,
    sessionTimeout: member.sessionTimeoutMs,
    subscription: member.subscription,
    assignment: member.assignment,
  }));
  const currentStateTimestamp = sinceMs;
  const message = { protocolType, generation, protocol, leader, currentStateTimestamp, members };
  return versioned(schemas.GROUP_METADATA_VALUE, 3, message);
}

function memberValue(value: NonNullable<Of<"consumer_member">["value"]>): Versioned {
  const { instanceId, rackId, clientId, clientHost, rebalanceTimeoutMs, serverAssignor, classic } = value;
  return versioned(schemas.CONSUMER_GROUP_MEMBER_VALUE, 0, {
    instanceId,
    rackId,
    clientId,
    clientHost,
    subscribedTopicNames: value.subscribedTopics,
    subscribedTopicRegex: value.subscribedPattern,
    rebalanceTimeoutMs,
    serverAssignor,
    classicMemberMetadata: classic === null
      ? null
      : { sessionTimeoutMs: classic.sessionTimeoutMs, supportedProtocols: classic.protocols },
  });
}

function currentValue(value: NonNullable<Of<"consumer_current">["value"]>): Versioned {
  const { memberEpoch, previousMemberEpoch, state, assigned, pendingRevocation } = value;
  assert(state >= 0 && state <= 2, "a member's state is one of Kafka's three");
  return versioned(schemas.CONSUMER_GROUP_CURRENT_VALUE, 0, {
    memberEpoch,
    previousMemberEpoch,
    state,
    assignedPartitions: assigned.map(ownedPartitions),
    partitionsPendingRevocation: pendingRevocation.map(ownedPartitions),
  });
}

function ownedPartitions({ topicId, partitions, epochs }: HeldPartitions) {
  assert(partitions.length === epochs.length, "each partition has its epoch");
  return { topicId, partitions, assignmentEpochs: epochs };
}
