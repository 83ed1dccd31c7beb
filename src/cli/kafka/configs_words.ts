/**
 * How `kafka-configs --describe` lays out settings: Kafka's lines and its names
 * of the places a value comes from. Pure.
 */
import type { SettingDescription, SettingSource } from "../../model/mod.ts";
import type { EntityType } from "./configs_entity.ts";

const SOURCES: Readonly<Record<SettingSource, string>> = {
  topic: "DYNAMIC_TOPIC_CONFIG",
  dynamic: "DYNAMIC_BROKER_CONFIG",
  broker: "STATIC_BROKER_CONFIG",
  default: "DEFAULT_CONFIG",
};

/** What `--alter` changes, and `--describe` without `--all` shows. */
export const DYNAMIC_SOURCE: Readonly<Record<EntityType, SettingSource>> = {
  topics: "topic",
  brokers: "dynamic",
};

/** The head and a line a setting, by name. */
export function configsText(
  type: EntityType,
  name: string,
  isAll: boolean,
  settings: readonly SettingDescription[],
): string {
  const singular = type.slice(0, -1);
  const head = name === ""
    ? `Default configs for ${type} in the cluster are:\n`
    : `${isAll ? "All" : "Dynamic"} configs for ${singular} ${name} are:\n`;
  const shown = settings.filter(({ source }) => isAll || source === DYNAMIC_SOURCE[type]);
  const sorted = [...shown].sort((one, other) => one.name < other.name ? -1 : 1);
  return head + sorted.map(settingLine).join("");
}

function settingLine({ name, value, synonyms }: SettingDescription): string {
  const places = synonyms.map((place) => `${SOURCES[place.source]}:${place.name}=${place.value}`).join(", ");
  return `  ${name}=${value} sensitive=false synonyms={${places}}\n`;
}

/** What `--alter` says when it is done. */
export function completedText(type: EntityType, name: string): string {
  return name === ""
    ? `Completed updating default config for ${type} in the cluster.\n`
    : `Completed updating config for ${type.slice(0, -1)} ${name}.\n`;
}
