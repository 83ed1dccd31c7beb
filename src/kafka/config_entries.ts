/**
 * Settings as Kafka's messages show them: sources and types as numbers, synonyms
 * and documentation where they were asked for. Source: `ConfigSource` and
 * `ConfigType` of Apache Kafka. Called by DescribeConfigs and CreateTopics.
 */
import type { DraftOf } from "../bytes/mod.ts";
import type { SettingDescription, SettingSource } from "../model/mod.ts";
import type { DESCRIBE_CONFIGS_RESPONSE } from "./schemas/describe_configs.ts";

type Result = NonNullable<DraftOf<typeof DESCRIBE_CONFIGS_RESPONSE>["results"]>[number];
type Entry = NonNullable<Result["configs"]>[number];

const SOURCES: Readonly<Record<SettingSource, number>> = { topic: 1, dynamic: 2, broker: 4, default: 5 };
const TYPES: Readonly<Record<SettingDescription["type"], number>> = {
  boolean: 1,
  string: 2,
  int: 3,
  long: 5,
  double: 6,
  list: 7,
};

/** What of a resource's settings is wanted. */
export interface EntriesAsked {
  /** Names of settings; `null` or none are all of them. */
  readonly keys: readonly string[] | null;
  readonly includeSynonyms: boolean;
  readonly includeDocumentation: boolean;
}

/** Kafka's number for where a value comes from. */
export function sourceCode(source: SettingSource): number {
  return SOURCES[source];
}

/** The settings that were asked for, in their order. */
export function configEntries(settings: readonly SettingDescription[], asked: EntriesAsked): Entry[] {
  const keys = asked.keys === null || asked.keys.length === 0 ? null : new Set(asked.keys);
  return settings.filter(({ name }) => keys === null || keys.has(name)).map((setting) => ({
    name: setting.name,
    value: setting.value,
    readOnly: setting.isReadOnly,
    configSource: sourceCode(setting.source),
    isSensitive: false,
    synonyms: asked.includeSynonyms ? setting.synonyms.map(synonymOf) : [],
    configType: TYPES[setting.type],
    documentation: asked.includeDocumentation ? setting.documentation : null,
  }));
}

function synonymOf({ name, value, source }: SettingDescription["synonyms"][number]) {
  return { name, value, source: sourceCode(source) };
}
