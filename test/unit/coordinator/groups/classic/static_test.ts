import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { GroupSettings, JoinGroupCommand } from "../../../../../src/model/mod.ts";
import { ClassicWorld, protocol } from "./world.ts";

/** A settled group of static members `i1`, `i2`, ...; the first one leads. */
function settledStatic(count: number, settings: Partial<GroupSettings> = {}): [ClassicWorld, string[]] {
  const world = new ClassicWorld(settings);
  const ids = Array.from({ length: count }, (_, index) => world.join("", { instanceId: `i${index + 1}` }));
  world.pass(0);
  const members = ids.map((id) => world.joined(id).memberId);
  const works = Object.fromEntries(members.map((memberId, index) => [memberId, `of i${index + 1}`]));
  for (const memberId of members.toReversed()) world.sync(memberId, works);
  assert.equal(world.group?.state, "Stable");
  return [world, members];
}

function comeBack(world: ClassicWorld, instanceId: string, more: Partial<JoinGroupCommand> = {}): number {
  return world.join("", { instanceId, needsMemberId: true, ...more });
}

describe("static member that comes back to a settled group", () => {
  it("has a new member id and its old work, nobody rebalances, and a restart knows it", () => {
    const [world, [, old]] = settledStatic(2);
    const reply = world.joined(comeBack(world, "i2", { clientHost: "/10.0.0.1" }));
    assert.deepEqual([reply.fault, reply.generation, reply.members], [null, 1, []]);
    assert.notEqual(reply.memberId, old);
    assert.equal(world.group?.state, "Stable");
    assert.equal(world.work(world.sync(reply.memberId, {}, { instanceId: "i2" })), "of i2");
    const kept = world.records.at(-1)?.members.find(({ instanceId }) => instanceId === "i2");
    assert.deepEqual([kept?.memberId, kept?.clientHost], [reply.memberId, "/10.0.0.1"]);
  });

  it("as the leader is told to skip the assignment when it knows how (KIP-814)", () => {
    const [world] = settledStatic(2);
    const reply = world.joined(comeBack(world, "i1", { knowsSkipAssignment: true }));
    assert.deepEqual([reply.leader, reply.skipAssignment], [reply.memberId, true]);
    assert.deepEqual(reply.members.map(({ instanceId }) => instanceId).sort(), ["i1", "i2"]);
    const follower = world.joined(comeBack(world, "i2", { knowsSkipAssignment: true }));
    assert.deepEqual([follower.leader, follower.skipAssignment, follower.members], [
      reply.memberId,
      false,
      [],
    ]);
  });

  it("as the leader does not know itself for one when it cannot skip the assignment", () => {
    const [world, [old]] = settledStatic(2);
    const reply = world.joined(comeBack(world, "i1"));
    assert.deepEqual([reply.leader, reply.skipAssignment, reply.members], [old, false, []]);
    assert.equal(world.group?.leader, reply.memberId);
  });

  it("fences whoever still uses the old member id", () => {
    const [world, [, old]] = settledStatic(2);
    comeBack(world, "i2");
    assert.equal(world.heartbeat(old!, 1, "i2"), "FENCED_INSTANCE_ID");
    assert.equal(world.heartbeat(old!, 1), "UNKNOWN_MEMBER_ID");
    assert.equal(world.told(world.sync(old!, {}, { instanceId: "i2" })), "FENCED_INSTANCE_ID");
    assert.equal(world.told(world.join(old!, { instanceId: "i2" })), "FENCED_INSTANCE_ID");
    assert.deepEqual(world.leave({ memberId: old!, instanceId: "i2" }), ["FENCED_INSTANCE_ID"]);
    assert.equal(world.group?.members.size, 2);
  });

  it("has a session of its own from then on", () => {
    const [world, [other]] = settledStatic(2);
    world.pass(9_000);
    const { memberId } = world.joined(comeBack(world, "i2", { sessionTimeoutMs: 20_000 }));
    world.heartbeat(other!, 1, "i1");
    world.pass(9_000);
    world.heartbeat(other!, 1, "i1");
    world.pass(9_000);
    assert.equal(world.group?.members.has(memberId), true);
    world.heartbeat(other!, 1, "i1");
    world.pass(2_000);
    assert.deepEqual([...world.group!.members.keys()], [other]);
  });

  it("rebalances the group when another protocol would be chosen", () => {
    const world = new ClassicWorld();
    const both = [protocol("range", "orders"), protocol("sticky", "orders")];
    const first = world.join("", { instanceId: "i1", protocols: both });
    world.pass(0);
    const { memberId } = world.joined(first);
    world.sync(memberId, {}, { instanceId: "i1" });
    const id = comeBack(world, "i1", { protocols: both.toReversed() });
    assert.deepEqual([world.joined(id).generation, world.joined(id).protocol], [2, "sticky"]);
  });

  it("rebalances the group when it subscribes to other topics, not when other bytes change", () => {
    const [world, [other]] = settledStatic(2);
    const { name, metadata } = protocol("range", "orders");
    const bytes = new Uint8Array([...metadata, 1, 2, 3]);
    assert.equal(world.told(comeBack(world, "i2", { protocols: [{ name, metadata: bytes }] })), null);
    assert.equal(world.group?.state, "Stable");
    assert.equal(
      world.told(comeBack(world, "i2", { protocols: [protocol("range", "orders", "more")] })),
      "parked",
    );
    assert.equal(world.heartbeat(other!, 1, "i1"), "REBALANCE_IN_PROGRESS");
  });

  it("still has to send its SyncGroup when the old one had not", () => {
    const world = new ClassicWorld();
    const ids = [world.join(""), world.join("", { instanceId: "i2" })];
    world.pass(0);
    const leader = world.joined(ids[0]!).memberId;
    world.sync(leader, { [world.joined(ids[1]!).memberId]: "b" });
    const { memberId } = world.joined(comeBack(world, "i2"));
    assert.deepEqual([...world.group!.pendingSync], [memberId]);
    assert.equal(world.work(world.sync(memberId, {}, { instanceId: "i2" })), "b");
    assert.equal(world.timers.has("sync"), false);
  });
});

describe("static member that comes back while a group rebalances", () => {
  it("fences the one that is parked in the join phase and takes its place there", () => {
    const [world, [leader, old]] = settledStatic(2);
    world.join(leader!, { instanceId: "i1", protocols: [protocol("range", "more")] });
    assert.equal(world.group?.state, "PreparingRebalance");
    const third = world.join("", { instanceId: "i3" });
    const id = comeBack(world, "i3");
    assert.deepEqual([world.told(third), world.told(id)], ["FENCED_INSTANCE_ID", "parked"]);
    world.join(old!, { instanceId: "i2" });
    assert.equal(world.joined(id).generation, 2);
    assert.equal(world.group?.members.size, 3);
  });

  it("ends the join phase when it was the one that was missing", () => {
    const [world, [leader]] = settledStatic(2);
    const lead = world.join(leader!, { instanceId: "i1" });
    const id = comeBack(world, "i2");
    assert.deepEqual([world.joined(lead).generation, world.joined(id).generation], [2, 2]);
  });

  it("while the leader assigns makes everybody join again: the leader knows the old member id", () => {
    const [world, [leader, old]] = settledStatic(2);
    world.join(old!, { instanceId: "i2", protocols: [protocol("range", "more")] });
    world.join(leader!, { instanceId: "i1" });
    const waiting = world.sync(old!, {}, { instanceId: "i2" });
    assert.equal(world.group?.state, "CompletingRebalance");
    const id = comeBack(world, "i2");
    assert.deepEqual([world.told(waiting), world.told(id)], ["FENCED_INSTANCE_ID", "parked"]);
    assert.equal(world.joined(world.join(leader!, { instanceId: "i1" })).generation, 3);
    assert.equal(world.joined(id).generation, 3);
  });
});

describe("static member that goes", () => {
  it("is removed by its instance id alone", () => {
    const [world, [leader]] = settledStatic(2);
    assert.deepEqual(
      world.leave({ memberId: "", instanceId: "i2" }, { memberId: "", instanceId: "i9" }, {
        memberId: "",
        instanceId: null,
      }),
      [null, "UNKNOWN_MEMBER_ID", "UNKNOWN_MEMBER_ID"],
    );
    assert.deepEqual([...world.group!.members.keys()], [leader]);
    assert.equal(world.group?.state, "PreparingRebalance");
  });

  it("is removed when its session is over, and may come back as a new one", () => {
    const [world] = settledStatic(1);
    world.pass(10_000);
    assert.equal(world.group?.state, "Empty");
    const id = comeBack(world, "i1");
    world.pass(0);
    assert.deepEqual([world.joined(id).generation, world.joined(id).members.length], [3, 1]);
  });
});
