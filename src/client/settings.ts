/**
 * Settings as users of the admin write them, and as they go on the wire: numbers
 * and truth values become their text, `null` resets, lists can be added to and
 * taken from.
 */
import type { SettingDescription } from "../model/mod.ts";
import type { WireSettingsChange } from "../native/mod.ts";
import { type Connection, type RequestOptions, retry } from "./connection.ts";
import { errorOfWire, WeirError } from "./error.ts";

/** What a setting may be set to. */
export type SettingValue = string | number | boolean;

/** How settings change, besides what they are set to. */
export interface AlterOptions extends RequestOptions {
  /** Items added to lists, comma-separated: `{ "cleanup.policy": "compact" }`. Only for settings that are lists. */
  readonly append?: Readonly<Record<string, string>> | undefined;
  /** Items taken out of lists, likewise. */
  readonly subtract?: Readonly<Record<string, string>> | undefined;
  /** Reset every setting that is not named: default false. */
  readonly replaces?: boolean | undefined;
  /** Check everything, change nothing. */
  readonly validateOnly?: boolean | undefined;
}

/** Values as their text. */
export function settingsOf<Value extends SettingValue | null>(
  config: Readonly<Record<string, Value>>,
): Record<string, string | Extract<Value, null>> {
  const settings: Record<string, string | Extract<Value, null>> = {};
  for (const [name, value] of Object.entries(config)) {
    settings[name] = value === null ? value as Extract<Value, null> : String(value);
  }
  return settings;
}

/** A change as the wire has it. */
export function settingsChange(
  config: Readonly<Record<string, SettingValue | null>>,
  { append, subtract, replaces }: AlterOptions,
): WireSettingsChange {
  return {
    settings: settingsOf(config),
    ...(append === undefined ? {} : { append: { ...append } }),
    ...(subtract === undefined ? {} : { subtract: { ...subtract } }),
    ...(replaces === true ? { replaces } : {}),
  };
}

/** See `Admin.describeSettings`. */
export async function describeSettings(
  connection: Connection,
  topic: string | null,
  options: RequestOptions,
): Promise<SettingDescription[]> {
  const resource = topic === null ? { kind: "broker" as const } : { kind: "topic" as const, name: topic };
  const ask = () => connection.request("describe_settings", { resources: [resource] }, options);
  const reply = await retry(connection.settings, ask, options, "Describing settings");
  const found = reply.resources[0];
  if (found === undefined) throw new WeirError("PROTOCOL", "The reply lacks the settings asked for");
  if (found.e) throw errorOfWire(found.e, topic === null ? "The broker" : `Topic "${topic}"`);
  return found.settings;
}
