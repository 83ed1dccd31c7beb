/** Heartbeat, API key 12: what its request and its reply are made of, field by field and version by version. Source: Apache Kafka 4.3.1's message definitions. */
import type { Schema } from "../../bytes/mod.ts";

export const HEARTBEAT_REQUEST = {
  name: "HeartbeatRequest",
  validVersions: "0-4",
  flexibleVersions: "4+",
  fields: [
    { name: "groupId", type: "string", versions: "0+" },
    { name: "generationId", type: "int32", versions: "0+" },
    { name: "memberId", type: "string", versions: "0+" },
    { name: "groupInstanceId", type: "string", versions: "3+", nullableVersions: "3+", default: "null" },
  ],
} as const satisfies Schema;

export const HEARTBEAT_RESPONSE = {
  name: "HeartbeatResponse",
  validVersions: "0-4",
  flexibleVersions: "4+",
  fields: [{ name: "throttleTimeMs", type: "int32", versions: "1+", ignorable: true }, {
    name: "errorCode",
    type: "int16",
    versions: "0+",
  }],
} as const satisfies Schema;
