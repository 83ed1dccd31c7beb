/** Topics by name on this wire, by id behind it: the image translates. A topic that is gone has neither. */
import { PARTITIONS_PER_TOPIC_MAX, type TopicPartitions, TOPICS_PER_COMMAND_MAX } from "../../model/mod.ts";
import { int32s, maps, text } from "../fields.ts";
import type { Message } from "../frame.ts";
import type { WireAssignment } from "../group_protocol.ts";
import type { SessionContext } from "./operation.ts";

/** Partitions by topic id as the wire has them; those of topics that are gone are left out. */
export function namedPartitions(
  assignment: readonly TopicPartitions[],
  { image }: SessionContext,
): WireAssignment[] {
  const { topicNamesById } = image();
  return assignment.flatMap(({ topicId, partitions }) => {
    const topic = topicNamesById.get(topicId);
    return topic === undefined ? [] : [{ topic, id: topicId, partitions: [...partitions] }];
  });
}

/** The list `name` of a message, by topic id; nobody owns anything of a topic that is gone. Throws FieldError. */
export function readPartitions(message: Message, name: string, { image }: SessionContext): TopicPartitions[] {
  const { topics } = image();
  return maps(message, "", name, TOPICS_PER_COMMAND_MAX).flatMap((entry) => {
    const partitions = int32s(entry, `${name}.`, "partitions", 0, PARTITIONS_PER_TOPIC_MAX);
    const topicId = entry.id === undefined || entry.id === null
      ? topics.get(text(entry, `${name}.`, "topic"))?.id
      : text(entry, `${name}.`, "id");
    return topicId === undefined ? [] : [{ topicId, partitions }];
  });
}
