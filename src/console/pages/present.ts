/**
 * Keys, values and headers as people read them: JSON set out over lines with its
 * numbers as they were written, text, msgpack as JSON, or bytes in hexadecimal.
 * Left to itself, it takes for msgpack what is no text but a whole map or list. Pure.
 */
import { parseJson } from "../body.ts";
import { isCollection, msgpackText } from "../records/msgpack.ts";

export const FORMS = ["auto", "json", "text", "hex", "msgpack"] as const;
export type Form = typeof FORMS[number];

export interface Presented {
  /** What was taken: "null" for no bytes at all. */
  readonly form: "json" | "text" | "hex" | "msgpack" | "null";
  /** On one line, for lists and for search. */
  readonly line: string;
  /** Set out, for reading. */
  readonly text: string;
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** What is set out is no longer than this; the rest is said to be there. */
const TEXT_MAX = 100_000;
const LINE_MAX = 300;
const BYTES_PER_LINE = 16;
const HEX_BYTES_MAX = 8_192;

export function present(bytes: Uint8Array | null, form: Form): Presented {
  if (bytes === null) return { form: "null", line: "null", text: "null" };
  if (form === "hex") return hex(bytes);
  if (form === "msgpack") return msgpack(bytes) ?? present(bytes, "auto");
  const text = textOf(bytes);
  if (text === null) return (form === "auto" && isCollection(bytes) ? msgpack(bytes) : null) ?? hex(bytes);
  if (form === "text") return plain(text);
  return json(text, form === "json") ?? plain(text);
}

function textOf(bytes: Uint8Array): string | null {
  try {
    const text = strict.decode(bytes);
    // Control characters but for tabs and ends of lines: bytes that only happen to be UTF-8.
    // deno-lint-ignore no-control-regex -- those are what is looked for
    return /[\x00-\x08\x0e-\x1a\x1c-\x1f]/.test(text) ? null : text;
  } catch {
    return null;
  }
}

function plain(text: string): Presented {
  return { form: "text", line: oneLine(text), text: cut(text) };
}

/** In `auto`, only what looks like more than a word or a number. */
function json(text: string, isWanted: boolean): Presented | null {
  if (!isWanted && !/^\s*[[{]/.test(text)) return null;
  try {
    const value = parseJson(text);
    return { form: "json", line: oneLine(JSON.stringify(value)), text: cut(JSON.stringify(value, null, 2)) };
  } catch {
    return null;
  }
}

function msgpack(bytes: Uint8Array): Presented | null {
  const text = msgpackText(bytes);
  if (text === null) return null;
  const shown = json(text, true) ?? plain(text);
  return { ...shown, form: "msgpack" };
}

function hex(bytes: Uint8Array): Presented {
  const lines: string[] = [];
  const shown = bytes.subarray(0, HEX_BYTES_MAX);
  for (let at = 0; at < shown.length; at += BYTES_PER_LINE) {
    const row = shown.subarray(at, at + BYTES_PER_LINE);
    const pairs = Array.from(row, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const signs = Array.from(row, (byte) => byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".").join(
      "",
    );
    lines.push(`${at.toString(16).padStart(6, "0")}  ${pairs.padEnd(BYTES_PER_LINE * 3 - 1)}  ${signs}`);
  }
  if (bytes.length > shown.length) lines.push(`and ${bytes.length - shown.length} bytes more`);
  return { form: "hex", line: oneLine(shown.subarray(0, LINE_MAX).toHex()), text: lines.join("\n") };
}

function cut(text: string): string {
  return text.length <= TEXT_MAX
    ? text
    : `${text.slice(0, TEXT_MAX)}\nand ${text.length - TEXT_MAX} characters more`;
}

function oneLine(text: string): string {
  const start = text.length > LINE_MAX * 4 ? text.slice(0, LINE_MAX * 4) : text;
  const line = start.replaceAll(/\s+/g, " ").trim();
  return line.length <= LINE_MAX ? line : `${line.slice(0, LINE_MAX)}…`;
}
