/**
 * One step of a member of the group towards its target, kept as a record. A
 * member of the consumer protocol that is to give partitions up has its rebalance
 * timeout for that.
 */
import { type ConsumerMember, UNREVOKED } from "./group.ts";
import type { Owners } from "./owners.ts";
import { NONE, type Partitions } from "./partitions.ts";
import { reconcile } from "./reconcile.ts";
import type { Step } from "./step.ts";

/** The member after its step; the same value when it stays where it is. */
export function approach(
  step: Step,
  memberId: string,
  owned: Partitions | null,
  owners: Owners,
): ConsumerMember {
  const { draft } = step;
  const before = draft.member(memberId);
  const target = { epoch: draft.assignmentEpoch, partitions: draft.targets.get(memberId) ?? NONE };
  const after = reconcile(before, target, owned, owners.isFree.bind(owners));
  if (after === before) return before;
  step.writeCurrent(after);
  owners.move(before, after);
  if (after.classic !== null) return after;
  if (after.state === UNREVOKED) step.setTimer("rebalance", memberId, after.rebalanceTimeoutMs);
  else if (before.state === UNREVOKED) step.stopTimer("rebalance", memberId);
  return after;
}
