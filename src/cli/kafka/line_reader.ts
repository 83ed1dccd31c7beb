/**
 * How `kafka-console-producer` makes a record of a line, by Kafka's reader
 * properties:
 *
 *     parse.headers, headers.delimiter     h1:v1,h2:v2 | TAB |
 *     headers.separator, headers.key.separator
 *     parse.key, key.separator                               key | TAB | value
 *     null.marker                          a key, value or header value that is none
 *     ignore.error                         a line without its parts is all value
 *
 * Lines are bytes and stay bytes: only headers are read as text. Pure.
 */
import { equals } from "@std/bytes/equals";
import type { ProducerRecord } from "../../client/mod.ts";
import { CommandError } from "../command.ts";
import { indexOfBytes, type RecordOfLine } from "../record_pump.ts";
import { type Properties, switchProperty } from "./properties.ts";

interface ReaderPlan {
  readonly key: Uint8Array | null;
  readonly headers: Uint8Array | null;
  readonly headersSeparator: RegExp;
  readonly headersKeySeparator: string;
  readonly nullMarker: string | null;
  readonly nullMarkerBytes: Uint8Array | null;
  readonly ignoresErrors: boolean;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const CARRIAGE_RETURN = 0x0d;

/** The reader that `properties` describe. Throws {@linkcode CommandError} where separators cannot be told apart. */
export function lineReader(properties: Properties): RecordOfLine {
  const plan = readerPlan(properties);
  return (bytes, line) =>
    recordOf(plan, bytes.at(-1) === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes, line);
}

function readerPlan(properties: Properties): ReaderPlan {
  const separators = {
    "headers.delimiter": properties.get("headers.delimiter") ?? "\t",
    "headers.separator": properties.get("headers.separator") ?? ",",
    "headers.key.separator": properties.get("headers.key.separator") ?? ":",
    "key.separator": properties.get("key.separator") ?? "\t",
  };
  const nullMarker = properties.get("null.marker") ?? null;
  checkSeparators(separators, nullMarker);
  const parses = (name: string) => switchProperty(properties, name);
  return {
    key: parses("parse.key") ? encoder.encode(separators["key.separator"]) : null,
    headers: parses("parse.headers") ? encoder.encode(separators["headers.delimiter"]) : null,
    headersSeparator: new RegExp(separators["headers.separator"]),
    headersKeySeparator: separators["headers.key.separator"],
    nullMarker,
    nullMarkerBytes: nullMarker === null ? null : encoder.encode(nullMarker),
    ignoresErrors: parses("ignore.error"),
  };
}

function checkSeparators(separators: Readonly<Record<string, string>>, nullMarker: string | null): void {
  const headers = Object.keys(separators).filter((name) => name.startsWith("headers."));
  for (const [index, name] of headers.entries()) {
    const same = headers.slice(index + 1).find((other) => separators[other] === separators[name]);
    if (same !== undefined) throw new CommandError(`${name} and ${same} may not be equal`);
  }
  for (const [name, separator] of Object.entries(separators)) {
    if (separator === "") throw new CommandError(`${name} must not be empty`);
    if (separator === nullMarker) throw new CommandError(`null.marker and ${name} may not be equal`);
  }
}

function recordOf(plan: ReaderPlan, bytes: Uint8Array, line: number): ProducerRecord<Uint8Array, Uint8Array> {
  const [headers, afterHeaders] = cut(plan, plan.headers, bytes, line, "headers delimiter", bytes);
  const [key, value] = cut(plan, plan.key, afterHeaders, line, "key separator", bytes);
  const isHeaders = headers !== null && !isNull(plan, headers);
  return {
    key: key === null || isNull(plan, key) ? null : key,
    value: isNull(plan, value) ? null : value,
    ...(isHeaders ? { headers: headersOf(plan, decoder.decode(headers), line) } : {}),
  };
}

/** What stands before `separator` and what follows it; all of it follows where nothing is to be parsed. */
function cut(
  plan: ReaderPlan,
  separator: Uint8Array | null,
  bytes: Uint8Array,
  line: number,
  what: string,
  whole: Uint8Array,
): [before: Uint8Array | null, after: Uint8Array] {
  const at = separator === null ? -1 : indexOfBytes(bytes, separator);
  if (separator !== null && at >= 0) return [bytes.subarray(0, at), bytes.subarray(at + separator.length)];
  if (separator === null || plan.ignoresErrors) return [null, bytes];
  throw new CommandError(`No ${what} found on line number ${line}: '${decoder.decode(whole)}'`);
}

function isNull(plan: ReaderPlan, bytes: Uint8Array): boolean {
  return plan.nullMarkerBytes !== null && equals(bytes, plan.nullMarkerBytes);
}

function headersOf(plan: ReaderPlan, text: string, line: number): [string, Uint8Array | null][] {
  return text.split(plan.headersSeparator).map((pair) => {
    const at = pair.indexOf(plan.headersKeySeparator);
    if (at < 0 && plan.ignoresErrors) return [pair, null];
    if (at < 0) {
      throw new CommandError(`No header key separator found in pair '${pair}' on line number ${line}`);
    }
    const name = pair.slice(0, at);
    if (name === plan.nullMarker) {
      throw new CommandError(
        `Header keys should not be equal to the null marker '${name}' as they can't be null`,
      );
    }
    const value = pair.slice(at + plan.headersKeySeparator.length);
    return [name, value === plan.nullMarker ? null : encoder.encode(value)];
  });
}
