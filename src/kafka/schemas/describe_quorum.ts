/** DescribeQuorum, API key 55: what its request and its reply are made of, field by field and version by version. Source: Apache Kafka 4.3.1's message definitions. */
import type { Schema } from "../../bytes/mod.ts";

export const DESCRIBE_QUORUM_REQUEST = {
  name: "DescribeQuorumRequest",
  validVersions: "0-2",
  flexibleVersions: "0+",
  fields: [{
    name: "topics",
    type: "[]TopicData",
    versions: "0+",
    fields: [
      { name: "topicName", type: "string", versions: "0+" },
      {
        name: "partitions",
        type: "[]PartitionData",
        versions: "0+",
        fields: [
          { name: "partitionIndex", type: "int32", versions: "0+" },
        ],
      },
    ],
  }],
} as const satisfies Schema;

export const DESCRIBE_QUORUM_RESPONSE = {
  name: "DescribeQuorumResponse",
  validVersions: "0-2",
  flexibleVersions: "0+",
  fields: [{ name: "errorCode", type: "int16", versions: "0+" }, {
    name: "errorMessage",
    type: "string",
    versions: "2+",
    nullableVersions: "2+",
    ignorable: true,
  }, {
    name: "topics",
    type: "[]TopicData",
    versions: "0+",
    fields: [
      { name: "topicName", type: "string", versions: "0+" },
      {
        name: "partitions",
        type: "[]PartitionData",
        versions: "0+",
        fields: [
          { name: "partitionIndex", type: "int32", versions: "0+" },
          { name: "errorCode", type: "int16", versions: "0+" },
          { name: "errorMessage", type: "string", versions: "2+", nullableVersions: "2+", ignorable: true },
          { name: "leaderId", type: "int32", versions: "0+" },
          { name: "leaderEpoch", type: "int32", versions: "0+" },
          { name: "highWatermark", type: "int64", versions: "0+" },
          {
            name: "currentVoters",
            type: "[]ReplicaState",
            versions: "0+",
            fields: [
              { name: "replicaId", type: "int32", versions: "0+" },
              { name: "replicaDirectoryId", type: "uuid", versions: "2+" },
              { name: "logEndOffset", type: "int64", versions: "0+" },
              { name: "lastFetchTimestamp", type: "int64", versions: "1+", default: -1, ignorable: true },
              { name: "lastCaughtUpTimestamp", type: "int64", versions: "1+", default: -1, ignorable: true },
            ],
          },
          {
            name: "observers",
            type: "[]ReplicaState",
            versions: "0+",
            fields: [
              { name: "replicaId", type: "int32", versions: "0+" },
              { name: "replicaDirectoryId", type: "uuid", versions: "2+" },
              { name: "logEndOffset", type: "int64", versions: "0+" },
              { name: "lastFetchTimestamp", type: "int64", versions: "1+", default: -1, ignorable: true },
              { name: "lastCaughtUpTimestamp", type: "int64", versions: "1+", default: -1, ignorable: true },
            ],
          },
        ],
      },
    ],
  }, {
    name: "nodes",
    type: "[]Node",
    versions: "2+",
    fields: [
      { name: "nodeId", type: "int32", versions: "2+" },
      {
        name: "listeners",
        type: "[]Listener",
        versions: "2+",
        fields: [
          { name: "name", type: "string", versions: "2+" },
          { name: "host", type: "string", versions: "2+" },
          { name: "port", type: "uint16", versions: "2+" },
        ],
      },
    ],
  }],
} as const satisfies Schema;
