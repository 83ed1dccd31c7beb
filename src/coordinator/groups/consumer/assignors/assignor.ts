/**
 * What an assignor is given and gives: who is to have which partitions. An
 * assignor is a plain function; the same input gives the same assignment.
 */
import type { Partitions } from "../partitions.ts";

/** A member as an assignor sees it. */
export interface Subscriber {
  readonly memberId: string;
  readonly instanceId: string | null;
  /** Ids of topics that exist, each once. */
  readonly topicIds: readonly string[];
  /** Its present target. */
  readonly owned: Partitions;
}

/** Members and topics of one assignment. */
export interface AssignorInput {
  readonly subscribers: readonly Subscriber[];
  /** How many partitions each topic has. */
  readonly partitionCounts: ReadonlyMap<string, number>;
}

/** Every partition of a topic somebody subscribes to goes to exactly one of its subscribers. */
export type Assignor = (input: AssignorInput) => ReadonlyMap<string, Partitions>;

/** Who subscribes to each topic, by its id. */
export function subscribersByTopic<Item extends { readonly topicIds: readonly string[] }>(
  subscribers: readonly Item[],
): Map<string, Item[]> {
  const byTopic = new Map<string, Item[]>();
  for (const subscriber of subscribers) {
    for (const topicId of subscriber.topicIds) {
      const others = byTopic.get(topicId);
      if (others === undefined) byTopic.set(topicId, [subscriber]);
      else others.push(subscriber);
    }
  }
  return byTopic;
}
