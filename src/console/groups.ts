/**
 * Consumer groups as people want to see them: members with the partitions they
 * own, whichever protocol they speak, and how far the group is behind.
 */
import {
  assert,
  type Fault,
  type GroupDescription,
  type Image,
  TIMESTAMP_LATEST,
  type TopicPartitions,
} from "../model/mod.ts";
import type { ConsoleView } from "./view.ts";

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface Member {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly partitions: readonly TopicPartition[];
}

/** How far a group is behind in one partition it committed an offset of. */
export interface Lag extends TopicPartition {
  readonly committedOffset: number;
  readonly endOffset: number;
  readonly lag: number;
  /** Who owns the partition now. */
  readonly member: Member | null;
}

/** The members of a group with what they own. */
export function membersOf(group: GroupDescription, image: Image): Member[] {
  if (group.type === "Classic") {
    return group.members.map((member) => ({
      ...identityOf(member),
      partitions: readAssignment(member.assignment),
    }));
  }
  return group.members.map((member) => ({
    ...identityOf(member),
    partitions: namePartitions(member.assignment, image),
  }));
}

function identityOf({ memberId, instanceId, clientId, clientHost }: Omit<Member, "partitions">) {
  return { memberId, instanceId, clientId, clientHost };
}

function namePartitions(assignment: readonly TopicPartitions[], image: Image): TopicPartition[] {
  return assignment.flatMap(({ topicId, partitions }) => {
    const topic = image.topicNamesById.get(topicId);
    return topic === undefined ? [] : partitions.map((partition) => ({ topic, partition }));
  });
}

/**
 * What a classic consumer was assigned: version int16, then topics, each a name and an array of partitions.
 * Other programs put other bytes there: what is no such thing reads as nothing. Source: ConsumerProtocolAssignment.
 */
function readAssignment(bytes: Uint8Array): TopicPartition[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const partitions: TopicPartition[] = [];
  try {
    let at = 2;
    let topics = view.getInt32(at);
    for (at += 4; topics > 0; topics--) {
      const size = view.getInt16(at);
      const topic = new TextDecoder().decode(bytes.subarray(at + 2, at + 2 + size));
      at += 2 + size;
      let count = view.getInt32(at);
      for (at += 4; count > 0; count--, at += 4) partitions.push({ topic, partition: view.getInt32(at) });
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return [];
  }
  return partitions;
}

/** How far `group` is behind, by topic and partition. */
export async function lagsOf(view: ConsoleView, group: GroupDescription): Promise<Lag[] | Fault> {
  const question = { group: group.group, memberId: null, memberEpoch: -1, entries: null };
  const fetched = await view.ask({ kind: "fetch_offsets", requireStable: false, groups: [question] });
  if (fetched.kind === "failed") return fetched.fault;
  assert(fetched.kind === "offsets_fetched", "offsets are answered when they are asked for");
  const [answer] = fetched.groups;
  assert(answer !== undefined, "one group is answered by one");
  if (answer.fault !== null) return answer.fault;
  const committed = answer.entries.filter(({ offset, fault }) => offset >= 0 && fault === null);
  const ends = await endsOf(view, committed);
  const owners = new Map<string, Member>();
  for (const member of membersOf(group, view.image())) {
    for (const { topic, partition } of member.partitions) owners.set(`${topic}-${partition}`, member);
  }
  return committed.map(({ topic, partition, offset }, index) => {
    const endOffset = ends[index] ?? -1;
    const member = owners.get(`${topic}-${partition}`) ?? null;
    const lag = endOffset < 0 ? 0 : Math.max(0, endOffset - offset);
    return { topic, partition, committedOffset: offset, endOffset, lag, member };
  }).sort((a, b) => a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1);
}

/** The high watermark of each partition; −1 where it cannot be told. */
async function endsOf(view: ConsoleView, partitions: readonly TopicPartition[]): Promise<number[]> {
  if (partitions.length === 0) return [];
  const entries = partitions.map(({ topic, partition }) => (
    { topic, partition, timestamp: TIMESTAMP_LATEST, currentLeaderEpoch: -1 }
  ));
  const reply = await view.ask({ kind: "list_offsets", isolation: "read_committed", entries });
  return reply.kind === "offsets_listed"
    ? reply.entries.map(({ offset, fault }) => fault === null ? offset : -1)
    : [];
}
