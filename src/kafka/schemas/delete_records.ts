/** DeleteRecords, API key 21: what its request and its reply are made of, field by field and version by version. Source: Apache Kafka 4.3.1's message definitions. */
import type { Schema } from "../../bytes/mod.ts";

export const DELETE_RECORDS_REQUEST = {
  name: "DeleteRecordsRequest",
  validVersions: "0-2",
  flexibleVersions: "2+",
  fields: [{
    name: "topics",
    type: "[]DeleteRecordsTopic",
    versions: "0+",
    fields: [
      { name: "name", type: "string", versions: "0+" },
      {
        name: "partitions",
        type: "[]DeleteRecordsPartition",
        versions: "0+",
        fields: [
          { name: "partitionIndex", type: "int32", versions: "0+" },
          { name: "offset", type: "int64", versions: "0+" },
        ],
      },
    ],
  }, { name: "timeoutMs", type: "int32", versions: "0+" }],
} as const satisfies Schema;

export const DELETE_RECORDS_RESPONSE = {
  name: "DeleteRecordsResponse",
  validVersions: "0-2",
  flexibleVersions: "2+",
  fields: [{ name: "throttleTimeMs", type: "int32", versions: "0+" }, {
    name: "topics",
    type: "[]DeleteRecordsTopicResult",
    versions: "0+",
    fields: [
      { name: "name", type: "string", versions: "0+" },
      {
        name: "partitions",
        type: "[]DeleteRecordsPartitionResult",
        versions: "0+",
        fields: [
          { name: "partitionIndex", type: "int32", versions: "0+" },
          { name: "lowWatermark", type: "int64", versions: "0+" },
          { name: "errorCode", type: "int16", versions: "0+" },
        ],
      },
    ],
  }],
} as const satisfies Schema;
