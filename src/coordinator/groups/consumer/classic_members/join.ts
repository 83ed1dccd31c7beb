/**
 * JoinGroup of a classic consumer at a group of the consumer protocol. It joins as
 * any member does, and is answered at once: there is no join phase, its generation
 * is its member epoch, and no member leads. It learns its partitions by SyncGroup,
 * and that it is to join again by Heartbeat.
 */
import { type Fault, fault, type GroupProtocol, type JoinGroupCommand } from "../../../../model/mod.ts";
import { type ClassicGroup, joinRefused } from "../../classic/mod.ts";
import type { Outcome } from "../../outcome.ts";
import { approach } from "../approach.ts";
import { becomeClassic } from "../downgrade.ts";
import { fencedInstance, unknownMember } from "../fence.ts";
import { type ConsumerGroup, type ConsumerMember, staticMember } from "../group.ts";
import { admit, type Found, replaceMember } from "../join.ts";
import { refuseParked } from "../leave.ts";
import { sendNews } from "../news.ts";
import { Owners } from "../owners.ts";
import type { Step } from "../step.ts";
import { bumpEpoch, followTopics, inOrder, keepMember } from "../subscription.ts";
import { followEpoch } from "../target.ts";
import { readSubscription, type Subscription } from "./embedded.ts";

const CONSUMER_TYPE = "consumer";

/** Takes the member in, or lets it take its next step. */
export function joinAsClassic(
  step: Step,
  id: number,
  command: JoinGroupCommand,
): Outcome<ConsumerGroup | ClassicGroup> {
  const { draft, context } = step;
  const memberId = command.memberId === "" ? context.newMemberId() : command.memberId;
  const subscription = readSubscription(command.protocols, context.image);
  const refused = checkJoin(step, command, memberId);
  if (refused !== null || subscription === null) {
    return refuse(step, id, memberId, refused ?? inconsistent(command));
  }
  const found = findMember(step, command, memberId);
  if ("code" in found) return refuse(step, id, memberId, found);
  refuseParked(step, memberId, notConsumer(memberId));
  const wasLast = found.member.classic === null && !found.isNew;
  const isOther = keepMember(step, found.member, updated(found.member, command, subscription), found.isNew);
  if (isOther) bumpEpoch(step);
  else followTopics(step);
  followEpoch(step);
  const owners = new Owners(draft.members);
  const after = approach(step, memberId, subscription.owned, owners);
  sendNews(step, owners);
  startTimers(step, after);
  answer(step, id, after);
  return (wasLast ? becomeClassic(step, memberId) : null) ?? step.outcome();
}

function notConsumer(memberId: string): Fault {
  return fault("UNKNOWN_MEMBER_ID", `Member "${memberId}" speaks the classic protocol from now on`);
}

function refuse(step: Step, id: number, memberId: string, fault: Fault): Outcome<ConsumerGroup> {
  step.answer(id, joinRefused(fault, memberId));
  return step.outcome();
}

/** In the order in which Kafka looks. */
function checkJoin({ draft, context }: Step, command: JoinGroupCommand, memberId: string): Fault | null {
  const { sessionTimeoutMs, needsMemberId, instanceId } = command;
  const { sessionTimeoutMsMin, sessionTimeoutMsMax } = context.settings;
  if (sessionTimeoutMs < sessionTimeoutMsMin || sessionTimeoutMs > sessionTimeoutMsMax) {
    return fault(
      "INVALID_SESSION_TIMEOUT",
      `Session timeout "${sessionTimeoutMs}" must be from ${sessionTimeoutMsMin} to ${sessionTimeoutMsMax} milliseconds`,
    );
  }
  if (!isSupported(draft.members.values(), command, memberId)) return inconsistent(command);
  if (!needsMemberId || command.memberId !== "" || instanceId !== null) return null;
  return fault("MEMBER_ID_REQUIRED", `Member id "" must be given, join again as "${memberId}"`);
}

/** True when the member speaks for consumers, and offers a strategy that all other classic members offer. */
function isSupported(
  members: Iterable<ConsumerMember>,
  { protocolType, protocols }: JoinGroupCommand,
  memberId: string,
): boolean {
  if (protocolType !== CONSUMER_TYPE || protocols.length === 0) return false;
  const others = [...members].filter((member) => member.memberId !== memberId)
    .flatMap(({ classic }) => classic === null ? [] : [classic.protocols]);
  return protocols.some(({ name }) => others.every((theirs) => theirs.some((their) => their.name === name)));
}

function inconsistent({ memberId, group }: JoinGroupCommand): Fault {
  return fault(
    "INCONSISTENT_GROUP_PROTOCOL",
    `Member "${memberId}" must be a consumer with a subscription that can be read and a strategy that all of group "${group}" have`,
  );
}

/** A member id that is not known is taken, for none is remembered that was only given out. */
function findMember(step: Step, command: JoinGroupCommand, memberId: string): Found | Fault {
  const { instanceId } = command;
  if (instanceId === null) return admit(step, memberId);
  const member = staticMember(step.draft.members.values(), instanceId);
  if (command.memberId !== "") {
    if (member === null) return unknownMember(step.draft.group, memberId, instanceId);
    return member.memberId === memberId ? { member, isNew: false } : fencedInstance(member, memberId);
  }
  return member === null
    ? admit(step, memberId)
    : { member: replaceMember(step, member, memberId), isNew: false };
}

function updated(
  member: ConsumerMember,
  command: JoinGroupCommand,
  subscription: Subscription,
): ConsumerMember {
  const { instanceId, clientId, clientHost, rebalanceTimeoutMs, sessionTimeoutMs, protocols } = command;
  return {
    ...member,
    instanceId: instanceId ?? member.instanceId,
    rackId: subscription.rackId ?? member.rackId,
    clientId,
    clientHost,
    rebalanceTimeoutMs,
    subscribedTopics: inOrder(subscription.topics),
    subscribedPattern: null,
    classic: { sessionTimeoutMs, protocols: sameOr(member.classic?.protocols, protocols) },
  };
}

/** The very list there was where it says the same. */
function sameOr(before: readonly GroupProtocol[] | undefined, after: readonly GroupProtocol[]) {
  const isSame = before?.length === after.length && before.every(({ name, metadata }, index) => {
    const other = after[index]!;
    return name === other.name && metadata.length === other.metadata.length &&
      metadata.every((byte, at) => byte === other.metadata[at]);
  });
  return isSame ? before : after;
}

function startTimers(step: Step, member: ConsumerMember): void {
  const { memberId, rebalanceTimeoutMs } = member;
  step.expectJoin(memberId, false);
  step.stopTimer("rebalance", memberId);
  step.startSession(member);
  step.setTimer("sync", memberId, rebalanceTimeoutMs);
}

function answer(step: Step, id: number, { memberId, memberEpoch, classic }: ConsumerMember): void {
  step.answer(id, {
    kind: "group_joined",
    fault: null,
    generation: memberEpoch,
    protocolType: CONSUMER_TYPE,
    protocol: classic!.protocols[0]!.name,
    leader: "",
    memberId,
    skipAssignment: false,
    members: [],
  });
}
