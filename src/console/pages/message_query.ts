/** What a message browser was asked for: where to begin, what to look for, how to show it. Read from the page's address. */
import { isCollection, msgpackText } from "../records/msgpack.ts";
import { POSITIONS_PATTERN } from "../records/positions.ts";
import type { RecordView } from "../view.ts";
import { FieldError, timeIn } from "./form.ts";
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

/** What makes sense of an address; {@linkcode checkQuery} says what does not. */
export function readQuery(parameters: URLSearchParams): MessageQuery {
  const text = (name: string) => (parameters.get(name) ?? "").trim();
  const partition = text("partition");
  const positions = text("positions");
  return {
    partition: /^\d{1,6}$/.test(partition) ? Number(partition) : null,
    from: oneOf(STARTS, text("from"), "latest"),
    at: text("at"),
    find: text("find"),
    place: oneOf(PLACES, text("in"), "any"),
    form: oneOf(FORMS, text("form"), "auto"),
    limit: LIMITS.find((limit) => String(limit) === text("limit")) ?? 50,
    positions: new RegExp(POSITIONS_PATTERN).test(positions) ? positions : null,
  };
}

/** Throws {@linkcode FieldError} for what makes no sense in a topic of so many partitions. */
export function checkQuery(parameters: URLSearchParams, partitions: number): void {
  const partition = (parameters.get("partition") ?? "").trim();
  if (partition !== "" && !(/^\d{1,6}$/.test(partition) && Number(partition) < partitions)) {
    throw new FieldError("partition", `There is no partition "${partition}", wanted 0 to ${partitions - 1}`);
  }
  const { from, at } = readQuery(parameters);
  if (from === "offset" && !(/^\d{1,16}$/.test(at) && Number.isSafeInteger(Number(at)))) {
    throw new FieldError("at", `Offset "${at}" must be a whole number, such as 0 or 1200`);
  }
  if (from === "time") timeIn("at", at);
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
  const isPacked = form === "msgpack" || (form === "auto" && isCollection(bytes));
  const written = (isPacked ? msgpackText(bytes) : null) ?? loose.decode(bytes);
  if (!/["{}\[\]:,]/.test(wanted)) return [written];
  const { line, text } = present(bytes, form);
  return [written, line, text];
}
