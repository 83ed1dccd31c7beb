/**
 * Who holds which partition: assigned to it, or not yet given up by it. A
 * partition is handed out only when nobody else holds it. Built from the members
 * at the first question, and kept up to date by whoever moves partitions.
 */
import type { ConsumerMember } from "./group.ts";
import type { Partitions } from "./partitions.ts";

/** Holders of partitions while a step goes on. */
export class Owners {
  readonly #members: { values(): Iterable<ConsumerMember> };
  #byTopic: Map<string, Map<number, string>> | null = null;

  constructor(members: { values(): Iterable<ConsumerMember> }) {
    this.#members = members;
  }

  /** True when nobody but `memberId` holds the partition. */
  isFree(topicId: string, partition: number, memberId: string): boolean {
    const owner = this.#index().get(topicId)?.get(partition);
    return owner === undefined || owner === memberId;
  }

  /** A member holds other partitions from now on. */
  move(before: ConsumerMember, after: ConsumerMember): void {
    if (this.#byTopic === null) return;
    for (const held of [before.assigned, before.pendingRevocation]) release(this.#byTopic, held);
    hold(this.#byTopic, after);
  }

  #index(): Map<string, Map<number, string>> {
    if (this.#byTopic !== null) return this.#byTopic;
    this.#byTopic = new Map();
    for (const member of this.#members.values()) hold(this.#byTopic, member);
    return this.#byTopic;
  }
}

function hold(byTopic: Map<string, Map<number, string>>, member: ConsumerMember): void {
  for (const { topicId, partitions } of [...member.assigned, ...member.pendingRevocation]) {
    let owners = byTopic.get(topicId);
    if (owners === undefined) byTopic.set(topicId, owners = new Map());
    for (const partition of partitions) owners.set(partition, member.memberId);
  }
}

function release(byTopic: ReadonlyMap<string, Map<number, string>>, held: Partitions): void {
  for (const { topicId, partitions } of held) {
    const owners = byTopic.get(topicId);
    for (const partition of partitions) owners?.delete(partition);
  }
}
