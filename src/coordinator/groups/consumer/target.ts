/**
 * The target assignment: what each member is to have at the group epoch. Computed
 * whole by the assignor most members ask for; only what differs becomes records.
 */
import type { Image } from "../../../model/mod.ts";
import { type Assignor, type AssignorInput, type Subscriber } from "./assignors/assignor.ts";
import { assignRange } from "./assignors/range.ts";
import { assignUniform } from "./assignors/uniform.ts";
import type { ConsumerMember } from "./group.ts";
import { isSame, NONE, type Partitions } from "./partitions.ts";
import type { Step } from "./step.ts";
import { topicsOfMember } from "./subscription.ts";

const ASSIGNORS: Readonly<Record<string, Assignor>> = { uniform: assignUniform, range: assignRange };

/** Brings the target assignment to the group epoch, if it is behind and there is anybody to assign to. */
export function followEpoch(step: Step): void {
  const { draft, context } = step;
  if (draft.assignmentEpoch >= draft.epoch || draft.members.size === 0) return;
  const { group } = draft;
  const assign = ASSIGNORS[chooseAssignor(draft.members.values(), context.settings.consumerAssignors)] ??
    assignUniform;
  for (const [memberId, partitions] of assign(inputOf(step))) {
    const before = draft.targets.get(memberId);
    if (before !== undefined && isSame(before, partitions)) continue;
    step.write({ kind: "consumer_target_member", group, memberId, value: { partitions } });
  }
  step.write({ kind: "consumer_target", group, value: { assignmentEpoch: draft.epoch } });
}

/** The assignor most members ask for, the earlier one of `known` at a tie, the first when nobody asks. */
export function chooseAssignor(members: Iterable<ConsumerMember>, known: readonly string[]): string {
  const votes = new Map<string, number>();
  for (const { serverAssignor } of members) {
    if (serverAssignor !== null) votes.set(serverAssignor, (votes.get(serverAssignor) ?? 0) + 1);
  }
  let chosen = known[0] ?? "uniform";
  for (const name of known) if ((votes.get(name) ?? 0) > (votes.get(chosen) ?? 0)) chosen = name;
  return chosen;
}

function inputOf({ draft, context }: Step): AssignorInput {
  const partitionCounts = new Map<string, number>();
  const subscribers: Subscriber[] = [];
  for (const member of draft.members.values()) {
    const { memberId, instanceId } = member;
    const topicIds = idsOf(topicsOfMember(draft, member), context.image, partitionCounts);
    const owned: Partitions = draft.targets.get(memberId) ?? NONE;
    subscribers.push({ memberId, instanceId, topicIds, owned });
  }
  return { subscribers, partitionCounts };
}

function idsOf(topics: readonly string[], image: Image, partitionCounts: Map<string, number>): string[] {
  const ids = new Set<string>();
  for (const name of topics) {
    const topic = image.topics.get(name);
    if (topic === undefined) continue;
    ids.add(topic.id);
    partitionCounts.set(topic.id, topic.partitions.length);
  }
  return [...ids];
}
