/** Settings, epochs' ends and producers: what the router asks, and how it answers. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { fault, type SettingDescription } from "../../../src/model/mod.ts";
import { codes, DEAD, only, World } from "./world.ts";

const TOPICS = { users: [2, 1], orders: [0] };

function setting(name: string, value: string): SettingDescription {
  const rest = {
    source: "broker",
    type: "long",
    isReadOnly: false,
    defaultValue: "",
    documentation: "",
  } as const;
  return { name, value, ...rest, synonyms: [] };
}

describe("Router.submit of a describe_settings", () => {
  it("answers each resource in its place and asks no worker", () => {
    const world = new World(TOPICS, {
      describeTopicSettings: (overrides) => [setting("topic", String(overrides.mine))],
      describeBrokerSettings: () => [setting("broker", "1")],
    });
    world.alter("users", { mine: "5" });
    const { resources } = only(
      world.submit({
        kind: "describe_settings",
        resources: [
          { kind: "topic", name: "users" },
          { kind: "topic", name: "nobody" },
          { kind: "broker" },
          { kind: "topic", name: "orders" },
        ],
      }),
      "settings_described",
    );
    assert.deepEqual(codes(resources), [null, "UNKNOWN_TOPIC_OR_PARTITION", null, null]);
    const values = resources.map(({ settings }) => settings.map(({ name, value }) => `${name} ${value}`));
    assert.deepEqual(values, [["topic 5"], [], ["broker 1"], ["topic undefined"]]);
    assert.deepEqual(world.workers.flatMap(({ questions }) => questions), []);
  });
});

const ENTRIES = [
  { topic: "users", partition: 1 },
  { topic: "users", partition: 7 },
  { topic: "orders", partition: 0 },
  { topic: "users", partition: 0 },
];

describe("Router.submit of an epoch_ends", () => {
  it("asks each partition's worker and keeps the order", () => {
    const world = new World(TOPICS);
    const entries = ENTRIES.map((entry, index) => ({ ...entry, leaderEpoch: index, currentLeaderEpoch: 3 }));
    const replies = world.submit({ kind: "epoch_ends", entries });
    assert.deepEqual(world.workers[1]!.questions[0]!.asked, {
      kind: "epoch_end",
      handle: 11,
      leaderEpoch: 0,
      currentLeaderEpoch: 3,
    });
    const refused = fault("FENCED_LEADER_EPOCH", "Old");
    world.workers[2]!.output({ kind: "epoch_end_found", id: 0, leaderEpoch: 3, endOffset: 30, fault: null });
    world.workers[0]!.output({
      kind: "epoch_end_found",
      id: 0,
      leaderEpoch: -1,
      endOffset: -1,
      fault: refused,
    });
    world.workers[1]!.output({ kind: "epoch_end_found", id: 0, leaderEpoch: 0, endOffset: 10, fault: null });
    const answers = only(replies, "epoch_ends").entries;
    assert.deepEqual(
      answers.map(({ partition, leaderEpoch, endOffset }) => [partition, leaderEpoch, endOffset]),
      [
        [1, 0, 10],
        [7, -1, -1],
        [0, -1, -1],
        [0, 3, 30],
      ],
    );
    assert.deepEqual(codes(answers), [null, "UNKNOWN_TOPIC_OR_PARTITION", "FENCED_LEADER_EPOCH", null]);
  });
});

describe("Router.submit of a describe_producers", () => {
  it("asks each partition's worker and keeps the order", () => {
    const world = new World(TOPICS);
    const producer = {
      producerId: 4,
      producerEpoch: 0,
      lastSequence: 9,
      lastTimestamp: 5,
      coordinatorEpoch: -1,
      currentTransactionStartOffset: -1,
    };
    const replies = world.submit({ kind: "describe_producers", entries: ENTRIES });
    world.workers[2]!.output({ kind: "producers_described", id: 0, producers: [producer], fault: null });
    world.workers[0]!.fail(DEAD);
    world.workers[1]!.output({ kind: "producers_described", id: 0, producers: [], fault: null });
    const answers = only(replies, "producers_described").entries;
    assert.deepEqual(answers.map(({ producers }) => producers.length), [0, 0, 0, 1]);
    assert.deepEqual(codes(answers), [null, "UNKNOWN_TOPIC_OR_PARTITION", "KAFKA_STORAGE_ERROR", null]);
    assert.deepEqual(answers[3]!.producers, [producer]);
  });

  it("says REQUEST_TIMED_OUT for a worker that hangs", () => {
    const world = new World(TOPICS);
    const replies = world.submit({
      kind: "describe_producers",
      entries: [{ topic: "orders", partition: 0 }],
    });
    world.expire(30_000);
    assert.deepEqual(codes(only(replies, "producers_described").entries), ["REQUEST_TIMED_OUT"]);
  });
});
