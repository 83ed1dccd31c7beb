/**
 * The uniform assignor: members keep what they have as far as they may, the rest
 * goes to whoever has least, and then partitions move one at a time from a member
 * to another subscriber of their topic that has at least two fewer, until there
 * is none. With equal subscriptions counts differ by one at most and no partition
 * moves that need not; with mixed ones no single move would make it more even.
 * Each move lowers the sum of the squared counts, so it ends.
 */
import { fromSets, type Partitions } from "../partitions.ts";
import { type AssignorInput, type Subscriber, subscribersByTopic } from "./assignor.ts";

/** A member while it is given partitions. */
interface Share {
  readonly memberId: string;
  readonly topicIds: readonly string[];
  count: number;
  readonly byTopic: Map<string, number[]>;
}

/** Assigns evenly, moving as little as it can. */
export function assignUniform(
  { subscribers, partitionCounts }: AssignorInput,
): ReadonlyMap<string, Partitions> {
  const taken = new Map([...partitionCounts].map(([topicId, count]) => [topicId, new Uint8Array(count)]));
  const shares = subscribers.toSorted((one, other) => one.memberId < other.memberId ? -1 : 1)
    .map((subscriber) => keep(subscriber, taken));
  const topics = [...subscribersByTopic(shares)].map(([topicId, members]) => ({ topicId, members }))
    .sort((one, other) =>
      one.members.length - other.members.length || (one.topicId < other.topicId ? -1 : 1)
    );
  for (const { topicId, members } of topics) handOut(topicId, members, taken.get(topicId)!);
  level(topics);
  return new Map(shares.map(({ memberId, byTopic }) => [memberId, fromSets(byTopic)]));
}

/** What the member has and may keep: partitions that exist, of topics it subscribes to, and of nobody before it. */
function keep({ memberId, topicIds, owned }: Subscriber, taken: ReadonlyMap<string, Uint8Array>): Share {
  const share: Share = { memberId, topicIds, count: 0, byTopic: new Map() };
  const wanted = new Set(topicIds);
  for (const { topicId, partitions } of owned) {
    const marks = taken.get(topicId);
    if (marks === undefined || !wanted.has(topicId)) continue;
    for (const partition of partitions) {
      if (marks[partition] !== 0) continue;
      marks[partition] = 1;
      give(share, topicId, partition);
    }
  }
  return share;
}

function handOut(topicId: string, members: readonly Share[], marks: Uint8Array): void {
  for (let partition = marks.indexOf(0); partition >= 0; partition = marks.indexOf(0, partition)) {
    marks[partition] = 1;
    give(leastOf(topicId, members), topicId, partition);
  }
}

/** Moves partitions until no topic has one that would be better off elsewhere. */
function level(topics: readonly { readonly topicId: string; readonly members: readonly Share[] }[]): void {
  let isLevel = false;
  while (!isLevel) {
    isLevel = true;
    for (const { topicId, members } of topics) {
      while (moveOne(topicId, members)) isLevel = false;
    }
  }
}

function moveOne(topicId: string, members: readonly Share[]): boolean {
  let most: Share | null = null;
  for (const share of members) {
    if (countOf(share, topicId) === 0) continue;
    if (most === null || share.count > most.count) most = share;
  }
  const least = leastOf(topicId, members);
  if (most === null || most.count - least.count < 2) return false;
  give(least, topicId, most.byTopic.get(topicId)!.pop()!);
  most.count--;
  return true;
}

/** Whoever has fewest partitions, and of those fewest of this topic. */
function leastOf(topicId: string, members: readonly Share[]): Share {
  let least = members[0]!;
  for (const share of members) {
    const fewer = share.count - least.count || countOf(share, topicId) - countOf(least, topicId);
    if (fewer < 0) least = share;
  }
  return least;
}

function countOf({ byTopic }: Share, topicId: string): number {
  return byTopic.get(topicId)?.length ?? 0;
}

function give(share: Share, topicId: string, partition: number): void {
  const partitions = share.byTopic.get(topicId);
  if (partitions === undefined) share.byTopic.set(topicId, [partition]);
  else partitions.push(partition);
  share.count++;
}
