/** ListOffsets, API key 2: what its request and its reply are made of, field by field and version by version. Source: Apache Kafka 4.3.1's message definitions. */
import type { Schema } from "../../bytes/mod.ts";

export const LIST_OFFSETS_REQUEST = {
  name: "ListOffsetsRequest",
  validVersions: "1-11",
  flexibleVersions: "6+",
  fields: [{ name: "replicaId", type: "int32", versions: "0+" }, {
    name: "isolationLevel",
    type: "int8",
    versions: "2+",
  }, {
    name: "topics",
    type: "[]ListOffsetsTopic",
    versions: "0+",
    fields: [
      { name: "name", type: "string", versions: "0+" },
      {
        name: "partitions",
        type: "[]ListOffsetsPartition",
        versions: "0+",
        fields: [
          { name: "partitionIndex", type: "int32", versions: "0+" },
          { name: "currentLeaderEpoch", type: "int32", versions: "4+", default: "-1", ignorable: true },
          { name: "timestamp", type: "int64", versions: "0+" },
        ],
      },
    ],
  }, { name: "timeoutMs", type: "int32", versions: "10+", ignorable: true }],
} as const satisfies Schema;

export const LIST_OFFSETS_RESPONSE = {
  name: "ListOffsetsResponse",
  validVersions: "1-11",
  flexibleVersions: "6+",
  fields: [{ name: "throttleTimeMs", type: "int32", versions: "2+", ignorable: true }, {
    name: "topics",
    type: "[]ListOffsetsTopicResponse",
    versions: "0+",
    fields: [
      { name: "name", type: "string", versions: "0+" },
      {
        name: "partitions",
        type: "[]ListOffsetsPartitionResponse",
        versions: "0+",
        fields: [
          { name: "partitionIndex", type: "int32", versions: "0+" },
          { name: "errorCode", type: "int16", versions: "0+" },
          { name: "timestamp", type: "int64", versions: "1+", default: "-1" },
          { name: "offset", type: "int64", versions: "1+", default: "-1" },
          { name: "leaderEpoch", type: "int32", versions: "4+", default: "-1" },
        ],
      },
    ],
  }],
} as const satisfies Schema;
