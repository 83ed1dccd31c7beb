/** ElectLeaders, API key 43: what its request and its reply are made of, field by field and version by version. Source: Apache Kafka 4.3.1's message definitions. */
import type { Schema } from "../../bytes/mod.ts";

export const ELECT_LEADERS_REQUEST = {
  name: "ElectLeadersRequest",
  validVersions: "0-2",
  flexibleVersions: "2+",
  fields: [{ name: "electionType", type: "int8", versions: "1+" }, {
    name: "topicPartitions",
    type: "[]TopicPartitions",
    versions: "0+",
    nullableVersions: "0+",
    fields: [
      { name: "topic", type: "string", versions: "0+" },
      { name: "partitions", type: "[]int32", versions: "0+" },
    ],
  }, { name: "timeoutMs", type: "int32", versions: "0+", default: "60000" }],
} as const satisfies Schema;

export const ELECT_LEADERS_RESPONSE = {
  name: "ElectLeadersResponse",
  validVersions: "0-2",
  flexibleVersions: "2+",
  fields: [{ name: "throttleTimeMs", type: "int32", versions: "0+" }, {
    name: "errorCode",
    type: "int16",
    versions: "1+",
  }, {
    name: "replicaElectionResults",
    type: "[]ReplicaElectionResult",
    versions: "0+",
    fields: [
      { name: "topic", type: "string", versions: "0+" },
      {
        name: "partitionResult",
        type: "[]PartitionResult",
        versions: "0+",
        fields: [
          { name: "partitionId", type: "int32", versions: "0+" },
          { name: "errorCode", type: "int16", versions: "0+" },
          { name: "errorMessage", type: "string", versions: "0+", nullableVersions: "0+" },
        ],
      },
    ],
  }],
} as const satisfies Schema;
