/**
 * Who is not, or not any more, what it says it is: unknown members, instance ids
 * that another has, epochs that are over. A member one epoch behind is let through
 * when it can only have missed the last answer: it owns nothing that is not still
 * its own, and was never heard with the epoch it was given since.
 */
import { type ConsumerHeartbeatCommand, type Fault, fault } from "../../../model/mod.ts";
import type { ConsumerMember, Contact } from "./group.ts";
import { canonical, includes } from "./partitions.ts";

/** FENCED_MEMBER_EPOCH when the member must give up everything and join again. */
export function checkEpoch(
  member: ConsumerMember,
  command: ConsumerHeartbeatCommand,
  contact: Contact | undefined,
): Fault | null {
  const { memberEpoch, ownedPartitions } = command;
  if (memberEpoch === member.memberEpoch) return null;
  if (memberEpoch > member.memberEpoch) return fenced(member, memberEpoch);
  const missedAnswer = memberEpoch === member.previousMemberEpoch &&
    memberEpoch >= (contact?.epochSeen ?? 0) &&
    ownedPartitions !== null && includes(member.assigned, canonical(ownedPartitions));
  return missedAnswer ? null : fenced(member, memberEpoch);
}

function fenced({ memberId, memberEpoch }: ConsumerMember, received: number): Fault {
  return fault(
    "FENCED_MEMBER_EPOCH",
    `Member "${memberId}" is at epoch ${memberEpoch}, not "${received}", it must give up all partitions and join again`,
  );
}

/** Somebody else has the instance id now. */
export function fencedInstance(owner: ConsumerMember, memberId: string): Fault {
  return fault(
    "FENCED_INSTANCE_ID",
    `Instance id "${owner.instanceId}" is not of member "${memberId}", a newer one has it`,
  );
}

/** UNKNOWN_MEMBER_ID: nobody of that name is in the group. */
export function unknownMember(group: string, memberId: string, instanceId: string | null): Fault {
  const words = instanceId === null ? "" : ` with instance id "${instanceId}"`;
  return fault(
    "UNKNOWN_MEMBER_ID",
    `Member "${memberId}"${words} is not in group "${group}", it must join first`,
  );
}
