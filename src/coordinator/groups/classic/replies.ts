/**
 * What members of a classic group are told: the answers' shapes, and the faults
 * with their sentences. An answer that carries a fault says nothing else but the
 * member id Kafka sends with it. Called by every transition.
 */
import {
  type Fault,
  fault,
  type GroupHeartbeatReply,
  type GroupJoinedReply,
  type GroupReply,
  type GroupSyncedReply,
} from "../../../model/mod.ts";
import type { Outcome } from "../outcome.ts";
import type { ClassicGroup, ClassicMember } from "./group.ts";
import { metadataOf } from "./protocols.ts";

const NO_BYTES = new Uint8Array(0);

/** Nothing changes, the asker gets its answer. */
export function onlyAnswer(
  group: ClassicGroup | null,
  id: number,
  reply: GroupReply,
): Outcome<ClassicGroup> {
  return { group, records: [], answers: [{ id, reply }], timers: [] };
}

export function joinRefused(refusal: Fault, memberId: string): GroupJoinedReply {
  return {
    kind: "group_joined",
    fault: refusal,
    generation: -1,
    protocolType: null,
    protocol: null,
    leader: "",
    memberId,
    skipAssignment: false,
    members: [],
  };
}

/** Tells a member the generation it is in; the leader learns who else is. */
export function joined(
  group: Omit<ClassicGroup, "type">,
  memberId: string,
  skipAssignment = false,
): GroupJoinedReply {
  const { generation, protocolType, protocol, leader, members } = group;
  const told = leader === memberId && protocol !== null
    ? Array.from(members.values(), (member) => ({
      memberId: member.memberId,
      instanceId: member.instanceId,
      metadata: metadataOf(member, protocol),
    }))
    : [];
  return {
    kind: "group_joined",
    fault: null,
    generation,
    protocolType,
    protocol,
    leader: leader ?? "",
    memberId,
    skipAssignment,
    members: told,
  };
}

export function syncRefused(refusal: Fault): GroupSyncedReply {
  return { kind: "group_synced", fault: refusal, protocolType: null, protocol: null, assignment: NO_BYTES };
}

export function synced(
  group: Pick<ClassicGroup, "protocolType" | "protocol">,
  member: ClassicMember,
): GroupSyncedReply {
  const { protocolType, protocol } = group;
  return { kind: "group_synced", fault: null, protocolType, protocol, assignment: member.assignment };
}

export function heartbeatReply(refusal: Fault | null): GroupHeartbeatReply {
  return { kind: "group_heartbeat", fault: refusal };
}

export function unnamedGroup(): Fault {
  return fault("INVALID_GROUP_ID", `Group "" has no name, wanted is one of at least 1 character`);
}

export function unknownMember(group: string, memberId: string): Fault {
  return fault(
    "UNKNOWN_MEMBER_ID",
    `Group "${group}" has no member "${memberId}", wanted is a join with an empty member id`,
  );
}

export function fencedInstance(group: string, instanceId: string, memberId: string): Fault {
  return fault(
    "FENCED_INSTANCE_ID",
    `Instance "${instanceId}" of group "${group}" is another member than "${memberId}" now, ` +
      "wanted is one running instance for each instance id",
  );
}

export function illegalGeneration(group: ClassicGroup, generation: number): Fault {
  return fault(
    "ILLEGAL_GENERATION",
    `Group "${group.group}" is not in generation "${generation}", wanted is "${group.generation}"`,
  );
}

export function rebalancing(group: string): Fault {
  return fault("REBALANCE_IN_PROGRESS", `Group "${group}" is rebalancing, wanted is a join`);
}
