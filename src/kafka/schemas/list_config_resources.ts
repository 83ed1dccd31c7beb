/** ListConfigResources, API key 74: what its request and its reply are made of, field by field and version by version. Source: Apache Kafka 4.3.1's message definitions. */
import type { Schema } from "../../bytes/mod.ts";

export const LIST_CONFIG_RESOURCES_REQUEST = {
  name: "ListConfigResourcesRequest",
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: [{ name: "resourceTypes", type: "[]int8", versions: "1+" }],
} as const satisfies Schema;

export const LIST_CONFIG_RESOURCES_RESPONSE = {
  name: "ListConfigResourcesResponse",
  validVersions: "0-1",
  flexibleVersions: "0+",
  fields: [{ name: "throttleTimeMs", type: "int32", versions: "0+" }, {
    name: "errorCode",
    type: "int16",
    versions: "0+",
  }, {
    name: "configResources",
    type: "[]ConfigResource",
    versions: "0+",
    fields: [
      { name: "resourceName", type: "string", versions: "0+" },
      { name: "resourceType", type: "int8", versions: "1+", default: 16, ignorable: true },
    ],
  }],
} as const satisfies Schema;
