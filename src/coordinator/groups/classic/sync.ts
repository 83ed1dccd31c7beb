/**
 * SyncGroup. Members wait for the leader's; it brings everybody's assignment, which
 * is kept before anybody is told. In a settled group a member is told at once what
 * it has. Called by decide.
 */
import { type Fault, fault, type SyncGroupCommand } from "../../../model/mod.ts";
import type { GroupContext, Outcome } from "../outcome.ts";
import { checkGeneration } from "./check_member.ts";
import {
  answer,
  type Draft,
  enter,
  keep,
  openDraft,
  putMember,
  restartSession,
  settle,
  stopTimer,
} from "./draft.ts";
import { type ClassicGroup, type ClassicMember, SYNC_KEY } from "./group.ts";
import { onlyAnswer, rebalancing, synced, syncRefused, unknownMember, unnamedGroup } from "./replies.ts";

const NO_BYTES = new Uint8Array(0);

export function decideSync(
  group: ClassicGroup | null,
  id: number,
  command: SyncGroupCommand,
  context: GroupContext,
): Outcome<ClassicGroup> {
  const { memberId } = command;
  const refused = checkSync(group, command);
  const member = group?.members.get(memberId);
  if (refused !== null || group === null || member === undefined) {
    return onlyAnswer(group, id, syncRefused(refused ?? unknownMember(command.group, memberId)));
  }
  const isSettled = group.state === "Stable";
  if (isSettled && !group.pendingSync.has(memberId)) return onlyAnswer(group, id, synced(group, member));
  const draft = openDraft(group, context);
  noteSync(draft, memberId);
  if (isSettled) answer(draft, id, synced(group, member));
  else parkSync(draft, id, member, command);
  return settle(draft);
}

function checkSync(group: ClassicGroup | null, command: SyncGroupCommand): Fault | null {
  const { group: name, memberId, protocolType, protocol } = command;
  if (name === "") return unnamedGroup();
  if (group === null || group.state === "Empty") return unknownMember(name, memberId);
  const refused = checkGeneration(group, command);
  if (refused !== null) return refused;
  if (differ(protocolType, group.protocolType) || differ(protocol, group.protocol)) {
    return fault(
      "INCONSISTENT_GROUP_PROTOCOL",
      `Group "${name}" does not use protocol type "${protocolType}" with protocol "${protocol}", ` +
        `wanted are "${group.protocolType}" and "${group.protocol}"`,
    );
  }
  return group.state === "PreparingRebalance" ? rebalancing(name) : null;
}

function differ(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && one !== other;
}

/** Once everybody has sent one, nobody is removed for not doing so. */
function noteSync(draft: Draft, memberId: string): void {
  const { pendingSync } = draft.group;
  if (pendingSync.delete(memberId) && pendingSync.size === 0) stopTimer(draft, SYNC_KEY);
}

/** An older SyncGroup of the member is a client's that gave up waiting. */
function parkSync(draft: Draft, id: number, member: ClassicMember, command: SyncGroupCommand): void {
  const { group } = draft;
  if (member.syncId !== null) answer(draft, member.syncId, syncRefused(rebalancing(group.group)));
  putMember(draft, { ...member, syncId: id });
  if (group.leader === member.memberId) assign(draft, command.assignments);
}

/** The leader's assignment makes the group settled; who is missing in it gets nothing to do. */
function assign(draft: Draft, assignments: SyncGroupCommand["assignments"]): void {
  const { group } = draft;
  const byMember = new Map(assignments.map(({ memberId, assignment }) => [memberId, assignment]));
  enter(draft, "Stable");
  for (const old of [...group.members.values()]) {
    const assignment = byMember.get(old.memberId) ?? NO_BYTES;
    const member = putMember(draft, { ...old, assignment, syncId: null });
    if (old.syncId === null) continue;
    answer(draft, old.syncId, synced(group, member));
    restartSession(draft, member);
  }
  keep(draft);
}
