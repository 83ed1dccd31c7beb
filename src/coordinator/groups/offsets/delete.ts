/**
 * Deleting committed offsets, Kafka's OffsetDelete: of topics that no member
 * reads. A group whose members are no consumers must be empty, as nobody can tell
 * what they read.
 */
import {
  type DeleteOffsetsCommand,
  type Fault,
  fault,
  type Image,
  type OffsetsDeletedReply,
} from "../../../model/mod.ts";
import { CONSUMER_PROTOCOL, type Group, isSubscribed, protocolTypeOf, stateOf } from "../group.ts";
import type { Outcome } from "../outcome.ts";
import type { GroupRecord } from "../record.ts";
import type { OffsetStore } from "./store.ts";

/** Decides a deletion that came under `id`; `group` is `null` when there is none of that name. */
export function decideDeleteOffsets(
  group: Group | null,
  id: number,
  command: DeleteOffsetsCommand,
  offsets: OffsetStore,
  image: Image,
): Outcome<Group> {
  const refused = checkDeletable(group, command.group);
  if (group === null || refused !== null) {
    const reply: OffsetsDeletedReply = { kind: "offsets_deleted", fault: refused, entries: [] };
    return { group, records: [], answers: [{ id, reply }], timers: [] };
  }
  const isRead = readTopics(group, command);
  const entries = command.entries.map(({ topic, partition }) => {
    const fault = checkPartition(image, topic, partition) ??
      (isRead.has(topic) ? subscribed(group, topic) : null);
    return { topic, partition, fault };
  });
  const records = entries
    .filter(({ topic, partition, fault }) =>
      fault === null && offsets.get(group.group, topic, partition) !== undefined
    )
    .map(({ topic, partition }): GroupRecord => (
      { kind: "offset", group: group.group, topic, partition, value: null }
    ));
  const reply: OffsetsDeletedReply = { kind: "offsets_deleted", fault: null, entries };
  return { group, records, answers: [{ id, reply }], timers: [] };
}

function readTopics(group: Group, { entries }: DeleteOffsetsCommand): ReadonlySet<string> {
  const topics = new Set(entries.map(({ topic }) => topic));
  return new Set([...topics].filter((topic) => isSubscribed(group, topic)));
}

function checkDeletable(group: Group | null, name: string): Fault | null {
  if (name === "") return fault("INVALID_GROUP_ID", 'Group id "" cannot be used, wanted is a name');
  if (group === null) return fault("GROUP_ID_NOT_FOUND", `Group "${name}" does not exist`);
  if (protocolTypeOf(group) === CONSUMER_PROTOCOL || stateOf(group) === "Empty") return null;
  return fault(
    "NON_EMPTY_GROUP",
    `Group "${name}" has members that are no consumers, wanted is an empty group`,
  );
}

function checkPartition(image: Image, topic: string, partition: number): Fault | null {
  if (image.topics.get(topic)?.partitions[partition] !== undefined) return null;
  return fault("UNKNOWN_TOPIC_OR_PARTITION", `Partition "${topic}-${partition}" does not exist`);
}

function subscribed(group: Group, topic: string): Fault {
  return fault("GROUP_SUBSCRIBED_TO_TOPIC", `Topic "${topic}" is read by members of group "${group.group}"`);
}
