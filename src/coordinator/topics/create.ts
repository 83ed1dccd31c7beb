/**
 * Creating topics: names, counts and settings checked, ids given out, every
 * partition led by this broker. A command's partitions are bounded together, so
 * that its events fit into one batch of the journal.
 */
import { validateTopicSettings } from "../../config/mod.ts";
import {
  assert,
  type CoordinatorSettings,
  type CreateTopicsCommand,
  type Fault,
  fault,
  type Image,
  type NewTopic,
  PARTITIONS_PER_TOPIC_MAX,
} from "../../model/mod.ts";
import { type DecideContext, decideEach, type Decision } from "./context.ts";
import { checkName, checkNotInternal, isInternalTopic, NameCollisions } from "./names.ts";
import { checkAssignments, newPartitions, tooManyTogether } from "./partitions.ts";
import { checkSettingLengths } from "../settings/lengths.ts";

/** "Take the broker's default": what Kafka's clients send for both counts. */
const DEFAULT = -1;

/** Decides which of the command's topics come to be. */
export function decideCreate(image: Image, command: CreateTopicsCommand, context: DecideContext): Decision {
  const collisions = new NameCollisions(image);
  let partitionsLeft = PARTITIONS_PER_TOPIC_MAX;
  return decideEach(command.topics, (topic) => topic.name, (topic) => {
    const refused = checkNewTopic(image, topic, collisions, context.settings);
    if (refused !== null) return refused;
    const count = partitionCount(topic, context.settings);
    if (count > partitionsLeft) return tooManyTogether();
    partitionsLeft -= count;
    const { name, settings } = topic;
    collisions.add(name);
    const id = context.newId();
    assert(!image.topicNamesById.has(id), "a new topic id is nobody's");
    const partitions = newPartitions(0, count, context.settings.nodeId);
    return {
      kind: "topic_created",
      topic: { name, id, internal: isInternalTopic(name), partitions, settings },
    };
  });
}

function checkNewTopic(
  image: Image,
  topic: NewTopic,
  collisions: NameCollisions,
  settings: CoordinatorSettings,
): Fault | null {
  return checkName(topic.name) ?? checkNotInternal(topic.name) ??
    checkFree(image, topic.name, collisions) ?? checkPlacement(topic, settings) ??
    validateTopicSettings(topic.settings) ?? checkSettingLengths(topic.settings);
}

/** How many partitions there are to be, of a topic that passed the checks. */
function partitionCount({ assignments, partitions }: NewTopic, settings: CoordinatorSettings): number {
  if (assignments !== null) return assignments.length;
  return partitions === DEFAULT ? settings.partitionsDefault : partitions;
}

function checkPlacement(topic: NewTopic, settings: CoordinatorSettings): Fault | null {
  const { name, assignments, partitions, replicationFactor } = topic;
  if (assignments === null) return checkPartitionCount(topic) ?? checkReplicationFactor(topic, settings);
  if (partitions !== DEFAULT || replicationFactor !== DEFAULT) {
    return fault(
      "INVALID_REQUEST",
      `Topic "${name}" has its replicas assigned by hand, wanted are -1 partitions and replication factor -1, ` +
        `not "${partitions}" and "${replicationFactor}"`,
    );
  }
  return checkAssignments(name, assignments, settings.nodeId);
}

function checkFree(image: Image, name: string, collisions: NameCollisions): Fault | null {
  if (image.topics.has(name)) return fault("TOPIC_ALREADY_EXISTS", `Topic "${name}" already exists`);
  const other = collisions.find(name);
  if (other === null) return null;
  return fault(
    "INVALID_TOPIC_EXCEPTION",
    `Topic name "${name}" collides with topic "${other}": "." and "_" count as the same character`,
  );
}

function checkPartitionCount(topic: NewTopic): Fault | null {
  const { name, partitions } = topic;
  const right = Number.isInteger(partitions) && partitions >= 1 && partitions <= PARTITIONS_PER_TOPIC_MAX;
  if (right || partitions === DEFAULT) return null;
  return fault(
    "INVALID_PARTITIONS",
    `Topic "${name}" cannot have "${partitions}" partitions, wanted are 1 to ${PARTITIONS_PER_TOPIC_MAX}, ` +
      "or -1 for num.partitions",
  );
}

function checkReplicationFactor(topic: NewTopic, settings: CoordinatorSettings): Fault | null {
  const { replicationFactor } = topic;
  const factor = replicationFactor === DEFAULT ? settings.replicationFactorDefault : replicationFactor;
  if (factor === 1) return null;
  const origin = replicationFactor === DEFAULT ? " (default.replication.factor)" : "";
  return fault(
    "INVALID_REPLICATION_FACTOR",
    `Topic "${topic.name}" cannot have replication factor "${factor}"${origin}, wanted is 1: there is one broker`,
  );
}
