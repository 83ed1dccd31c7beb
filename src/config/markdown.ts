/**
 * The README's table of settings, made from the tables themselves; a test
 * compares it with what the README holds.
 */
import { BROKER_ALIASES, BROKER_TABLE } from "./broker_table.ts";
import { isChangeable } from "./changed.ts";
import type { Setting } from "./setting.ts";
import { TOPIC_TABLE, type TopicSetting } from "./topic_table.ts";

/**
 * Markdown rows, head included: every broker setting with the topic settings it
 * is the default of, then the topic settings that stand alone; and which of them
 * can be changed while the broker runs.
 */
export function settingsTable(): string {
  const rows = ["| setting | topic setting | default | allowed | what it does |", "|---|---|---|---|---|"];
  for (const [key, setting] of Object.entries<Setting<unknown>>(BROKER_TABLE)) {
    rows.push(row(namesOf(key), topicKeysOf(key), setting));
  }
  for (const [key, setting] of Object.entries<TopicSetting<unknown>>(TOPIC_TABLE)) {
    if (setting.counterparts.length === 0) rows.push(row("", `\`${key}\``, setting));
  }
  return `${rows.join("\n")}\n\n${changeableWords()}\n`;
}

function changeableWords(): string {
  const alone = Object.keys(BROKER_TABLE).filter((key) => isChangeable(key) && topicKeysOf(key) === "");
  const names = alone.map((key) => `\`${key}\``).join(", ");
  return `Topic settings, the broker settings beside one, and ${names} can be changed while the broker runs. ` +
    "Such a change of the broker is kept in the data directory and wins over `--set`, flags, environment and " +
    "file until it is taken back; every other setting wants a start.";
}

function namesOf(key: string): string {
  const aliases = Object.keys(BROKER_ALIASES).filter((alias) => BROKER_ALIASES[alias] === key);
  return [key, ...aliases].map((name) => `\`${name}\``).join(" or ");
}

function topicKeysOf(brokerKey: string): string {
  return Object.entries<TopicSetting<unknown>>(TOPIC_TABLE)
    .filter(([, setting]) => setting.counterparts.some((counterpart) => counterpart.key === brokerKey))
    .map(([name]) => `\`${name}\``).join(", ");
}

function row(name: string, topicName: string, setting: Setting<unknown>): string {
  const value = setting.defaultText === "" ? "unset" : `\`${setting.defaultText}\``;
  const unit = setting.unit === "" || setting.defaultText === "" ? "" : ` ${setting.unit}`;
  const later = setting.standing === "stored" ? " *(stored; nothing acts on it yet)*" : "";
  return `| ${name} | ${topicName} | ${value}${unit} | ${setting.allowed} | ${setting.documentation}${later} |`;
}
