/** CreatePartitions, API key 37: what its request and its reply are made of, field by field and version by version. Source: Apache Kafka 4.3.1's message definitions. */
import type { Schema } from "../../bytes/mod.ts";

export const CREATE_PARTITIONS_REQUEST = {
  name: "CreatePartitionsRequest",
  validVersions: "0-3",
  flexibleVersions: "2+",
  fields: [
    {
      name: "topics",
      type: "[]CreatePartitionsTopic",
      versions: "0+",
      fields: [
        { name: "name", type: "string", versions: "0+" },
        { name: "count", type: "int32", versions: "0+" },
        {
          name: "assignments",
          type: "[]CreatePartitionsAssignment",
          versions: "0+",
          nullableVersions: "0+",
          fields: [
            { name: "brokerIds", type: "[]int32", versions: "0+" },
          ],
        },
      ],
    },
    { name: "timeoutMs", type: "int32", versions: "0+" },
    { name: "validateOnly", type: "bool", versions: "0+" },
  ],
} as const satisfies Schema;

export const CREATE_PARTITIONS_RESPONSE = {
  name: "CreatePartitionsResponse",
  validVersions: "0-3",
  flexibleVersions: "2+",
  fields: [{ name: "throttleTimeMs", type: "int32", versions: "0+" }, {
    name: "results",
    type: "[]CreatePartitionsTopicResult",
    versions: "0+",
    fields: [
      { name: "name", type: "string", versions: "0+" },
      { name: "errorCode", type: "int16", versions: "0+" },
      { name: "errorMessage", type: "string", versions: "0+", nullableVersions: "0+", default: "null" },
    ],
  }],
} as const satisfies Schema;
