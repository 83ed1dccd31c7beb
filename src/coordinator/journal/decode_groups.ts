/**
 * Apache Kafka's bytes as group records: the inverse of `encode_groups.ts`, and
 * liberal in what versions it takes. A key of a type that is not known, of a
 * newer Kafka's or of a kind of group that Weir has not, is no error: its record is
 * passed over. Bytes are copied out of what is read.
 */
import { DecodeError, messageCodec, type MessageOf, Reader, type Schema } from "../../bytes/mod.ts";
import type { GroupRecord, HeldPartitions } from "../groups/record.ts";
import * as schemas from "./group_schemas.ts";

const VALUES = {
  offset: schemas.OFFSET_COMMIT_VALUE,
  classic_group: schemas.GROUP_METADATA_VALUE,
  consumer_group: schemas.CONSUMER_GROUP_METADATA_VALUE,
  consumer_member: schemas.CONSUMER_GROUP_MEMBER_VALUE,
  consumer_target: schemas.CONSUMER_GROUP_TARGET_VALUE,
  consumer_target_member: schemas.CONSUMER_GROUP_TARGET_MEMBER_VALUE,
  consumer_current: schemas.CONSUMER_GROUP_CURRENT_VALUE,
  consumer_pattern: schemas.CONSUMER_GROUP_PATTERN_VALUE,
} as const satisfies Record<GroupRecord["kind"], Schema>;

type Kind = GroupRecord["kind"];
type Of<Name extends Kind> = Extract<GroupRecord, { kind: Name }>;
type ValueOf<Name extends Kind> = NonNullable<Of<Name>["value"]>;
type OwnedPartitions = MessageOf<typeof VALUES.consumer_current>["assignedPartitions"][number];
type KeyOf<Name extends Kind> = Omit<Of<Name>, "value">;

/**
 * One record of `__consumer_offsets`; `null` when its key is of a type that is not known. Throws
 * DecodeError when it is damaged, or its value of a version that is too new.
 */
export function decodeGroupRecord(key: Uint8Array | null, value: Uint8Array | null): GroupRecord | null {
  if (key === null) throw new DecodeError("Group record must have a key");
  const found = readKey(new Reader(key));
  if (found === null) return null;
  const content = value === null ? null : readValue(found.kind, value);
  // The key's kind chose the value's reader: the two fit together.
  return { ...found, value: content } as GroupRecord;
}

/** Types 0 and 1 are both offsets: 0 is what the oldest brokers wrote. */
function readKey(reader: Reader): { [Name in Kind]: KeyOf<Name> }[Kind] | null {
  switch (reader.readInt16()) {
    case 0:
    case 1:
      return { kind: "offset", ...readMessage(reader, schemas.OFFSET_COMMIT_KEY, 0) };
    case 2:
      return { kind: "classic_group", ...readMessage(reader, schemas.GROUP_METADATA_KEY, 0) };
    case 3:
      return {
        kind: "consumer_group",
        ...grouped(readMessage(reader, schemas.CONSUMER_GROUP_METADATA_KEY, 0)),
      };
    case 5:
      return {
        kind: "consumer_member",
        ...grouped(readMessage(reader, schemas.CONSUMER_GROUP_MEMBER_KEY, 0)),
      };
    case 6:
      return {
        kind: "consumer_target",
        ...grouped(readMessage(reader, schemas.CONSUMER_GROUP_TARGET_KEY, 0)),
      };
    case 7: {
      const key = readMessage(reader, schemas.CONSUMER_GROUP_TARGET_MEMBER_KEY, 0);
      return { kind: "consumer_target_member", ...grouped(key) };
    }
    case 8:
      return {
        kind: "consumer_current",
        ...grouped(readMessage(reader, schemas.CONSUMER_GROUP_CURRENT_KEY, 0)),
      };
    case 16: {
      const { groupId, regularExpression } = readMessage(reader, schemas.CONSUMER_GROUP_PATTERN_KEY, 0);
      return { kind: "consumer_pattern", group: groupId, pattern: regularExpression };
    }
    default:
      return null;
  }
}

/** The newer keys call the group otherwise. */
function grouped<Key extends { readonly groupId: string }>({ groupId, ...rest }: Key) {
  return { group: groupId, ...rest };
}

function readValue(kind: Kind, bytes: Uint8Array): GroupRecord["value"] {
  const reader = new Reader(bytes);
  const version = reader.readInt16();
  const schema = VALUES[kind];
  const newest = Number(schema.validVersions.split("-").at(-1));
  if (version < 0 || version > newest) {
    throw new DecodeError(`${schema.name} has version "${version}", wanted is 0 to ${newest}`);
  }
  switch (kind) {
    case "offset":
      return offsetOf(readMessage(reader, VALUES.offset, version));
    case "classic_group":
      return classicOf(readMessage(reader, VALUES.classic_group, version));
    case "consumer_group":
      return readMessage(reader, VALUES.consumer_group, version);
    case "consumer_member":
      return memberOf(readMessage(reader, VALUES.consumer_member, version));
    case "consumer_target":
      return { assignmentEpoch: readMessage(reader, VALUES.consumer_target, version).assignmentEpoch };
    case "consumer_target_member":
      return { partitions: readMessage(reader, VALUES.consumer_target_member, version).topicPartitions };
    case "consumer_current":
      return currentOf(readMessage(reader, VALUES.consumer_current, version));
    case "consumer_pattern": {
      const { topics, version: imageVersion, timestamp } = readMessage(
        reader,
        VALUES.consumer_pattern,
        version,
      );
      return { topics, version: imageVersion, atMs: timestamp };
    }
  }
}

function readMessage<Table extends Schema>(reader: Reader, schema: Table, version: number): MessageOf<Table> {
  const message = messageCodec(schema, version).read(reader);
  if (reader.remaining > 0) {
    throw new DecodeError(`${schema.name} is followed by "${reader.remaining}" bytes, wanted are none`);
  }
  // The table the codec was compiled from is the one the type is derived from.
  return message as MessageOf<Table>;
}

function offsetOf(value: MessageOf<typeof VALUES.offset>): ValueOf<"offset"> {
  const { offset, leaderEpoch, metadata, commitTimestamp, expireTimestamp } = value;
  return { offset, leaderEpoch, metadata, commitMs: commitTimestamp, expireMs: expireTimestamp };
}

function classicOf(value: MessageOf<typeof VALUES.classic_group>): ValueOf<"classic_group"> {
  const { protocolType, generation, protocol, leader, currentStateTimestamp } = value;
  const members = value.members.map((member) => ({
    memberId: member.memberId,
    instanceId: member.groupInstanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    // Before version 1 there was but one timeout.
    rebalanceTimeoutMs: member.rebalanceTimeout < 0 ? member.sessionTimeout : member.rebalanceTimeout,
    sessionTimeoutMs: member.sessionTimeout,
    subscription: member.subscription.slice(),
    assignment: member.assignment.slice(),
  }));
  return { protocolType, generation, protocol, leader, sinceMs: currentStateTimestamp, members };
}

function memberOf(value: MessageOf<typeof VALUES.consumer_member>): ValueOf<"consumer_member"> {
  const { instanceId, rackId, clientId, clientHost, rebalanceTimeoutMs, serverAssignor } = value;
  const found = value.classicMemberMetadata;
  // An empty one is what is read where nothing was written.
  const isEmpty = found?.sessionTimeoutMs === 0 && found.supportedProtocols.length === 0;
  const classic = found === null || isEmpty ? null : {
    sessionTimeoutMs: found.sessionTimeoutMs,
    protocols: found.supportedProtocols.map(({ name, metadata }) => ({ name, metadata: metadata.slice() })),
  };
  return {
    instanceId,
    rackId,
    clientId,
    clientHost,
    subscribedTopics: value.subscribedTopicNames,
    subscribedPattern: value.subscribedTopicRegex,
    rebalanceTimeoutMs,
    serverAssignor,
    classic,
  };
}

function currentOf(value: MessageOf<typeof VALUES.consumer_current>): ValueOf<"consumer_current"> {
  const { memberEpoch, previousMemberEpoch, state, assignedPartitions, partitionsPendingRevocation } = value;
  if (state !== 0 && state !== 1 && state !== 2) {
    throw new DecodeError(`Member's state "${state}" must be 0, 1 or 2`);
  }
  return {
    memberEpoch,
    previousMemberEpoch,
    state,
    assigned: assignedPartitions.map((owned) => heldOf(owned, memberEpoch)),
    pendingRevocation: partitionsPendingRevocation.map((owned) => heldOf(owned, memberEpoch)),
  };
}

/** What has no epoch for each partition, as before Kafka 4.3, counts as had since the epoch the member is at. */
function heldOf(
  { topicId, partitions, assignmentEpochs }: OwnedPartitions,
  memberEpoch: number,
): HeldPartitions {
  if (assignmentEpochs?.length === partitions.length) {
    return { topicId, partitions, epochs: assignmentEpochs };
  }
  const since = Math.max(memberEpoch, 0);
  return { topicId, partitions, epochs: partitions.map(() => since) };
}
