/**
 * Who may speak for a member: its id must be known, and a static member's
 * instance id must still stand for that very member id (KIP-345). Called before
 * every command of somebody who says to be a member, commits included.
 */
import type { CommitOffsetsCommand, Fault } from "../../../model/mod.ts";
import type { ClassicGroup } from "./group.ts";
import { fencedInstance, illegalGeneration, rebalancing, unknownMember } from "./replies.ts";

/** UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, or `null` when the member is who it says. */
export function checkMember(
  group: Pick<ClassicGroup, "group" | "members" | "instances">,
  memberId: string,
  instanceId: string | null,
): Fault | null {
  if (instanceId !== null) {
    const owner = group.instances.get(instanceId);
    if (owner === undefined) return unknownMember(group.group, memberId);
    if (owner !== memberId) return fencedInstance(group.group, instanceId, memberId);
  }
  return group.members.has(memberId) ? null : unknownMember(group.group, memberId);
}

/** As {@linkcode checkMember}, and ILLEGAL_GENERATION for a member that is behind. */
export function checkGeneration(
  group: ClassicGroup,
  speaker: { readonly memberId: string; readonly instanceId: string | null; readonly generation: number },
): Fault | null {
  const { memberId, instanceId, generation } = speaker;
  return checkMember(group, memberId, instanceId) ??
    (generation === group.generation ? null : illegalGeneration(group, generation));
}

/**
 * Whether these offsets may be committed. Who is no member may do so while the group
 * is empty; a member may in its generation, but not while the leader assigns.
 */
export function checkClassicCommit(group: ClassicGroup, command: CommitOffsetsCommand): Fault | null {
  const { memberId, instanceId, generation } = command;
  if (generation < 0 && group.state === "Empty") return null;
  const isMember = generation >= 0 || memberId !== "" || instanceId !== null;
  if (!isMember) return unknownMember(group.group, memberId);
  const refused = checkGeneration(group, command);
  if (refused !== null) return refused;
  return group.state === "CompletingRebalance" ? rebalancing(group.group) : null;
}
