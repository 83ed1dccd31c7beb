/**
 * Settings of the broker that may change while it runs: those that topics fall
 * back on, and what every log reads besides. A change wins over what the broker
 * was started with, whichever way that was given, until it is taken back. What
 * an older or newer version kept and this one does not allow is not acted on.
 */
import { type Fault, fault } from "../model/mod.ts";
import { BROKER_ALIASES, BROKER_TABLE, type BrokerKey, ignoredReason } from "./broker_table.ts";
import { type BrokerSettings, suggestionFor } from "./resolve.ts";
import type { Setting } from "./setting.ts";
import { TOPIC_TABLE, type TopicSetting } from "./topic_table.ts";

/** Texts by key: the broker's changed settings, or what a topic overrides. */
export type Texts = Readonly<Record<string, string>>;
/** What the broker was started with, as far as it was given. */
export type Started = Pick<BrokerSettings, "given">;

/** Every log reads it, but no topic has it. */
const EVERY_LOG: readonly BrokerKey[] = ["producer.id.expiration.ms"];

const CHANGEABLE: ReadonlySet<string> = new Set([
  ...EVERY_LOG,
  ...Object.values<TopicSetting<unknown>>(TOPIC_TABLE).flatMap(({ counterparts }) =>
    counterparts.map(({ key }) => key)
  ),
]);

/** True for a setting that can be changed while the broker runs. */
export function isChangeable(key: string): boolean {
  return CHANGEABLE.has(key);
}

/** The text a setting was changed to, or `undefined`. */
export function changedText(key: BrokerKey, changed: Texts): string | undefined {
  if (!Object.hasOwn(changed, key) || !isChangeable(key)) return undefined;
  const text = changed[key]!;
  const setting: Setting<unknown> = BROKER_TABLE[key];
  return setting.parse(text) === undefined ? undefined : text;
}

/** A broker setting's text in force; empty where it is unset. */
export function brokerTextInForce(key: BrokerKey, { given }: Started, changed: Texts): string {
  return changedText(key, changed) ?? given[key] ?? BROKER_TABLE[key].defaultText;
}

/**
 * Why a setting cannot be changed to `value`, or back to what the broker was
 * started with (`null`): INVALID_CONFIG for an unknown key or a bad value,
 * INVALID_REQUEST for one that only a start can change.
 *
 * @example
 * ```ts
 * validateBrokerChange("log.retention.ms", "5"); // null
 * validateBrokerChange("node.id", "2")?.code; // "INVALID_REQUEST"
 * ```
 */
export function validateBrokerChange(name: string, value: string | null): Fault | null {
  const key = Object.hasOwn(BROKER_ALIASES, name) ? BROKER_ALIASES[name]! : name;
  if (!Object.hasOwn(BROKER_TABLE, key)) return unknownSetting(name);
  if (!isChangeable(key)) {
    const words = `Broker setting "${name}" cannot be changed while the broker runs, ` +
      `wanted is a start with "--set ${key}=VALUE"`;
    return fault("INVALID_REQUEST", words);
  }
  const setting: Setting<unknown> = BROKER_TABLE[key as BrokerKey];
  if (value === null || setting.parse(value) !== undefined) return null;
  const unit = setting.unit === "" ? "" : ` ${setting.unit}`;
  const wanted = `wanted is ${setting.type}${unit}, ${setting.allowed}`;
  return fault("INVALID_CONFIG", `Broker setting "${name}" cannot be "${value}": ${wanted}`);
}

/** The list a broker setting is now, items with commas between; `null` when it is not a list. */
export function brokerListInForce(name: string, started: Started, changed: Texts): string | null {
  if (!Object.hasOwn(BROKER_TABLE, name)) return null;
  const key = name as BrokerKey;
  return BROKER_TABLE[key].type === "list" ? brokerTextInForce(key, started, changed) : null;
}

function unknownSetting(name: string): Fault {
  const reason = ignoredReason(name);
  if (reason !== null) return fault("INVALID_CONFIG", `Broker setting "${name}" cannot be set: ${reason}`);
  const nearest = suggestionFor(name);
  const hint = nearest === null ? "no broker setting has such a name" : `did you mean "${nearest}"?`;
  return fault("INVALID_CONFIG", `Unknown broker setting "${name}": ${hint}`);
}
