/** Metadata, descriptions, and what goes to the coordinator. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Command, fault, type LogDescription } from "../../../src/model/mod.ts";
import { BROKER, codes, DEAD, only, World } from "./world.ts";

const TOPICS = { users: [2, 1], orders: [0] };

function metadata(topics: readonly string[] | null, autoCreate = true): Command {
  return { kind: "metadata", topics, autoCreate };
}

describe("Router.submit of a metadata", () => {
  it("answers every topic by name when none is named, and asks nobody", () => {
    const world = new World(TOPICS);
    const { topics } = only(world.submit(metadata(null)), "metadata");
    assert.deepEqual(topics.map(({ name }) => name), ["orders", "users"]);
    assert.equal(topics[1]!.image!.partitions.length, 2);
    assert.deepEqual(world.coordinated, []);
  });

  it("creates what is missing, that alone, and answers from the image after it", () => {
    const world = new World(TOPICS);
    const replies = world.submit(metadata(["fresh", "orders", "bad name"]));
    assert.deepEqual(replies, []);
    const [{ command, reply }] = world.coordinated as [typeof world.coordinated[0]];
    const wanted = { partitions: -1, replicationFactor: -1, assignments: null, settings: {} };
    const topics = [{ name: "fresh", ...wanted }, { name: "bad name", ...wanted }];
    assert.deepEqual(command, { kind: "create_topics", topics, validateOnly: false });
    world.create("fresh");
    const refused = fault("INVALID_TOPIC_EXCEPTION", "A space");
    reply({
      kind: "topics_changed",
      topics: [{ name: "fresh", fault: null }, { name: "bad name", fault: refused }],
    });
    const answers = only(replies, "metadata").topics;
    assert.deepEqual(answers.map(({ name, image }) => [name, image?.id ?? null]), [
      ["fresh", "id of fresh"],
      ["orders", "id of orders"],
      ["bad name", null],
    ]);
    assert.deepEqual(codes(answers), [null, null, "INVALID_TOPIC_EXCEPTION"]);
  });

  it("takes a topic that somebody else created meanwhile for there", () => {
    const world = new World(TOPICS);
    const replies = world.submit(metadata(["fresh"]));
    world.create("fresh");
    const exists = fault("TOPIC_ALREADY_EXISTS", "It exists");
    world.coordinated[0]!.reply({ kind: "topics_changed", topics: [{ name: "fresh", fault: exists }] });
    assert.deepEqual(codes(only(replies, "metadata").topics), [null]);
  });

  it("creates nothing unless the client and the broker both allow it", () => {
    for (const [asked, allowed] of [[true, false], [false, true]] as const) {
      const world = new World(TOPICS, { autoCreateTopics: allowed });
      const { topics } = only(world.submit(metadata(["fresh"], asked)), "metadata");
      assert.deepEqual([codes(topics), world.coordinated], [["UNKNOWN_TOPIC_OR_PARTITION"], []]);
    }
  });

  it("fails as the coordinator fails", () => {
    const world = new World(TOPICS);
    const replies = world.submit(metadata(["fresh"]));
    world.coordinated[0]!.reply({ kind: "failed", fault: fault("COORDINATOR_NOT_AVAILABLE", "Later") });
    assert.equal(only(replies, "failed").fault.code, "COORDINATOR_NOT_AVAILABLE");
  });
});

function log(handle: number, logEndOffset: number): LogDescription {
  const offsets = {
    logStartOffset: 0,
    lastStableOffset: 0,
    highWatermark: 0,
    logEndOffset,
    recoveryPoint: 0,
    firstDirtyOffset: 0,
  };
  const cleaned = { cleanings: 0, cleanedBytesBefore: 0, cleanedBytesAfter: 0 };
  return { handle, leaderEpoch: 0, ...offsets, ...cleaned, bytes: 7, segments: 1, fault: null };
}

describe("Router.submit of a describe_topics", () => {
  it("gives each topic its own partitions, whatever the order of topics and answers", () => {
    const world = new World(TOPICS);
    const replies = world.submit({ kind: "describe_topics", topics: ["users", "nobody", "orders"] });
    world.workers[0]!.output({ kind: "described", id: 0, logs: [log(10, 5)] });
    world.workers[1]!.output({ kind: "described", id: 0, logs: [log(11, 21)] });
    world.workers[2]!.output({ kind: "described", id: 0, logs: [log(10, 20)] });
    const { topics } = only(replies, "topics_described");
    const found = topics.map(({ name, partitions }) => [
      name,
      partitions.map(({ partition, logEndOffset, worker, leaderEpoch }) => [
        partition,
        logEndOffset,
        worker,
        leaderEpoch,
      ]),
    ]);
    assert.deepEqual(found, [["users", [[0, 20, 2, 3], [1, 21, 1, 3]]], ["nobody", []], ["orders", [[
      0,
      5,
      0,
      3,
    ]]]]);
    assert.deepEqual(codes(topics), [null, "UNKNOWN_TOPIC_OR_PARTITION", null]);
  });

  it("shows a partition that is offline with its fault and the others as they are", () => {
    const world = new World(TOPICS);
    world.offline.set("users-0", DEAD);
    const replies = world.submit({ kind: "describe_topics", topics: null });
    world.workers[0]!.fail(DEAD);
    world.workers[1]!.output({ kind: "described", id: 0, logs: [log(11, 21)] });
    const { topics } = only(replies, "topics_described");
    const partitions = topics.flatMap(({ partitions }) => partitions);
    assert.deepEqual(partitions.map(({ logEndOffset, worker }) => [logEndOffset, worker]), [
      [-1, -1],
      [-1, -1],
      [21, 1],
    ]);
    assert.deepEqual(codes(partitions), ["KAFKA_STORAGE_ERROR", "KAFKA_STORAGE_ERROR", null]);
  });

  it("answers when a worker hangs", () => {
    const world = new World(TOPICS);
    const replies = world.submit({ kind: "describe_topics", topics: ["orders"] });
    world.expire(30_000);
    const [topic] = only(replies, "topics_described").topics;
    assert.deepEqual(codes(topic!.partitions), ["REQUEST_TIMED_OUT"]);
  });
});

describe("Router.submit of other commands", () => {
  it("describes the broker itself and hands decisions to the coordinator", () => {
    const world = new World(TOPICS);
    const described = only(world.submit({ kind: "describe_broker" }), "broker_described");
    assert.deepEqual(described.broker, BROKER);
    const replies = world.submit({ kind: "delete_topics", topics: ["orders"] });
    assert.deepEqual(world.coordinated[0]!.command, { kind: "delete_topics", topics: ["orders"] });
    world.coordinated[0]!.reply({ kind: "topics_changed", topics: [] });
    only(replies, "topics_changed");
  });
});
