/**
 * A classic group as it is shown. Subscriptions are shown under the protocol chosen,
 * which there is in a settled group alone. Called for DescribeGroups and ListGroups.
 */
import type { ClassicMemberDescription, GroupDescription, GroupStateName } from "../../../model/mod.ts";
import type { ClassicGroup, ClassicMember } from "./group.ts";
import { metadataOf } from "./protocols.ts";

const NO_BYTES = new Uint8Array(0);

export function describeClassic(group: ClassicGroup): GroupDescription {
  const protocol = group.state === "Stable" ? group.protocol : null;
  return {
    type: "Classic",
    group: group.group,
    fault: null,
    state: group.state,
    protocolType: group.protocolType ?? "",
    protocol: protocol ?? "",
    generation: group.generation,
    members: Array.from(group.members.values(), (member) => describeMember(member, protocol)),
  };
}

function describeMember(member: ClassicMember, protocol: string | null): ClassicMemberDescription {
  const { memberId, instanceId, clientId, clientHost, assignment } = member;
  const metadata = protocol === null ? NO_BYTES : metadataOf(member, protocol);
  return { memberId, instanceId, clientId, clientHost, metadata, assignment };
}

export function stateOfClassic(group: ClassicGroup): GroupStateName {
  return group.state;
}

/** Topics the members subscribe to; `null` when that is not known (another protocol type, bytes unread). */
export function topicsOfClassic(group: ClassicGroup): ReadonlySet<string> | null {
  return group.topics;
}
