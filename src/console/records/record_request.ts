/**
 * A record as REST v3 has it written, `{"partition_id":1,"key":{"type":"STRING",
 * "data":"k"},"value":...,"headers":[...],"timestamp":"..."}`, and the report on
 * its delivery. Called by both ways of producing: one after another, and as a batch.
 */
import { codeOf, RequestError } from "../failure.ts";
import type { Call } from "../openapi/route.ts";
import {
  arrayOf,
  INT64,
  INTEGER,
  nullable,
  object,
  oneOf,
  ref,
  type Schema,
  TEXT,
} from "../openapi/schema.ts";
import type { RecordToWrite, WriteAnswer } from "../view.ts";
import { encodeData, encodeText, fromBase64 } from "./values.ts";

const TYPES = oneOf("BINARY", "STRING", "JSON");
const TIME: Schema = { ...TEXT, format: "date-time" };

/** What a record may have, whichever way it comes. */
export const RECORD_MEMBERS: Readonly<Record<string, Schema>> = {
  partition_id: nullable({ ...INTEGER, minimum: 0, maximum: 2_147_483_647 }),
  headers: nullable(arrayOf(ref("ProduceRequestHeader"))),
  key: ref("ProduceRequestData"),
  value: ref("ProduceRequestData"),
  timestamp: nullable(TIME),
};

/** What a report on a record that was written has. */
export const REPORT_MEMBERS: Readonly<Record<string, Schema>> = {
  cluster_id: TEXT,
  topic_name: TEXT,
  partition_id: INTEGER,
  offset: INT64,
  timestamp: nullable(TIME),
  key: ref("ProduceResponseData"),
  value: ref("ProduceResponseData"),
};

export const RECORD_SCHEMAS: Readonly<Record<string, Schema>> = {
  ProduceRequestHeader: object({ name: TEXT }, { value: nullable({ ...TEXT, format: "byte" }) }),
  ProduceRequestData: {
    ...object({}, {
      type: {
        type: ["string", "null"],
        enum: ["BINARY", "STRING", "JSON", null],
        default: "JSON",
        description: "How `data` becomes bytes: base64, UTF-8, or as JSON",
      },
      data: { description: "null or absent: no bytes" },
    }),
    type: ["object", "null"],
  },
  ProduceResponseData: { ...object({ size: INTEGER, type: TYPES }), type: ["object", "null"] },
};

/** Members that name a schema, which Weir has no registry of. */
const OF_SCHEMAS = ["schema", "schema_id", "schema_version", "subject", "subject_name_strategy"] as const;

type Data =
  | { readonly [Name in typeof OF_SCHEMAS[number]]?: unknown } & {
    readonly type?: "BINARY" | "STRING" | "JSON" | null;
    readonly data?: unknown;
  }
  | null;

/** Fits the schema made of `RECORD_MEMBERS`. */
export interface RecordRequest {
  readonly partition_id?: number | null;
  readonly headers?: readonly { readonly name: string; readonly value?: string | null }[] | null;
  readonly key?: Data;
  readonly value?: Data;
  readonly timestamp?: string | null;
}

/** The record that a request describes. Throws {@linkcode RequestError}. */
export function recordOf({ key, value, headers, partition_id, timestamp }: RecordRequest): RecordToWrite {
  return {
    partition: partition_id ?? -1,
    timestamp: typeof timestamp === "string" ? timeOf(timestamp) : -1,
    key: bytesOf(key ?? null, "The key"),
    value: bytesOf(value ?? null, "The value"),
    headers: (headers ?? []).map(({ name, value }) => {
      encodeText(name, "The name of a header");
      return { key: name, value: typeof value === "string" ? fromBase64(value) : null };
    }),
  };
}

function bytesOf(data: Data, what: string): Uint8Array | null {
  if (data === null) return null;
  // Written as plain JSON it would not be what was meant.
  const named = OF_SCHEMAS.find((name) => data[name] !== undefined && data[name] !== null);
  if (named === undefined) return encodeData(data.type ?? "JSON", data.data, what);
  throw new RequestError(
    400,
    `${what} has "${named}", but there is no schema registry: give "type" and "data"`,
  );
}

/** Kafka's logs hold no time before 1970. */
function timeOf(timestamp: string): number {
  const ms = Date.parse(timestamp);
  if (ms >= 0) return ms;
  throw new RequestError(400, `Timestamp "${timestamp}" lies before 1970`);
}

/** Reports where a record was written. */
export function reportOf(
  call: Call,
  topic: string,
  request: RecordRequest,
  record: RecordToWrite,
  { partition, offset, timestamp }: WriteAnswer,
) {
  return {
    cluster_id: call.view.identity.clusterId,
    topic_name: topic,
    partition_id: partition,
    offset,
    timestamp: new Date(timestamp).toISOString(),
    key: sizeOf(request.key, record.key),
    value: sizeOf(request.value, record.value),
  };
}

/** Why a record was not written. */
export interface Failed {
  readonly error_code: number;
  readonly message: string;
}

/** Reports a record that was refused, by the door or by the broker. */
export function reportFailure(error: RequestError | NonNullable<WriteAnswer["fault"]>): Failed {
  return { error_code: error instanceof RequestError ? error.code : codeOf(error), message: error.message };
}

function sizeOf(data: Data | undefined, bytes: Uint8Array | null) {
  return bytes === null ? null : { type: data?.type ?? "JSON", size: bytes.length };
}
