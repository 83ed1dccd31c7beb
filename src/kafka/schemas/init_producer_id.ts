/** InitProducerId, API key 22: what its request and its reply are made of, field by field and version by version. Source: Apache Kafka 4.3.1's message definitions. */
import type { Schema } from "../../bytes/mod.ts";

export const INIT_PRODUCER_ID_REQUEST = {
  name: "InitProducerIdRequest",
  validVersions: "0-6",
  flexibleVersions: "2+",
  fields: [
    { name: "transactionalId", type: "string", versions: "0+", nullableVersions: "0+" },
    { name: "transactionTimeoutMs", type: "int32", versions: "0+" },
    { name: "producerId", type: "int64", versions: "3+", default: "-1" },
    { name: "producerEpoch", type: "int16", versions: "3+", default: "-1" },
    { name: "enable2Pc", type: "bool", versions: "6+", default: "false" },
    { name: "keepPreparedTxn", type: "bool", versions: "6+", default: "false" },
  ],
} as const satisfies Schema;

export const INIT_PRODUCER_ID_RESPONSE = {
  name: "InitProducerIdResponse",
  validVersions: "0-6",
  flexibleVersions: "2+",
  fields: [
    { name: "throttleTimeMs", type: "int32", versions: "0+", ignorable: true },
    { name: "errorCode", type: "int16", versions: "0+" },
    { name: "producerId", type: "int64", versions: "0+", default: -1 },
    { name: "producerEpoch", type: "int16", versions: "0+" },
    { name: "ongoingTxnProducerId", type: "int64", versions: "6+", default: -1 },
    { name: "ongoingTxnProducerEpoch", type: "int16", versions: "6+", default: -1 },
  ],
} as const satisfies Schema;
