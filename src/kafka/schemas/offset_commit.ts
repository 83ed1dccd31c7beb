/** OffsetCommit, API key 8: what its request and its reply are made of, field by field and version by version. Source: Apache Kafka 4.3.1's message definitions. */
import type { Schema } from "../../bytes/mod.ts";

export const OFFSET_COMMIT_REQUEST = {
  name: "OffsetCommitRequest",
  validVersions: "2-10",
  flexibleVersions: "8+",
  fields: [
    { name: "groupId", type: "string", versions: "0+" },
    { name: "generationIdOrMemberEpoch", type: "int32", versions: "1+", default: "-1", ignorable: true },
    { name: "memberId", type: "string", versions: "1+", ignorable: true },
    { name: "groupInstanceId", type: "string", versions: "7+", nullableVersions: "7+", default: "null" },
    { name: "retentionTimeMs", type: "int64", versions: "2-4", default: "-1", ignorable: true },
    {
      name: "topics",
      type: "[]OffsetCommitRequestTopic",
      versions: "0+",
      fields: [
        { name: "name", type: "string", versions: "0-9", ignorable: true },
        { name: "topicId", type: "uuid", versions: "10+", ignorable: true },
        {
          name: "partitions",
          type: "[]OffsetCommitRequestPartition",
          versions: "0+",
          fields: [
            { name: "partitionIndex", type: "int32", versions: "0+" },
            { name: "committedOffset", type: "int64", versions: "0+" },
            { name: "committedLeaderEpoch", type: "int32", versions: "6+", default: "-1", ignorable: true },
            { name: "committedMetadata", type: "string", versions: "0+", nullableVersions: "0+" },
          ],
        },
      ],
    },
  ],
} as const satisfies Schema;

export const OFFSET_COMMIT_RESPONSE = {
  name: "OffsetCommitResponse",
  validVersions: "2-10",
  flexibleVersions: "8+",
  fields: [{ name: "throttleTimeMs", type: "int32", versions: "3+", ignorable: true }, {
    name: "topics",
    type: "[]OffsetCommitResponseTopic",
    versions: "0+",
    fields: [
      { name: "name", type: "string", versions: "0-9", ignorable: true },
      { name: "topicId", type: "uuid", versions: "10+", ignorable: true },
      {
        name: "partitions",
        type: "[]OffsetCommitResponsePartition",
        versions: "0+",
        fields: [
          { name: "partitionIndex", type: "int32", versions: "0+" },
          { name: "errorCode", type: "int16", versions: "0+" },
        ],
      },
    ],
  }],
} as const satisfies Schema;
