/** Deleting topics, unless `delete.topic.enable` forbids it or the topic is the broker's own. */
import { type CoordinatorSettings, type DeleteTopicsCommand, fault, type Image } from "../../model/mod.ts";
import { decideEach, type Decision, unknownTopic } from "./context.ts";
import { checkNotInternal } from "./names.ts";

/** Decides which of the command's topics go. */
export function decideDelete(
  image: Image,
  command: DeleteTopicsCommand,
  settings: CoordinatorSettings,
): Decision {
  return decideEach(command.topics, (name) => name, (name) => {
    if (!settings.deletionEnabled) {
      return fault("TOPIC_DELETION_DISABLED", `Topic "${name}" is kept: delete.topic.enable is "false"`);
    }
    if (!image.topics.has(name)) return unknownTopic(name);
    return checkNotInternal(name) ?? { kind: "topic_deleted", topic: name };
  });
}
