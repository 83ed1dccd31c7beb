/**
 * LeaveGroup: members go, each by its member id, or a static one by its instance id
 * alone, as operators do it (KIP-345). Each gets an answer of its own; the others
 * rebalance once for all of them. Called by decide.
 *
 * In Kafka a settled group rebalances when a member id is given back that nobody
 * joined with; here it does not, since no member went.
 */
import type { Fault, GroupLeftReply, LeaveGroupCommand } from "../../../model/mod.ts";
import type { GroupContext, Outcome } from "../outcome.ts";
import { checkMember } from "./check_member.ts";
import { answer, type Draft, openDraft, removeMember, settle } from "./draft.ts";
import type { ClassicGroup } from "./group.ts";
import { endIfJoined, rebalance } from "./rebalance.ts";
import { onlyAnswer, unknownMember, unnamedGroup } from "./replies.ts";

type Leaver = LeaveGroupCommand["members"][number];

export function decideLeave(
  group: ClassicGroup | null,
  id: number,
  command: LeaveGroupCommand,
  context: GroupContext,
): Outcome<ClassicGroup> {
  const { group: name } = command;
  if (name === "") return onlyAnswer(group, id, left([], unnamedGroup()));
  if (group === null) {
    return onlyAnswer(null, id, left(command.members.map((leaver) => refuse(name, leaver))));
  }
  const draft = openDraft(group, context);
  const members = command.members.map((leaver) => ({ ...leaver, fault: leave(draft, leaver) }));
  if (members.every(({ fault }) => fault !== null)) return onlyAnswer(group, id, left(members));
  if (draft.group.members.size < group.members.size) rebalance(draft);
  else endIfJoined(draft);
  answer(draft, id, left(members));
  return settle(draft);
}

function left(members: GroupLeftReply["members"], fault: Fault | null = null): GroupLeftReply {
  return { kind: "group_left", fault, members };
}

function refuse(group: string, leaver: Leaver): GroupLeftReply["members"][number] {
  return { ...leaver, fault: unknownMember(group, leaver.memberId) };
}

function leave(draft: Draft, { memberId, instanceId }: Leaver): Fault | null {
  const { group } = draft;
  const named = memberId === "" && instanceId !== null ? group.instances.get(instanceId) ?? "" : memberId;
  const refused = group.pendingJoin.has(named) ? null : checkMember(group, named, instanceId);
  if (refused === null) removeMember(draft, named);
  return refused;
}
