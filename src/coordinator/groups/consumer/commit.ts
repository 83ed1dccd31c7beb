/**
 * Who may commit and fetch offsets of a group of the consumer protocol: its
 * members at the epoch they are at, and anybody while it has none. A commit that was
 * under way while its member's epoch rose is good as long as the member has had all
 * of its partitions since before: one that it got later, or has given up, refuses the
 * commit as a whole. Classic members are told what the classic protocol says.
 * Source: KIP-1251.
 */
import { type CommitOffsetsCommand, type Fault, fault, type Image } from "../../../model/mod.ts";
import type { GroupContext, TimerChange } from "../outcome.ts";
import { unknownMember } from "./fence.ts";
import type { ConsumerGroup, ConsumerMember } from "./group.ts";
import { epochOf } from "./held.ts";
import { Step } from "./step.ts";
import { subscribedTopics } from "./subscription.ts";

/** Why the commit of these entries, of topics in `image`, may not be, or `null`. */
export function checkConsumerCommit(
  group: ConsumerGroup,
  command: CommitOffsetsCommand,
  image: Image,
): Fault | null {
  const { memberId, generation, knowsMemberEpochs } = command;
  if (generation < 0 && group.members.size === 0) return null;
  const member = group.members.get(memberId);
  if (member === undefined) return unknownMember(group.group, memberId, null);
  if (member.classic === null && !knowsMemberEpochs) {
    return fault(
      "UNSUPPORTED_VERSION",
      `Member "${memberId}" is of the consumer protocol, it commits with version 9 of OffsetCommit or a later one`,
    );
  }
  return generation < member.memberEpoch
    ? checkSince(member, command, image)
    : checkEpochOf(member, generation);
}

/** A commit of an epoch that is over: the first partition that the member has not had since then refuses it. */
function checkSince(
  { memberId, memberEpoch, assigned, pendingRevocation, classic }: ConsumerMember,
  { generation, entries }: CommitOffsetsCommand,
  image: Image,
): Fault | null {
  const code = classic === null ? "STALE_MEMBER_EPOCH" : "ILLEGAL_GENERATION";
  for (const { topic, partition } of entries) {
    const topicId = image.topics.get(topic)?.id ?? "";
    const since = epochOf(assigned, topicId, partition) ?? epochOf(pendingRevocation, topicId, partition);
    if (since !== null && since <= generation) continue;
    const has = since === null ? "has not" : `has since epoch ${since}`;
    return fault(
      code,
      `Member "${memberId}" is at epoch ${memberEpoch} and ${has} "${topic}-${partition}", not at "${generation}"`,
    );
  }
  return null;
}

/** Why offsets may not be fetched, or `null`. */
export function checkConsumerFetch(
  group: ConsumerGroup,
  memberId: string | null,
  memberEpoch: number,
): Fault | null {
  if ((memberId === null || memberId === "") && memberEpoch < 0) return null;
  const member = group.members.get(memberId ?? "");
  if (member === undefined) return unknownMember(group.group, memberId ?? "", null);
  return checkEpochOf(member, memberEpoch);
}

function checkEpochOf({ memberId, memberEpoch, classic }: ConsumerMember, received: number): Fault | null {
  if (received === memberEpoch) return null;
  if (classic !== null) {
    return fault(
      "ILLEGAL_GENERATION",
      `Member "${memberId}" is at generation ${memberEpoch}, not "${received}"`,
    );
  }
  return fault("STALE_MEMBER_EPOCH", `Member "${memberId}" is at epoch ${memberEpoch}, not "${received}"`);
}

/** A commit of a classic member counts as its heartbeat; members of the consumer protocol have heartbeats alone. */
export function touchConsumer(group: ConsumerGroup, memberId: string, context: GroupContext): TimerChange[] {
  const member = group.members.get(memberId);
  if (member === undefined || member.classic === null) return [];
  const step = new Step(group, context);
  step.startSession(member);
  return step.timers();
}

/** Names of the topics members subscribe to. */
export function topicsOfConsumer(group: ConsumerGroup): ReadonlySet<string> {
  return subscribedTopics(group);
}
