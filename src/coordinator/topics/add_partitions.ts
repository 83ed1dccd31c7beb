/**
 * Adding partitions: a topic's count only grows. Kafka's CreatePartitions, where
 * the number given is the new total.
 */
import {
  type AddPartitionsCommand,
  type CoordinatorSettings,
  type Fault,
  fault,
  type Image,
  PARTITIONS_PER_TOPIC_MAX,
} from "../../model/mod.ts";
import { decideEach, type Decision, unknownTopic } from "./context.ts";
import { checkNotInternal } from "./names.ts";
import { checkAssignments, newPartitions, tooManyTogether } from "./partitions.ts";

/** Decides which of the command's topics grow. */
export function decideAddPartitions(
  image: Image,
  command: AddPartitionsCommand,
  settings: CoordinatorSettings,
): Decision {
  let partitionsLeft = PARTITIONS_PER_TOPIC_MAX;
  return decideEach(command.topics, (topic) => topic.name, ({ name, partitions, assignments }) => {
    const topic = image.topics.get(name);
    if (topic === undefined) return unknownTopic(name);
    const internal = checkNotInternal(name);
    if (internal !== null) return internal;
    const present = topic.partitions.length;
    if (!Number.isInteger(partitions) || partitions <= present || partitions > PARTITIONS_PER_TOPIC_MAX) {
      return fault(
        "INVALID_PARTITIONS",
        `Topic "${name}" has ${present} partitions and cannot have "${partitions}", ` +
          `wanted are more, at most ${PARTITIONS_PER_TOPIC_MAX}`,
      );
    }
    if (assignments !== null) {
      const refused = assignments.length === partitions - present
        ? checkAssignments(name, assignments, settings.nodeId)
        : wrongCount(name, partitions - present, assignments.length);
      if (refused !== null) return refused;
    }
    if (partitions - present > partitionsLeft) return tooManyTogether();
    partitionsLeft -= partitions - present;
    const added = newPartitions(present, partitions, settings.nodeId);
    return { kind: "partitions_added", topic: name, partitions: added };
  });
}

function wrongCount(name: string, added: number, assigned: number): Fault {
  const words = `Topic "${name}" gets ${added} partitions, but replicas are assigned for "${assigned}"`;
  return fault("INVALID_REPLICA_ASSIGNMENT", words);
}
