/**
 * What keys and values are: formats by name, any Standard Schema (v1), and
 * `topic`, which ties them to a topic's name. Kafka stores bytes, so a format is
 * a pair of functions between a value and its bytes.
 *
 * | format     | takes                         | gives back                                            |
 * |------------|-------------------------------|-------------------------------------------------------|
 * | `"auto"`   | anything below                | object or array if it is one in JSON, else text, else bytes |
 * | `"json"`   | whatever JSON can say         | the parsed value                                      |
 * | `"string"` | a string                      | a string                                              |
 * | `"number"` | a finite number               | the number; its decimal text on disk                  |
 * | `"bytes"`  | a `Uint8Array`                | a view of the received bytes                          |
 * | a schema   | the schema's input, as JSON   | the schema's output                                   |
 *
 * `null` and `undefined` are no value (a tombstone) in every format.
 */
import { WeirError } from "./error.ts";

/** The names of the formats that are built in. */
export type FormatName = "auto" | "json" | "string" | "number" | "bytes";

/** What is needed of a Standard Schema, version 1: https://standardschema.dev */
export interface Schema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** A format: by name, or by schema. */
// deno-lint-ignore no-explicit-any -- any schema at all; its types are inferred from it
export type Format = FormatName | Schema<any, any>;

/** What a producer takes for `F`. */
export type InputOf<F extends Format> = F extends Schema<infer Input, unknown> ? Input
  : F extends "string" ? string
  : F extends "number" ? number
  : F extends "bytes" ? Uint8Array
  : unknown;

/** What a consumer gives for `F`, where there is a value. */
export type OutputOf<F extends Format> = F extends Schema<infer _Input, infer Output> ? Output
  : F extends "string" ? string
  : F extends "number" ? number
  : F extends "bytes" ? Uint8Array
  // deno-lint-ignore no-explicit-any -- JSON.parse's own type
  : any;

/** A topic's name with the formats of its keys and values. Made by {@linkcode topic}. */
export interface Topic<Key extends Format = Format, Value extends Format = Format> {
  readonly name: string;
  readonly key: Key;
  readonly value: Value;
}

/**
 * Describes a topic, for producers and consumers alike. Without formats, both are `"auto"`.
 *
 * @example
 * ```ts
 * const orders = topic("orders", { key: "string", value: Order });
 * await producer.send(orders, { key: "user_456", value: { order: 123 } });
 * for await (const record of weir.consumer({ topics: [orders] })) console.log(record.value?.order);
 * ```
 */
export function topic<const Key extends Format = "auto", const Value extends Format = "auto">(
  name: string,
  formats: { readonly key?: Key; readonly value?: Value } = {},
): Topic<Key, Value> {
  return { name, key: formats.key ?? "auto" as Key, value: formats.value ?? "auto" as Value };
}

/** A format's two directions. `encode` may give text, which is written as UTF-8. */
export interface FormatCodec {
  readonly encode: (value: unknown, what: string) => Uint8Array | string;
  readonly decode: (bytes: Uint8Array, what: string) => unknown;
}

const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const LENIENT = new TextDecoder("utf-8", { ignoreBOM: true });
const OPEN_BRACE = 0x7b;
const OPEN_BRACKET = 0x5b;

const CODECS: Readonly<Record<FormatName, FormatCodec>> = {
  auto: { encode: encodeAuto, decode: decodeAuto },
  json: { encode: encodeJson, decode: decodeJson },
  string: {
    encode: (value, what) => typeof value === "string" ? value : refuse(what, value, "a string"),
    decode: (bytes) => LENIENT.decode(bytes),
  },
  number: {
    encode: (value, what) => Number.isFinite(value) ? String(value) : refuse(what, value, "a finite number"),
    decode: decodeNumber,
  },
  bytes: {
    encode: (value, what) => value instanceof Uint8Array ? value : refuse(what, value, "a Uint8Array"),
    decode: (bytes) => bytes,
  },
};

const schemaCodecs = new WeakMap<Schema, FormatCodec>();

/** The codec of a format. Throws INVALID_ARGUMENT for what is none. */
function formatCodec(format: Format): FormatCodec {
  if (typeof format === "string" && Object.hasOwn(CODECS, format)) return CODECS[format];
  // ArkType's schemas are functions.
  const callable = typeof format === "object" || typeof format === "function";
  if (!callable || format === null || typeof format["~standard"]?.validate !== "function") {
    const names = Object.keys(CODECS).join(", ");
    throw new WeirError(
      "INVALID_ARGUMENT",
      `Format "${String(format)}" must be one of ${names} or a Standard Schema`,
    );
  }
  let codec = schemaCodecs.get(format);
  if (codec === undefined) schemaCodecs.set(format, codec = schemaCodec(format));
  return codec;
}

/** The codecs of a topic's keys and values. */
export interface TopicCodecs {
  readonly key: FormatCodec;
  readonly value: FormatCodec;
}

const UNTYPED: TopicCodecs = { key: CODECS.auto, value: CODECS.auto };
const codecsOfTopics = new WeakMap<Topic, TopicCodecs>();

/** The codecs of a topic given by name or by {@linkcode topic}. Throws INVALID_ARGUMENT. */
export function topicCodecs(given: string | Topic): TopicCodecs {
  if (typeof given === "string") return UNTYPED;
  let codecs = codecsOfTopics.get(given);
  if (codecs === undefined) {
    codecs = { key: formatCodec(given.key), value: formatCodec(given.value) };
    codecsOfTopics.set(given, codecs);
  }
  return codecs;
}

function schemaCodec(schema: Schema): FormatCodec {
  return {
    encode(value, what) {
      validate(schema, value, what);
      return encodeJson(value, what);
    },
    decode: (bytes, what) => validate(schema, decodeJson(bytes, what), what),
  };
}

function validate(schema: Schema, value: unknown, what: string): unknown {
  const result = schema["~standard"].validate(value);
  if (result instanceof Promise) {
    result.catch(() => {});
    throw new WeirError("INVALID_ARGUMENT", `${what} cannot be checked by a schema that is asynchronous`);
  }
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map(describeIssue).join("; ");
  throw new WeirError("INVALID_VALUE", `${what} does not fit its schema: ${issues}`, {
    cause: result.issues,
  });
}

function describeIssue(issue: SchemaIssue): string {
  const path = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part));
  return path.length === 0 ? issue.message : `"${path.join(".")}" ${issue.message}`;
}

function encodeAuto(value: unknown, what: string): Uint8Array | string {
  if (typeof value === "string" || value instanceof Uint8Array) return value;
  return encodeJson(value, what);
}

function encodeJson(value: unknown, what: string): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw new WeirError("INVALID_VALUE", `${what} cannot be written as JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return text ?? refuse(what, value, "a string, a Uint8Array or something JSON can say");
}

function decodeAuto(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = STRICT.decode(bytes);
  } catch {
    return bytes;
  }
  if (bytes[0] !== OPEN_BRACE && bytes[0] !== OPEN_BRACKET) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function decodeJson(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(LENIENT.decode(bytes));
  } catch (error) {
    throw new WeirError("INVALID_VALUE", `${what} is not JSON: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function decodeNumber(bytes: Uint8Array, what: string): number {
  const text = LENIENT.decode(bytes);
  const value = text.trim() === "" ? NaN : Number(text);
  return Number.isNaN(value) ? refuse(what, text, "a number") : value;
}

function refuse(what: string, value: unknown, wanted: string): never {
  const shown = typeof value === "string" ? value : typeof value;
  throw new WeirError("INVALID_VALUE", `${what} "${shown}" must be ${wanted}`);
}
