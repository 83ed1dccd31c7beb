/** IncrementalAlterConfigs, API key 44: what its request and its reply are made of, field by field and version by version. Source: Apache Kafka 4.3.1's message definitions. */
import type { Schema } from "../../bytes/mod.ts";

export const INCREMENTAL_ALTER_CONFIGS_REQUEST = {
  name: "IncrementalAlterConfigsRequest",
  validVersions: "0-1",
  flexibleVersions: "1+",
  fields: [{
    name: "resources",
    type: "[]AlterConfigsResource",
    versions: "0+",
    fields: [
      { name: "resourceType", type: "int8", versions: "0+" },
      { name: "resourceName", type: "string", versions: "0+" },
      {
        name: "configs",
        type: "[]AlterableConfig",
        versions: "0+",
        fields: [
          { name: "name", type: "string", versions: "0+" },
          { name: "configOperation", type: "int8", versions: "0+" },
          { name: "value", type: "string", versions: "0+", nullableVersions: "0+" },
        ],
      },
    ],
  }, { name: "validateOnly", type: "bool", versions: "0+" }],
} as const satisfies Schema;

export const INCREMENTAL_ALTER_CONFIGS_RESPONSE = {
  name: "IncrementalAlterConfigsResponse",
  validVersions: "0-1",
  flexibleVersions: "1+",
  fields: [{ name: "throttleTimeMs", type: "int32", versions: "0+" }, {
    name: "responses",
    type: "[]AlterConfigsResourceResponse",
    versions: "0+",
    fields: [
      { name: "errorCode", type: "int16", versions: "0+" },
      { name: "errorMessage", type: "string", versions: "0+", nullableVersions: "0+" },
      { name: "resourceType", type: "int8", versions: "0+" },
      { name: "resourceName", type: "string", versions: "0+" },
    ],
  }],
} as const satisfies Schema;
