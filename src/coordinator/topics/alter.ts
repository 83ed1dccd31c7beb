/**
 * Altering topics' settings: what is set is set, what is `null` falls back on the
 * broker's, lists grow and shrink. A topic whose settings stay as they are gives
 * no event.
 */
import { topicListInForce, validateTopicKey, validateTopicSettings } from "../../config/mod.ts";
import type { AlterTopicsCommand, CoordinatorSettings, Image, TopicImage } from "../../model/mod.ts";
import { changesOf, type SettingsOwner } from "../settings/change.ts";
import { decideEach, type Decision, unknownTopic } from "./context.ts";

/** Decides which of the command's topics change. */
export function decideAlter(
  image: Image,
  command: AlterTopicsCommand,
  settings: CoordinatorSettings,
): Decision {
  return decideEach(command.topics, (topic) => topic.name, ({ name, ...change }) => {
    const topic = image.topics.get(name);
    if (topic === undefined) return unknownTopic(name);
    const decided = changesOf(change, ownerOf(topic, image, settings));
    if ("code" in decided) return decided;
    return Object.keys(decided.changes).length === 0
      ? null
      : { kind: "topic_altered", topic: name, settings: decided.changes };
  });
}

function ownerOf(topic: TopicImage, image: Image, settings: CoordinatorSettings): SettingsOwner {
  return {
    own: topic.settings,
    validate: (name, value) =>
      value === null ? validateTopicKey(name) : validateTopicSettings({ [name]: value }),
    list: (name) => topicListInForce(name, topic.settings, settings, image.brokerSettings),
  };
}
