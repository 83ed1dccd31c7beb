/** LeaveGroup, API key 13: what its request and its reply are made of, field by field and version by version. Source: Apache Kafka 4.3.1's message definitions. */
import type { Schema } from "../../bytes/mod.ts";

export const LEAVE_GROUP_REQUEST = {
  name: "LeaveGroupRequest",
  validVersions: "0-5",
  flexibleVersions: "4+",
  fields: [{ name: "groupId", type: "string", versions: "0+" }, {
    name: "memberId",
    type: "string",
    versions: "0-2",
  }, {
    name: "members",
    type: "[]MemberIdentity",
    versions: "3+",
    fields: [
      { name: "memberId", type: "string", versions: "3+" },
      { name: "groupInstanceId", type: "string", versions: "3+", nullableVersions: "3+", default: "null" },
      {
        name: "reason",
        type: "string",
        versions: "5+",
        nullableVersions: "5+",
        default: "null",
        ignorable: true,
      },
    ],
  }],
} as const satisfies Schema;

export const LEAVE_GROUP_RESPONSE = {
  name: "LeaveGroupResponse",
  validVersions: "0-5",
  flexibleVersions: "4+",
  fields: [{ name: "throttleTimeMs", type: "int32", versions: "1+", ignorable: true }, {
    name: "errorCode",
    type: "int16",
    versions: "0+",
  }, {
    name: "members",
    type: "[]MemberResponse",
    versions: "3+",
    fields: [
      { name: "memberId", type: "string", versions: "3+" },
      { name: "groupInstanceId", type: "string", versions: "3+", nullableVersions: "3+" },
      { name: "errorCode", type: "int16", versions: "3+" },
    ],
  }],
} as const satisfies Schema;
