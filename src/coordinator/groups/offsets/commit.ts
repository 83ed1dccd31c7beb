/**
 * Committing offsets, Kafka's OffsetCommit: by a member, or by anybody while the
 * group has no members. A commit to a group that is not there makes one, without
 * members, when whoever commits says he is no member. Each partition is kept or
 * refused by itself. Offsets are taken as they are, like Apache Kafka does.
 */
import {
  assert,
  type CommitOffsetsCommand,
  type Fault,
  fault,
  type Image,
  type OffsetsCommittedReply,
  type OffsetToCommit,
} from "../../../model/mod.ts";
import { emptyClassic } from "../classic/mod.ts";
import { checkCommit, type Group, touch } from "../group.ts";
import type { GroupContext, Outcome } from "../outcome.ts";
import type { GroupRecord } from "../record.ts";

/** Not told when to expire. */
const AS_SETTINGS_SAY = -1;

/** Decides a commit that came under `id`; `group` is `null` when there is none of that name. */
export function decideCommit(
  group: Group | null,
  id: number,
  command: CommitOffsetsCommand,
  context: GroupContext,
): Outcome<Group> {
  const { entries } = command;
  const { image, settings } = context;
  const strangers = entries.map((entry) => checkPartition(image, entry));
  const tooLong = entries.map((entry) => checkMetadata(entry, settings.metadataBytesMax));
  // Only what could be kept is a matter for the group.
  const sound = entries.filter((_entry, index) => strangers[index] === null && tooLong[index] === null);
  const isGroupAsked = strangers.includes(null);
  const refused = isGroupAsked ? checkGroup(group, { ...command, entries: sound }, image) : null;
  const faults = entries.map((_entry, index) => strangers[index] ?? refused ?? tooLong[index]!);
  const kept = entries.filter((_entry, index) => faults[index] === null);
  const reply: OffsetsCommittedReply = {
    kind: "offsets_committed",
    entries: entries.map(({ topic, partition }, index) => ({ topic, partition, fault: faults[index]! })),
  };
  assert(refused === null || kept.length === 0, "nothing is kept of a commit that is refused");
  const isMember = isGroupAsked && refused === null && group !== null && command.memberId !== "";
  return {
    group: group ?? (kept.length > 0 ? emptyClassic(command.group, context.nowMs) : null),
    records: kept.map((entry) => offsetRecord(command, entry, context.nowMs)),
    answers: [{ id, reply }],
    timers: isMember ? touch(group, command.memberId, context) : [],
  };
}

/** The answer to a commit of which nothing could be kept. */
export function refuseCommit(command: CommitOffsetsCommand, failed: Fault): OffsetsCommittedReply {
  const entries = command.entries.map(({ topic, partition }) => ({ topic, partition, fault: failed }));
  return { kind: "offsets_committed", entries };
}

function checkGroup(group: Group | null, command: CommitOffsetsCommand, image: Image): Fault | null {
  if (group !== null) return checkCommit(group, command, image);
  if (command.generation < 0) return null;
  const code = command.knowsMemberEpochs ? "GROUP_ID_NOT_FOUND" : "ILLEGAL_GENERATION";
  return fault(code, `Group "${command.group}" does not exist`);
}

function checkPartition(image: Image, { topic, partition }: OffsetToCommit): Fault | null {
  const known = image.topics.get(topic)?.partitions[partition];
  if (known !== undefined) return null;
  return fault("UNKNOWN_TOPIC_OR_PARTITION", `Partition "${topic}-${partition}" does not exist`);
}

/** Kafka counts the characters of Java, which are JavaScript's, whatever the setting's name says. */
function checkMetadata({ topic, partition, metadata }: OffsetToCommit, lengthMax: number): Fault | null {
  const length = metadata?.length ?? 0;
  if (length <= lengthMax) return null;
  return fault(
    "OFFSET_METADATA_TOO_LARGE",
    `Metadata of the offset of "${topic}-${partition}" has "${length}" characters, wanted are at most ${lengthMax}`,
  );
}

function offsetRecord(
  { group, retentionMs }: CommitOffsetsCommand,
  { topic, partition, offset, leaderEpoch, metadata }: OffsetToCommit,
  nowMs: number,
): GroupRecord {
  const expireMs = retentionMs === AS_SETTINGS_SAY
    ? -1
    : Math.min(Math.max(nowMs + retentionMs, 0), Number.MAX_SAFE_INTEGER);
  const value = {
    offset,
    leaderEpoch: Math.max(leaderEpoch, -1),
    metadata: metadata ?? "",
    commitMs: nowMs,
    expireMs,
  };
  return { kind: "offset", group, topic, partition, value };
}
