/** Replicas assigned by hand, and what the answer to a creation tells. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { CoordinatorCommand, NewTopic } from "../../../src/model/mod.ts";
import { FaultyDisk, MemoryDisk } from "../../../src/storage/mod.ts";
import { create, decide, open } from "./world.ts";

function created(topic: Partial<NewTopic>) {
  const { coordinator } = open(new MemoryDisk());
  return { coordinator, answer: decide(coordinator, create("new", topic))[0]![0]! };
}

describe("creating a topic with assignments", () => {
  it("makes a partition of each list", () => {
    const { coordinator, answer } = created({ assignments: [[1], [1], [1]] });
    assert.equal(answer.fault, null);
    const { partitions } = coordinator.image.topics.get("new")!;
    assert.deepEqual(partitions.map(({ partition, replicas }) => [partition, replicas]), [
      [0, [1]],
      [1, [1]],
      [2, [1]],
    ]);
  });

  const refusals: [string, Partial<NewTopic>, string][] = [
    ["a number of partitions besides", { assignments: [[1]], partitions: 1 }, "INVALID_REQUEST"],
    ["a replication factor besides", { assignments: [[1]], replicationFactor: 1 }, "INVALID_REQUEST"],
    ["no partition", { assignments: [] }, "INVALID_REPLICA_ASSIGNMENT"],
    ["a partition without replicas", { assignments: [[1], []] }, "INVALID_REPLICA_ASSIGNMENT"],
    ["a broker that is not there", { assignments: [[1], [2]] }, "INVALID_REPLICA_ASSIGNMENT"],
    ["a broker twice", { assignments: [[1, 1]] }, "INVALID_REPLICA_ASSIGNMENT"],
    ["too many partitions", { assignments: new Array(100_001).fill([1]) }, "INVALID_PARTITIONS"],
  ];
  for (const [what, topic, code] of refusals) {
    it(`refuses ${what} with ${code}`, () => {
      const { coordinator, answer } = created(topic);
      assert.deepEqual([answer.fault?.code, answer.created, coordinator.image.topics.size], [
        code,
        undefined,
        0,
      ]);
    });
  }
});

describe("adding partitions with assignments", () => {
  function add(partitions: number, assignments: number[][]): (string | null)[] {
    const { coordinator } = open(new MemoryDisk());
    const command: CoordinatorCommand = {
      kind: "add_partitions",
      topics: [{ name: "new", partitions, assignments }],
      validateOnly: false,
    };
    const answers = decide(coordinator, create("new", { partitions: 2 }), command)[1]!;
    return [answers[0]!.fault?.code ?? null, String(coordinator.image.topics.get("new")!.partitions.length)];
  }

  it("takes one list for each new partition, of this broker alone", () => {
    assert.deepEqual(add(4, [[1], [1]]), [null, "4"]);
    assert.deepEqual(add(4, [[1]]), ["INVALID_REPLICA_ASSIGNMENT", "2"]);
    assert.deepEqual(add(4, [[1], [1], [1], [1]]), ["INVALID_REPLICA_ASSIGNMENT", "2"]);
    assert.deepEqual(add(3, [[2]]), ["INVALID_REPLICA_ASSIGNMENT", "2"]);
    assert.deepEqual(add(2, []), ["INVALID_PARTITIONS", "2"]);
  });
});

describe("the answer to a creation", () => {
  it("has the topic as it came to be", () => {
    const { coordinator, answer } = created({ settings: { "segment.ms": "5" } });
    assert.deepEqual(answer.created, coordinator.image.topics.get("new"));
  });

  it("has the topic that would be, without an id, when it was only validated", () => {
    const { coordinator } = open(new MemoryDisk());
    const command = { ...create("new", { partitions: 3 }), validateOnly: true } as CoordinatorCommand;
    const { created, fault } = decide(coordinator, command)[0]![0]!;
    assert.deepEqual([fault, created!.id, created!.partitions.length], [null, "", 3]);
    assert.equal(coordinator.image.topics.size, 0);
  });

  it("has no topic when the journal could not take it", () => {
    const disk = new FaultyDisk();
    const { coordinator } = open(disk);
    disk.full = true;
    const [answer] = decide(coordinator, create("new"))[0]!;
    assert.deepEqual([answer!.fault?.code, answer!.created], ["KAFKA_STORAGE_ERROR", undefined]);
  });
});
