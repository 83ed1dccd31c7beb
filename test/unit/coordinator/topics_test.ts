import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Coordinator } from "../../../src/coordinator/mod.ts";
import type { CoordinatorCommand, CoordinatorSettings, NewTopic } from "../../../src/model/mod.ts";
import { MemoryDisk } from "../../../src/storage/mod.ts";
import { create, decide, decided, NOW_MS, open, SETTINGS } from "./world.ts";

function withTopics(settings: CoordinatorSettings = SETTINGS): Coordinator {
  const { coordinator } = open(new MemoryDisk(), { settings });
  const first = create("orders", { partitions: 3, settings: { "segment.bytes": "2000000" } });
  const answers = decide(coordinator, first, create("a.b"));
  assert.deepEqual(answers.flat().map((answer) => answer.fault), [null, null]);
  return coordinator;
}

function codes(coordinator: Coordinator, command: CoordinatorCommand): (string | null)[] {
  return decide(coordinator, command)[0]!.map((answer) => answer.fault?.code ?? null);
}

describe("creating topics", () => {
  it("gives every topic an id, its partitions and their leader", () => {
    const topic = withTopics().image.topics.get("orders")!;
    assert.equal(topic.id.length, 22);
    assert.equal(topic.internal, false);
    assert.deepEqual(topic.settings, { "segment.bytes": "2000000" });
    assert.deepEqual(topic.partitions[2], {
      partition: 2,
      leader: 1,
      leaderEpoch: 0,
      replicas: [1],
      inSyncReplicas: [1],
    });
  });

  it("takes num.partitions for −1", () => {
    assert.equal(withTopics().image.topics.get("a.b")!.partitions.length, 2);
  });

  const refusals: [string, string, Partial<NewTopic>, string][] = [
    ["an empty name", "", {}, "INVALID_TOPIC_EXCEPTION"],
    ["a dot", ".", {}, "INVALID_TOPIC_EXCEPTION"],
    ["two dots", "..", {}, "INVALID_TOPIC_EXCEPTION"],
    ["a slash", "a/b", {}, "INVALID_TOPIC_EXCEPTION"],
    ["a letter beyond ASCII", "größe", {}, "INVALID_TOPIC_EXCEPTION"],
    ["a line break at the end", "orders2\n", {}, "INVALID_TOPIC_EXCEPTION"],
    ["250 characters", "x".repeat(250), {}, "INVALID_TOPIC_EXCEPTION"],
    ["a name that differs in . and _ alone", "a_b", {}, "INVALID_TOPIC_EXCEPTION"],
    ["a topic of the broker's own", "__consumer_offsets", {}, "INVALID_TOPIC_EXCEPTION"],
    ["the journal's directory", "__cluster_metadata", {}, "INVALID_TOPIC_EXCEPTION"],
    ["a name that is taken", "orders", {}, "TOPIC_ALREADY_EXISTS"],
    ["no partitions", "new", { partitions: 0 }, "INVALID_PARTITIONS"],
    ["a negative number of partitions", "new", { partitions: -2 }, "INVALID_PARTITIONS"],
    ["half a partition", "new", { partitions: 1.5 }, "INVALID_PARTITIONS"],
    ["too many partitions", "new", { partitions: 100_001 }, "INVALID_PARTITIONS"],
    ["two replicas on one broker", "new", { replicationFactor: 2 }, "INVALID_REPLICATION_FACTOR"],
    ["no replicas", "new", { replicationFactor: 0 }, "INVALID_REPLICATION_FACTOR"],
    ["an unknown setting", "new", { settings: { "segment.byte": "1" } }, "INVALID_CONFIG"],
    ["a bad value", "new", { settings: { "retention.ms": "soon" } }, "INVALID_CONFIG"],
    ["an endless value", "new", {
      settings: { "leader.replication.throttled.replicas": "0:1" + ",1:1".repeat(9_000) },
    }, "INVALID_CONFIG"],
  ];
  for (const [what, name, topic, code] of refusals) {
    it(`refuses ${what} with ${code} and changes nothing`, () => {
      const coordinator = withTopics();
      const before = coordinator.image;
      assert.deepEqual(codes(coordinator, create(name, topic)), [code]);
      assert.equal(coordinator.image, before);
    });
  }

  it("takes 249 characters", () => {
    assert.deepEqual(codes(withTopics(), create("x".repeat(249))), [null]);
  });

  it("refuses default.replication.factor where there are fewer brokers", () => {
    const { coordinator } = open(new MemoryDisk(), {
      settings: { ...SETTINGS, replicationFactorDefault: 3 },
    });
    assert.deepEqual(codes(coordinator, create("new")), ["INVALID_REPLICATION_FACTOR"]);
  });

  it("answers each topic of a command for itself, a name given twice with INVALID_REQUEST", () => {
    const coordinator = withTopics();
    const topics = ["x", "y", "x", "z.z", "z_z"].map((name) => {
      return { name, partitions: 1, replicationFactor: 1, assignments: null, settings: {} };
    });
    const answers = codes(coordinator, { kind: "create_topics", topics, validateOnly: false });
    assert.deepEqual(answers, ["INVALID_REQUEST", null, "INVALID_REQUEST", null, "INVALID_TOPIC_EXCEPTION"]);
    assert.deepEqual([...coordinator.image.topics.keys()], ["orders", "a.b", "y", "z.z"]);
  });

  it("bounds the partitions of one command", () => {
    const topics = ["x", "y"].map((name) => {
      return { name, partitions: 60_000, replicationFactor: 1, assignments: null, settings: {} };
    });
    const command: CoordinatorCommand = { kind: "create_topics", topics, validateOnly: true };
    assert.deepEqual(codes(withTopics(), command), [null, "POLICY_VIOLATION"]);
  });

  it("does everything but create with validateOnly", () => {
    const coordinator = withTopics();
    const before = coordinator.image;
    assert.deepEqual(codes(coordinator, { ...create("new"), validateOnly: true } as CoordinatorCommand), [
      null,
    ]);
    assert.deepEqual(
      codes(coordinator, { ...create("orders"), validateOnly: true } as CoordinatorCommand),
      ["TOPIC_ALREADY_EXISTS"],
    );
    assert.equal(coordinator.image, before);
  });
});

describe("deleting topics", () => {
  it("takes the topic and its id out of the image", () => {
    const coordinator = withTopics();
    const { id } = coordinator.image.topics.get("orders")!;
    assert.deepEqual(codes(coordinator, { kind: "delete_topics", topics: ["orders", "none"] }), [
      null,
      "UNKNOWN_TOPIC_OR_PARTITION",
    ]);
    assert.equal(coordinator.image.topics.has("orders"), false);
    assert.equal(coordinator.image.topicNamesById.has(id), false);
  });

  it("lets the name be used again, with another id", () => {
    const coordinator = withTopics();
    const { id } = coordinator.image.topics.get("orders")!;
    decide(coordinator, { kind: "delete_topics", topics: ["orders"] }, create("orders"));
    assert.notEqual(coordinator.image.topics.get("orders")!.id, id);
  });

  it("is refused where delete.topic.enable is false", () => {
    const coordinator = withTopics({ ...SETTINGS, deletionEnabled: false });
    const command: CoordinatorCommand = { kind: "delete_topics", topics: ["orders"] };
    assert.deepEqual(codes(coordinator, command), ["TOPIC_DELETION_DISABLED"]);
    assert.ok(coordinator.image.topics.has("orders"));
  });
});

describe("altering topics", () => {
  function alter(name: string, settings: Record<string, string | null>): CoordinatorCommand {
    return { kind: "alter_topics", topics: [{ name, settings }], validateOnly: false };
  }

  it("sets what is given and resets what is null", () => {
    const coordinator = withTopics();
    const command = alter("orders", { "segment.bytes": null, "retention.ms": "5" });
    assert.deepEqual(codes(coordinator, command), [null]);
    assert.deepEqual(coordinator.image.topics.get("orders")!.settings, { "retention.ms": "5" });
  });

  it("gives no event where nothing changes", () => {
    const coordinator = withTopics();
    const command = alter("orders", { "segment.bytes": "2000000", "retention.ms": null });
    const [output] = decided(coordinator.turn([{ kind: "decide", id: 4, command }], NOW_MS));
    assert.deepEqual(output!.events, []);
    assert.equal(output!.id, 4);
  });

  it("refuses unknown topics, unknown settings and bad values whole", () => {
    const coordinator = withTopics();
    assert.deepEqual(codes(coordinator, alter("none", {})), ["UNKNOWN_TOPIC_OR_PARTITION"]);
    const unknown = alter("orders", { "retention.ms": "5", "no.such.key": null });
    assert.deepEqual(codes(coordinator, unknown), ["INVALID_CONFIG"]);
    const bad = alter("orders", { "retention.ms": "5", "segment.bytes": "0" });
    assert.deepEqual(codes(coordinator, bad), ["INVALID_CONFIG"]);
    assert.deepEqual(coordinator.image.topics.get("orders")!.settings, { "segment.bytes": "2000000" });
  });
});

describe("adding partitions", () => {
  function add(name: string, partitions: number): CoordinatorCommand {
    return { kind: "add_partitions", topics: [{ name, partitions, assignments: null }], validateOnly: false };
  }

  it("grows the topic to the new total", () => {
    const coordinator = withTopics();
    assert.deepEqual(codes(coordinator, add("orders", 5)), [null]);
    const numbers = coordinator.image.topics.get("orders")!.partitions.map(({ partition }) => partition);
    assert.deepEqual(numbers, [0, 1, 2, 3, 4]);
  });

  const refusals: [string, string, number, string][] = [
    ["an unknown topic", "none", 5, "UNKNOWN_TOPIC_OR_PARTITION"],
    ["the count there is", "orders", 3, "INVALID_PARTITIONS"],
    ["fewer than there are", "orders", 1, "INVALID_PARTITIONS"],
    ["too many", "orders", 100_001, "INVALID_PARTITIONS"],
    ["no number", "orders", NaN, "INVALID_PARTITIONS"],
  ];
  for (const [what, name, partitions, code] of refusals) {
    it(`refuses ${what} with ${code}`, () => {
      const coordinator = withTopics();
      assert.deepEqual(codes(coordinator, add(name, partitions)), [code]);
      assert.equal(coordinator.image.topics.get("orders")!.partitions.length, 3);
    });
  }
});
