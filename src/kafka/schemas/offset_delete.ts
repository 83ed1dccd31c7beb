/** OffsetDelete, API key 47: what its request and its reply are made of, field by field and version by version. Source: Apache Kafka 4.3.1's message definitions. */
import type { Schema } from "../../bytes/mod.ts";

export const OFFSET_DELETE_REQUEST = {
  name: "OffsetDeleteRequest",
  validVersions: "0",
  flexibleVersions: "none",
  fields: [{ name: "groupId", type: "string", versions: "0+" }, {
    name: "topics",
    type: "[]OffsetDeleteRequestTopic",
    versions: "0+",
    fields: [
      { name: "name", type: "string", versions: "0+" },
      {
        name: "partitions",
        type: "[]OffsetDeleteRequestPartition",
        versions: "0+",
        fields: [
          { name: "partitionIndex", type: "int32", versions: "0+" },
        ],
      },
    ],
  }],
} as const satisfies Schema;

export const OFFSET_DELETE_RESPONSE = {
  name: "OffsetDeleteResponse",
  validVersions: "0",
  flexibleVersions: "none",
  fields: [{ name: "errorCode", type: "int16", versions: "0+" }, {
    name: "throttleTimeMs",
    type: "int32",
    versions: "0+",
    ignorable: true,
  }, {
    name: "topics",
    type: "[]OffsetDeleteResponseTopic",
    versions: "0+",
    fields: [
      { name: "name", type: "string", versions: "0+" },
      {
        name: "partitions",
        type: "[]OffsetDeleteResponsePartition",
        versions: "0+",
        fields: [
          { name: "partitionIndex", type: "int32", versions: "0+" },
          { name: "errorCode", type: "int16", versions: "0+" },
        ],
      },
    ],
  }],
} as const satisfies Schema;
