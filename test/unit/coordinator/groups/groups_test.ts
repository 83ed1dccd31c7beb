import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { CoordinatorCommand } from "../../../../src/model/mod.ts";
import { FaultyDisk } from "../../../../src/storage/mod.ts";
import { create } from "../world.ts";
import { commitOf, CoordinatorWorld, joinOf, toCommit } from "./coordinator_world.ts";

const TOPIC = "__consumer_offsets";
const LOG = `data/${TOPIC}-0/00000000000000000000.log`;

function syncOf(
  group: string,
  memberId: string,
  generation: number,
  assigned: readonly string[],
): CoordinatorCommand {
  const assignments = assigned.map((memberId) => ({ memberId, assignment: new Uint8Array([7]) }));
  return {
    kind: "sync_group",
    group,
    generation,
    memberId,
    instanceId: null,
    protocolType: null,
    protocol: null,
    assignments,
  };
}

function described(made: CoordinatorWorld, ...groups: string[]) {
  return made.ask("groups_described", { kind: "describe_groups", groups }).groups;
}

describe("a clock that is set forward", () => {
  it("ends no session at once, and the next ones in their time", () => {
    const made = new CoordinatorWorld();
    made.createTopics("orders");
    made.joinAlone("readers", { sessionTimeoutMs: 10_000 });
    made.pass(4_000);
    made.nowMs += 3_600_000;
    made.send();
    assert.deepEqual(made.listed(["Stable"]), ["readers Classic Stable"]);
    made.pass(5_000);
    assert.deepEqual(made.listed(["Stable"]), ["readers Classic Stable"]);
    made.pass(5_001);
    assert.deepEqual(made.listed(["Stable"]), []);
  });
});

describe("the coordinator's topic", () => {
  it("is made with the first group, for itself, and is there after a restart", () => {
    const made = new CoordinatorWorld({ topicPartitions: 7 });
    made.createTopics("orders");
    made.commit("readers", "nothing", 1);
    made.commit("readers", "orders", 1, { generation: 1 });
    assert.deepEqual([made.committed("readers"), made.listed()], [[], []]);
    assert(!made.coordinator.image.topics.has(TOPIC));
    made.commit("readers", "orders", 1);
    made.commit("others", "orders", 1);
    const changes = made.outputs.filter((output) => output.kind === "changed");
    assert.deepEqual(changes.map(({ events }) => events.map(({ kind }) => kind)), [["topic_created"]]);
    made.restart();
    const topic = made.coordinator.image.topics.get(TOPIC);
    assert.deepEqual([topic?.internal, topic?.partitions.length, topic?.settings], [true, 7, {
      "cleanup.policy": "compact",
      "compression.type": "producer",
      "segment.bytes": "104857600",
    }]);
  });

  it("comes before the answer of whoever needed it first", () => {
    const made = new CoordinatorWorld();
    made.send(joinOf("readers"));
    made.pass(0);
    assert.deepEqual(made.outputs.map(({ kind }) => kind), ["changed", "decided", "flushed"]);
  });

  it("is neither created nor deleted nor given partitions by clients", () => {
    const made = new CoordinatorWorld();
    const codes = (command: CoordinatorCommand) =>
      made.ask("topics_changed", command).topics.map(({ fault }) => fault?.code);
    assert.deepEqual(codes(create(TOPIC)), ["INVALID_TOPIC_EXCEPTION"]);
    made.createTopics("orders");
    made.commit("readers", "orders", 1);
    assert.deepEqual(codes({ kind: "delete_topics", topics: [TOPIC] }), ["INVALID_TOPIC_EXCEPTION"]);
    const topics = [{ name: TOPIC, partitions: 60, assignments: null }];
    const grown = codes({ kind: "add_partitions", topics, validateOnly: false });
    assert.deepEqual(grown, ["INVALID_TOPIC_EXCEPTION"]);
  });
});

describe("Coordinator.turn", () => {
  it("answers who was parked when a timer is due, in the turn that wakeMs says", () => {
    const made = new CoordinatorWorld({ initialRebalanceDelayMs: 3_000 });
    const [id] = made.send(joinOf("readers"));
    assert.deepEqual([made.replies.has(id!), made.coordinator.wakeMs], [false, made.nowMs + 3_000]);
    made.pass(2_999);
    assert(!made.replies.has(id!));
    made.pass(1);
    assert.equal(made.replies.get(id!)?.kind, "group_joined");
  });

  it("tells who is parked to come again before it stops", () => {
    const made = new CoordinatorWorld({ initialRebalanceDelayMs: 3_000 });
    const outputs = [
      ...made.coordinator.turn([{ kind: "decide", id: 1, command: joinOf("readers") }], made.nowMs),
      ...made.coordinator.turn([{ kind: "stop", id: 2 }], made.nowMs),
    ];
    const [answer, stopped] = outputs.filter(({ kind }) => kind === "decided" || kind === "stopped");
    assert(answer?.kind === "decided" && answer.reply.kind === "failed");
    assert.deepEqual([answer.id, answer.reply.fault.code], [1, "COORDINATOR_NOT_AVAILABLE"]);
    assert(stopped?.kind === "stopped" && stopped.id === 2);
    assert.equal(made.coordinator.wakeMs, Number.MAX_SAFE_INTEGER);
  });

  it("waits no longer for members that are gone when the clock is set back", () => {
    const made = new CoordinatorWorld();
    made.joinAlone("readers", { sessionTimeoutMs: 10_000 });
    made.pass(4_000);
    made.listed();
    made.nowMs -= 3_600_000;
    made.listed();
    made.pass(5_999);
    assert.deepEqual(made.listed(), ["readers Classic Stable"]);
    made.pass(1);
    assert.deepEqual(made.listed(), ["readers Classic Empty"]);
  });

  it("is not wanted over and over for an absent static member that gave no time to join again", () => {
    const made = new CoordinatorWorld();
    const absent = { instanceId: "static", rebalanceTimeoutMs: -1, sessionTimeoutMs: 25_000 };
    const [, id] = made.send(joinOf("readers"), joinOf("readers", absent));
    made.pass(0);
    const joined = made.replies.get(id!);
    assert(joined?.kind === "group_joined" && joined.fault === null);
    made.send(syncOf("readers", joined.memberId, joined.generation, []));
    // The other one never syncs, and is gone after its 20 s.
    made.pass(60_000);
    assert.deepEqual(made.listed(), ["readers Classic Empty"]);
  });

  it("writes nothing for heartbeats", () => {
    const made = new CoordinatorWorld();
    const member = made.joinAlone("readers");
    made.outputs.length = 0;
    made.ask("group_heartbeat", { kind: "heartbeat_group", group: "readers", instanceId: null, ...member });
    assert.deepEqual(made.outputs.map(({ kind }) => kind), ["decided"]);
  });

  it("gives a settled group back after a restart as it was, and its members a whole session", () => {
    const made = new CoordinatorWorld();
    made.createTopics("orders");
    const member = made.joinAlone("readers");
    made.commit("readers", "orders", 4, member);
    made.pass(9_000);
    const before = described(made, "readers", "nobody");
    made.restart();
    assert.deepEqual(described(made, "readers", "nobody"), before);
    made.pass(9_999);
    assert.deepEqual(made.listed(), ["readers Classic Stable"]);
    made.ask("group_heartbeat", { kind: "heartbeat_group", group: "readers", instanceId: null, ...member });
    made.pass(10_000);
    assert.deepEqual(made.listed(), ["readers Classic Empty"]);
    assert.deepEqual(made.committed("readers"), ["orders-0@4"]);
  });
});

describe("a disk that is full", () => {
  function full() {
    const disk = new FaultyDisk();
    const made = new CoordinatorWorld({ topicPartitions: 1 }, disk);
    made.createTopics("orders");
    return { disk, made };
  }

  it("leaves offsets as they were, says so, and takes the commit when there is room again", () => {
    const { disk, made } = full();
    made.commit("readers", "orders", 1);
    disk.full = true;
    assert.equal(made.commit("readers", "orders", 2), "COORDINATOR_NOT_AVAILABLE");
    assert.equal(made.commit("others", "orders", 2), "COORDINATOR_NOT_AVAILABLE");
    assert.deepEqual([made.committed("readers"), made.listed()], [["orders-0@1"], ["readers Classic Empty"]]);
    const deleted = made.ask("groups_deleted", { kind: "delete_groups", groups: ["readers"] });
    assert.deepEqual(deleted.groups.map(({ fault }) => fault?.code), ["COORDINATOR_NOT_AVAILABLE"]);
    disk.full = false;
    assert.equal(made.commit("readers", "orders", 3), "");
    made.restart();
    assert.deepEqual(made.committed("readers"), ["orders-0@3"]);
  });

  it("keeps followers parked while the leader's assignment cannot be kept", () => {
    const { disk, made } = full();
    const joins = made.send(joinOf("readers"), joinOf("readers", { clientId: "other" }));
    made.pass(0);
    const [leader, follower] = joins.map((id) => {
      const reply = made.replies.get(id);
      assert(reply?.kind === "group_joined" && reply.fault === null);
      return reply;
    });
    const [parked] = made.send(syncOf("readers", follower!.memberId, 1, []));
    disk.full = true;
    const all = [leader!.memberId, follower!.memberId];
    const refused = made.ask("failed", syncOf("readers", leader!.memberId, 1, all));
    assert.equal(refused.fault.code, "COORDINATOR_NOT_AVAILABLE");
    assert(!made.replies.has(parked!));
    disk.full = false;
    made.ask("group_synced", syncOf("readers", leader!.memberId, 1, all));
    assert.equal(made.replies.get(parked!)?.kind, "group_synced");
  });

  it("puts a timer off whose records cannot be kept", () => {
    const { disk, made } = full();
    const member = made.joinAlone("readers");
    disk.full = true;
    made.pass(10_500);
    assert.deepEqual(made.listed(), ["readers Classic Stable"]);
    disk.full = false;
    made.pass(1_000);
    assert.deepEqual(made.listed(), ["readers Classic Empty"]);
    made.restart();
    assert.deepEqual(described(made, "readers").map((group) => group.members.length), [0]);
    assert.equal(made.commit("readers", "orders", 1, member), "UNKNOWN_MEMBER_ID");
  });

  it("puts off forgetting the offsets of a deleted topic, and spares those of the next one", () => {
    const { disk, made } = full();
    made.ask("offsets_committed", commitOf("readers", [toCommit("orders", 0, 1), toCommit("orders", 1, 2)]));
    disk.fail({ operation: "write", path: LOG, code: "full", times: 1 });
    made.ask("topics_changed", { kind: "delete_topics", topics: ["orders"] });
    made.createTopics("orders");
    assert.equal(made.commit("readers", "orders", 9), "");
    made.pass(1_000);
    assert.deepEqual(made.committed("readers"), ["orders-0@9"]);
    made.restart();
    assert.deepEqual(made.committed("readers"), ["orders-0@9"]);
  });
});

describe("a crash", () => {
  it("between the flush of the metadata and that of the groups leaves no offset of a deleted topic", () => {
    const disk = new FaultyDisk();
    const made = new CoordinatorWorld({ topicPartitions: 1 }, disk);
    made.createTopics("orders", "bills");
    made.commit("readers", "orders", 1);
    made.commit("readers", "bills", 1);
    disk.fail({ operation: "sync", path: LOG });
    assert.throws(() => made.send({ kind: "delete_topics", topics: ["orders"] }));
    disk.crash(() => 0);
    made.restart();
    made.pass(0);
    made.createTopics("orders");
    assert.deepEqual(made.committed("readers"), ["bills-0@1"]);
    made.restart();
    assert.deepEqual(made.committed("readers"), ["bills-0@1"]);
  });
});
