/**
 * One step of a member from what is assigned to it towards its target. First it
 * gives up, keeping its epoch until it says it did; then it goes to the epoch of
 * the target and gets what is free; what others still hold it gets when they let
 * go. What stays it has since the epoch it got it in. Source: KIP-848, "Reconciliation of the group".
 *
 *     STABLE --target lacks some--> UNREVOKED --given up--+--> STABLE
 *        +------nothing to give up------------------------+--> UNRELEASED --all free--> STABLE
 */
import { assert } from "../../../model/mod.ts";
import { type ConsumerMember, isReconciled, STABLE, UNRELEASED, UNREVOKED } from "./group.ts";
import { type Held, heldSince, merge, split } from "./held.ts";
import { difference, filter, intersection, isSame, type Partitions } from "./partitions.ts";

/** What a member is to have. */
export interface Target {
  readonly epoch: number;
  readonly partitions: Partitions;
}

/** True when nobody but the member holds the partition. */
export type IsFree = (topicId: string, partition: number, memberId: string) => boolean;

/**
 * The member after one step. `owned` is what it says it owns now, `null` when it
 * does not say: then it may own all that was assigned to it.
 */
export function reconcile(
  member: ConsumerMember,
  target: Target,
  owned: Partitions | null,
  isFree: IsFree,
): ConsumerMember {
  if (isReconciled(member, target.epoch)) return member;
  if (member.state !== UNREVOKED) return step(member, member.memberEpoch, target, owned, isFree);
  if (mayOwn(owned, member.pendingRevocation)) return member;
  return step(member, Math.min(member.memberEpoch + 1, target.epoch), target, owned, isFree);
}

function step(
  member: ConsumerMember,
  memberEpoch: number,
  target: Target,
  owned: Partitions | null,
  isFree: IsFree,
): ConsumerMember {
  const { kept, rest: revoked } = split(member.assigned, target.partitions);
  if (mayOwn(owned, revoked)) return moved(member, memberEpoch, UNREVOKED, kept, revoked);
  const wanted = difference(target.partitions, kept);
  const free = filter(wanted, (topicId, partition) => isFree(topicId, partition, member.memberId));
  const state = isSame(free, wanted) ? STABLE : UNRELEASED;
  return moved(member, target.epoch, state, merge(kept, heldSince(free, target.epoch)), []);
}

function mayOwn(owned: Partitions | null, partitions: Partitions): boolean {
  if (partitions.length === 0) return false;
  return owned === null || intersection(partitions, owned).length > 0;
}

function moved(
  member: ConsumerMember,
  memberEpoch: number,
  state: ConsumerMember["state"],
  assigned: Held,
  pendingRevocation: Held,
): ConsumerMember {
  assert(memberEpoch >= member.memberEpoch, "a member's epoch never goes back");
  const isAssignedSame = isSame(assigned, member.assigned);
  const isAsBefore = memberEpoch === member.memberEpoch && state === member.state &&
    isAssignedSame && isSame(pendingRevocation, member.pendingRevocation);
  if (isAsBefore) return member;
  return {
    ...member,
    memberEpoch,
    previousMemberEpoch: member.memberEpoch,
    state,
    // The very list where it is the same: that tells whether there is news.
    assigned: isAssignedSame ? member.assigned : assigned,
    pendingRevocation,
  };
}
