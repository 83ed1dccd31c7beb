/**
 * What a command makes of the settings of one topic or of the broker: values set
 * and reset, items added to lists and taken out of them, the rest reset where the
 * command replaces. Gives only what really changes. Kafka's IncrementalAlterConfigs
 * and AlterConfigs in one; called for topics and for the broker alike.
 */
import { type Fault, fault, type SettingsChange } from "../../model/mod.ts";
import { checkSettingLengths } from "./lengths.ts";

/** Settings set to a text, or reset by `null`. */
export type Changes = Readonly<Record<string, string | null>>;

/** Whose settings change. */
export interface SettingsOwner {
  /** What it has of its own now. */
  readonly own: Readonly<Record<string, string>>;
  /** The fault of a key that cannot be changed or of a bad value (`null` resets), or `null`. */
  readonly validate: (name: string, value: string | null) => Fault | null;
  /** The list in force under a known key; `null` when the setting is not a list. */
  readonly list: (name: string) => string | null;
}

/** The changes of `change`, or why there are none: all or nothing. */
export function changesOf(change: SettingsChange, owner: SettingsOwner): { changes: Changes } | Fault {
  const twice = namedTwice(change);
  if (twice !== null) return twice;
  const wanted: Record<string, string | null> = { ...change.settings };
  const refused = addListChanges(wanted, change, owner);
  if (refused !== null) return refused;
  for (const [name, value] of Object.entries(wanted)) {
    // What is kept from another version can always be reset.
    const known = value === null && Object.hasOwn(owner.own, name);
    const bad = known ? null : owner.validate(name, value);
    if (bad !== null) return bad;
  }
  const tooLong = checkSettingLengths(wanted);
  if (tooLong !== null) return tooLong;
  if (change.replaces === true) {
    for (const name of Object.keys(owner.own)) if (!Object.hasOwn(wanted, name)) wanted[name] = null;
  }
  const real = Object.entries(wanted).filter(([name, value]) => ownText(owner, name) !== value);
  return { changes: Object.fromEntries(real) };
}

function ownText(owner: SettingsOwner, name: string): string | null {
  return Object.hasOwn(owner.own, name) ? owner.own[name]! : null;
}

function namedTwice({ settings, append = {}, subtract = {} }: SettingsChange): Fault | null {
  const seen = new Set<string>();
  for (const name of [settings, append, subtract].flatMap((names) => Object.keys(names))) {
    if (seen.has(name)) return fault("INVALID_REQUEST", `Setting "${name}" is changed more than once`);
    seen.add(name);
  }
  return null;
}

/** Puts the lists as they become into `wanted`. */
function addListChanges(
  wanted: Record<string, string | null>,
  { append = {}, subtract = {} }: SettingsChange,
  owner: SettingsOwner,
): Fault | null {
  const operations = [["Appending", append, added], ["Subtracting", subtract, removed]] as const;
  for (const [words, items, operate] of operations) {
    for (const [name, text] of Object.entries(items)) {
      const unknown = owner.validate(name, null);
      if (unknown !== null) return unknown;
      const list = owner.list(name);
      if (list === null) {
        return fault("INVALID_CONFIG", `${words} to setting "${name}" is not possible: it is not a list`);
      }
      wanted[name] = operate(itemsOf(list), itemsOf(text)).join(",");
    }
  }
  return null;
}

function itemsOf(text: string): string[] {
  return text.split(",").map((item) => item.trim()).filter((item) => item !== "");
}

function added(list: readonly string[], items: readonly string[]): string[] {
  return [...new Set([...list, ...items])];
}

function removed(list: readonly string[], items: readonly string[]): string[] {
  return list.filter((item) => !items.includes(item));
}
