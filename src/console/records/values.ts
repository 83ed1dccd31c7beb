/**
 * Keys, values and headers between bytes and what stands in JSON: decoded into
 * records to be written, shown in the form that was asked for. JSON that lies in
 * a record is passed on as it is written, so that no number loses a digit.
 */
import { RequestError } from "../failure.ts";
import { isDeeperThan } from "../json_depth.ts";
import type { RecordView } from "../view.ts";
import { isCollection, msgpackText } from "./msgpack.ts";

/**
 * `msgpack`: as JSON. `auto`: JSON where the bytes are JSON, else text where they are UTF-8, else what msgpack
 * they are where that is a map or a list, else base64.
 */
export const FORMATS = ["auto", "json", "string", "base64", "hex", "msgpack"] as const;
export type Format = typeof FORMATS[number];

/** Deeper JSON is shown as text: it would keep readers from all that stands around it. As msgpack's. */
const DEPTH_MAX = 100;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** How keys and values are to be shown. */
export interface Formats {
  readonly key: Format;
  readonly value: Format;
}

/** Data of a produce request as bytes. Throws {@linkcode RequestError}. */
export function encodeData(type: string, data: unknown, what: string): Uint8Array | null {
  if (data === null || data === undefined) return null;
  if (type === "JSON") return encoder.encode(JSON.stringify(data));
  if (typeof data !== "string") throw new RequestError(400, `${what} of type "${type}" must be text`);
  if (type === "STRING") return encodeText(data, what);
  const bytes = fromBase64(data);
  if (bytes === null) throw new RequestError(400, `${what} of type "BINARY" must be base64`);
  return bytes;
}

/** Text as UTF-8. Throws {@linkcode RequestError} for half a surrogate pair, which UTF-8 cannot say. */
export function encodeText(text: string, what: string): Uint8Array {
  if (text.isWellFormed()) return encoder.encode(text);
  throw new RequestError(400, `${what} must be text, half a surrogate pair is none`);
}

/** The bytes, or `null` for what is no base64. */
export function fromBase64(text: string): Uint8Array | null {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return null;
  }
}

/**
 * A record as a line of JSON, without the end of the line:
 * `{"topic":...,"partition":0,"offset":1,"timestamp":"...","key":...,"value":...,"headers":[...]}`.
 * `key_format` and `value_format` say which form was taken.
 */
export function recordText(record: RecordView, formats: Formats): string {
  const { topic, partition, offset, timestamp, timestampType, headers } = record;
  const key = show(record.key, formats.key);
  const value = show(record.value, formats.value);
  const when = timestamp < 0 ? "null" : `"${timeText(timestamp)}"`;
  const shownHeaders = headers.map((header) => {
    const shown = show(header.value, "auto", false);
    return `{"name":${JSON.stringify(header.key)},"value":${shown.text},"value_format":"${shown.format}"}`;
  });
  return `{"topic":${
    JSON.stringify(topic)
  },"partition":${partition},"offset":${offset},"timestamp":${when},` +
    `"timestamp_type":"${timestampType}","key":${key.text},"key_format":"${key.format}",` +
    `"value":${value.text},"value_format":"${value.format}","headers":[${shownHeaders.join(",")}]}`;
}

/** RFC 3339; a time past what JavaScript's dates reach is given in milliseconds. */
function timeText(ms: number): string {
  return Math.abs(ms) <= 8_640_000_000_000_000 ? new Date(ms).toISOString() : String(ms);
}

function show(
  bytes: Uint8Array | null,
  format: Format,
  mayBeJson = true,
): { readonly text: string; readonly format: Format | "null" } {
  if (bytes === null) return { text: "null", format: "null" };
  if (format === "hex") return { text: `"${bytes.toHex()}"`, format };
  const unpacked = format === "msgpack" ? msgpackText(bytes) : null;
  if (unpacked !== null) return { text: unpacked, format };
  if (format === "base64") return { text: `"${bytes.toBase64()}"`, format };
  const text = textOf(bytes);
  if (text === null) return showBytes(bytes, format === "auto" && mayBeJson);
  const json = format === "string" || !mayBeJson ? null : jsonOf(text, format === "json");
  return json === null ? { text: JSON.stringify(text), format: "string" } : { text: json, format: "json" };
}

/** What is no text. */
function showBytes(
  bytes: Uint8Array,
  mayBePacked: boolean,
): { readonly text: string; readonly format: Format } {
  const unpacked = mayBePacked && isCollection(bytes) ? msgpackText(bytes) : null;
  return unpacked === null
    ? { text: `"${bytes.toBase64()}"`, format: "base64" }
    : { text: unpacked, format: "msgpack" };
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

/** The JSON of a text on one line, or `null`; without `isWanted` only what looks like more than a word. */
function jsonOf(text: string, isWanted: boolean): string | null {
  if (!isWanted && !/^\s*[[{]/.test(text)) return null;
  if (isDeeperThan(DEPTH_MAX, text)) return null;
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  // Line ends stand between JSON's words alone: inside its texts they are written "\n".
  return text.replaceAll(/[\r\n]+/g, " ").trim();
}
