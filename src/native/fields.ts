/**
 * Typed reading of a decoded message's fields. A field that is missing or of the
 * wrong type throws FieldError, whose sentence names it; the door answers it as
 * INVALID_REQUEST. `path` is how the sentence calls the map that holds the field.
 */
import { utf8Size } from "../bytes/mod.ts";
import type { Message } from "./frame.ts";

const INT32_MAX = 2_147_483_647;
/** The longest name that Kafka's records can hold. */
const NAME_BYTES_MAX = 32_767;

/** Characters of a value that a sentence repeats. */
const SHOWN_LENGTH_MAX = 80;

/** A field is not what the operation takes. */
export class FieldError extends Error {
  override name = "FieldError";
}

function wrong(path: string, name: string, value: unknown, wanted: string): never {
  const shown = value === undefined ? "missing" : `"${show(value)}"`;
  throw new FieldError(`Field "${path}${name}" is ${shown}, wanted ${wanted}`);
}

/** A peer's value for a sentence: short, and without a call to anything a key of it may shadow. */
export function show(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return `a list of ${value.length} items`;
  if (typeof value === "object" && value !== null) return `a map of ${Object.keys(value).length} keys`;
  const text = String(value);
  return text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}...` : text;
}

/** A safe integer of at least `minimum`. */
export function integer(fields: Message, path: string, name: string, minimum: number): number {
  const value = fields[name];
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= minimum) return value;
  wrong(path, name, value, `an integer of at least ${minimum}`);
}

/** Like {@linkcode integer}, with a value for when it is not there. */
export function integerOr(
  fields: Message,
  path: string,
  name: string,
  minimum: number,
  otherwise: number,
): number {
  return fields[name] === undefined || fields[name] === null
    ? otherwise
    : integer(fields, path, name, minimum);
}

/** An integer of at least `minimum` that 32 bits hold, as epochs and timeouts must; `otherwise` where it is not there. */
export function int32Or(
  fields: Message,
  path: string,
  name: string,
  minimum: number,
  otherwise: number,
): number {
  const value = integerOr(fields, path, name, minimum, otherwise);
  if (value <= INT32_MAX) return value;
  wrong(path, name, value, `at most ${INT32_MAX}`);
}

/** A text short enough to be somebody's name; `otherwise` where it is not there. */
export function nameOr<Otherwise>(
  fields: Message,
  path: string,
  name: string,
  otherwise: Otherwise,
): string | Otherwise {
  if (fields[name] === undefined || fields[name] === null) return otherwise;
  return nameText(fields, path, name);
}

/** A text short enough to be somebody's name. */
export function nameText(fields: Message, path: string, name: string): string {
  const value = text(fields, path, name);
  if (utf8Size(value) <= NAME_BYTES_MAX) return value;
  wrong(path, name, value, `at most ${NAME_BYTES_MAX} bytes`);
}

export function text(fields: Message, path: string, name: string): string {
  const value = fields[name];
  if (typeof value === "string") return value;
  wrong(path, name, value, "text");
}

/** A truth value; false when it is not there. */
export function flag(fields: Message, path: string, name: string): boolean {
  const value = fields[name];
  if (value === undefined || value === null) return false;
  if (typeof value === "boolean") return value;
  wrong(path, name, value, "true or false");
}

export function bytes(fields: Message, path: string, name: string): Uint8Array {
  const value = fields[name];
  if (value instanceof Uint8Array) return value;
  wrong(path, name, value, "bytes");
}

/** A list of maps, at most `countMax` of them. */
export function maps(fields: Message, path: string, name: string, countMax: number): Message[] {
  const value = list(fields, path, name, countMax);
  for (const item of value) {
    if (typeof item !== "object" || item === null || Array.isArray(item) || item instanceof Uint8Array) {
      wrong(path, name, item, "a list of maps");
    }
  }
  return value as Message[];
}

/** A list of names, or `null` where the field is null or not there. */
export function textsOrNull(fields: Message, path: string, name: string, countMax: number): string[] | null {
  if (fields[name] === undefined || fields[name] === null) return null;
  return texts(fields, path, name, countMax);
}

export function texts(fields: Message, path: string, name: string, countMax: number): string[] {
  const value = list(fields, path, name, countMax);
  for (const item of value) if (typeof item !== "string") wrong(path, name, item, "a list of texts");
  return value as string[];
}

/** A list of 32-bit integers of at least `minimum`. */
export function int32s(
  fields: Message,
  path: string,
  name: string,
  minimum: number,
  countMax: number,
): number[] {
  const value = list(fields, path, name, countMax);
  for (const item of value) {
    const fits = typeof item === "number" && Number.isSafeInteger(item) && item >= minimum &&
      item <= INT32_MAX;
    if (!fits) wrong(path, name, item, `a list of integers from ${minimum} to ${INT32_MAX}`);
  }
  return value as number[];
}

function list(fields: Message, path: string, name: string, countMax: number): unknown[] {
  const value = fields[name];
  if (!Array.isArray(value)) wrong(path, name, value, "a list");
  if (value.length > countMax) wrong(path, name, value.length, `at most ${countMax} items`);
  return value;
}

/** A map of setting names to texts; numbers and truth values are taken as their text, `null` only if allowed. */
export function settings(
  fields: Message,
  path: string,
  name: string,
  nullable: true,
): Record<string, string | null>;
export function settings(
  fields: Message,
  path: string,
  name: string,
  nullable: false,
): Record<string, string>;
export function settings(
  fields: Message,
  path: string,
  name: string,
  nullable: boolean,
): Record<string, string | null> {
  const value = fields[name] ?? {};
  if (typeof value !== "object" || Array.isArray(value) || value instanceof Uint8Array) {
    wrong(path, name, value, "a map of settings");
  }
  const settings: Record<string, string | null> = {};
  for (const [key, item] of Object.entries(value as Message)) {
    if (item === null && nullable) settings[key] = null;
    else if (typeof item === "string") settings[key] = item;
    else if (typeof item === "number" || typeof item === "boolean") settings[key] = String(item);
    else wrong(path, `${name}.${key}`, item, nullable ? "text or null" : "text");
  }
  return settings;
}
