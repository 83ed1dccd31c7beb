/**
 * The range assignor: each topic's partitions in contiguous ranges over its
 * subscribers, who stand in the same order for every topic, so that topics with
 * equally many partitions and the same subscribers are cut at the same places
 * (co-partitioned). Static members stand first, by their instance ids: they get
 * the same ranges after a restart. The first members get one more where the count
 * does not divide. Source: KIP-848 and Kafka's `range`.
 */
import { fromSets } from "../partitions.ts";
import { type AssignorInput, type Subscriber, subscribersByTopic } from "./assignor.ts";
import type { Partitions } from "../partitions.ts";

/** Assigns in contiguous ranges. */
export function assignRange(
  { subscribers, partitionCounts }: AssignorInput,
): ReadonlyMap<string, Partitions> {
  const inOrder = subscribers.toSorted(compare);
  const assigned = new Map(inOrder.map(({ memberId }) => [memberId, new Map<string, number[]>()]));
  for (const [topicId, members] of subscribersByTopic(inOrder)) {
    const count = partitionCounts.get(topicId) ?? 0;
    members.forEach(({ memberId }, index) => {
      const first = cut(count, members.length, index);
      const length = cut(count, members.length, index + 1) - first;
      assigned.get(memberId)!.set(topicId, Array.from({ length }, (_, at) => first + at));
    });
  }
  return new Map([...assigned].map(([memberId, byTopic]) => [memberId, fromSets(byTopic)]));
}

/** Where the range of the member at `index` begins. */
function cut(partitions: number, members: number, index: number): number {
  return index * Math.floor(partitions / members) + Math.min(index, partitions % members);
}

function compare(one: Subscriber, other: Subscriber): number {
  if ((one.instanceId === null) !== (other.instanceId === null)) return one.instanceId === null ? 1 : -1;
  const [here, there] = [one.instanceId ?? one.memberId, other.instanceId ?? other.memberId];
  return here === there ? 0 : here < there ? -1 : 1;
}
