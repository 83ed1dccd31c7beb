/**
 * What members subscribe to, by name and by pattern, and when the group epoch
 * grows: a member came, went or changed its mind, or the topics changed. Topics
 * are compared with the image at a heartbeat, and only when the image is another
 * one than last time.
 */
import type { ConsumerHeartbeatCommand } from "../../../model/mod.ts";
import { memberValue } from "./apply.ts";
import type { ConsumerMember, ResolvedPattern } from "./group.ts";
import { metadataHash } from "./metadata_hash.ts";
import { matchTopics } from "./pattern/topics.ts";
import type { Step } from "./step.ts";

/** The member after what its heartbeat says of it. */
export function updateMember(member: ConsumerMember, command: ConsumerHeartbeatCommand): ConsumerMember {
  const { instanceId, rackId, clientId, clientHost, rebalanceTimeoutMs, serverAssignor } = command;
  const { subscribedTopics, subscribedPattern } = command;
  return {
    ...member,
    instanceId: instanceId ?? member.instanceId,
    rackId: rackId ?? member.rackId,
    clientId,
    clientHost,
    rebalanceTimeoutMs: rebalanceTimeoutMs < 0 ? member.rebalanceTimeoutMs : rebalanceTimeoutMs,
    serverAssignor: serverAssignor ?? member.serverAssignor,
    subscribedTopics: subscribedTopics === null ? member.subscribedTopics : inOrder(subscribedTopics),
    subscribedPattern: subscribedPattern === null ? member.subscribedPattern : subscribedPattern || null,
    classic: null,
  };
}

/** Names in ascending order, each once. */
export function inOrder(names: Iterable<string>): readonly string[] {
  return [...new Set(names)].sort();
}

/**
 * Keeps what the member says of itself, if that is new. True when the group is to
 * be assigned anew: for a new member, another subscription or another assignor.
 */
export function keepMember(
  step: Step,
  before: ConsumerMember,
  after: ConsumerMember,
  isNew: boolean,
): boolean {
  if (isNew || !isSameValue(before, after)) step.writeMember(after);
  return isNew || before.subscribedPattern !== after.subscribedPattern ||
    before.serverAssignor !== after.serverAssignor ||
    !areSame(before.subscribedTopics, after.subscribedTopics);
}

function isSameValue(before: ConsumerMember, after: ConsumerMember): boolean {
  const [one, other] = [memberValue(before), memberValue(after)];
  const names = Object.keys(one) as (keyof typeof one)[];
  return names.every((name) =>
    one[name] === other[name] || name === "subscribedTopics" && areSame(one[name], other[name])
  );
}

/** Name by name: what a client calls a topic may have any character in it. */
function areSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, index) => name === other[index]);
}

/** Raises the group epoch if topics changed since it was last looked at. */
export function followTopics(step: Step): void {
  const { draft, context } = step;
  if (draft.imageVersion === context.image.version) return;
  const isOther = resolvePatterns(step);
  if (isOther || metadataHash(subscribedTopics(draft), context.image) !== draft.metadataHash) bumpEpoch(step);
  draft.imageVersion = context.image.version;
}

/** Raises the group epoch: members will be assigned anew. */
export function bumpEpoch(step: Step): void {
  const { draft, context } = step;
  resolvePatterns(step);
  const value = {
    epoch: draft.epoch + 1,
    metadataHash: metadataHash(subscribedTopics(draft), context.image),
  };
  step.write({ kind: "consumer_group", group: draft.group, value });
  draft.imageVersion = context.image.version;
}

/** Looks up what members' patterns match now; true when any matches other topics than before. */
function resolvePatterns(step: Step): boolean {
  const { draft, context } = step;
  if (draft.patterns.size === 0 && !hasPattern(draft.members.values())) return false;
  const { group } = draft;
  const wanted = new Set([...draft.members.values()].flatMap(({ subscribedPattern: it }) => it ?? []));
  for (const pattern of [...draft.patterns.view.keys()]) {
    if (!wanted.has(pattern)) step.write({ kind: "consumer_pattern", group, pattern, value: null });
  }
  let isOther = false;
  for (const pattern of wanted) {
    const known = draft.patterns.get(pattern);
    if (known !== undefined && draft.imageVersion === context.image.version) continue;
    const topics = matchTopics(pattern, context);
    if (known !== undefined && areSame(known.topics, topics)) continue;
    isOther = true;
    const value = { topics, version: context.image.version, atMs: context.nowMs };
    step.write({ kind: "consumer_pattern", group, pattern, value });
  }
  return isOther;
}

/** True when one of them subscribes by a pattern. */
export function hasPattern(members: Iterable<ConsumerMember>): boolean {
  for (const { subscribedPattern } of members) if (subscribedPattern !== null) return true;
  return false;
}

/** Members and patterns of a group, whole or in the making. */
interface Subscribers {
  readonly members: { values(): Iterable<ConsumerMember> };
  readonly patterns: { get(pattern: string): ResolvedPattern | undefined };
}

/** Names of all topics that some member subscribes to, whether they exist or not. */
export function subscribedTopics(group: Subscribers): ReadonlySet<string> {
  const topics = new Set<string>();
  for (const member of group.members.values()) {
    for (const topic of topicsOfMember(group, member)) topics.add(topic);
  }
  return topics;
}

/** Names of the topics one member subscribes to; one that is named and matched comes twice. */
export function topicsOfMember(
  group: Pick<Subscribers, "patterns">,
  member: ConsumerMember,
): readonly string[] {
  if (member.subscribedPattern === null) return member.subscribedTopics;
  const matched = group.patterns.get(member.subscribedPattern)?.topics ?? [];
  return [...member.subscribedTopics, ...matched];
}
