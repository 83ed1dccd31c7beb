import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  checkClassicCommit,
  classicOf,
  describeClassic,
  dismissClassic,
  emptyClassic,
  recordOfClassic,
  rejoinClassic,
  stateOfClassic,
  stopClassic,
  topicsOfClassic,
  touchClassic,
} from "../../../../../src/coordinator/groups/classic/mod.ts";
import { type CommitOffsetsCommand, fault } from "../../../../../src/model/mod.ts";
import { ClassicWorld, freeze, protocol, settled } from "./world.ts";

function checkCommit(world: ClassicWorld, more: Partial<CommitOffsetsCommand>): string | null {
  const command: CommitOffsetsCommand = {
    kind: "commit_offsets",
    group: "orders",
    memberId: "",
    instanceId: null,
    generation: -1,
    retentionMs: -1,
    knowsMemberEpochs: false,
    entries: [],
    ...more,
  };
  return checkClassicCommit(world.group!, command)?.code ?? null;
}

describe("checkClassicCommit", () => {
  it("takes anybody's offsets while the group is empty, unless a generation is named", () => {
    const world = new ClassicWorld();
    world.group = freeze(emptyClassic("orders", 0));
    assert.equal(checkCommit(world, {}), null);
    assert.equal(checkCommit(world, { memberId: "ghost" }), null);
    assert.equal(checkCommit(world, { memberId: "ghost", generation: 0 }), "UNKNOWN_MEMBER_ID");
  });

  it("takes a member's offsets in its generation, also while others join", () => {
    const [world, [leader, follower]] = settled(2);
    const of = (memberId: string, generation: number, instanceId: string | null = null) =>
      checkCommit(world, { memberId, generation, instanceId });
    assert.deepEqual([of(leader!, 1), of(leader!, 0), of(leader!, -1)], [
      null,
      "ILLEGAL_GENERATION",
      "ILLEGAL_GENERATION",
    ]);
    assert.deepEqual([of("ghost", 1), of("", -1), of(leader!, 1, "i1")], Array(3).fill("UNKNOWN_MEMBER_ID"));
    world.join(leader!);
    assert.equal(of(follower!, 1), null);
    world.join(follower!);
    assert.deepEqual([of(follower!, 2), of(follower!, 1)], ["REBALANCE_IN_PROGRESS", "ILLEGAL_GENERATION"]);
  });

  it("fences an instance that was taken over", () => {
    const world = new ClassicWorld();
    const id = world.join("", { instanceId: "i1" });
    world.pass(0);
    const { memberId } = world.joined(id);
    world.sync(memberId, {}, { instanceId: "i1" });
    world.join("", { instanceId: "i1" });
    assert.equal(checkCommit(world, { memberId, generation: 1, instanceId: "i1" }), "FENCED_INSTANCE_ID");
  });
});

describe("touchClassic", () => {
  it("begins a member's session anew while it works, and nobody else's", () => {
    const [world, [leader]] = settled(1);
    const { context } = world;
    assert.deepEqual(touchClassic(world.group!, leader!, context), [
      { key: `session:${leader}`, dueMs: context.nowMs + 10_000 },
    ]);
    assert.deepEqual(touchClassic(world.group!, "ghost", context), []);
    world.join(leader!);
    assert.equal(world.group?.state, "CompletingRebalance");
    assert.deepEqual(touchClassic(world.group!, leader!, context), []);
  });
});

describe("describeClassic", () => {
  it("shows subscriptions and the protocol of a settled group", () => {
    const [world, [leader]] = settled(1);
    assert.deepEqual(describeClassic(world.group!), {
      type: "Classic",
      group: "orders",
      fault: null,
      state: "Stable",
      protocolType: "consumer",
      protocol: "range",
      generation: 1,
      members: [{
        memberId: leader,
        instanceId: null,
        clientId: "app",
        clientHost: "/127.0.0.1",
        metadata: protocol("range", "orders").metadata,
        assignment: new TextEncoder().encode(`of ${leader}`),
      }],
    });
  });

  it("shows neither while there is no protocol", () => {
    const [world, [leader]] = settled(2);
    world.join(leader!);
    const shown = describeClassic(world.group!);
    assert.ok(shown.type === "Classic");
    assert.deepEqual([shown.state, shown.protocol, shown.members[0]?.metadata.length], [
      "PreparingRebalance",
      "",
      0,
    ]);
    assert.equal(stateOfClassic(world.group!), "PreparingRebalance");
  });
});

describe("topicsOfClassic", () => {
  it("is what all members subscribe to under the protocol chosen", () => {
    const world = new ClassicWorld();
    world.join("", { protocols: [protocol("range", "orders"), protocol("sticky", "never")] });
    world.join("", { protocols: [protocol("range", "payments", "orders")] });
    assert.equal(world.group && topicsOfClassic(world.group), null);
    world.pass(0);
    assert.deepEqual([...topicsOfClassic(world.group!)!], ["orders", "payments"]);
  });

  it("is not known for other types, nor for bytes that are no subscription", () => {
    const world = new ClassicWorld();
    world.join("", { protocolType: "connect", protocols: [protocol("range", "orders")] });
    world.pass(0);
    assert.equal(topicsOfClassic(world.group!), null);
    for (
      const metadata of [[], [0], [0, 0, 0, 0, 0, 9, 0], [255, 255, 0, 0, 0, 0], [0, 0, 127, 255, 255, 255]]
    ) {
      const other = new ClassicWorld();
      other.join("", { protocols: [{ name: "range", metadata: new Uint8Array(metadata) }] });
      other.pass(0);
      assert.equal(topicsOfClassic(other.group!), null, String(metadata));
    }
  });

  it("is empty once all consumers are gone", () => {
    const [world] = settled(1);
    world.pass(10_000);
    assert.deepEqual(topicsOfClassic(world.group!), new Set());
  });
});

describe("classicOf", () => {
  it("makes the settled group of its record again; its members carry on", () => {
    const [world, [leader, follower]] = settled(2);
    const again = classicOf("orders", world.records.at(-1)!);
    assert.deepEqual(again, world.group);
    world.restart(again);
    assert.equal(world.heartbeat(leader!), null);
    assert.equal(world.work(world.sync(follower!)), `of ${follower}`);
    world.pass(10_000);
    assert.equal(world.group?.state, "Empty", "sessions begin with the restart");
  });

  it("takes an old record without rebalance timeout or leader", () => {
    const [world, [leader]] = settled(1);
    const value = world.records.at(-1)!;
    const [member] = value.members;
    const old = classicOf("orders", {
      ...value,
      leader: null,
      members: [{ ...member!, rebalanceTimeoutMs: -1 }],
    });
    assert.deepEqual([old.leader, old.members.get(leader!)?.rebalanceTimeoutMs], [leader, 10_000]);
  });

  it("of an empty value is what emptyClassic makes", () => {
    const empty = emptyClassic("orders", 7);
    const record = recordOfClassic(empty);
    assert.ok(record.kind === "classic_group" && record.value !== null);
    assert.deepEqual(classicOf("orders", record.value), empty);
    assert.deepEqual([empty.state, empty.generation, empty.protocolType], ["Empty", 0, null]);
  });
});

describe("a classic group that changes over", () => {
  it("answers what is parked, and calls off all timers", () => {
    const [world, [leader]] = settled(2);
    const join = world.join(leader!);
    const refusal = fault("REBALANCE_IN_PROGRESS", "Group is changing over");
    assert.deepEqual(dismissClassic(world.group!, refusal).map(({ id }) => id), [join]);
    world.setTimers(stopClassic(world.group!));
    assert.equal(world.timers.size, 0);
  });

  it("answers a parked SyncGroup, and calls off the timer of a pending member id", () => {
    const world = new ClassicWorld();
    const ids = [world.join(""), world.join("")];
    world.pass(0);
    const waiting = world.sync(world.joined(ids[1]!).memberId);
    world.join("", { needsMemberId: true });
    const [dismissed, ...more] = dismissClassic(world.group!, fault("COORDINATOR_NOT_AVAILABLE", "Stopping"));
    assert.deepEqual([dismissed?.id, dismissed?.reply.kind, more], [waiting, "group_synced", []]);
    world.setTimers(stopClassic(world.group!));
    assert.equal(world.timers.size, 0);
  });

  it("makes the members of a group that was another kind join again", () => {
    const [world, [leader, follower]] = settled(2);
    world.take(rejoinClassic(world.group!, world.context));
    assert.equal(world.heartbeat(follower!), "REBALANCE_IN_PROGRESS");
    const id = world.join(follower!);
    world.join(leader!);
    assert.equal(world.joined(id).generation, 2);
  });
});
