/**
 * A topic's settings: its own overrides over the broker's settings over Kafka's
 * defaults. Checks what clients give, builds what a log needs, and describes
 * what is in force. Topic settings are stored and shown as the client wrote
 * them, so only Kafka's own forms are allowed here (no `64MiB`).
 */
import { assert, type Fault, fault, type LogSettings, type SettingDescription } from "../model/mod.ts";
import { nearestKey } from "./nearest.ts";
import type { BrokerSettings } from "./resolve.ts";
import type { Setting } from "./setting.ts";
import { TOPIC_TABLE, type TopicKey, type TopicSetting, type TopicValue } from "./topic_table.ts";

type Overrides = Readonly<Record<string, string>>;

/**
 * The fault of the first unknown key or bad value, or `null`: INVALID_CONFIG.
 *
 * @example
 * ```ts
 * validateTopicSettings({ "segment.bytes": "x" })?.code; // "INVALID_CONFIG"
 * ```
 */
export function validateTopicSettings(overrides: Overrides): Fault | null {
  for (const [name, value] of Object.entries(overrides)) {
    if (!isTopicKey(name)) return fault("INVALID_CONFIG", unknownWords(name));
    const setting: Setting<unknown> = TOPIC_TABLE[name];
    if (setting.parse(value) !== undefined) continue;
    const unit = setting.unit === "" ? "" : ` ${setting.unit}`;
    const wanted = `wanted is ${setting.type}${unit}, ${setting.allowed}`;
    return fault("INVALID_CONFIG", `Topic setting "${name}" cannot be "${value}": ${wanted}`);
  }
  return null;
}

function isTopicKey(name: string): name is TopicKey {
  return Object.hasOwn(TOPIC_TABLE, name);
}

/** INVALID_CONFIG for a key no topic has, or `null`: for requests that reset a setting and so carry no value. */
export function validateTopicKey(name: string): Fault | null {
  return isTopicKey(name) ? null : fault("INVALID_CONFIG", unknownWords(name));
}

/** What a topic's logs need to know, in plain numbers. The overrides must have passed {@linkcode validateTopicSettings}. */
export function logSettings(overrides: Overrides, broker: BrokerSettings): LogSettings {
  const read = <Key extends TopicKey>(name: Key) => valueOf(name, overrides, broker);
  const policy = read("cleanup.policy");
  return {
    messageBytesMax: read("max.message.bytes"),
    segmentBytesMax: read("segment.bytes"),
    segmentMs: read("segment.ms"),
    segmentJitterMs: read("segment.jitter.ms"),
    indexBytesMax: read("segment.index.bytes"),
    indexIntervalBytes: read("index.interval.bytes"),
    flushMessages: read("flush.messages"),
    flushMs: read("flush.ms"),
    timestampType: read("message.timestamp.type"),
    timestampBeforeMaxMs: read("message.timestamp.before.max.ms"),
    timestampAfterMaxMs: read("message.timestamp.after.max.ms"),
    cleanupDelete: policy.includes("delete"),
    cleanupCompact: policy.includes("compact"),
    retentionMs: neverIfNegative(read("retention.ms")),
    retentionBytes: neverIfNegative(read("retention.bytes")),
  };
}

/** Every topic setting as it is in force, with where its value comes from, in the table's order. */
export function describeTopicSettings(overrides: Overrides, broker: BrokerSettings): SettingDescription[] {
  return Object.entries<TopicSetting<unknown>>(TOPIC_TABLE).map(([name, setting]) => {
    const { text, source } = textInForce(setting, overrides[name], broker);
    const { defaultText, documentation, standing } = setting;
    const words = standing === "stored" ? `${documentation} (stored; nothing acts on it yet)` : documentation;
    return { name, value: text, source, defaultValue: defaultText, documentation: words };
  });
}

function valueOf<Key extends TopicKey>(
  name: Key,
  overrides: Overrides,
  broker: BrokerSettings,
): TopicValue<Key> {
  const setting: TopicSetting<unknown> = TOPIC_TABLE[name];
  const value = setting.parse(textInForce(setting, overrides[name], broker).text);
  assert(value !== undefined, `topic setting ${name} was checked before it was stored`);
  return value as TopicValue<Key>;
}

function textInForce(
  setting: TopicSetting<unknown>,
  override: string | undefined,
  broker: BrokerSettings,
): { text: string; source: SettingDescription["source"] } {
  if (override !== undefined) return { text: override, source: "topic" };
  for (const { key, factor } of setting.counterparts) {
    const given = broker.given[key];
    if (given !== undefined) return { text: factor === 1 ? given : times(given, factor), source: "broker" };
  }
  return { text: setting.defaultText, source: "default" };
}

/** Hours or minutes as milliseconds; a negative number stays Kafka's −1. */
function times(text: string, factor: number): string {
  const value = Number(text);
  assert(Number.isSafeInteger(value * factor), "32-bit hours fit into milliseconds");
  return value < 0 ? "-1" : String(value * factor);
}

function neverIfNegative(value: number): number {
  return value < 0 ? Number.MAX_SAFE_INTEGER : value;
}

function unknownWords(name: string): string {
  const nearest = nearestKey(name, Object.keys(TOPIC_TABLE));
  const hint = nearest === null ? "no topic setting has such a name" : `did you mean "${nearest}"?`;
  return `Unknown topic setting "${name}": ${hint}`;
}
