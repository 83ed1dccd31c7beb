/** SyncGroup and Heartbeat of a classic member of a group of the consumer protocol. */
import {
  type Fault,
  fault,
  type HeartbeatGroupCommand,
  type SyncGroupCommand,
} from "../../../../model/mod.ts";
import { type ConsumerMember, UNREVOKED } from "../group.ts";
import { sendNews } from "../news.ts";
import { Owners } from "../owners.ts";
import type { Step } from "../step.ts";
import { followTopics } from "../subscription.ts";
import { followEpoch } from "../target.ts";
import { assignmentBytes } from "./embedded.ts";
import { findClassic, isToJoin, sendBack } from "./member.ts";
import { classicRefused } from "./refused.ts";

/** Tells the member what is assigned to it. */
export function syncClassic(step: Step, id: number, command: SyncGroupCommand): void {
  const member = findClassic(step, command);
  const refused = "code" in member ? member : checkSync(step, command, member);
  if (refused !== null) return step.answer(id, classicRefused(command, refused));
  const { memberId, assigned, classic } = member as ConsumerMember;
  step.stopTimer("sync", memberId);
  step.startSession(member as ConsumerMember);
  step.answer(id, {
    kind: "group_synced",
    fault: null,
    protocolType: command.protocolType,
    protocol: command.protocol,
    assignment: assignmentBytes(assigned, classic!.protocols[0]!.metadata, step.context.image),
  });
}

function checkSync(step: Step, command: SyncGroupCommand, member: ConsumerMember): Fault | null {
  const { protocolType, protocol } = command;
  const chosen = member.classic!.protocols[0]!.name;
  if ((protocolType ?? "consumer") !== "consumer" || (protocol ?? chosen) !== chosen) {
    return fault(
      "INCONSISTENT_GROUP_PROTOCOL",
      `Protocol "${protocolType}" "${protocol}" of member "${member.memberId}" must be "consumer" "${chosen}"`,
    );
  }
  const isBehind = step.draft.epoch > member.memberEpoch && member.state !== UNREVOKED;
  return isBehind ? sendBack(step, member) : null;
}

/** Begins the member's session anew, and tells it to join again when it has a step to take. */
export function heartbeatClassic(step: Step, id: number, command: HeartbeatGroupCommand): void {
  const member = findClassic(step, command);
  if ("code" in member) return step.answer(id, classicRefused(command, member));
  followTopics(step);
  followEpoch(step);
  sendNews(step, new Owners(step.draft.members));
  step.startSession(member);
  const fault = isToJoin(step, member) ? sendBack(step, member) : null;
  step.answer(id, { kind: "group_heartbeat", fault });
}
