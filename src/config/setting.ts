/**
 * What a setting is: its type, default, allowed values and one line of words,
 * with the parser that turns text into its value. The tables beside this file
 * are lists of these and nothing else reads text. Builders here fix how every
 * kind of value is written; long values beyond 2^53 − 1 stand for "never" and
 * parse to `Number.MAX_SAFE_INTEGER`.
 */

import type { SettingDescription } from "../model/mod.ts";

/** What a number counts; empty for plain numbers and everything that is not a number. */
export type Unit = "" | "bytes" | "ms" | "minutes" | "hours" | "records" | "partitions";

/** One setting of the broker or of a topic. */
export interface Setting<Value> {
  readonly type: "boolean" | "integer" | "decimal" | "text" | "choice" | "list" | "address";
  /** The type that Kafka's tools are told. */
  readonly kafkaType: SettingDescription["type"];
  readonly unit: Unit;
  /** The default as Kafka's tools print it; empty when there is none. */
  readonly defaultText: string;
  /** What may be given, in words. */
  readonly allowed: string;
  /** One line for the help text and the README. */
  readonly documentation: string;
  /** "stored": accepted and shown, but nothing acts on it yet. */
  readonly standing: "honoured" | "stored";
  /** The value of a text, or `undefined` when it is not allowed. */
  readonly parse: (text: string) => Value | undefined;
}

/** Host and port a door listens on; `null` where it is off. */
export interface ListenAddress {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** Host and, if it differs from the listener's, port that clients are told. */
export interface AdvertisedAddress {
  readonly host: string;
  /** `null` tells clients the port the door listens on. */
  readonly port: number | null;
}

export const INT32_MAX = 2_147_483_647;
/** Kafka's "never" and "no limit": 2^63 − 1. */
export const LONG_MAX_TEXT = "9223372036854775807";
const LONG_MAX = BigInt(LONG_MAX_TEXT);

interface Words {
  readonly documentation: string;
  readonly standing?: "honoured" | "stored";
}

interface Range extends Words {
  readonly unit?: Unit;
  readonly minimum: number;
  /** Left out: up to 2^63 − 1, read as `MAX_SAFE_INTEGER`. */
  readonly maximum?: number;
}

/** A whole number with a default; `defaultText` may be Kafka's 2^63 − 1. */
export function integer(defaultText: string, range: Range): Setting<number> {
  const parse = (text: string) => parseInteger(text, range.minimum, range.maximum);
  return {
    ...base("integer", defaultText, range),
    kafkaType: (range.maximum ?? Infinity) <= INT32_MAX ? "int" : "long",
    allowed: rangeWords(range),
    unit: range.unit ?? "",
    parse,
  };
}

/** A whole number that may be left unset: its value is then `null`. */
export function integerOrUnset(range: Range): Setting<number | null> {
  return integer("", range);
}

/** A fraction; without a maximum as large as a double gets. */
export function decimal(
  defaultText: string,
  range: Words & { minimum: number; maximum?: number },
): Setting<number> {
  const { minimum, maximum = Number.MAX_VALUE } = range;
  const parse = (text: string) => {
    const value = /^\d+(\.\d+)?(E\d{1,3})?$/i.test(text) ? Number(text) : NaN;
    return value >= minimum && value <= maximum ? value : undefined;
  };
  const allowed = range.maximum === undefined ? `at least ${minimum}` : `${minimum} to ${maximum}`;
  return { ...base("decimal", defaultText, range), allowed, parse };
}

/** `true` or `false`, in any case, as Kafka reads them. */
export function boolean(defaultText: "true" | "false", words: Words): Setting<boolean> {
  const parse = (text: string) => {
    const lower = text.toLowerCase();
    return lower === "true" ? true : lower === "false" ? false : undefined;
  };
  return { ...base("boolean", defaultText, words), allowed: "true, false", parse };
}

/** One word of a few. */
export function choice<const Choice extends string>(
  choices: readonly Choice[],
  defaultText: NoInfer<Choice>,
  words: Words,
): Setting<Choice> {
  const parse = (text: string) => choices.find((choice) => choice === text);
  return { ...base("choice", defaultText, words), allowed: choices.join(", "), parse };
}

/** Words of a few, comma-separated, each at most once; the empty list is allowed. */
export function listOf<const Choice extends string>(
  choices: readonly Choice[],
  defaultText: NoInfer<Choice>,
  words: Words,
): Setting<readonly Choice[]> {
  const parse = (text: string) => {
    const parts = text.split(",").map((part) => part.trim()).filter((part) => part !== "");
    const known = choices.filter((choice) => parts.includes(choice));
    return known.length === parts.length ? known : undefined;
  };
  return { ...base("list", defaultText, words), allowed: `a list of ${choices.join(", ")}`, parse };
}

/** A comma-separated list that `pattern` matches as a whole, kept as text. */
export function listMatching(
  defaultText: string,
  allowed: string,
  pattern: RegExp,
  words: Words,
): Setting<string> {
  return { ...text(defaultText, allowed, pattern, words), type: "list", kafkaType: "list" };
}

/** Any text that `pattern` matches; empty for unset where the default is empty. */
export function text(
  defaultText: string,
  allowed: string,
  pattern: RegExp,
  words: Words,
): Setting<string> {
  const parse = (given: string) => pattern.test(given) ? given : undefined;
  return { ...base("text", defaultText, words), allowed, parse };
}

/** `HOST:PORT`, or `off`. */
export function listener(defaultText: string, words: Words): Setting<ListenAddress | null> {
  const parse = (given: string) => {
    if (given === "off") return null;
    const address = parseAddress(given);
    return address === undefined || address.port === null
      ? undefined
      : { host: address.host, port: address.port };
  };
  return { ...base("address", defaultText, words), allowed: "HOST:PORT, off", parse };
}

/** `HOST` or `HOST:PORT`; empty for unset. */
export function advertised(words: Words): Setting<AdvertisedAddress | null> {
  const parse = (given: string) => given === "" ? null : parseAddress(given);
  return { ...base("address", "", words), allowed: "HOST, HOST:PORT", parse };
}

function base<Type extends Setting<unknown>["type"]>(type: Type, defaultText: string, words: Words) {
  const { documentation, standing = "honoured" } = words;
  return {
    type,
    kafkaType: KAFKA_TYPES[type],
    unit: "" as Unit,
    defaultText,
    documentation,
    standing,
  } as const;
}

/** Types as Kafka names them; whole numbers are told apart by their bounds. */
const KAFKA_TYPES: Readonly<Record<Setting<unknown>["type"], SettingDescription["type"]>> = {
  boolean: "boolean",
  integer: "long",
  decimal: "double",
  text: "string",
  choice: "string",
  list: "list",
  address: "string",
};

function parseInteger(given: string, minimum: number, maximum: number | undefined): number | undefined {
  if (!/^-?\d{1,19}$/.test(given)) return undefined;
  if (maximum === undefined && BigInt(given) > LONG_MAX) return undefined;
  const value = Math.min(Number(given), Number.MAX_SAFE_INTEGER);
  return value >= minimum && value <= (maximum ?? Number.MAX_SAFE_INTEGER) ? value : undefined;
}

function rangeWords(range: Range): string {
  if (range.maximum === undefined) return `at least ${range.minimum}`;
  return range.maximum === INT32_MAX && range.minimum >= -1
    ? `at least ${range.minimum}, below 2^31`
    : `${range.minimum} to ${range.maximum}`;
}

/** `host`, `host:port`, `[v6]`, `[v6]:port`; an empty host means every interface only as `0.0.0.0` or `[::]`. */
function parseAddress(given: string): AdvertisedAddress | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/.exec(given);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) return undefined;
  const port = match?.[3] === undefined ? null : Number(match[3]);
  return port !== null && port > 65_535 ? undefined : { host, port };
}
