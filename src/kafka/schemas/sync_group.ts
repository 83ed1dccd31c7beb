/** SyncGroup, API key 14: what its request and its reply are made of, field by field and version by version. Source: Apache Kafka 4.3.1's message definitions. */
import type { Schema } from "../../bytes/mod.ts";

export const SYNC_GROUP_REQUEST = {
  name: "SyncGroupRequest",
  validVersions: "0-5",
  flexibleVersions: "4+",
  fields: [
    { name: "groupId", type: "string", versions: "0+" },
    { name: "generationId", type: "int32", versions: "0+" },
    { name: "memberId", type: "string", versions: "0+" },
    { name: "groupInstanceId", type: "string", versions: "3+", nullableVersions: "3+", default: "null" },
    {
      name: "protocolType",
      type: "string",
      versions: "5+",
      nullableVersions: "5+",
      default: "null",
      ignorable: true,
    },
    {
      name: "protocolName",
      type: "string",
      versions: "5+",
      nullableVersions: "5+",
      default: "null",
      ignorable: true,
    },
    {
      name: "assignments",
      type: "[]SyncGroupRequestAssignment",
      versions: "0+",
      fields: [
        { name: "memberId", type: "string", versions: "0+" },
        { name: "assignment", type: "bytes", versions: "0+" },
      ],
    },
  ],
} as const satisfies Schema;

export const SYNC_GROUP_RESPONSE = {
  name: "SyncGroupResponse",
  validVersions: "0-5",
  flexibleVersions: "4+",
  fields: [{ name: "throttleTimeMs", type: "int32", versions: "1+", ignorable: true }, {
    name: "errorCode",
    type: "int16",
    versions: "0+",
  }, {
    name: "protocolType",
    type: "string",
    versions: "5+",
    nullableVersions: "5+",
    default: "null",
    ignorable: true,
  }, {
    name: "protocolName",
    type: "string",
    versions: "5+",
    nullableVersions: "5+",
    default: "null",
    ignorable: true,
  }, { name: "assignment", type: "bytes", versions: "0+" }],
} as const satisfies Schema;
