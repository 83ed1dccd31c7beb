/**
 * Altering topics' settings: what is given is set, what is `null` falls back to
 * the default. A topic whose settings stay as they are gives no event.
 */
import { validateTopicKey, validateTopicSettings } from "../../config/mod.ts";
import type { AlterTopicsCommand, Fault, Image, TopicImage } from "../../model/mod.ts";
import { decideEach, type Decision, unknownTopic } from "./context.ts";
import { checkSettingLengths } from "./settings.ts";

type Changes = Readonly<Record<string, string | null>>;

/** Decides which of the command's topics change. */
export function decideAlter(image: Image, command: AlterTopicsCommand): Decision {
  return decideEach(command.topics, (topic) => topic.name, ({ name, settings }) => {
    const topic = image.topics.get(name);
    if (topic === undefined) return unknownTopic(name);
    const refused = checkChanges(settings);
    if (refused !== null) return refused;
    const changes = realChanges(topic, settings);
    return changes.length === 0
      ? null
      : { kind: "topic_altered", topic: name, settings: Object.fromEntries(changes) };
  });
}

function checkChanges(changes: Changes): Fault | null {
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(changes)) {
    const unknown = validateTopicKey(name);
    if (unknown !== null) return unknown;
    if (value !== null) set[name] = value;
  }
  return validateTopicSettings(set) ?? checkSettingLengths(set);
}

function realChanges(topic: TopicImage, changes: Changes): [string, string | null][] {
  return Object.entries(changes).filter(([name, value]) => (topic.settings[name] ?? null) !== value);
}
