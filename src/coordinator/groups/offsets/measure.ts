/** All groups and all they committed, as they are measured: see the model's GroupFigures. */
import { type Fault, type GroupFigure, type GroupFigures, OFFSETS_MEASURED_MAX } from "../../../model/mod.ts";
import { type Group, stateOf, typeNameOf } from "../group.ts";
import type { OffsetStore } from "./store.ts";

/** Measures the groups that `faultOf` does not refuse; changes nothing. */
export function measureGroups(
  groups: Iterable<Group>,
  offsets: OffsetStore,
  faultOf: (group: string) => Fault | null,
  offsetsMax: number = OFFSETS_MEASURED_MAX,
): GroupFigures {
  const columns = new Columns(offsetsMax);
  const measured: GroupFigure[] = [];
  for (const group of groups) {
    if (faultOf(group.group) !== null) continue;
    const type = typeNameOf(group);
    const topics = columns.add(offsets.topics(group.group));
    measured.push({ group: group.group, type, state: stateOf(group), members: group.members.size, topics });
  }
  return { groups: measured, ...columns.all() };
}

type Topics = ReturnType<OffsetStore["topics"]>;

class Columns {
  readonly #max: number;
  readonly #partitions: number[] = [];
  readonly #offsets: number[] = [];
  #leftOut = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Takes what one group committed; gives how much of each topic was taken. */
  add(topics: Topics): { topic: string; count: number }[] {
    const added: { topic: string; count: number }[] = [];
    for (const [topic, committed] of topics) {
      const count = Math.min(committed.size, this.#max - this.#offsets.length);
      this.#leftOut += committed.size - count;
      if (count === 0) continue;
      this.#take(committed, count);
      added.push({ topic, count });
    }
    return added;
  }

  all(): Omit<GroupFigures, "groups"> {
    return {
      partitions: Int32Array.from(this.#partitions),
      offsets: Float64Array.from(this.#offsets),
      leftOut: this.#leftOut,
    };
  }

  #take(committed: ReadonlyMap<number, { readonly offset: number }>, count: number): void {
    let left = count;
    for (const [partition, { offset }] of committed) {
      if (left-- === 0) return;
      this.#partitions.push(partition);
      this.#offsets.push(offset);
    }
  }
}
