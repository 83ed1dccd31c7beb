/** All groups and all they committed as two columns. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { emptyClassic } from "../../../../src/coordinator/groups/classic/mod.ts";
import { measureGroups } from "../../../../src/coordinator/groups/offsets/measure.ts";
import { OffsetStore } from "../../../../src/coordinator/groups/offsets/store.ts";
import { type Fault, fault, type GroupFigures } from "../../../../src/model/mod.ts";
import { commitOf, CoordinatorWorld, toCommit } from "./coordinator_world.ts";

/** "group topic-partition@offset" of every offset, read by the counts. */
function offsetsOf({ groups, partitions, offsets }: GroupFigures): string[] {
  const found: string[] = [];
  for (const { group, topics } of groups) {
    for (const { topic, count } of topics) {
      for (let left = count; left > 0; left--) {
        const at = found.length;
        found.push(`${group} ${topic}-${partitions[at]}@${offsets[at]}`);
      }
    }
  }
  assert.equal(found.length, offsets.length);
  return found;
}

describe("Coordinator.measureGroups", () => {
  it("tells each group's type, state and members, and what it committed, as fetch_offsets does", () => {
    const world = new CoordinatorWorld();
    world.createTopics("orders", "bills");
    world.ask("offsets_committed", commitOf("idle", [toCommit("orders", 1, 40), toCommit("bills", 0, 7)]));
    world.commit("idle", "orders", 12);
    world.joinAlone("readers");
    const figures = world.coordinator.measureGroups();
    const rows = figures.groups.map(({ group, type, state, members }) =>
      `${group} ${type} ${state} ${members}`
    );
    assert.deepEqual(rows, ["idle Classic Empty 0", "readers Classic Stable 1"]);
    assert.deepEqual(offsetsOf(figures), ["idle orders-1@40", "idle orders-0@12", "idle bills-0@7"]);
    const committed = offsetsOf(figures).map((text) => text.replace("idle ", ""));
    assert.deepEqual(committed.toSorted(), world.committed("idle").toSorted());
  });
});

describe("measureGroups", () => {
  function store(offsets: readonly (readonly [group: string, topic: string, partitions: number])[]) {
    const made = new OffsetStore();
    const value = { offset: 5, leaderEpoch: -1, metadata: "", commitMs: 0, expireMs: -1 };
    for (const [group, topic, partitions] of offsets) {
      for (let partition = 0; partition < partitions; partition++) {
        made.apply({ kind: "offset", group, topic, partition, value });
      }
    }
    return made;
  }

  const refuseNone = (): Fault | null => null;
  it("takes no more offsets than it may, and says how many that leaves out", () => {
    const made = store([["a", "x", 3], ["a", "y", 3], ["b", "x", 4]]);
    const list = ["a", "b"].map((group) => emptyClassic(group, 0));
    const figures = measureGroups(list, made, refuseNone, 5);
    assert.deepEqual(offsetsOf(figures), ["a x-0@5", "a x-1@5", "a x-2@5", "a y-0@5", "a y-1@5"]);
    assert.equal(figures.leftOut, 5);
    assert.deepEqual(figures.groups.map(({ topics }) => topics.length), [2, 0]);
  });

  it("says nothing of a group whose log cannot be used", () => {
    const made = store([["a", "x", 1], ["b", "x", 1]]);
    const list = ["a", "b"].map((group) => emptyClassic(group, 0));
    const refuse = (group: string) =>
      group === "a" ? fault("COORDINATOR_NOT_AVAILABLE", "Its log is damaged") : null;
    assert.deepEqual(offsetsOf(measureGroups(list, made, refuse)), ["b x-0@5"]);
  });
});
