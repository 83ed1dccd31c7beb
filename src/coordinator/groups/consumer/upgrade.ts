/**
 * A classic group becomes one of the consumer protocol when the first member of
 * that protocol joins it. Its members stay, as classic members: what the last
 * generation gave them is assigned to them, their generation is their epoch, and
 * whoever waits for the end of a phase is told to join again. An empty group just
 * goes. Source: KIP-848, "Online Migration".
 */
import {
  assert,
  type ConsumerHeartbeatCommand,
  type Fault,
  fault,
  type GroupProtocol,
} from "../../../model/mod.ts";
import { type ClassicGroup, type ClassicMember, dismissClassic, stopClassic } from "../classic/mod.ts";
import type { GroupContext, Outcome } from "../outcome.ts";
import { blankMember } from "./apply.ts";
import { checkHeartbeat } from "./check.ts";
import { readAssignment, readSubscription } from "./classic_members/embedded.ts";
import {
  type ConsumerGroup,
  type ConsumerMember,
  emptyConsumer,
  JOIN_EPOCH,
  STABLE,
  UNREVOKED,
} from "./group.ts";
import { beat } from "./heartbeat.ts";
import { type Held, heldSince, placesOf, split } from "./held.ts";
import { metadataHash } from "./metadata_hash.ts";
import { NONE, union } from "./partitions.ts";
import { heartbeatRefused, Step } from "./step.ts";
import { inOrder, subscribedTopics } from "./subscription.ts";

/** A member of the consumer protocol knocks at a classic group. */
export function upgradeClassic(
  group: ClassicGroup,
  id: number,
  command: ConsumerHeartbeatCommand,
  context: GroupContext,
): Outcome<ConsumerGroup | ClassicGroup> {
  const members = membersOf(group, context);
  const refused = checkHeartbeat(command, context) ?? checkUpgrade(group, command, members, context);
  if (refused !== null) return refuse(group, id, command, refused);
  assert(members !== null, "a group is upgraded when its members are understood");
  const step = new Step(emptyConsumer(group.group), context);
  convert(step, group, members);
  const failed = beat(step, id, command);
  if (failed !== null) return refuse(group, id, command, failed);
  const { answers, timers, ...outcome } = step.outcome();
  const rebalancing = fault(
    "REBALANCE_IN_PROGRESS",
    `Group "${group.group}" has changed its protocol, join again`,
  );
  return {
    ...outcome,
    answers: [...dismissClassic(group, rebalancing), ...answers],
    timers: [...stopClassic(group), ...timers],
  };
}

function refuse(
  group: ClassicGroup,
  id: number,
  { memberId }: ConsumerHeartbeatCommand,
  fault: Fault,
): Outcome<ClassicGroup> {
  return { group, records: [], answers: [{ id, reply: heartbeatRefused(memberId, fault) }], timers: [] };
}

/** Kafka says of a group that stays classic that there is no such consumer group. */
function checkUpgrade(
  group: ClassicGroup,
  { memberEpoch }: ConsumerHeartbeatCommand,
  members: readonly ConsumerMember[] | null,
  { settings: { migration, consumerMembersMax } }: GroupContext,
): Fault | null {
  const refuse = (why: string) =>
    fault("GROUP_ID_NOT_FOUND", `Group "${group.group}" is a classic group, ${why}`);
  if (memberEpoch !== JOIN_EPOCH) return refuse("members of the consumer protocol begin with epoch 0");
  if (group.members.size === 0) return null;
  if (migration !== "upgrade" && migration !== "bidirectional") return refuse("and is to stay one");
  if (group.protocolType !== "consumer") return refuse(`of "${group.protocolType}", not of consumers`);
  if (group.members.size > consumerMembersMax) return refuse(`of more than ${consumerMembersMax} members`);
  return members === null ? refuse("whose members' words cannot be read") : null;
}

/** Writes the records that make up the group as it is to go on. */
function convert(
  step: Step,
  { group, generation: epoch }: ClassicGroup,
  members: readonly ConsumerMember[],
): void {
  step.records.push({ kind: "classic_group", group, value: null });
  if (members.length === 0) return;
  for (const member of members) step.writeMember(member);
  const hash = metadataHash(subscribedTopics(step.draft), step.context.image);
  step.write({ kind: "consumer_group", group, value: { epoch, metadataHash: hash } });
  for (const { memberId, assigned } of members) {
    step.write({
      kind: "consumer_target_member",
      group,
      memberId,
      value: { partitions: placesOf(assigned) },
    });
  }
  step.write({ kind: "consumer_target", group, value: { assignmentEpoch: epoch } });
  for (const member of members) {
    step.writeCurrent(member);
    step.startSession(member);
  }
}

/** The group's members as this protocol has them; `null` when one's words cannot be read. */
function membersOf(group: ClassicGroup, context: GroupContext): ConsumerMember[] | null {
  const members: ConsumerMember[] = [];
  for (const classic of group.members.values()) {
    const member = memberOf(group, classic, context);
    if (member === null) return null;
    members.push(member);
  }
  return shareOut(members);
}

function memberOf(
  group: ClassicGroup,
  classic: ClassicMember,
  { image }: GroupContext,
): ConsumerMember | null {
  const { memberId, instanceId, clientId, clientHost, rebalanceTimeoutMs, sessionTimeoutMs } = classic;
  const protocols = inPreference(classic.protocols, group.protocol);
  const subscription = readSubscription(protocols, image);
  const assigned = readAssignment(classic.assignment, image);
  if (subscription === null || assigned === null) return null;
  return {
    ...blankMember(memberId),
    instanceId,
    rackId: subscription.rackId,
    clientId,
    clientHost,
    subscribedTopics: inOrder(subscription.topics),
    rebalanceTimeoutMs,
    classic: { sessionTimeoutMs, protocols },
    memberEpoch: group.generation,
    previousMemberEpoch: group.generation,
    assigned: heldSince(assigned, group.generation),
    pendingRevocation: heldSince(subscription.owned, group.generation),
  };
}

/**
 * Gives every partition one holder: a leader may have given it to two members. What a
 * member owned when it joined, and nobody was given, it may still own: cooperative
 * members give up only when they hear of it. It is to let go first.
 */
function shareOut(members: readonly ConsumerMember[]): ConsumerMember[] {
  let taken = NONE;
  const take = (wanted: Held): Held => {
    const free = split(wanted, taken).rest;
    taken = union(taken, placesOf(free));
    return free;
  };
  const assigned = members.map((member) => ({ ...member, assigned: take(member.assigned) }));
  return assigned.map((member) => {
    const pendingRevocation = take(member.pendingRevocation);
    return { ...member, pendingRevocation, state: pendingRevocation.length > 0 ? UNREVOKED : STABLE };
  });
}

/** The strategy the group has chosen first: members go on with it. */
function inPreference(protocols: readonly GroupProtocol[], chosen: string | null): readonly GroupProtocol[] {
  const first = protocols.filter(({ name }) => name === chosen);
  return [...first, ...protocols.filter(({ name }) => name !== chosen)];
}
