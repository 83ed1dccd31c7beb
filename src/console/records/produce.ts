/**
 * Records written over HTTP: `POST .../records`, one, several, or a stream of
 * them that goes on as long as the connection. Each is answered by a delivery
 * report, in order; a stream's reports flow back while it is still being read,
 * and it is read no faster than its reports are taken.
 */
import { monotonicMs } from "../../host/mod.ts";
import { checkType, emptyBody, partsOf } from "../body.ts";
import { RequestError } from "../failure.ts";
import { type Call, json, type Route } from "../openapi/route.ts";
import { INTEGER, object, ref, type Schema, TEXT } from "../openapi/schema.ts";
import { CLUSTER, CLUSTER_ID, TOPIC_NAME } from "../rest/shapes.ts";
import { topicOf } from "../rest/topics.ts";
import type { ConsoleOptions } from "../options.ts";
import type { Checker } from "../openapi/check.ts";
import type { RecordToWrite } from "../view.ts";
import { Concatenated, Room } from "./concatenated.ts";
import {
  RECORD_MEMBERS,
  RECORD_SCHEMAS,
  recordOf,
  type RecordRequest,
  REPORT_MEMBERS,
  reportFailure,
  reportOf,
} from "./record_request.ts";

/** Checkers are kept by the schema's identity: one object for all records. */
const REQUEST = ref("ProduceRequest");

export const PRODUCE_SCHEMAS: Readonly<Record<string, Schema>> = {
  ...RECORD_SCHEMAS,
  ProduceRequest: object({}, RECORD_MEMBERS),
  ProduceResponse: object({ error_code: INTEGER }, { message: TEXT, ...REPORT_MEMBERS }),
};

/** The row of the table; it checks records itself, one by one. */
export function produceRoute(checker: Checker): Route {
  let room: Room | null = null;
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
    serve: (call) => produce(call, checker, room ??= roomOf(call.options)),
  };
}

const encoder = new TextEncoder();
/** Of reports that are answered in one piece: tens of thousands. */
const REPORTS_LENGTH_MAX = 8_388_608;
/** How long records are looked at before the thread is left to others. */
const TURN_MS_MAX = 4;

/** As much as requests may hold that are read whole, though streams may be many more. */
function roomOf({ requestsMax, requestBytesMax }: ConsoleOptions): Room {
  return new Room(requestsMax * requestBytesMax);
}

async function produce(call: Call, checker: Checker, room: Room): Promise<Response> {
  const topic = topicOf(call).name;
  checkType(call.request);
  const reports = reportsOf(call, checker, topic, new Concatenated(call.options.requestBytesMax, room));
  return isStream(call.request, call.options.requestBytesMax)
    ? await answerStream(reports)
    : await answerWhole(reports);
}

/** True for a body without a length, which may go on for ever, and for one too long to be answered as a whole. */
export function isStream({ body, headers }: Request, bytesMax: number): boolean {
  const length = headers.get("content-length");
  return body !== null && (length === null || Number(length) > bytesMax);
}

/** A single record that failed is a failed request; several are answered by their reports. */
async function answerWhole(reports: AsyncIterable<readonly Report[]>): Promise<Response> {
  const texts: string[] = [];
  let length = 0;
  let first: Report | null = null;
  for await (const some of reports) {
    for (const report of some) {
      first ??= report;
      length += texts[texts.push(JSON.stringify(report)) - 1]!.length;
    }
    if (length < REPORTS_LENGTH_MAX) continue;
    texts.push(JSON.stringify(TOO_MANY));
    break;
  }
  if (first === null) throw emptyBody();
  if (texts.length === 1) {
    if (first.error_code === 200) return json(first);
    throw new RequestError(first.error_code, first.message ?? "");
  }
  return new Response(texts.join("\r\n"), { headers: { "content-type": "application/json" } });
}

/** The answer begins with the first report, so that a body without any record is refused. */
async function answerStream(reports: AsyncGenerator<readonly Report[]>): Promise<Response> {
  let first: IteratorResult<readonly Report[]> | null = await reports.next();
  if (first.done) throw emptyBody();
  const body = new ReadableStream({
    async pull(controller) {
      const { done, value } = first ?? await reports.next();
      first = null;
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

const TOO_MANY: Report = {
  error_code: 413,
  message: "The records that follow are too many for one request and were not written: stream them",
};

/** Reports as records come: those that arrived together are written together. A broken body ends them with its error. */
async function* reportsOf(
  call: Call,
  checker: Checker,
  topic: string,
  concatenated: Concatenated,
): AsyncGenerator<readonly Report[]> {
  try {
    for await (const bytes of partsOf(call.request)) {
      const { values, failure } = concatenated.take(bytes);
      if (values.length > 0) yield await writeAll(call, checker, topic, values);
      if (failure !== null) throw failure;
    }
    const failure = concatenated.end();
    if (failure !== null) throw failure;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    yield [reportFailure(error)];
  } finally {
    concatenated.close();
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
  let beganMs = monotonicMs();
  for (const [place, request] of requests.entries()) {
    if (monotonicMs() - beganMs > TURN_MS_MAX) {
      await call.options.clock.sleep(0);
      beganMs = monotonicMs();
    }
    try {
      await checker.value(REQUEST, request);
      records.push(recordOf(request as RecordRequest));
      places.push(place);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      reports[place] = reportFailure(error);
    }
  }
  const written = records.length === 0 ? [] : await call.view.write(topic, records);
  written.forEach((answer, index) => {
    const place = places[index]!;
    const request = requests[place] as RecordRequest;
    reports[place] = answer.fault === null
      ? { error_code: 200, ...reportOf(call, topic, request, records[index]!, answer) }
      : reportFailure(answer.fault);
  });
  return reports;
}
