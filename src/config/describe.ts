/**
 * Settings as they are in force, with every place that gives them a value, the
 * one in force first, as Kafka's DescribeConfigs shows them: the topic itself,
 * then for each counterpart the broker changed while it ran and the broker's
 * start, then the defaults. Synonyms are in the units of their own names.
 */
import type { SettingDescription } from "../model/mod.ts";
import { BROKER_ALIASES, BROKER_TABLE, type BrokerKey } from "./broker_table.ts";
import { brokerTextInForce, changedText, isChangeable, type Started, type Texts } from "./changed.ts";
import type { Setting } from "./setting.ts";
import { textInForce } from "./topic.ts";
import { TOPIC_TABLE, type TopicSetting } from "./topic_table.ts";

type Synonym = SettingDescription["synonyms"][number];

/** Other names that Kafka, too, lists as settings of their own: some tools look for them. */
const ALIASES_SHOWN = ["broker.id", "log.dir"];

/** Describes settings; what was changed since the start is looked up anew each time. */
export function settingsDescriber(started: Started, changed: () => Texts) {
  return {
    describeTopicSettings: (overrides: Texts) => describeTopicSettings(overrides, started, changed()),
    describeBrokerSettings: () => describeBrokerSettings(started, changed()),
  };
}

/** Every topic setting as it is in force, in the table's order. */
export function describeTopicSettings(
  overrides: Texts,
  started: Started,
  changed: Texts,
): SettingDescription[] {
  return Object.entries<TopicSetting<unknown>>(TOPIC_TABLE).map(([name, setting]) => {
    const { text, source } = textInForce(setting, overrides[name], started, changed);
    const own = overrides[name];
    const keys = setting.counterparts.map(({ key }) => key);
    const synonyms: Synonym[] = own === undefined ? [] : [{ name, value: own, source: "topic" }];
    synonyms.push(...brokerSynonyms(keys, started, changed));
    return {
      name,
      value: text,
      source,
      type: setting.kafkaType,
      isReadOnly: false,
      defaultValue: setting.defaultText,
      documentation: wordsOf(setting),
      synonyms,
    };
  });
}

/** Every broker setting as it is in force, in the table's order, then those under their other names. */
export function describeBrokerSettings(started: Started, changed: Texts): SettingDescription[] {
  const keys = Object.keys(BROKER_TABLE) as BrokerKey[];
  return [
    ...keys.map((key) => describeBrokerSetting(key, key, started, changed)),
    ...ALIASES_SHOWN.map((alias) => describeBrokerSetting(alias, BROKER_ALIASES[alias]!, started, changed)),
  ];
}

function describeBrokerSetting(
  name: string,
  key: BrokerKey,
  started: Started,
  changed: Texts,
): SettingDescription {
  const setting: Setting<unknown> = BROKER_TABLE[key];
  const synonyms = brokerSynonyms([key], started, changed);
  return {
    name,
    value: brokerTextInForce(key, started, changed),
    source: synonyms[0]?.source ?? "default",
    type: setting.kafkaType,
    isReadOnly: !isChangeable(key),
    defaultValue: setting.defaultText,
    documentation: isChangeable(key)
      ? `${wordsOf(setting)}. Can be changed while the broker runs, which wins over its start`
      : wordsOf(setting),
    synonyms,
  };
}

/** Where the settings of these names get a value from. */
function brokerSynonyms(keys: readonly BrokerKey[], { given }: Started, changed: Texts): Synonym[] {
  const synonyms: Synonym[] = [];
  for (const name of keys) {
    const dynamic = changedText(name, changed);
    if (dynamic !== undefined) synonyms.push({ name, value: dynamic, source: "dynamic" });
    const atStart = given[name];
    if (atStart !== undefined) synonyms.push({ name, value: atStart, source: "broker" });
  }
  // Kafka shows the default of the first name alone, which may have none: log.retention.ms falls back on hours.
  const first = keys[0];
  const defaultText = first === undefined ? "" : BROKER_TABLE[first].defaultText;
  if (first !== undefined && defaultText !== "") {
    synonyms.push({ name: first, value: defaultText, source: "default" });
  }
  return synonyms;
}

function wordsOf({ documentation, standing }: Setting<unknown>): string {
  return standing === "stored" ? `${documentation} (stored; nothing acts on it yet)` : documentation;
}
