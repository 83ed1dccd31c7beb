/**
 * Records read over HTTP: `GET /topics/{topic_name}/records`, by offset or time,
 * of one partition or all, as one JSON object, as a line for each record, or,
 * where the request wants events or a WebSocket, as a live tail.
 */
import { monotonicMs } from "../../host/mod.ts";
import { failed, RequestError } from "../failure.ts";
import type { Call, Parameter, Route } from "../openapi/route.ts";
import {
  arrayOf,
  BOOLEAN,
  INT64,
  INTEGER,
  nullable,
  object,
  oneOf,
  ref,
  type Schema,
  TEXT,
} from "../openapi/schema.ts";
import { TOPIC_NAME } from "../rest/shapes.ts";
import type { ReadAnswer, RecordView } from "../view.ts";
import type { Fault, TopicImage } from "../../model/mod.ts";
import type { Peer } from "../peer.ts";
import { findPositions, findTail, type Positions, POSITIONS_PATTERN, positionsText } from "./positions.ts";
import { answerEvents, answerWebSocket } from "./tail_answers.ts";
import type { TailHub } from "./tail_hub.ts";
import { type Format, FORMATS, type Formats, recordText } from "./values.ts";

const LIMIT_MAX = 10_000;
/** Bytes of batches fetched for one partition at a time, and of records in one answer. */
const FETCH_BYTES_MAX = 1_048_576;
const ANSWER_BYTES_MAX = 4_194_304;
/** How long records are written as JSON before the thread is left to others. */
const TURN_MS_MAX = 4;
/** A link carries positions of no more characters: heads of requests end at 16 KB, and some signs take three. */
const POSITIONS_LENGTH_MAX = 6_000;

const POSITIONS = new RegExp(POSITIONS_PATTERN);
const DATA: Schema = {};

export const READ_SCHEMAS: Readonly<Record<string, Schema>> = {
  RecordData: object({
    topic: TEXT,
    partition: INTEGER,
    offset: INT64,
    timestamp: { type: ["string", "integer", "null"] },
    timestamp_type: oneOf("CreateTime", "LogAppendTime"),
    key: DATA,
    key_format: oneOf("json", "string", "base64", "hex", "msgpack", "null"),
    value: DATA,
    value_format: oneOf("json", "string", "base64", "hex", "msgpack", "null"),
    headers: arrayOf(
      object({ name: TEXT, value: nullable(TEXT), value_format: oneOf("string", "base64", "null") }),
    ),
  }),
  PositionData: object({
    partition: INTEGER,
    next_offset: INT64,
    log_start_offset: INT64,
    high_watermark: INT64,
    is_at_end: BOOLEAN,
  }),
  RecordDataList: object({
    topic: TEXT,
    records: arrayOf(ref("RecordData")),
    positions: arrayOf(ref("PositionData")),
    next: {
      type: ["string", "null"],
      description:
        "Where to go on, also at the end; null where that is too long for a link, of very many partitions",
    },
  }),
};

function inQuery(name: string, schema: Schema, description: string): Parameter {
  return { name, in: "query", schema, description };
}

const PARAMETERS: readonly Parameter[] = [
  TOPIC_NAME,
  inQuery("partition", { ...INTEGER, minimum: 0, maximum: 2_147_483_647 }, "One partition; all without it"),
  inQuery(
    "offset",
    { ...TEXT, pattern: "^(earliest|latest|-?\\d{1,16})$" },
    "Where to begin: earliest (default), latest (default of a live tail), an offset, or -10 for the last ten",
  ),
  inQuery("time", { ...TEXT, maxLength: 40 }, "Begin at a time: milliseconds since 1970, or RFC 3339"),
  inQuery(
    "positions",
    { ...TEXT, pattern: POSITIONS_PATTERN, maxLength: POSITIONS_LENGTH_MAX },
    "Go on from here, as the answer before said: PARTITION:OFFSET,...",
  ),
  inQuery("limit", { ...INTEGER, minimum: 1, maximum: LIMIT_MAX, default: 100 }, "Records at most"),
  inQuery("key", { ...oneOf(...FORMATS), default: "auto" }, "How keys are shown"),
  inQuery("value", { ...oneOf(...FORMATS), default: "auto" }, "How values are shown"),
  inQuery(
    "wait_ms",
    { ...INTEGER, minimum: 0, maximum: 25_000, default: 0 },
    "Wait for a first record, of one partition",
  ),
];

export function readRoute(hub: TailHub): Route {
  return {
    method: "get",
    path: "/topics/{topic_name}/records",
    tag: "Records",
    summary: "Read records, or follow them live by server-sent events or a WebSocket",
    parameters: PARAMETERS,
    answers: {
      101: { description: "A WebSocket, on which each record comes as a message" },
      200: {
        description: "The records: JSON, a line for each, or events; as the Accept header wants it",
        schema: ref("RecordDataList"),
        types: ["application/json", "application/x-ndjson", "text/event-stream"],
      },
    },
    serve: (call) => serve(call, hub),
  };
}

/** True for a request that follows records live. */
export function isTail(request: Request, peer: Peer): boolean {
  return peer.upgrade !== null || accepts(request, "text/event-stream");
}

/** Lines of JSON go by several names. */
const LINES = ["application/x-ndjson", "application/ndjson", "application/jsonl"];

function accepts(request: Request, ...types: readonly string[]): boolean {
  const accepted = request.headers.get("accept")?.toLowerCase() ?? "";
  return types.some((type) => accepted.includes(type));
}

async function serve(call: Call, hub: TailHub): Promise<Response> {
  const topic = topicOf(call);
  const formats = { key: call.text("key") as Format, value: call.text("value") as Format };
  const isLive = isTail(call.request, call.peer);
  const beginning = {
    partition: call.has("partition") ? call.integer("partition") : null,
    offset: call.has("offset") ? call.text("offset") : isLive ? "latest" : "earliest",
    time: call.has("time") ? call.text("time") : null,
    positions: call.has("positions") ? call.text("positions") : null,
  };
  if (!isLive) {
    const positions = await findPositions(call.view, topic, beginning);
    return await answerPage(call, topic.name, positions, formats);
  }
  const { positions, isWhole } = await findTail(call.view, topic, beginning, resumedFrom(call));
  const following = { topic: topic.name, positions, isWhole, formats };
  if (call.peer.upgrade !== null) return await answerWebSocket(call, hub, following);
  return await answerEvents(call, hub, following);
}

/** What a browser that was cut off heard last; what is no id of ours is none. */
function resumedFrom(call: Call): string | null {
  const id = call.request.headers.get("last-event-id");
  return id !== null && id.length <= 2 * POSITIONS_LENGTH_MAX && POSITIONS.test(id) ? id : null;
}

function topicOf(call: Call): TopicImage {
  const name = call.text("topic_name");
  const topic = call.view.image().topics.get(name);
  if (topic === undefined) throw new RequestError(40403, `Topic "${name}" does not exist`);
  return topic;
}

interface PartitionPage {
  readonly records: RecordView[];
  readonly partition: number;
  readonly nextOffset: number;
  readonly logStartOffset: number;
  readonly highWatermark: number;
}

async function answerPage(
  call: Call,
  topic: string,
  positions: Positions,
  formats: Formats,
): Promise<Response> {
  const pages = await readPages(call, topic, positions);
  const records = pages.flatMap(({ records }) => records);
  if (pages.length > 1) {
    records.sort((a, b) => a.timestamp - b.timestamp || a.partition - b.partition || a.offset - b.offset);
  }
  const texts = await textsOf(call, records, formats);
  const next = nextLink(call, pages);
  const headers = {
    "cache-control": "no-store",
    ...(next === null ? {} : { link: `<${next}>; rel="next"` }),
  };
  if (accepts(call.request, ...LINES)) {
    const lines = texts.map((text) => `${text}\n`).join("");
    return new Response(lines, { headers: { ...headers, "content-type": "application/x-ndjson" } });
  }
  const shown = pages.map((page) => ({
    partition: page.partition,
    next_offset: page.nextOffset,
    log_start_offset: page.logStartOffset,
    high_watermark: page.highWatermark,
    is_at_end: page.nextOffset >= page.highWatermark,
  }));
  const body = `{"topic":${JSON.stringify(topic)},"records":[${texts.join(",")}],` +
    `"positions":${JSON.stringify(shown)},"next":${JSON.stringify(next)}}`;
  return new Response(body, { headers: { ...headers, "content-type": "application/json" } });
}

/** The records in JSON, made for a moment at a time: the thread is everybody's. */
async function textsOf(
  { options }: Call,
  records: readonly RecordView[],
  formats: Formats,
): Promise<string[]> {
  const texts: string[] = [];
  let beganMs = monotonicMs();
  for (const record of records) {
    texts.push(recordText(record, formats));
    if (monotonicMs() - beganMs <= TURN_MS_MAX) continue;
    await options.clock.sleep(0);
    beganMs = monotonicMs();
  }
  return texts;
}

/** A share of the limit from each partition, the later ones also what the earlier left. */
async function readPages(call: Call, topic: string, positions: Positions): Promise<PartitionPage[]> {
  const waitMsMax = call.integer("wait_ms");
  if (waitMsMax > 0 && positions.size > 1) throw new RequestError(400, "Waiting wants one partition");
  const pages: PartitionPage[] = [];
  let left = call.integer("limit");
  let bytesLeft = ANSWER_BYTES_MAX;
  for (const [partition, offset] of positions) {
    const share = positions.size - pages.length;
    // Where the bytes are spent, only the partition's bounds are told.
    const countMax = bytesLeft > 0 ? Math.ceil(left / share) : 0;
    const page = await readPage(call, { topic, partition, offset, countMax, waitMsMax }, bytesLeft / share);
    pages.push(page);
    left -= page.records.length;
    bytesLeft -= sizeOf(page.records);
  }
  return pages;
}

interface PageQuery {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly countMax: number;
  readonly waitMsMax: number;
}

/** Reads on until there are enough, or the end. Even without a share left the partition's bounds are asked for. */
async function readPage(call: Call, query: PageQuery, bytesMax: number): Promise<PartitionPage> {
  const records: RecordView[] = [];
  let { offset, waitMsMax } = query;
  let bytes = 0;
  for (;;) {
    const countMax = Math.max(0, query.countMax - records.length);
    const read = { ...query, offset, waitMsMax, countMax, bytesMax: FETCH_BYTES_MAX };
    const answer = await call.view.read(read, call.request.signal);
    if (answer.fault !== null && records.length === 0) throw unreadable(answer.fault, offset, answer);
    for (const record of answer.records) records.push(record);
    bytes += sizeOf(answer.records);
    const isOver = answer.fault !== null || answer.nextOffset === offset ||
      records.length >= query.countMax ||
      bytes >= bytesMax || answer.nextOffset >= answer.highWatermark;
    offset = answer.fault === null ? answer.nextOffset : offset;
    waitMsMax = 0;
    if (!isOver) continue;
    const { logStartOffset, highWatermark } = answer;
    return { records, partition: query.partition, nextOffset: offset, logStartOffset, highWatermark };
  }
}

/** Says where to go on behind what cannot be read. */
function unreadable(fault: Fault, offset: number, { nextOffset }: ReadAnswer): RequestError {
  if (nextOffset <= offset) return failed(fault);
  return failed({ ...fault, message: `${fault.message}; behind it, offset "${nextOffset}" is next` });
}

function sizeOf(records: readonly RecordView[]): number {
  return records.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0) + 100, 0);
}

function nextLink(call: Call, pages: readonly PartitionPage[]): string | null {
  const text = positionsText(new Map(pages.map(({ partition, nextOffset }) => [partition, nextOffset])));
  if (text.length > POSITIONS_LENGTH_MAX) return null;
  const next = new URL(call.request.url);
  for (const name of ["offset", "time", "partition"]) next.searchParams.delete(name);
  next.searchParams.set("positions", text);
  return next.href;
}
