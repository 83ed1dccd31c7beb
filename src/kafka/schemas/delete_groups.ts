/** DeleteGroups, API key 42: what its request and its reply are made of, field by field and version by version. Source: Apache Kafka 4.3.1's message definitions. */
import type { Schema } from "../../bytes/mod.ts";

export const DELETE_GROUPS_REQUEST = {
  name: "DeleteGroupsRequest",
  validVersions: "0-2",
  flexibleVersions: "2+",
  fields: [{ name: "groupsNames", type: "[]string", versions: "0+" }],
} as const satisfies Schema;

export const DELETE_GROUPS_RESPONSE = {
  name: "DeleteGroupsResponse",
  validVersions: "0-2",
  flexibleVersions: "2+",
  fields: [{ name: "throttleTimeMs", type: "int32", versions: "0+" }, {
    name: "results",
    type: "[]DeletableGroupResult",
    versions: "0+",
    fields: [
      { name: "groupId", type: "string", versions: "0+" },
      { name: "errorCode", type: "int16", versions: "0+" },
    ],
  }],
} as const satisfies Schema;
