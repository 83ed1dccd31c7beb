/**
 * The records of `__consumer_offsets`: what their keys and values are made of,
 * field by field and version by version, the kinds that Weir keeps. Read and
 * written by `decode_groups.ts` and `encode_groups.ts`. Source: Apache Kafka
 * 4.3.1's message definitions, `group-coordinator`.
 */
import type { Schema } from "../../bytes/mod.ts";

export const OFFSET_COMMIT_KEY = {
  name: "OffsetCommitKey",
  validVersions: "0",
  flexibleVersions: "none",
  fields: [
    { name: "group", type: "string", versions: "0" },
    { name: "topic", type: "string", versions: "0" },
    { name: "partition", type: "int32", versions: "0" },
  ],
} as const satisfies Schema;

export const OFFSET_COMMIT_VALUE = {
  name: "OffsetCommitValue",
  validVersions: "0-4",
  flexibleVersions: "4+",
  fields: [
    { name: "offset", type: "int64", versions: "0+" },
    { name: "leaderEpoch", type: "int32", versions: "3+", default: -1, ignorable: true },
    { name: "metadata", type: "string", versions: "0+" },
    { name: "commitTimestamp", type: "int64", versions: "0+" },
    { name: "expireTimestamp", type: "int64", versions: "1", default: -1, ignorable: true },
    { name: "topicId", type: "uuid", versions: "4+", taggedVersions: "4+", tag: 0, ignorable: true },
  ],
} as const satisfies Schema;

export const GROUP_METADATA_KEY = {
  name: "GroupMetadataKey",
  validVersions: "0",
  flexibleVersions: "none",
  fields: [{ name: "group", type: "string", versions: "0" }],
} as const satisfies Schema;

export const GROUP_METADATA_VALUE = {
  name: "GroupMetadataValue",
  validVersions: "0-4",
  flexibleVersions: "4+",
  fields: [
    { name: "protocolType", type: "string", versions: "0+" },
    { name: "generation", type: "int32", versions: "0+" },
    { name: "protocol", type: "string", versions: "0+", nullableVersions: "0+" },
    { name: "leader", type: "string", versions: "0+", nullableVersions: "0+" },
    { name: "currentStateTimestamp", type: "int64", versions: "2+", default: -1, ignorable: true },
    {
      name: "members",
      type: "[]MemberMetadata",
      versions: "0+",
      fields: [
        { name: "memberId", type: "string", versions: "0+" },
        {
          name: "groupInstanceId",
          type: "string",
          versions: "3+",
          nullableVersions: "3+",
          default: "null",
          ignorable: true,
        },
        { name: "clientId", type: "string", versions: "0+" },
        { name: "clientHost", type: "string", versions: "0+" },
        { name: "rebalanceTimeout", type: "int32", versions: "1+", default: -1, ignorable: true },
        { name: "sessionTimeout", type: "int32", versions: "0+" },
        { name: "subscription", type: "bytes", versions: "0+" },
        { name: "assignment", type: "bytes", versions: "0+" },
      ],
    },
  ],
} as const satisfies Schema;

export const CONSUMER_GROUP_METADATA_KEY = {
  name: "ConsumerGroupMetadataKey",
  validVersions: "0",
  flexibleVersions: "none",
  fields: [{ name: "groupId", type: "string", versions: "0" }],
} as const satisfies Schema;

export const CONSUMER_GROUP_METADATA_VALUE = {
  name: "ConsumerGroupMetadataValue",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: [
    { name: "epoch", type: "int32", versions: "0+" },
    { name: "metadataHash", type: "int64", versions: "0+", taggedVersions: "0+", tag: 0, default: 0 },
  ],
} as const satisfies Schema;

export const CONSUMER_GROUP_MEMBER_KEY = {
  name: "ConsumerGroupMemberMetadataKey",
  validVersions: "0",
  flexibleVersions: "none",
  fields: [
    { name: "groupId", type: "string", versions: "0" },
    { name: "memberId", type: "string", versions: "0" },
  ],
} as const satisfies Schema;

export const CONSUMER_GROUP_MEMBER_VALUE = {
  name: "ConsumerGroupMemberMetadataValue",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: [
    { name: "instanceId", type: "string", versions: "0+", nullableVersions: "0+" },
    { name: "rackId", type: "string", versions: "0+", nullableVersions: "0+" },
    { name: "clientId", type: "string", versions: "0+" },
    { name: "clientHost", type: "string", versions: "0+" },
    { name: "subscribedTopicNames", type: "[]string", versions: "0+" },
    { name: "subscribedTopicRegex", type: "string", versions: "0+", nullableVersions: "0+" },
    { name: "rebalanceTimeoutMs", type: "int32", versions: "0+", default: -1 },
    { name: "serverAssignor", type: "string", versions: "0+", nullableVersions: "0+" },
    // Kafka's own table says that it is null where it is left out, but its code takes an empty one: null is written.
    {
      name: "classicMemberMetadata",
      type: "ClassicMemberMetadata",
      versions: "0+",
      nullableVersions: "0+",
      taggedVersions: "0+",
      tag: 0,
      fields: [
        { name: "sessionTimeoutMs", type: "int32", versions: "0+" },
        {
          name: "supportedProtocols",
          type: "[]ClassicProtocol",
          versions: "0+",
          fields: [
            { name: "name", type: "string", versions: "0+" },
            { name: "metadata", type: "bytes", versions: "0+" },
          ],
        },
      ],
    },
  ],
} as const satisfies Schema;

export const CONSUMER_GROUP_TARGET_KEY = {
  name: "ConsumerGroupTargetAssignmentMetadataKey",
  validVersions: "0",
  flexibleVersions: "none",
  fields: [{ name: "groupId", type: "string", versions: "0" }],
} as const satisfies Schema;

export const CONSUMER_GROUP_TARGET_VALUE = {
  name: "ConsumerGroupTargetAssignmentMetadataValue",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: [
    { name: "assignmentEpoch", type: "int32", versions: "0+" },
    {
      name: "assignmentTimestamp",
      type: "int64",
      versions: "0+",
      taggedVersions: "0+",
      tag: 0,
      default: 0,
      ignorable: true,
    },
  ],
} as const satisfies Schema;

export const CONSUMER_GROUP_TARGET_MEMBER_KEY = {
  name: "ConsumerGroupTargetAssignmentMemberKey",
  validVersions: "0",
  flexibleVersions: "none",
  fields: [
    { name: "groupId", type: "string", versions: "0" },
    { name: "memberId", type: "string", versions: "0" },
  ],
} as const satisfies Schema;

export const CONSUMER_GROUP_TARGET_MEMBER_VALUE = {
  name: "ConsumerGroupTargetAssignmentMemberValue",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: [
    {
      name: "topicPartitions",
      type: "[]TopicPartition",
      versions: "0+",
      fields: [
        { name: "topicId", type: "uuid", versions: "0+" },
        { name: "partitions", type: "[]int32", versions: "0+" },
      ],
    },
  ],
} as const satisfies Schema;

export const CONSUMER_GROUP_CURRENT_KEY = {
  name: "ConsumerGroupCurrentMemberAssignmentKey",
  validVersions: "0",
  flexibleVersions: "none",
  fields: [
    { name: "groupId", type: "string", versions: "0" },
    { name: "memberId", type: "string", versions: "0" },
  ],
} as const satisfies Schema;

const OWNED_PARTITIONS = [
  { name: "topicId", type: "uuid", versions: "0+" },
  { name: "partitions", type: "[]int32", versions: "0+" },
  {
    name: "assignmentEpochs",
    type: "[]int32",
    versions: "0+",
    nullableVersions: "0+",
    taggedVersions: "0+",
    tag: 0,
    default: null,
  },
] as const;

export const CONSUMER_GROUP_CURRENT_VALUE = {
  name: "ConsumerGroupCurrentMemberAssignmentValue",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: [
    { name: "memberEpoch", type: "int32", versions: "0+" },
    { name: "previousMemberEpoch", type: "int32", versions: "0+" },
    { name: "state", type: "int8", versions: "0+" },
    { name: "assignedPartitions", type: "[]TopicPartitions", versions: "0+", fields: OWNED_PARTITIONS },
    {
      name: "partitionsPendingRevocation",
      type: "[]TopicPartitions",
      versions: "0+",
      fields: OWNED_PARTITIONS,
    },
  ],
} as const satisfies Schema;

export const CONSUMER_GROUP_PATTERN_KEY = {
  name: "ConsumerGroupRegularExpressionKey",
  validVersions: "0",
  flexibleVersions: "none",
  fields: [
    { name: "groupId", type: "string", versions: "0" },
    { name: "regularExpression", type: "string", versions: "0" },
  ],
} as const satisfies Schema;

export const CONSUMER_GROUP_PATTERN_VALUE = {
  name: "ConsumerGroupRegularExpressionValue",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: [
    { name: "topics", type: "[]string", versions: "0+" },
    { name: "version", type: "int64", versions: "0+" },
    { name: "timestamp", type: "int64", versions: "0+" },
  ],
} as const satisfies Schema;
