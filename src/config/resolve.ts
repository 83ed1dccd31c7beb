/**
 * From layers of text to the broker's settings. Precedence: `--set`, flags,
 * `WEIR_...` environment variables, the TOML file, defaults. The first unknown
 * key or bad value ends it with an error that names the key, the value, what is
 * allowed and the nearest known key; Kafka settings without a meaning here are
 * ignored with a warning. Called once, by the broker command.
 */
import { assert } from "../model/mod.ts";
import {
  BROKER_ALIASES,
  BROKER_HINTS,
  BROKER_TABLE,
  type BrokerKey,
  type BrokerValues,
  ignoredReason,
} from "./broker_table.ts";
import { nearest } from "./nearest.ts";
import type { Setting } from "./setting.ts";
import { TOPIC_TABLE } from "./topic_table.ts";

/** Where settings come from, strongest first. */
export interface SettingLayers {
  /** `--set` arguments as given: `KEY=VALUE`. The last one of a key counts. */
  readonly assignments?: readonly string[];
  /** Flags, already under the keys they stand for (`--data` is `log.dirs`). */
  readonly flags?: Readonly<Record<string, string>>;
  /** The environment; only names that begin with `WEIR_` are read. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The configuration file as a TOML parser gives it: flat keys, nested tables, or both. */
  readonly file?: Readonly<Record<string, unknown>>;
}

/** The settings in force. Plain data: may be posted to a worker. */
export interface BrokerSettings {
  /** Each setting's value. */
  readonly values: BrokerValues;
  /** Text of the settings that somebody gave: what is not here is a default. */
  readonly given: Readonly<Record<string, string>>;
}

export interface ResolvedSettings {
  readonly kind: "resolved";
  readonly settings: BrokerSettings;
  /** Sentences for the operator. */
  readonly warnings: readonly string[];
}

/** Why the settings cannot be used: the message says all an operator needs. */
export interface SettingError {
  readonly kind: "setting_error";
  readonly key: string;
  readonly value: string;
  readonly message: string;
}

interface Entry {
  readonly key: string;
  readonly value: string;
  /** Where it was given, for messages. */
  readonly origin: string;
}

const ENVIRONMENT_PREFIX = "WEIR_";
/** Environment variables of the other commands. */
const ENVIRONMENT_OTHERS = new Set(["WEIR_SERVER"]);
const SIZE_FACTORS: Readonly<Record<string, number>> = {
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/**
 * Resolves the broker's settings.
 *
 * @example
 * ```ts
 * const resolved = resolveBrokerSettings({ assignments: ["log.segment.bytes=64MiB"] });
 * if (resolved.kind === "resolved") resolved.settings.values["log.segment.bytes"]; // 67108864
 * ```
 */
export function resolveBrokerSettings(layers: SettingLayers): ResolvedSettings | SettingError {
  const given: Record<string, string> = {};
  const warnings: string[] = [];
  for (const layer of layersWeakestFirst(layers)) {
    if ("kind" in layer) return layer;
    for (const entry of layer) {
      const refused = take(entry, given, warnings);
      if (refused !== null) return refused;
    }
  }
  return { kind: "resolved", settings: { values: valuesOf(given), given }, warnings };
}

function layersWeakestFirst(layers: SettingLayers): (readonly Entry[] | SettingError)[] {
  return [
    fileEntries(layers.file ?? {}),
    environmentEntries(layers.environment ?? {}),
    Object.entries(layers.flags ?? {}).map(([key, value]) => ({ key, value, origin: "a flag" })),
    assignmentEntries(layers.assignments ?? []),
  ];
}

/** Puts one entry into `given`, or says why not. */
function take(entry: Entry, given: Record<string, string>, warnings: string[]): SettingError | null {
  const key = ownValue(BROKER_ALIASES, entry.key) ?? entry.key;
  if (!isBrokerKey(key)) {
    const reason = ignoredReason(key);
    if (reason === null) return unknownKey(entry);
    warnings.push(`Setting "${key}" from ${entry.origin} is ignored: ${reason}`);
    return null;
  }
  const setting: Setting<unknown> = BROKER_TABLE[key];
  const text = plainNumber(entry.value.trim(), setting);
  if (setting.parse(text) === undefined) return badValue(key, entry, setting);
  given[key] = text;
  return null;
}

/** `64MiB` as plain bytes, so that what is stored and shown is Kafka's own form. */
function plainNumber(text: string, setting: Setting<unknown>): string {
  const match = setting.unit === "bytes" ? /^(\d{1,12})([KMGT]iB)$/.exec(text) : null;
  if (match === null) return text;
  const bytes = Number(match[1]) * SIZE_FACTORS[match[2]!]!;
  return Number.isSafeInteger(bytes) ? String(bytes) : text;
}

function isBrokerKey(key: string): key is BrokerKey {
  return Object.hasOwn(BROKER_TABLE, key);
}

/** The record's own value: a key such as "constructor" finds nothing. */
function ownValue<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function valuesOf(given: Readonly<Record<string, string>>): BrokerValues {
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries<Setting<unknown>>(BROKER_TABLE)) {
    const text = given[key] ?? setting.defaultText;
    const value = text === "" && setting.type === "integer" ? null : setting.parse(text);
    assert(value !== undefined, `the default of ${key} is allowed`);
    values[key] = value;
  }
  return values as BrokerValues;
}

function unknownKey(entry: Entry): SettingError {
  const suggestion = suggestionFor(entry.key);
  const hint = suggestion === null ? "see the README's table of settings" : `did you mean "${suggestion}"?`;
  return {
    kind: "setting_error",
    key: entry.key,
    value: entry.value,
    message: `Unknown setting "${entry.key}" = "${entry.value}" from ${entry.origin}: ${hint}`,
  };
}

/** The broker setting that whoever wrote `key` may have meant, or `null`. */
export function suggestionFor(key: string): string | null {
  const hint = ownValue(BROKER_HINTS, key);
  if (hint !== undefined) return hint;
  if (Object.hasOwn(TOPIC_TABLE, key)) {
    const counterpart = TOPIC_TABLE[key as keyof typeof TOPIC_TABLE].counterparts[0];
    if (counterpart !== undefined) return counterpart.key;
  }
  return nearest(key, [...Object.keys(BROKER_TABLE), ...Object.keys(BROKER_ALIASES)]);
}

function badValue(key: string, entry: Entry, setting: Setting<unknown>): SettingError {
  const unit = setting.unit === "" ? "" : ` ${setting.unit}`;
  return {
    kind: "setting_error",
    key,
    value: entry.value,
    message: `Setting "${key}" from ${entry.origin} cannot be "${entry.value}": ` +
      `wanted is ${setting.type}${unit}, ${setting.allowed}`,
  };
}

function assignmentEntries(assignments: readonly string[]): readonly Entry[] | SettingError {
  const entries: Entry[] = [];
  for (const assignment of assignments) {
    const equals = assignment.indexOf("=");
    if (equals < 1) {
      const message = `Argument "--set ${assignment}" wants KEY=VALUE`;
      return { kind: "setting_error", key: assignment, value: "", message };
    }
    const key = assignment.slice(0, equals).trim();
    entries.push({ key, value: assignment.slice(equals + 1), origin: "--set" });
  }
  return entries;
}

function environmentEntries(environment: Readonly<Record<string, string>>): readonly Entry[] {
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith(ENVIRONMENT_PREFIX) || ENVIRONMENT_OTHERS.has(name)) continue;
    const key = name.slice(ENVIRONMENT_PREFIX.length).toLowerCase().replaceAll("_", ".");
    entries.push({ key, value, origin: `the environment (${name})` });
  }
  return entries;
}

function fileEntries(file: Readonly<Record<string, unknown>>, prefix = ""): readonly Entry[] | SettingError {
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(file)) {
    const key = prefix + name;
    const text = scalarText(value);
    if (text !== null) {
      entries.push({ key, value: text, origin: "the configuration file" });
    } else if (isTable(value)) {
      const nested = fileEntries(value, key + ".");
      if ("kind" in nested) return nested;
      entries.push(...nested);
    } else {
      return fileValueError(key, value);
    }
  }
  return entries;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** Text of a TOML value, of a list of values with commas between; `null` for tables and dates. */
function scalarText(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") {
    return String(value);
  }
  if (!Array.isArray(value)) return null;
  const parts = value.map((part) => Array.isArray(part) ? null : scalarText(part));
  return parts.includes(null) ? null : parts.join(",");
}

function fileValueError(key: string, value: unknown): SettingError {
  const message = `Setting "${key}" from the configuration file cannot be "${value}": ` +
    "wanted is text, a number, true, false, or a list of these";
  return { kind: "setting_error", key, value: String(value), message };
}
