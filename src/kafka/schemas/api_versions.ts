/** ApiVersions, API key 18: what its request and its reply are made of, field by field and version by version. Source: Apache Kafka 4.3.1's message definitions. */
import type { Schema } from "../../bytes/mod.ts";

export const API_VERSIONS_REQUEST = {
  name: "ApiVersionsRequest",
  validVersions: "0-4",
  flexibleVersions: "3+",
  fields: [{ name: "clientSoftwareName", type: "string", versions: "3+", ignorable: true }, {
    name: "clientSoftwareVersion",
    type: "string",
    versions: "3+",
    ignorable: true,
  }],
} as const satisfies Schema;

export const API_VERSIONS_RESPONSE = {
  name: "ApiVersionsResponse",
  validVersions: "0-4",
  flexibleVersions: "3+",
  fields: [
    { name: "errorCode", type: "int16", versions: "0+" },
    {
      name: "apiKeys",
      type: "[]ApiVersion",
      versions: "0+",
      fields: [
        { name: "apiKey", type: "int16", versions: "0+" },
        { name: "minVersion", type: "int16", versions: "0+" },
        { name: "maxVersion", type: "int16", versions: "0+" },
      ],
    },
    { name: "throttleTimeMs", type: "int32", versions: "1+", ignorable: true },
    {
      name: "supportedFeatures",
      type: "[]SupportedFeatureKey",
      versions: "3+",
      taggedVersions: "3+",
      tag: 0,
      ignorable: true,
      fields: [
        { name: "name", type: "string", versions: "3+" },
        { name: "minVersion", type: "int16", versions: "3+" },
        { name: "maxVersion", type: "int16", versions: "3+" },
      ],
    },
    {
      name: "finalizedFeaturesEpoch",
      type: "int64",
      versions: "3+",
      taggedVersions: "3+",
      tag: 1,
      default: "-1",
      ignorable: true,
    },
    {
      name: "finalizedFeatures",
      type: "[]FinalizedFeatureKey",
      versions: "3+",
      taggedVersions: "3+",
      tag: 2,
      ignorable: true,
      fields: [
        { name: "name", type: "string", versions: "3+" },
        { name: "maxVersionLevel", type: "int16", versions: "3+" },
        { name: "minVersionLevel", type: "int16", versions: "3+" },
      ],
    },
    {
      name: "zkMigrationReady",
      type: "bool",
      versions: "3+",
      taggedVersions: "3+",
      tag: 3,
      default: "false",
      ignorable: true,
    },
  ],
} as const satisfies Schema;
