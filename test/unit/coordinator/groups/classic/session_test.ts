import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { ClassicWorld, protocol, settled } from "./world.ts";

describe("Heartbeat", () => {
  it("begins the session anew and leaves the group the very same value", () => {
    const [world, members] = settled(3);
    const { group } = world;
    for (let step = 0; step < 5; step++) {
      world.pass(9_999);
      for (const memberId of members) assert.equal(world.heartbeat(memberId), null);
    }
    assert.equal(world.group, group);
  });

  it("that does not come removes the member after its session timeout, and the others rebalance", () => {
    const [world, [leader, follower]] = settled(2);
    world.pass(9_999);
    world.heartbeat(follower!);
    assert.equal(world.group?.members.size, 2);
    world.pass(1);
    assert.deepEqual([...world.group!.members.keys()], [follower]);
    assert.equal(world.heartbeat(follower!), "REBALANCE_IN_PROGRESS");
    assert.equal(world.heartbeat(leader!), "UNKNOWN_MEMBER_ID");
    const id = world.join(follower!);
    assert.deepEqual([world.joined(id).generation, world.joined(id).leader], [2, follower]);
  });

  it("of the last member does not come: the group is empty, its next generation kept", () => {
    const [world] = settled(1);
    world.pass(10_000);
    assert.deepEqual([world.group?.state, world.group?.generation, world.group?.leader], ["Empty", 2, null]);
    assert.deepEqual([world.records.at(-1)?.generation, world.records.at(-1)?.members], [2, []]);
    assert.equal(world.timers.size, 0);
  });

  it("while the leader assigns is none the worse, and counts", () => {
    const world = new ClassicWorld();
    const id = world.join("");
    world.pass(0);
    for (let step = 0; step < 3; step++) {
      world.pass(9_000);
      assert.equal(world.heartbeat(world.joined(id).memberId), null);
    }
  });

  it("of a member that waits for the leader's assignment is not missed", () => {
    const world = new ClassicWorld();
    const ids = [world.join(""), world.join("")];
    world.pass(0);
    const [leader, follower] = ids.map((id) => world.joined(id).memberId);
    const waiting = world.sync(follower!);
    for (let step = 0; step < 3; step++) {
      world.pass(9_000);
      world.heartbeat(leader!);
    }
    assert.equal(world.told(waiting), "parked");
    world.sync(leader!, { [follower!]: "b" });
    assert.equal(world.work(waiting), "b");
    world.pass(9_999);
    assert.equal(world.group?.members.size, 2);
    world.heartbeat(leader!);
    world.pass(1);
    assert.deepEqual([...world.group!.members.keys()], [leader], "with the answer it can be late again");
  });

  it("is wanted again of a member whose wait for an assignment was called off", () => {
    const world = new ClassicWorld();
    const ids = [world.join(""), world.join("")];
    world.pass(0);
    const [leader, follower] = ids.map((id) => world.joined(id).memberId);
    const waiting = world.sync(follower!);
    for (let step = 0; step < 2; step++) {
      world.pass(9_000);
      world.heartbeat(leader!);
    }
    const id = world.join(leader!, { protocols: [protocol("range", "more")] });
    assert.equal(world.told(waiting), "REBALANCE_IN_PROGRESS");
    world.pass(9_999);
    assert.equal(world.told(id), "parked");
    world.pass(1);
    assert.equal(world.joined(id).members.length, 1);
  });

  it("without a group, of nobody there, or of another generation is refused", () => {
    const none = new ClassicWorld();
    assert.equal(none.heartbeat("ghost"), "UNKNOWN_MEMBER_ID");
    const [world, [leader]] = settled(1);
    assert.equal(world.heartbeat("ghost"), "UNKNOWN_MEMBER_ID");
    assert.equal(world.heartbeat(leader!, 0), "ILLEGAL_GENERATION");
    assert.equal(world.heartbeat(leader!, 1, "i1"), "UNKNOWN_MEMBER_ID");
    const id = world.send({
      kind: "heartbeat_group",
      group: "",
      generation: 1,
      memberId: leader!,
      instanceId: null,
    });
    assert.equal(world.told(id), "INVALID_GROUP_ID");
    world.pass(10_000);
    assert.equal(world.heartbeat(leader!), "UNKNOWN_MEMBER_ID", "the refused ones do not count");
  });
});

describe("LeaveGroup", () => {
  it("answers each member for itself and rebalances the others once", () => {
    const [world, [leader, second, third]] = settled(3);
    const faults = world.leave(
      { memberId: leader!, instanceId: null },
      { memberId: "ghost", instanceId: null },
      { memberId: leader!, instanceId: null },
      { memberId: second!, instanceId: null },
    );
    assert.deepEqual(faults, [null, "UNKNOWN_MEMBER_ID", "UNKNOWN_MEMBER_ID", null]);
    assert.deepEqual([...world.group!.members.keys()], [third]);
    assert.equal(world.group?.state, "PreparingRebalance");
    assert.equal(world.joined(world.join(third!)).generation, 2);
  });

  it("of all members empties the group, and keeps that with the answer", () => {
    const [world, members] = settled(2);
    world.leave(...members.map((memberId) => ({ memberId, instanceId: null })));
    assert.deepEqual([world.group?.state, world.group?.generation, world.group?.protocol], [
      "Empty",
      2,
      null,
    ]);
    assert.deepEqual([world.records.at(-1)?.generation, world.records.at(-1)?.protocolType], [2, "consumer"]);
  });

  it("of a member whose SyncGroup is parked answers that too", () => {
    const world = new ClassicWorld();
    const ids = [world.join(""), world.join("")];
    world.pass(0);
    const follower = world.joined(ids[1]!).memberId;
    const waiting = world.sync(follower);
    world.leave({ memberId: follower, instanceId: null });
    assert.equal(world.told(waiting), "UNKNOWN_MEMBER_ID");
  });

  it("of the member a join phase waits for ends it", () => {
    const [world, [leader, follower]] = settled(2);
    const id = world.join(leader!);
    world.leave({ memberId: follower!, instanceId: null });
    assert.equal(world.joined(id).members.length, 1);
  });

  it("of a member id nobody joined with gives it back, and unsettles nobody", () => {
    const [world, [leader]] = settled(1);
    const { memberId } = world.joined(world.join("", { needsMemberId: true }));
    assert.deepEqual(world.leave({ memberId, instanceId: null }), [null]);
    assert.equal(world.group?.state, "Stable");
    assert.equal(world.told(world.join(memberId)), "UNKNOWN_MEMBER_ID");
    const other = world.joined(world.join("", { needsMemberId: true }));
    const lead = world.join(leader!);
    world.leave({ memberId: other.memberId, instanceId: null });
    assert.equal(world.joined(lead).members.length, 1, "a join phase does not wait for it any more");
  });

  it("without a group is UNKNOWN_MEMBER_ID for each, without a name INVALID_GROUP_ID", () => {
    const world = new ClassicWorld();
    assert.deepEqual(world.leave({ memberId: "a", instanceId: null }, { memberId: "", instanceId: "i1" }), [
      "UNKNOWN_MEMBER_ID",
      "UNKNOWN_MEMBER_ID",
    ]);
    assert.equal(world.group, null);
    assert.equal(world.told(world.send({ kind: "leave_group", group: "", members: [] })), "INVALID_GROUP_ID");
  });
});
