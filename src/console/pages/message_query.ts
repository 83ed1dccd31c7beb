/** What a message browser was asked for: where to begin, what to look for, how to show it. Read from the page's address. */
import { RequestError } from "../failure.ts";
import { msgpackText } from "../records/msgpack.ts";
import { POSITIONS_PATTERN } from "../records/positions.ts";
import type { RecordView } from "../view.ts";
import { type Form, FORMS, present } from "./present.ts";

export const PLACES = ["any", "key", "value", "header"] as const;
export const STARTS = ["latest", "earliest", "offset", "time"] as const;
export const LIMITS = [25, 50, 100, 250] as const;

export interface MessageQuery {
  /** `null`: all. */
  readonly partition: number | null;
  readonly from: typeof STARTS[number];
  /** The offset or the time, as it was typed. */
  readonly at: string;
  readonly find: string;
  readonly place: typeof PLACES[number];
  readonly form: Form;
  readonly limit: number;
  /** Go on from here. */
  readonly positions: string | null;
}

/** Throws {@linkcode RequestError} for what makes no sense. */
export function readQuery(parameters: URLSearchParams): MessageQuery {
  const text = (name: string) => (parameters.get(name) ?? "").trim();
  const partition = text("partition");
  if (!/^\d{0,6}$/.test(partition)) throw new RequestError(400, `Partition "${partition}" is no number`);
  const from = oneOf(STARTS, text("from"), "latest");
  const at = text("at");
  if (from === "offset" && !/^\d{1,16}$/.test(at)) {
    throw new RequestError(400, `Offset "${at}" must be a whole number, such as 0 or 1200`);
  }
  const positions = text("positions");
  return {
    partition: partition === "" ? null : Number(partition),
    from,
    at,
    find: text("find"),
    place: oneOf(PLACES, text("in"), "any"),
    form: oneOf(FORMS, text("form"), "auto"),
    limit: LIMITS.find((limit) => String(limit) === text("limit")) ?? 50,
    positions: new RegExp(POSITIONS_PATTERN).test(positions) ? positions : null,
  };
}

function oneOf<Words extends readonly string[]>(
  words: Words,
  text: string,
  other: Words[number],
): Words[number] {
  return (words as readonly string[]).includes(text) ? text : other;
}

/** The query as an address has it, with what is to be different. */
export function queryText(query: MessageQuery, changes: Readonly<Record<string, string>> = {}): string {
  const { partition, from, at, find, place, form, limit } = query;
  const fields = {
    partition: String(partition ?? ""),
    from,
    at,
    find,
    in: place,
    form,
    limit: String(limit),
    ...changes,
  };
  return new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== "")).toString();
}

/** Whether a record has the text that is looked for, in the form it is shown in, whatever the case. */
export function matcherOf({ find, place, form }: MessageQuery): (record: RecordView) => boolean {
  if (find === "") return () => true;
  const wanted = find.toLowerCase();
  const isIn = (text: string) => text.toLowerCase().includes(wanted);
  const has = (bytes: Uint8Array | null) => bytes !== null && textsOf(bytes, form, wanted).some(isIn);
  const hasHeader = ({ headers }: RecordView) =>
    headers.some(({ key, value }) => isIn(`${key}: ${value === null ? "" : loose.decode(value)}`));
  return (record) =>
    ((place === "any" || place === "key") && has(record.key)) ||
    ((place === "any" || place === "value") && has(record.value)) ||
    ((place === "any" || place === "header") && hasHeader(record));
}

const loose = new TextDecoder();

/** What a key or a value reads as: as it was written, and where signs of JSON are looked for, as it is set out, too. */
function textsOf(bytes: Uint8Array, form: Form, wanted: string): string[] {
  if (form === "hex") return [bytes.toHex()];
  const written = form === "msgpack" ? msgpackText(bytes) ?? loose.decode(bytes) : loose.decode(bytes);
  if (!/["{}\[\]:,]/.test(wanted)) return [written];
  const { line, text } = present(bytes, form);
  return [written, line, text];
}
