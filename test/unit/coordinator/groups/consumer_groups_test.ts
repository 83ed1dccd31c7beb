/** Groups of the new protocol through the whole coordinator: log, restart, offsets, topics that come. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { ConsumerHeartbeatCommand } from "../../../../src/model/mod.ts";
import { FaultyDisk } from "../../../../src/storage/mod.ts";
import { commitOf, CoordinatorWorld, toCommit } from "./coordinator_world.ts";

const GROUP = "readers";

function heartbeat(
  memberEpoch: number,
  more: Partial<ConsumerHeartbeatCommand> = {},
): ConsumerHeartbeatCommand {
  return {
    kind: "consumer_heartbeat",
    group: GROUP,
    clientId: "client",
    clientHost: "/127.0.0.1",
    memberId: "one",
    memberEpoch,
    instanceId: null,
    rackId: null,
    rebalanceTimeoutMs: -1,
    subscribedTopics: null,
    subscribedPattern: null,
    serverAssignor: null,
    ownedPartitions: null,
    waitMsMax: 0,
    ...more,
  };
}

const JOIN = { rebalanceTimeoutMs: 60_000, subscribedTopics: ["orders", "bills"], ownedPartitions: [] };

/** A world whose member "one" owns all of "orders"; gives its epoch. */
function joined(disk?: FaultyDisk): { made: CoordinatorWorld; epoch: number } {
  const made = new CoordinatorWorld({ topicPartitions: 1 }, disk);
  made.createTopics("orders");
  const { fault, memberEpoch, assignment } = made.ask("consumer_heartbeat", heartbeat(0, JOIN));
  assert.equal(fault, null);
  assert.deepEqual(assignment?.map(({ partitions }) => partitions), [[0, 1]]);
  made.ask("consumer_heartbeat", heartbeat(memberEpoch, { ownedPartitions: assignment! }));
  return { made, epoch: memberEpoch };
}

function described(made: CoordinatorWorld) {
  return made.ask("groups_described", { kind: "describe_groups", groups: [GROUP] }).groups[0]!;
}

describe("a group of the new protocol", () => {
  it("is listed, described, and the same after a restart, its member with it", () => {
    const { made, epoch } = joined();
    assert.deepEqual(made.listed([], ["consumer"]), [`${GROUP} Consumer Stable`]);
    const before = described(made);
    made.restart();
    assert.deepEqual(described(made), before);
    const { fault, assignment } = made.ask("consumer_heartbeat", heartbeat(epoch));
    assert.deepEqual([fault, assignment], [null, null]);
  });

  it("takes and gives offsets by the member's epoch", () => {
    const { made, epoch } = joined();
    const member = { memberId: "one", knowsMemberEpochs: true };
    assert.equal(made.commit(GROUP, "orders", 3, { ...member, generation: epoch }), "");
    assert.equal(made.commit(GROUP, "orders", 4, { ...member, generation: epoch + 1 }), "STALE_MEMBER_EPOCH");
    assert.equal(made.commit(GROUP, "orders", 4), "UNKNOWN_MEMBER_ID");
    assert.deepEqual(made.committed(GROUP), ["orders-0@3"]);
    const fetch = (memberEpoch: number) => {
      const groups = [{ group: GROUP, memberId: "one", memberEpoch, entries: null }];
      const command = { kind: "fetch_offsets", requireStable: true, groups } as const;
      const [group] = made.ask("offsets_fetched", command).groups;
      return group?.fault?.code ?? group?.entries.length;
    };
    assert.deepEqual([fetch(epoch), fetch(epoch + 1)], [1, "STALE_MEMBER_EPOCH"]);
  });

  it("takes a commit that was under way while the epoch rose, and after a restart; none that is partly wrong", () => {
    const { made, epoch } = joined();
    made.ask("consumer_heartbeat", heartbeat(0, { ...JOIN, memberId: "two" }));
    // "one" is to give a partition up, and then is at the next epoch.
    made.ask("consumer_heartbeat", heartbeat(epoch));
    const shown = described(made);
    assert(shown.type === "Consumer");
    const given = shown.members.find(({ memberId }) => memberId === "one")!.targetAssignment;
    assert.deepEqual(given.map(({ partitions }) => partitions), [[0]]);
    made.ask("consumer_heartbeat", heartbeat(epoch, { ownedPartitions: given }));
    const commit = (offset: number, ...partitions: number[]) => {
      const more = { memberId: "one", knowsMemberEpochs: true, generation: epoch };
      const entries = partitions.map((partition) => toCommit("orders", partition, offset));
      const reply = made.ask("offsets_committed", commitOf(GROUP, entries, more));
      return reply.entries.map(({ fault }) => fault?.code ?? "");
    };
    assert.deepEqual(commit(3, 0), [""]);
    made.restart();
    assert.deepEqual(commit(4, 0), [""]);
    // Whole commits, but for partitions that are not there.
    assert.deepEqual(commit(5, 0, 1), ["STALE_MEMBER_EPOCH", "STALE_MEMBER_EPOCH"]);
    assert.deepEqual(commit(6, 0, 2), ["", "UNKNOWN_TOPIC_OR_PARTITION"]);
    assert.deepEqual(made.committed(GROUP), ["orders-0@6"]);
  });

  it("answers a member that waits when a topic of its comes, after the topic is known", () => {
    const { made, epoch } = joined();
    const [id] = made.send(heartbeat(epoch, { waitMsMax: 30_000 }));
    assert(!made.replies.has(id!));
    made.createTopics("bills");
    const reply = made.replies.get(id!);
    assert(reply?.kind === "consumer_heartbeat" && reply.fault === null);
    assert.deepEqual(reply.assignment?.map(({ partitions }) => partitions), [[0, 1], [0, 1]]);
    const [created, told] = made.outputs.filter(({ kind }) => kind === "decided").slice(-2);
    assert(created?.kind === "decided" && created.events.length === 1);
    assert(told?.kind === "decided" && told.id === id);
  });

  it("is not deleted while it has members, and goes for good when it has none", () => {
    const { made, epoch } = joined();
    const command = { kind: "delete_groups", groups: [GROUP] } as const;
    const codes = () => made.ask("groups_deleted", command).groups.map(({ fault }) => fault?.code);
    made.commit(GROUP, "orders", 3, { memberId: "one", knowsMemberEpochs: true, generation: epoch });
    assert.deepEqual(codes(), ["NON_EMPTY_GROUP"]);
    made.ask("consumer_heartbeat", heartbeat(-1));
    assert.deepEqual(codes(), [undefined]);
    assert.deepEqual([made.listed(), made.committed(GROUP)], [[], []]);
    made.restart();
    assert.deepEqual([made.listed(), made.committed(GROUP)], [[], []]);
  });

  it("goes when it is empty and the last offset has expired, and comes back as any protocol", () => {
    const { made, epoch } = joined();
    made.commit(GROUP, "orders", 3, { memberId: "one", knowsMemberEpochs: true, generation: epoch });
    made.ask("consumer_heartbeat", heartbeat(-1));
    made.pass(8 * 86_400_000);
    assert.deepEqual([made.listed(), made.committed(GROUP)], [[], []]);
    made.joinAlone(GROUP);
    assert.deepEqual(made.listed(), [`${GROUP} Classic Stable`]);
    made.restart();
    assert.deepEqual(made.listed(), [`${GROUP} Classic Stable`]);
  });

  it("loses a silent member, and as long as the disk is full it does not", () => {
    const disk = new FaultyDisk();
    const { made } = joined(disk);
    disk.full = true;
    made.pass(50_000);
    assert.deepEqual(made.listed(), [`${GROUP} Consumer Stable`]);
    disk.full = false;
    made.pass(1_000);
    assert.deepEqual(made.listed(), [`${GROUP} Consumer Empty`]);
    made.restart();
    assert.deepEqual(made.listed(), [`${GROUP} Consumer Empty`]);
  });
});

describe("a damaged log of groups", () => {
  it("keeps its groups from being served, and no other", () => {
    const disk = new FaultyDisk();
    const made = new CoordinatorWorld({ topicPartitions: 2 }, disk);
    made.createTopics("orders");
    // "a" and "b" lie in different partitions of two.
    for (const group of ["a", "b"]) for (const offset of [1, 2]) made.commit(group, "orders", offset);
    const log = "data/__consumer_offsets-1/00000000000000000000.log";
    disk.flipBit(log, 8 * 70);
    made.restart();
    assert.equal(made.commit("b", "orders", 3), "");
    assert.equal(made.commit("a", "orders", 3), "COORDINATOR_NOT_AVAILABLE");
    const { groups } = made.ask("groups_described", { kind: "describe_groups", groups: ["a", "b"] });
    assert.deepEqual(groups.map(({ fault }) => fault?.code), ["COORDINATOR_NOT_AVAILABLE", undefined]);
    const deleted = made.ask("groups_deleted", { kind: "delete_groups", groups: ["a"] });
    assert.deepEqual(deleted.groups.map(({ fault }) => fault?.code), ["COORDINATOR_NOT_AVAILABLE"]);
  });
});
