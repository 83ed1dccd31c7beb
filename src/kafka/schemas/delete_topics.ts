/** DeleteTopics, API key 20: what its request and its reply are made of, field by field and version by version. Source: Apache Kafka 4.3.1's message definitions. */
import type { Schema } from "../../bytes/mod.ts";

export const DELETE_TOPICS_REQUEST = {
  name: "DeleteTopicsRequest",
  validVersions: "1-6",
  flexibleVersions: "4+",
  fields: [
    {
      name: "topics",
      type: "[]DeleteTopicState",
      versions: "6+",
      fields: [
        { name: "name", type: "string", versions: "6+", nullableVersions: "6+", default: "null" },
        { name: "topicId", type: "uuid", versions: "6+" },
      ],
    },
    { name: "topicNames", type: "[]string", versions: "0-5", ignorable: true },
    { name: "timeoutMs", type: "int32", versions: "0+" },
  ],
} as const satisfies Schema;

export const DELETE_TOPICS_RESPONSE = {
  name: "DeleteTopicsResponse",
  validVersions: "1-6",
  flexibleVersions: "4+",
  fields: [{ name: "throttleTimeMs", type: "int32", versions: "1+", ignorable: true }, {
    name: "responses",
    type: "[]DeletableTopicResult",
    versions: "0+",
    fields: [
      { name: "name", type: "string", versions: "0+", nullableVersions: "6+" },
      { name: "topicId", type: "uuid", versions: "6+", ignorable: true },
      { name: "errorCode", type: "int16", versions: "0+" },
      {
        name: "errorMessage",
        type: "string",
        versions: "5+",
        nullableVersions: "5+",
        default: "null",
        ignorable: true,
      },
    ],
  }],
} as const satisfies Schema;
