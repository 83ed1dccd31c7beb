/**
 * One heartbeat of the consumer protocol: the member joins, stays or leaves, the
 * group follows the topics, the targets follow the group, and the member takes
 * one step towards its target. What is news to the member goes into the answer;
 * where there is none, a heartbeat that may wait is kept until there is.
 */
import type { ConsumerHeartbeatCommand, Fault } from "../../../model/mod.ts";
import { fault } from "../../../model/mod.ts";
import type { GroupContext, Outcome } from "../outcome.ts";
import type { ClassicGroup } from "../classic/mod.ts";
import { becomeClassic } from "./downgrade.ts";
import { checkHeartbeat } from "./check.ts";
import { type ConsumerGroup, type ConsumerMember, emptyConsumer, JOIN_EPOCH } from "./group.ts";
import { findMember } from "./join.ts";
import { leaveByHeartbeat } from "./leave.ts";
import { Owners } from "./owners.ts";
import { answerWaiting, reply, sendNews, waitMs } from "./news.ts";
import { canonical } from "./partitions.ts";
import { approach } from "./approach.ts";
import { heartbeatRefused, Step } from "./step.ts";
import { bumpEpoch, followTopics, keepMember, updateMember } from "./subscription.ts";
import { followEpoch } from "./target.ts";

/** Decides a heartbeat; `null` is a group that is not there. */
export function decideHeartbeat(
  group: ConsumerGroup | null,
  id: number,
  command: ConsumerHeartbeatCommand,
  context: GroupContext,
): Outcome<ConsumerGroup | ClassicGroup> {
  const refused = checkHeartbeat(command, context) ?? checkGroup(group, command);
  if (refused !== null) return refuse(group, id, command, refused);
  const step = new Step(group ?? emptyConsumer(command.group), context);
  const failed = beat(step, id, command);
  if (failed !== null) return refuse(group, id, command, failed);
  return (command.memberEpoch < 0 ? becomeClassic(step, null) : null) ?? step.outcome();
}

/** Lets the member join, stay or leave; a fault leaves the step as it was. */
export function beat(step: Step, id: number, command: ConsumerHeartbeatCommand): Fault | null {
  return command.memberEpoch < 0 ? leave(step, id, command) : stay(step, id, command);
}

function checkGroup(group: ConsumerGroup | null, command: ConsumerHeartbeatCommand): Fault | null {
  if (group !== null || command.memberEpoch === JOIN_EPOCH) return null;
  return fault(
    "GROUP_ID_NOT_FOUND",
    `Group "${command.group}" does not exist, members begin it with epoch 0`,
  );
}

function refuse(
  group: ConsumerGroup | null,
  id: number,
  { memberId }: ConsumerHeartbeatCommand,
  fault: Fault,
): Outcome<ConsumerGroup> {
  return { group, records: [], answers: [{ id, reply: heartbeatRefused(memberId, fault) }], timers: [] };
}

function leave(step: Step, id: number, command: ConsumerHeartbeatCommand): Fault | null {
  const failed = leaveByHeartbeat(step, command);
  if (failed !== null) return failed;
  followEpoch(step);
  sendNews(step, new Owners(step.draft.members));
  const { memberId, memberEpoch } = command;
  step.answer(id, {
    kind: "consumer_heartbeat",
    fault: null,
    memberId,
    memberEpoch,
    heartbeatIntervalMs: 0,
    assignment: null,
  });
  return null;
}

function stay(step: Step, id: number, command: ConsumerHeartbeatCommand): Fault | null {
  const { draft, context } = step;
  const memberId = command.memberId === "" ? context.newMemberId() : command.memberId;
  const found = findMember(step, command, memberId);
  if ("code" in found) return found;
  answerWaiting(step, memberId);
  if (found.member.classic !== null) stopClassicTimers(step, memberId);
  const isOther = keepMember(step, found.member, updateMember(found.member, command), found.isNew);
  if (isOther) bumpEpoch(step);
  else followTopics(step);
  followEpoch(step);
  const owners = new Owners(draft.members);
  const owned = command.ownedPartitions === null ? null : canonical(command.ownedPartitions);
  const after = approach(step, memberId, owned, owners);
  sendNews(step, owners);
  step.startSession(after);
  answerOrWait(step, id, command, found.member, after);
  return null;
}

/** It speaks the consumer protocol from now on. */
function stopClassicTimers(step: Step, memberId: string): void {
  step.expectJoin(memberId, false);
  step.stopTimer("sync", memberId);
}

function answerOrWait(
  step: Step,
  id: number,
  command: ConsumerHeartbeatCommand,
  before: ConsumerMember,
  after: ConsumerMember,
): void {
  const { memberId, memberEpoch } = after;
  const missedAnswer = command.memberEpoch < before.memberEpoch;
  const isNews = isFull(command) || missedAnswer || before.assigned !== after.assigned;
  const afterMs = waitMs(command.waitMsMax, step.context.settings);
  const mayWait = afterMs > 0 && !isNews && command.memberEpoch === memberEpoch;
  const epochSeen = command.memberEpoch;
  const contact = step.draft.contacts.get(memberId);
  const parkedId = mayWait ? id : null;
  if (contact?.epochSeen !== epochSeen || contact.parkedId !== parkedId) {
    step.draft.contacts.set(memberId, { epochSeen, parkedId, isToJoin: false });
  }
  if (mayWait) step.setTimer("wait", memberId, afterMs);
  else step.answer(id, reply(step, after, isNews));
}

/** A member that does not know what it has says everything of itself, and is told everything. */
function isFull(command: ConsumerHeartbeatCommand): boolean {
  if (command.memberEpoch === JOIN_EPOCH) return true;
  const saysTopics = command.subscribedTopics !== null || command.subscribedPattern !== null;
  return command.rebalanceTimeoutMs >= 0 && saysTopics && command.ownedPartitions !== null;
}
