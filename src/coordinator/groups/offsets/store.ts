/**
 * Committed offsets of all groups, beside the groups: a group may have offsets
 * and no members, or members and no offsets. Changed by applying `offset`
 * records alone, live and on replay. Nothing empty is kept.
 */
import type { CommittedOffset, GroupRecord } from "../record.ts";

type OffsetRecord = Extract<GroupRecord, { kind: "offset" }>;
type Topics = Map<string, Map<number, CommittedOffset>>;

const NOTHING: ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>> = new Map();

export class OffsetStore {
  readonly #groups = new Map<string, Topics>();

  /** The offset of one partition; `undefined` when none is committed. */
  get(group: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.#groups.get(group)?.get(topic)?.get(partition);
  }

  /** True when the group has any offset. */
  has(group: string): boolean {
    return this.#groups.has(group);
  }

  /** Groups that have an offset. */
  groups(): Iterable<string> {
    return this.#groups.keys();
  }

  /** The offsets of a group, by topic and partition. */
  topics(group: string): ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>> {
    return this.#groups.get(group) ?? NOTHING;
  }

  /** The offsets of a group, topic by topic. */
  *entries(group: string): Iterable<{ topic: string; partition: number; value: CommittedOffset }> {
    for (const [topic, partitions] of this.#groups.get(group) ?? []) {
      for (const [partition, value] of partitions) yield { topic, partition, value };
    }
  }

  /** Applies the next record. */
  apply({ group, topic, partition, value }: OffsetRecord): void {
    if (value === null) this.#remove(group, topic, partition);
    else this.#set(group, topic, partition, value);
  }

  #set(group: string, topic: string, partition: number, value: CommittedOffset): void {
    let topics = this.#groups.get(group);
    if (topics === undefined) this.#groups.set(group, topics = new Map());
    let partitions = topics.get(topic);
    if (partitions === undefined) topics.set(topic, partitions = new Map());
    partitions.set(partition, value);
  }

  #remove(group: string, topic: string, partition: number): void {
    const topics = this.#groups.get(group);
    const partitions = topics?.get(topic);
    if (topics === undefined || partitions === undefined) return;
    partitions.delete(partition);
    if (partitions.size === 0) topics.delete(topic);
    if (topics.size === 0) this.#groups.delete(group);
  }
}
