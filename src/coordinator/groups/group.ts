/**
 * A group of either protocol, for what concerns both: commits, descriptions,
 * timers that are due. Which machine knows is decided here and in `dispatch.ts`,
 * nowhere else.
 */
import type {
  CommitOffsetsCommand,
  Fault,
  GroupDescription,
  GroupSettings,
  GroupStateName,
  GroupTypeName,
  Image,
} from "../../model/mod.ts";
import {
  checkClassicCommit,
  type ClassicGroup,
  describeClassic,
  expireClassic,
  resumeClassic,
  stateOfClassic,
  topicsOfClassic,
  touchClassic,
} from "./classic/mod.ts";
import {
  checkConsumerCommit,
  type ConsumerGroup,
  describeConsumer,
  expireConsumer,
  hasPattern,
  resumeConsumer,
  stateOfConsumer,
  topicsOfConsumer,
  touchConsumer,
} from "./consumer/mod.ts";
import type { GroupContext, Outcome, TimerChange } from "./outcome.ts";

export type Group = ClassicGroup | ConsumerGroup;

/** The type as people and Kafka's tools write it. */
export function typeNameOf({ type }: Group): GroupTypeName {
  return type === "classic" ? "Classic" : "Consumer";
}

/** The protocol type of consumers, whichever protocol they speak. */
export const CONSUMER_PROTOCOL = "consumer";

export function stateOf(group: Group): GroupStateName {
  return group.type === "classic" ? stateOfClassic(group) : stateOfConsumer(group);
}

/** What the members are: "consumer", another word of theirs, or empty while there was none. */
export function protocolTypeOf(group: Group): string {
  return group.type === "classic" ? group.protocolType ?? "" : CONSUMER_PROTOCOL;
}

export function describe(group: Group, settings: GroupSettings): GroupDescription {
  return group.type === "classic" ? describeClassic(group) : describeConsumer(group, settings);
}

/** What is due at the group's timer `key`. */
export function expire(group: Group, key: string, context: GroupContext): Outcome<Group> {
  return group.type === "classic" ? expireClassic(group, key, context) : expireConsumer(group, key, context);
}

/** The timers of a group that comes out of the log. */
export function resume(group: Group, context: GroupContext): readonly TimerChange[] {
  return group.type === "classic" ? resumeClassic(group, context) : resumeConsumer(group, context);
}

/** Why the group does not take the commit of these entries, of topics in `image`, or `null`. */
export function checkCommit(group: Group, command: CommitOffsetsCommand, image: Image): Fault | null {
  return group.type === "classic"
    ? checkClassicCommit(group, command)
    : checkConsumerCommit(group, command, image);
}

/** A commit shows that the member is alive. */
export function touch(group: Group, memberId: string, context: GroupContext): readonly TimerChange[] {
  return group.type === "classic"
    ? touchClassic(group, memberId, context)
    : touchConsumer(group, memberId, context);
}

/** True when a member reads the topic, or may: of consumers that is asked whose words cannot be read. */
export function isSubscribed(group: Group, topic: string): boolean {
  const topics = group.type === "classic" ? topicsOfClassic(group) : topicsOfConsumer(group);
  if (topics !== null) return topics.has(topic);
  return stateOf(group) !== "Empty" && protocolTypeOf(group) === CONSUMER_PROTOCOL;
}

/** True when a member subscribes by a pattern. */
export function hasPatterns(group: Group): boolean {
  return group.type === "consumer" && hasPattern(group.members.values());
}

/** True when it is known what the members read. */
export function isSubscriptionKnown(group: Group): boolean {
  return group.type === "consumer" || topicsOfClassic(group) !== null;
}
