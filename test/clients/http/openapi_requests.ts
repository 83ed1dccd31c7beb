/**
 * Requests made from an OpenAPI document: such as fit it, such as nearly do, and
 * anything at all, in paths, queries, headers and bodies.
 */
import fc, { type Arbitrary } from "fast-check";
import { type Json, oddJson, oddText, valueOf } from "./openapi_values.ts";

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly name: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: Json }[];
  /** The body's schema; `null` without one. */
  readonly body: Json | null;
  /** By status: the schemas of its content types. */
  readonly answers: Readonly<Record<string, Readonly<Record<string, Json>>>>;
}

export interface MadeRequest {
  readonly path: string;
  readonly init: RequestInit;
}

export function operationsOf(document: Json): Operation[] {
  return Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).map(([method, row]) => ({
      method: method.toUpperCase(),
      path,
      name: row.operationId,
      parameters: row.parameters,
      body: row.requestBody?.content["application/json"].schema ?? null,
      answers: Object.fromEntries(
        Object.entries<Json>(row.responses).map(([status, answer]) => [
          status,
          Object.fromEntries(
            Object.entries<Json>(answer.content ?? {}).map(([type, { schema }]) => [type, schema]),
          ),
        ]),
      ),
    }))
  );
}

const JSON_TYPE = "application/json";
const TYPES = [
  ...[
    "text/plain",
    "application/xml",
    "multipart/form-data",
    "application/x-www-form-urlencoded",
    "nonsense",
  ],
  ...["application/json; charset=latin1", "application/vnd.api+json", "application/x-ndjson"],
];
/** Not an upgrade, which takes a handshake of its own. */
const HEADERS: readonly (readonly [name: string, values: readonly string[]])[] = [
  ["accept", [
    "*/*",
    "text/html",
    "application/x-ndjson",
    "text/event-stream",
    "application/xml",
    "application/openmetrics-text",
    "",
  ]],
  ["last-event-id", ["", "0:0", "0:1,1:1", "99:1", "0:99999999999999999999", "x"]],
  ["accept-encoding", ["gzip", "identity;q=0"]],
];

/** `known`: path parameters that lead somewhere, used more often than not. */
export function requestOf(
  operation: Operation,
  document: Json,
  known: Readonly<Record<string, string>>,
): Arbitrary<MadeRequest> {
  const { method, path, parameters, body } = operation;
  const inPath = parameters.filter((parameter) => parameter.in === "path");
  const inQuery = parameters.filter((parameter) => parameter.in === "query");
  return fc.record({
    places: fc.record(
      Object.fromEntries(inPath.map(({ name, schema }) => [name, pathValue(name, schema, document, known)])),
    ),
    search: searchOf(inQuery, document),
    headers: headersOf(),
    type: fc.oneof({ weight: 8, arbitrary: fc.constant(JSON_TYPE) }, fc.constantFrom(null, ...TYPES)),
    text: body === null ? fc.constant(null) : bodyOf(body, document),
    isStreamed: fc.boolean(),
  }).map(({ places, search, headers, type, text, isStreamed }) => {
    const filled = path.replaceAll(/\{(\w+)\}/g, (_all, name) => (places as Record<string, string>)[name]!);
    const given = { ...headers, ...(type !== null && { "content-type": type }) } as Record<string, string>;
    const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
    const sent = bytes === null ? {} : { body: isStreamed ? new Blob([bytes]).stream() : bytes };
    return { path: filled + search, init: { method, headers: given, ...sent } };
  });
}

/** Escaped; no "." and "..", which are steps in a path, no "-", which is another path, and no empty one. */
function pathValue(name: string, schema: Json, document: Json, known: Readonly<Record<string, string>>) {
  const odd = fc.oneof(
    fc.oneof(valueOf(schema, document).map(String), oddText())
      .map((text) => encodeURIComponent(/^\.*$/.test(text) || text === "-" ? "x" : text.toWellFormed())),
    fc.constantFrom("%ff", "%00", "%zz", "%", "%c3%28", "%2F%2F", "a%2Fb", "a;b", "a=b&c", "~", "--", "@:"),
  );
  return known[name] === undefined ? odd : fc.oneof({ weight: 6, arbitrary: fc.constant(known[name]) }, odd);
}

/** Parameters that fit and that do not, some twice, and some that nobody knows. */
function searchOf(parameters: Operation["parameters"], document: Json): Arbitrary<string> {
  const pair = (name: string, schema: Json) =>
    fc.oneof(
      { weight: 5, arbitrary: queryValue(name, schema, document) },
      name === "wait_ms" ? fc.constantFrom("x", "-1", "") : oddText(),
    ).map((text) => `${name}=${encodeURIComponent(text.toWellFormed())}`);
  const known = parameters.map(({ name, schema }) => pair(name, schema));
  const odd = fc.constantFrom(
    "__proto__=1",
    "x",
    "=",
    "&&",
    "cluster_id=other",
    "limit=%zz",
    "time=%ff",
    "a[b]=c",
  );
  return fc.array(fc.oneof(...known.map((arbitrary) => ({ weight: 3, arbitrary })), odd), { maxLength: 4 })
    .map((pairs) => pairs.length === 0 ? "" : `?${pairs.join("&")}`);
}

function queryValue(name: string, schema: Json, document: Json): Arbitrary<string> {
  // Nobody waits in a property.
  return name === "wait_ms" ? fc.constantFrom("0", "1") : valueOf(schema, document).map(String);
}

function headersOf(): Arbitrary<Record<string, string>> {
  return fc.record(
    Object.fromEntries(HEADERS.map(([name, values]) => [name, fc.constantFrom(...values)])),
    { requiredKeys: [] },
  ) as Arbitrary<Record<string, string>>;
}

function bodyOf(schema: Json, document: Json): Arbitrary<string | Uint8Array<ArrayBuffer> | null> {
  const fitting = valueOf(schema, document);
  return fc.oneof(
    { weight: 6, arbitrary: fitting.map((value) => JSON.stringify(value)) },
    { weight: 6, arbitrary: oddJson(fitting) },
    fc.uint8Array().map((bytes) => new Uint8Array(bytes)),
    fc.constant(null),
  );
}
