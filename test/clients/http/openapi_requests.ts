/**
 * Requests made from an OpenAPI document: values that fit its schemas, values that
 * nearly do, and anything at all, in paths, queries and bodies.
 */
import fc, { type Arbitrary } from "fast-check";

// deno-lint-ignore no-explicit-any -- a document of any shape
type Json = any;

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly name: string;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: Json }[];
  /** The body's schema; `null` without one. */
  readonly body: Json | null;
  /** Schemas of JSON answers by status; `null` for one that is no JSON. */
  readonly answers: Readonly<Record<string, Json | null>>;
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
        Object.entries<Json>(row.responses).map((
          [status, answer],
        ) => [status, answer.content?.["application/json"]?.schema ?? null]),
      ),
    }))
  );
}

/** `known`: path parameters that lead somewhere, used more often than not. */
export function requestOf(
  operation: Operation,
  document: Json,
  known: Readonly<Record<string, string>>,
): Arbitrary<MadeRequest> {
  const { method, path, parameters, body } = operation;
  const inPath = parameters.filter((parameter) => parameter.in === "path");
  const inQuery = parameters.filter((parameter) => parameter.in === "query");
  const parts = fc.tuple(
    fc.record(
      Object.fromEntries(inPath.map(({ name, schema }) => [name, pathValue(name, schema, document, known)])),
    ),
    fc.record(
      Object.fromEntries(inQuery.map(({ name, schema }) => [name, queryValue(name, schema, document)])),
      {
        requiredKeys: [],
      },
    ),
    body === null ? fc.constant(undefined) : bodyOf(body, document),
  );
  return parts.map(([places, query, text]) => {
    const filled = path.replaceAll(/\{(\w+)\}/g, (_all, name) => encodeURIComponent((places as Json)[name]));
    const search = new URLSearchParams(query as Record<string, string>).toString();
    const headers = { "content-type": "application/json" };
    const init = text === undefined ? { method } : { method, body: text, headers };
    return { path: search === "" ? filled : `${filled}?${search}`, init };
  });
}

/** No "." and "..", which are no names but steps in a path. */
function pathValue(name: string, schema: Json, document: Json, known: Readonly<Record<string, string>>) {
  const any = fc.oneof(valueOf(schema, document).map(String), fc.string({ minLength: 1, unit: "binary" }))
    .map((text) => /^\.*$/.test(text) ? "x" : text);
  return known[name] === undefined ? any : fc.oneof({ weight: 4, arbitrary: fc.constant(known[name]) }, any);
}

function queryValue(name: string, schema: Json, document: Json): Arbitrary<string> {
  // Nobody waits in a property.
  if (name === "wait_ms") return fc.constantFrom("0", "1", "x", "-1");
  return fc.oneof(
    { weight: 4, arbitrary: valueOf(schema, document).map(String) },
    fc.string({ unit: "binary" }),
    fc.integer().map(String),
  );
}

function bodyOf(schema: Json, document: Json): Arbitrary<string> {
  const fitting = valueOf(schema, document);
  return fc.oneof(
    { weight: 4, arbitrary: fitting.map((value) => JSON.stringify(value)) },
    {
      weight: 2,
      arbitrary: fc.tuple(fitting, fc.jsonValue()).map(([value, odd]) => JSON.stringify(spoil(value, odd))),
    },
    fc.json(),
    fc.string(),
  );
}

/** One member of an object, or the whole, replaced by something odd. */
function spoil(value: Json, odd: Json): Json {
  const keys = typeof value === "object" && value !== null ? Object.keys(value) : [];
  return keys.length === 0 ? odd : { ...value, [keys[0]!]: odd };
}

/** Values that fit a schema, for the keywords the document uses. */
function valueOf(schema: Json, document: Json): Arbitrary<Json> {
  if (schema.$ref !== undefined) {
    return valueOf(document.components.schemas[schema.$ref.split("/").at(-1)], document);
  }
  if (schema.anyOf !== undefined) return fc.oneof(...schema.anyOf.map((one: Json) => valueOf(one, document)));
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (Array.isArray(schema.type)) {
    return fc.oneof(...schema.type.map((type: string) => valueOf({ ...schema, type }, document)));
  }
  switch (schema.type) {
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    case "integer":
      return integerOf(schema);
    case "string":
      return textOf(schema);
    case "array":
      return fc.array(valueOf(schema.items, document), { maxLength: 4 });
    case "object":
      return objectOf(schema, document);
    default:
      return fc.jsonValue();
  }
}

/** Mostly small: a topic of two thousand million partitions is refused, one of a thousand only takes long. */
function integerOf({ minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER }: Json) {
  const inRange = (value: number) => Math.min(Math.max(value, minimum), maximum);
  return fc.oneof(
    fc.integer({ min: -2, max: 5 }).map(inRange),
    fc.constantFrom(minimum, maximum),
    fc.maxSafeInteger().map((value) => inRange(value * 1_000)).filter(Number.isSafeInteger),
  );
}

function textOf({ pattern, format, maxLength = 300 }: Json): Arbitrary<string> {
  if (pattern !== undefined) {
    return fc.stringMatching(new RegExp(pattern)).filter((text) => text.length <= maxLength);
  }
  if (format === "byte") return fc.base64String({ maxLength: 40 });
  if (format === "date-time") {
    return fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("9999-01-01T00:00:00Z") })
      .map((date) => date.toISOString());
  }
  const names = fc.constantFrom(
    "orders",
    "retention.ms",
    "cleanup.policy",
    "1000",
    "compact",
    "__proto__",
    "constructor",
  );
  return fc.oneof(fc.string({ maxLength }), fc.string({ maxLength: 20, unit: "binary" }), names);
}

function objectOf({ properties = {}, required = [] }: Json, document: Json): Arbitrary<Json> {
  const members = Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, valueOf(schema, document)]),
  );
  return fc.record(members, { requiredKeys: required });
}
