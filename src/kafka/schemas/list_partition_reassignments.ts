/** ListPartitionReassignments, API key 46: what its request and its reply are made of, field by field and version by version. Source: Apache Kafka 4.3.1's message definitions. */
import type { Schema } from "../../bytes/mod.ts";

export const LIST_PARTITION_REASSIGNMENTS_REQUEST = {
  name: "ListPartitionReassignmentsRequest",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: [{ name: "timeoutMs", type: "int32", versions: "0+", default: "60000" }, {
    name: "topics",
    type: "[]ListPartitionReassignmentsTopics",
    versions: "0+",
    nullableVersions: "0+",
    default: "null",
    fields: [
      { name: "name", type: "string", versions: "0+" },
      { name: "partitionIndexes", type: "[]int32", versions: "0+" },
    ],
  }],
} as const satisfies Schema;

export const LIST_PARTITION_REASSIGNMENTS_RESPONSE = {
  name: "ListPartitionReassignmentsResponse",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: [
    { name: "throttleTimeMs", type: "int32", versions: "0+" },
    { name: "errorCode", type: "int16", versions: "0+" },
    { name: "errorMessage", type: "string", versions: "0+", nullableVersions: "0+" },
    {
      name: "topics",
      type: "[]OngoingTopicReassignment",
      versions: "0+",
      fields: [
        { name: "name", type: "string", versions: "0+" },
        {
          name: "partitions",
          type: "[]OngoingPartitionReassignment",
          versions: "0+",
          fields: [
            { name: "partitionIndex", type: "int32", versions: "0+" },
            { name: "replicas", type: "[]int32", versions: "0+" },
            { name: "addingReplicas", type: "[]int32", versions: "0+" },
            { name: "removingReplicas", type: "[]int32", versions: "0+" },
          ],
        },
      ],
    },
  ],
} as const satisfies Schema;
