/**
 * The assignor that leaders of simulated classic groups run: ranges by topic,
 * eager as it is, cooperative by holding back what another member still owns
 * (KIP-429). Client code of the simulation, no part of the broker. Pure.
 */
import { type Place, place, type Subscription } from "./wire.ts";

export interface Assignee {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly subscription: Subscription;
}

/** Contiguous partitions of each topic to each of its subscribers. */
export function assignRanges(
  members: readonly Assignee[],
  partitionsOf: (topic: string) => number,
): Map<string, Place[]> {
  const assigned = new Map<string, Place[]>(members.map(({ memberId }) => [memberId, []]));
  const topics = new Set(members.flatMap(({ subscription }) => subscription.topics));
  const inOrder = [...members].sort((a, b) => keyOf(a) < keyOf(b) ? -1 : 1);
  for (const topic of [...topics].sort()) {
    const takers = inOrder.filter(({ subscription }) => subscription.topics.includes(topic));
    const partitions = partitionsOf(topic);
    for (let partition = 0; partition < partitions; partition++) {
      const taker = takers[Math.floor((partition * takers.length) / partitions)]!;
      assigned.get(taker.memberId)!.push(place(topic, partition));
    }
  }
  return assigned;
}

/** The same, without what has an owner that is to give it up first. */
export function assignCooperatively(
  members: readonly Assignee[],
  partitionsOf: (topic: string) => number,
): Map<string, Place[]> {
  const owners = ownersOf(members);
  const assigned = assignRanges(members, partitionsOf);
  for (const [memberId, places] of assigned) {
    assigned.set(memberId, places.filter((name) => (owners.get(name) ?? memberId) === memberId));
  }
  return assigned;
}

/** Who owns what, by the newest generation that claims it; what two claim in one generation is nobody's. */
function ownersOf(members: readonly Assignee[]): Map<Place, string> {
  const owners = new Map<Place, string>();
  const generations = new Map<Place, number>();
  for (const { memberId, subscription: { owned, generation } } of members) {
    for (const name of owned) {
      const known = generations.get(name) ?? -2;
      if (generation > known) {
        generations.set(name, generation);
        owners.set(name, memberId);
      } else if (generation === known) owners.delete(name);
    }
  }
  return owners;
}

function keyOf({ instanceId, memberId }: Assignee): string {
  return instanceId ?? memberId;
}
