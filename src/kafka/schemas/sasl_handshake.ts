/** SaslHandshake, API key 17: what its request and its reply are made of, field by field and version by version. Source: Apache Kafka 4.3.1's message definitions. */
import type { Schema } from "../../bytes/mod.ts";

export const SASL_HANDSHAKE_REQUEST = {
  name: "SaslHandshakeRequest",
  validVersions: "0-1",
  flexibleVersions: "none",
  fields: [{ name: "mechanism", type: "string", versions: "0+" }],
} as const satisfies Schema;

export const SASL_HANDSHAKE_RESPONSE = {
  name: "SaslHandshakeResponse",
  validVersions: "0-1",
  flexibleVersions: "none",
  fields: [{ name: "errorCode", type: "int16", versions: "0+" }, {
    name: "mechanisms",
    type: "[]string",
    versions: "0+",
  }],
} as const satisfies Schema;
