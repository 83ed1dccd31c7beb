/**
 * Who may commit and fetch offsets of a group of the consumer protocol: its
 * members at the epoch they are at, and anybody while it has none. Classic
 * members are told what the classic protocol says.
 */
import { type CommitOffsetsCommand, type Fault, fault } from "../../../model/mod.ts";
import type { GroupContext, TimerChange } from "../outcome.ts";
import { unknownMember } from "./fence.ts";
import type { ConsumerGroup, ConsumerMember } from "./group.ts";
import { Step } from "./step.ts";
import { subscribedTopics } from "./subscription.ts";

/** Why the commit may not be, or `null`. */
export function checkConsumerCommit(group: ConsumerGroup, command: CommitOffsetsCommand): Fault | null {
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
  return checkEpochOf(member, generation);
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
