/**
 * Heartbeat: the member's session begins anew, and the answer says whether to join
 * again. The group itself stays the very same value, so that steady heartbeats cost
 * a timer and nothing else. A commit counts as one. Called by decide.
 */
import type { HeartbeatGroupCommand } from "../../../model/mod.ts";
import type { GroupContext, Outcome, TimerChange } from "../outcome.ts";
import { checkGeneration } from "./check_member.ts";
import { type ClassicGroup, sessionOf } from "./group.ts";
import { heartbeatReply, onlyAnswer, rebalancing, unknownMember, unnamedGroup } from "./replies.ts";

export function decideHeartbeat(
  group: ClassicGroup | null,
  id: number,
  command: HeartbeatGroupCommand,
  { nowMs }: GroupContext,
): Outcome<ClassicGroup> {
  const { group: name, memberId } = command;
  if (name === "") return onlyAnswer(group, id, heartbeatReply(unnamedGroup()));
  const refused = group === null ? unknownMember(name, memberId) : checkGeneration(group, command);
  const member = group?.members.get(memberId);
  if (refused !== null || group === null || member === undefined) {
    return onlyAnswer(group, id, heartbeatReply(refused));
  }
  const reply = heartbeatReply(group.state === "PreparingRebalance" ? rebalancing(name) : null);
  return { group, records: [], answers: [{ id, reply }], timers: [sessionOf(member, nowMs)] };
}

/** A commit of a member that works counts as a heartbeat. */
export function touchClassic(
  group: ClassicGroup,
  memberId: string,
  { nowMs }: GroupContext,
): TimerChange[] {
  const member = group.members.get(memberId);
  const isWorking = group.state === "Stable" || group.state === "PreparingRebalance";
  return member !== undefined && isWorking ? [sessionOf(member, nowMs)] : [];
}

/** After a restart every member has a whole session to be heard of. */
export function resumeClassic(group: ClassicGroup, { nowMs }: GroupContext): TimerChange[] {
  return Array.from(group.members.values(), (member) => sessionOf(member, nowMs));
}
