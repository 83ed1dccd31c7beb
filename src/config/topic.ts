/**
 * A topic's settings: its own overrides over the broker's settings, changed ones
 * before those of its start, over Kafka's defaults. Checks what clients give and
 * builds what a log needs. Topic settings are stored and shown as the client wrote
 * them, so only Kafka's own forms are allowed here (no `64MiB`).
 */
import { assert, type Fault, fault, type LogSettings, type SettingDescription } from "../model/mod.ts";
import { BROKER_TABLE } from "./broker_table.ts";
import { brokerTextInForce, changedText, type Started, type Texts } from "./changed.ts";
import { nearest } from "./nearest.ts";
import type { Setting } from "./setting.ts";
import { TOPIC_TABLE, type TopicKey, type TopicSetting, type TopicValue } from "./topic_table.ts";

/**
 * The fault of the first unknown key or bad value, or `null`: INVALID_CONFIG.
 *
 * @example
 * ```ts
 * validateTopicSettings({ "segment.bytes": "x" })?.code; // "INVALID_CONFIG"
 * ```
 */
export function validateTopicSettings(overrides: Texts): Fault | null {
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
export function logSettings(overrides: Texts, started: Started, changed: Texts): LogSettings {
  const read = <Key extends TopicKey>(name: Key) => valueOf(name, overrides, started, changed);
  const policy = read("cleanup.policy");
  const expiration = brokerTextInForce("producer.id.expiration.ms", started, changed);
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
    deleteDelayMs: read("file.delete.delay.ms"),
    cleanableRatioMin: read("min.cleanable.dirty.ratio"),
    compactionLagMsMin: read("min.compaction.lag.ms"),
    compactionLagMsMax: read("max.compaction.lag.ms"),
    tombstoneMs: read("delete.retention.ms"),
    producerExpirationMs: BROKER_TABLE["producer.id.expiration.ms"].parse(expiration)!,
  };
}

/** The list a topic setting is now, items with commas between; `null` when it is not a list. */
export function topicListInForce(
  name: string,
  overrides: Texts,
  started: Started,
  changed: Texts,
): string | null {
  if (!isTopicKey(name)) return null;
  const setting: TopicSetting<unknown> = TOPIC_TABLE[name];
  return setting.type === "list" ? textInForce(setting, overrides[name], started, changed).text : null;
}

function valueOf<Key extends TopicKey>(
  name: Key,
  overrides: Texts,
  started: Started,
  changed: Texts,
): TopicValue<Key> {
  const setting: TopicSetting<unknown> = TOPIC_TABLE[name];
  const value = setting.parse(textInForce(setting, overrides[name], started, changed).text);
  assert(value !== undefined, `topic setting ${name} was checked before it was stored`);
  return value as TopicValue<Key>;
}

/** A topic setting's text in force, and where it comes from: Kafka's order, the first counterpart that is set. */
export function textInForce(
  setting: TopicSetting<unknown>,
  override: string | undefined,
  { given }: Started,
  changed: Texts,
): { text: string; source: SettingDescription["source"] } {
  if (override !== undefined) return { text: override, source: "topic" };
  for (const { key, factor } of setting.counterparts) {
    const dynamic = changedText(key, changed);
    const text = dynamic ?? given[key];
    if (text === undefined) continue;
    const source = dynamic === undefined ? "broker" : "dynamic";
    return { text: factor === 1 ? text : times(text, factor), source };
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
  const meant = nearest(name, Object.keys(TOPIC_TABLE));
  const hint = meant === null ? "no topic setting has such a name" : `did you mean "${meant}"?`;
  return `Unknown topic setting "${name}": ${hint}`;
}
