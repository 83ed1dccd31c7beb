/**
 * Records written over HTTP: `POST .../records`, one, several, or a stream of
 * them that goes on as long as the connection. Each is answered by a delivery
 * report, in order; a stream's reports flow back while it is still being read,
 * and it is read no faster than its reports are taken.
 */
import { checkType } from "../body.ts";
import { codeOf, failed, RequestError } from "../failure.ts";
import { type Call, json, type Route } from "../openapi/route.ts";
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
import { checkCluster, CLUSTER, CLUSTER_ID, TOPIC_NAME } from "../rest/shapes.ts";
import type { Checker } from "../openapi/check.ts";
import type { RecordToWrite, WriteAnswer } from "../view.ts";
import { Concatenated } from "./concatenated.ts";
import { encodeData, fromBase64 } from "./values.ts";

/** Checkers are kept by the schema's identity: one object for all records. */
const REQUEST = ref("ProduceRequest");
const TYPES = oneOf("BINARY", "STRING", "JSON");

export const PRODUCE_SCHEMAS: Readonly<Record<string, Schema>> = {
  ProduceRequestHeader: object({ name: TEXT }, { value: nullable({ ...TEXT, format: "byte" }) }),
  ProduceRequestData: {
    ...object({}, { type: { ...TYPES, default: "JSON" }, data: {} }),
    type: ["object", "null"],
  },
  ProduceRequest: object({}, {
    partition_id: nullable({ ...INTEGER, minimum: 0, maximum: 2_147_483_647 }),
    headers: arrayOf(ref("ProduceRequestHeader")),
    key: ref("ProduceRequestData"),
    value: ref("ProduceRequestData"),
    timestamp: nullable({ ...TEXT, format: "date-time" }),
  }),
  ProduceResponseData: { ...object({ size: INTEGER }, { type: TYPES }), type: ["object", "null"] },
  ProduceResponse: object({ error_code: INTEGER }, {
    message: TEXT,
    cluster_id: TEXT,
    topic_name: TEXT,
    partition_id: INTEGER,
    offset: INT64,
    timestamp: nullable({ ...TEXT, format: "date-time" }),
    key: ref("ProduceResponseData"),
    value: ref("ProduceResponseData"),
  }),
};

/** The row of the table; it checks records itself, one by one. */
export function produceRoute(checker: Checker): Route {
  return {
    method: "post",
    path: `${CLUSTER}/topics/{topic_name}/records`,
    tag: "Records",
    summary: "Write records: one, or several one after another, also as a stream without an end",
    parameters: [CLUSTER_ID, TOPIC_NAME],
    stream: REQUEST,
    answers: {
      200: {
        description: "A report for each record, in order, each with its own error_code; 200 is success",
        schema: ref("ProduceResponse"),
      },
    },
    serve: (call) => produce(call, checker),
  };
}

interface Data {
  readonly type?: "BINARY" | "STRING" | "JSON";
  readonly data?: unknown;
}

interface ProduceRequest {
  readonly partition_id?: number | null;
  readonly headers?: readonly { readonly name: string; readonly value?: string | null }[];
  readonly key?: Data | null;
  readonly value?: Data | null;
  readonly timestamp?: string | null;
}

const encoder = new TextEncoder();

async function produce(call: Call, checker: Checker): Promise<Response> {
  checkCluster(call);
  checkType(call.request);
  const topic = call.text("topic_name");
  if (!call.view.image().topics.has(topic)) throw new RequestError(40403, `Topic "${topic}" does not exist`);
  const reports = reportsOf(call, checker, topic);
  return isStream(call.request) ? answerStream(reports) : await answerWhole(reports);
}

/** True for a body that has no length: it may go on for ever. */
export function isStream(request: Request): boolean {
  return !request.headers.has("content-length");
}

/** A single record that failed is a failed request; several are answered by their reports. */
async function answerWhole(reports: AsyncIterable<readonly Report[]>): Promise<Response> {
  const all: Report[] = [];
  for await (const some of reports) all.push(...some);
  const [first] = all;
  if (first === undefined) throw new RequestError(400, "The body holds no record");
  if (all.length === 1) {
    if (first.error_code === 200) return json(first);
    throw new RequestError(first.error_code, first.message ?? "");
  }
  return new Response(all.map((report) => JSON.stringify(report)).join("\r\n"), {
    headers: { "content-type": "application/json" },
  });
}

function answerStream(reports: AsyncGenerator<readonly Report[]>): Response {
  const body = new ReadableStream({
    async pull(controller) {
      const { done, value } = await reports.next();
      if (done) return controller.close();
      controller.enqueue(encoder.encode(value.map((report) => `${JSON.stringify(report)}\r\n`).join("")));
    },
    async cancel() {
      await reports.return(undefined);
    },
  }, { highWaterMark: 0 });
  return new Response(body, { headers: { "content-type": "application/json" } });
}

type Report = { readonly error_code: number; readonly message?: string };

/** Reports as records come: those that arrived together are written together. A broken body ends them with its error. */
async function* reportsOf(call: Call, checker: Checker, topic: string): AsyncGenerator<readonly Report[]> {
  const values = new Concatenated(call.options.requestBytesMax);
  try {
    for await (const bytes of call.request.body ?? []) {
      const requests = values.take(bytes);
      if (requests.length > 0) yield await writeAll(call, checker, topic, requests);
    }
    values.end();
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    yield [{ error_code: error.code, message: error.message }];
  }
}

async function writeAll(
  call: Call,
  checker: Checker,
  topic: string,
  requests: readonly unknown[],
): Promise<Report[]> {
  const reports: Report[] = [];
  const records: RecordToWrite[] = [];
  const places: number[] = [];
  for (const [place, request] of requests.entries()) {
    try {
      await checker.value(REQUEST, request);
      records.push(recordOf(request as ProduceRequest));
      places.push(place);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      reports[place] = { error_code: error.code, message: error.message };
    }
  }
  const written = records.length === 0 ? [] : await call.view.write(topic, records);
  written.forEach((answer, index) => {
    const place = places[index]!;
    const record = records[index]!;
    reports[place] = reportOf(call, topic, requests[place] as ProduceRequest, record, answer);
  });
  return reports;
}

function recordOf(request: ProduceRequest): RecordToWrite {
  const { key, value, headers = [], partition_id, timestamp } = request;
  return {
    partition: partition_id ?? -1,
    timestamp: typeof timestamp === "string" ? Math.max(0, Date.parse(timestamp)) : -1,
    key: encodeData(key?.type ?? "JSON", key?.data, "The key"),
    value: encodeData(value?.type ?? "JSON", value?.data, "The value"),
    headers: headers.map(({ name, value }) => (
      { key: name, value: typeof value === "string" ? fromBase64(value) : null }
    )),
  };
}

function reportOf(
  call: Call,
  topic: string,
  request: ProduceRequest,
  record: RecordToWrite,
  answer: WriteAnswer,
): Report {
  if (answer.fault !== null) {
    return { error_code: codeOf(answer.fault), message: failed(answer.fault).message };
  }
  const report = {
    error_code: 200,
    cluster_id: call.view.identity.clusterId,
    topic_name: topic,
    partition_id: answer.partition,
    offset: answer.offset,
    timestamp: new Date(answer.timestamp).toISOString(),
    key: sizeOf(request.key, record.key),
    value: sizeOf(request.value, record.value),
  };
  return report;
}

function sizeOf(data: Data | null | undefined, bytes: Uint8Array | null) {
  return bytes === null ? null : { type: data?.type ?? "JSON", size: bytes.length };
}
