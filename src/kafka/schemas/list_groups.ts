/** ListGroups, API key 16: what its request and its reply are made of, field by field and version by version. Source: Apache Kafka 4.3.1's message definitions. */
import type { Schema } from "../../bytes/mod.ts";

export const LIST_GROUPS_REQUEST = {
  name: "ListGroupsRequest",
  validVersions: "0-5",
  flexibleVersions: "3+",
  fields: [{ name: "statesFilter", type: "[]string", versions: "4+" }, {
    name: "typesFilter",
    type: "[]string",
    versions: "5+",
  }],
} as const satisfies Schema;

export const LIST_GROUPS_RESPONSE = {
  name: "ListGroupsResponse",
  validVersions: "0-5",
  flexibleVersions: "3+",
  fields: [{ name: "throttleTimeMs", type: "int32", versions: "1+", ignorable: true }, {
    name: "errorCode",
    type: "int16",
    versions: "0+",
  }, {
    name: "groups",
    type: "[]ListedGroup",
    versions: "0+",
    fields: [
      { name: "groupId", type: "string", versions: "0+" },
      { name: "protocolType", type: "string", versions: "0+" },
      { name: "groupState", type: "string", versions: "4+", ignorable: true },
      { name: "groupType", type: "string", versions: "5+", ignorable: true },
    ],
  }],
} as const satisfies Schema;
