/**
 * Which of Kafka's states a group of the consumer protocol is in. Derived from
 * its members whenever somebody asks.
 */
import type { GroupStateName } from "../../../model/mod.ts";
import { type ConsumerGroup, type ConsumerMember, isReconciled, STATIC_LEAVE_EPOCH } from "./group.ts";

/** What the state depends on. */
interface Epochs {
  readonly epoch: number;
  readonly assignmentEpoch: number;
  readonly members: { readonly size: number; values(): Iterable<ConsumerMember> };
}

/** Empty, Assigning, Reconciling or Stable. */
export function stateOfConsumer(group: ConsumerGroup): GroupStateName {
  if (group.members.size === 0) return "Empty";
  if (group.epoch > group.assignmentEpoch) return "Assigning";
  for (const member of group.members.values()) {
    if (!isReconciled(member, group.assignmentEpoch)) return "Reconciling";
  }
  return "Stable";
}

/** True when nobody who is here has a way to go. */
export function isSettled({ epoch, assignmentEpoch, members }: Epochs): boolean {
  if (epoch > assignmentEpoch) return false;
  for (const member of members.values()) {
    if (member.memberEpoch !== STATIC_LEAVE_EPOCH && !isReconciled(member, assignmentEpoch)) return false;
  }
  return true;
}
