/** What assignors promise: every partition to one subscriber, evenly, and as little moved as may be. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import type {
  Assignor,
  Subscriber,
} from "../../../../../src/coordinator/groups/consumer/assignors/assignor.ts";
import { assignRange } from "../../../../../src/coordinator/groups/consumer/assignors/range.ts";
import { assignUniform } from "../../../../../src/coordinator/groups/consumer/assignors/uniform.ts";
import type { Partitions } from "../../../../../src/coordinator/groups/consumer/partitions.ts";

type Assigned = ReadonlyMap<string, Partitions>;

const TOPICS = ["t0", "t1", "t2", "t3"];
const counts = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 4, maxLength: 4 })
  .map((numbers) => new Map(TOPICS.map((topic, index) => [topic, numbers[index]!])));
const subscriptions = fc.array(fc.subarray(TOPICS, { minLength: 1 }), { minLength: 1, maxLength: 8 });
const same = fc.tuple(fc.subarray(TOPICS, { minLength: 1 }), fc.integer({ min: 1, max: 8 }))
  .map(([topics, length]) => Array.from({ length }, () => topics));

function subscriber(memberId: string, topicIds: readonly string[], owned: Partitions = []): Subscriber {
  return { memberId, instanceId: null, topicIds, owned };
}

function members(topics: readonly (readonly string[])[], before: Assigned = new Map()): Subscriber[] {
  return topics.map((topicIds, index) => subscriber(`m${index}`, topicIds, before.get(`m${index}`)));
}

function countOf(assigned: Assigned, memberId: string): number {
  return assigned.get(memberId)!.reduce((sum, { partitions }) => sum + partitions.length, 0);
}

/** Owners by "topic partition". Fails when a partition has two, or one that does not subscribe to it. */
function ownersOf(assigned: Assigned, subscribers: readonly Subscriber[]): Map<string, string> {
  const owners = new Map<string, string>();
  for (const { memberId, topicIds } of subscribers) {
    for (const { topicId, partitions } of assigned.get(memberId)!) {
      assert.ok(topicIds.includes(topicId), "partitions go to subscribers");
      for (const partition of partitions) {
        assert.ok(!owners.has(`${topicId} ${partition}`), "a partition has one owner");
        owners.set(`${topicId} ${partition}`, memberId);
      }
    }
  }
  return owners;
}

function assertWhole(
  assigned: Assigned,
  subscribers: readonly Subscriber[],
  partitions: ReadonlyMap<string, number>,
) {
  const owners = ownersOf(assigned, subscribers);
  const wanted = [...partitions].filter(([topic]) =>
    subscribers.some(({ topicIds }) => topicIds.includes(topic))
  );
  assert.equal(
    owners.size,
    wanted.reduce((sum, [, count]) => sum + count, 0),
    "every partition has an owner",
  );
}

/** How many partitions had an owner that is still there, and have another now. */
function movedCount(
  before: Map<string, string>,
  after: Map<string, string>,
  there: readonly Subscriber[],
): number {
  const ids = new Set(there.map(({ memberId }) => memberId));
  return [...before].filter(([key, owner]) => ids.has(owner) && after.get(key) !== owner).length;
}

for (const [name, assign] of Object.entries<Assignor>({ uniform: assignUniform, range: assignRange })) {
  describe(`the assignor ${name}`, () => {
    it("gives every partition of a topic to exactly one of its subscribers, whatever was before", () => {
      fc.assert(
        fc.property(
          counts,
          subscriptions,
          counts,
          subscriptions,
          (count, topics, countAfter, topicsAfter) => {
            const before = assign({ subscribers: members(topics), partitionCounts: count });
            assertWhole(before, members(topics), count);
            const subscribers = members(topicsAfter, before);
            assertWhole(assign({ subscribers, partitionCounts: countAfter }), subscribers, countAfter);
          },
        ),
      );
    });

    it("gives nobody anything where there is nothing", () => {
      const assigned = assign({ subscribers: members([[], []]), partitionCounts: new Map() });
      assert.deepEqual([...assigned], [["m0", []], ["m1", []]]);
    });

    it("assigns 10,000 partitions to 100 members, and to one more", () => {
      const partitionCounts = new Map(Array.from({ length: 10 }, (_, index) => [`t${index}`, 1_000]));
      const topics = Array.from({ length: 101 }, () => [...partitionCounts.keys()]);
      const first = members(topics.slice(1));
      const before = assign({ subscribers: first, partitionCounts });
      assertWhole(before, first, partitionCounts);
      const second = members(topics, before);
      assertWhole(assign({ subscribers: second, partitionCounts }), second, partitionCounts);
    });
  });
}

describe("assignUniform", () => {
  it("is even to one where members subscribe to the same topics, and moves no more than it must", () => {
    fc.assert(fc.property(counts, same, fc.integer({ min: 1, max: 8 }), (partitionCounts, topics, length) => {
      const before = assignUniform({ subscribers: members(topics), partitionCounts });
      const after = members(Array.from({ length }, () => topics[0]!), before);
      const assigned = assignUniform({ subscribers: after, partitionCounts });
      const sizes = after.map(({ memberId }) => countOf(assigned, memberId));
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
      const total = sizes.reduce((sum, size) => sum + size, 0);
      const floor = Math.floor(total / length);
      const had = topics.slice(0, length).map((_, index) => countOf(before, `m${index}`));
      const kept = had.reduce((sum, count) => sum + Math.min(count, floor), 0) +
        Math.min(total % length, had.filter((count) => count > floor).length);
      const moved = movedCount(ownersOf(before, members(topics)), ownersOf(assigned, after), after);
      assert.equal(moved, had.reduce((sum, count) => sum + count, 0) - kept);
    }));
  });

  it("moves nothing when nothing changed", () => {
    fc.assert(fc.property(counts, subscriptions, (partitionCounts, topics) => {
      const before = assignUniform({ subscribers: members(topics), partitionCounts });
      assert.deepEqual(assignUniform({ subscribers: members(topics, before), partitionCounts }), before);
    }));
  });

  it("leaves no partition that would be better off with another subscriber", () => {
    fc.assert(fc.property(counts, subscriptions, (partitionCounts, topics) => {
      const subscribers = members(topics);
      const assigned = assignUniform({ subscribers, partitionCounts });
      for (const [key, owner] of ownersOf(assigned, subscribers)) {
        for (const { memberId, topicIds } of subscribers) {
          if (!topicIds.includes(key.split(" ")[0]!)) continue;
          assert.ok(countOf(assigned, owner) - countOf(assigned, memberId) < 2);
        }
      }
    }));
  });

  it("takes one partition of three from each of three members when a fourth comes to nine", () => {
    const partitionCounts = new Map([["t0", 9]]);
    const three = [["t0"], ["t0"], ["t0"]];
    const before = assignUniform({ subscribers: members(three), partitionCounts });
    const four = members([...three, ["t0"]], before);
    const after = assignUniform({ subscribers: four, partitionCounts });
    assert.deepEqual(four.map(({ memberId }) => countOf(after, memberId)).sort(), [2, 2, 2, 3]);
    assert.equal(movedCount(ownersOf(before, four.slice(0, 3)), ownersOf(after, four), four), 2);
  });
});

describe("assignRange", () => {
  it("cuts topics of equally many partitions at the same places, in contiguous ranges", () => {
    const partitionCounts = new Map([["t0", 5], ["t1", 5]]);
    const assigned = assignRange({ subscribers: members([["t0", "t1"], ["t0", "t1"]]), partitionCounts });
    assert.deepEqual(assigned.get("m0")!.map(({ partitions }) => partitions), [[0, 1, 2], [0, 1, 2]]);
    assert.deepEqual(assigned.get("m1")!.map(({ partitions }) => partitions), [[3, 4], [3, 4]]);
  });

  it("is even to one in each topic, and contiguous", () => {
    fc.assert(fc.property(counts, subscriptions, (partitionCounts, topics) => {
      const subscribers = members(topics);
      const assigned = assignRange({ subscribers, partitionCounts });
      for (const topic of TOPICS) {
        const ranges = subscribers.filter(({ topicIds }) => topicIds.includes(topic))
          .map(({ memberId }) =>
            assigned.get(memberId)!.find(({ topicId }) => topicId === topic)?.partitions ?? []
          );
        for (const range of ranges) {
          range.forEach((partition, index) => assert.equal(partition, range[0]! + index));
        }
        const sizes = ranges.map((range) => range.length);
        if (sizes.length > 0) assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
      }
    }));
  });

  it("has static members first, by their instance ids, so that new member ids change nothing", () => {
    const partitionCounts = new Map([["t0", 3]]);
    const staticMember = (memberId: string, instanceId: string) => ({
      ...subscriber(memberId, ["t0"]),
      instanceId,
    });
    const assigned = assignRange({
      subscribers: [subscriber("a", ["t0"]), staticMember("z", "1"), staticMember("y", "2")],
      partitionCounts,
    });
    assert.deepEqual(["z", "y", "a"].map((memberId) => assigned.get(memberId)![0]!.partitions), [[0], [1], [
      2,
    ]]);
  });
});
