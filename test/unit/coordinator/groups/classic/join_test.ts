import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { emptyClassic } from "../../../../../src/coordinator/groups/classic/mod.ts";
import { PENDING_MEMBERS_MAX } from "../../../../../src/model/mod.ts";
import { ClassicWorld, protocol, settled } from "./world.ts";

describe("JoinGroup refused", () => {
  it("of a group without a name is INVALID_GROUP_ID and makes no group", () => {
    const world = new ClassicWorld();
    assert.equal(world.told(world.join("", { group: "" })), "INVALID_GROUP_ID");
    assert.equal(world.group, null);
  });

  it("with a session timeout out of bounds is INVALID_SESSION_TIMEOUT", () => {
    const world = new ClassicWorld();
    assert.equal(world.told(world.join("", { sessionTimeoutMs: 5_999 })), "INVALID_SESSION_TIMEOUT");
    assert.equal(world.told(world.join("", { sessionTimeoutMs: 1_800_001 })), "INVALID_SESSION_TIMEOUT");
    assert.equal(world.told(world.join("", { sessionTimeoutMs: 6_000 })), "parked");
  });

  it("with a member id nobody gave is UNKNOWN_MEMBER_ID, with and without a group", () => {
    const world = new ClassicWorld();
    const none = world.joined(world.join("ghost"));
    assert.deepEqual([none.fault?.code, none.memberId], ["UNKNOWN_MEMBER_ID", "ghost"]);
    assert.equal(world.group, null);
    const [other] = settled(1);
    assert.equal(other.told(other.join("ghost")), "UNKNOWN_MEMBER_ID");
  });

  it("without a protocol or a type that a new group could take is INCONSISTENT_GROUP_PROTOCOL and makes no group", () => {
    const world = new ClassicWorld();
    assert.equal(world.told(world.join("", { protocols: [] })), "INCONSISTENT_GROUP_PROTOCOL");
    assert.equal(world.told(world.join("", { protocolType: "" })), "INCONSISTENT_GROUP_PROTOCOL");
    assert.equal(world.group, null);
  });

  it("with another type, or no protocol all members offer, is INCONSISTENT_GROUP_PROTOCOL", () => {
    const world = new ClassicWorld();
    world.join("", { protocols: [protocol("range"), protocol("sticky")] });
    world.join("", { protocols: [protocol("sticky"), protocol("roundrobin")] });
    const told = (more: object) => world.told(world.join("", more));
    assert.equal(
      told({ protocols: [protocol("range"), protocol("roundrobin")] }),
      "INCONSISTENT_GROUP_PROTOCOL",
    );
    assert.equal(
      told({ protocolType: "connect", protocols: [protocol("sticky")] }),
      "INCONSISTENT_GROUP_PROTOCOL",
    );
    assert.equal(told({ protocols: [protocol("sticky")] }), "parked");
  });

  it("of a full group is GROUP_MAX_SIZE_REACHED, and a member of a settled group keeps its place", () => {
    const [world, [leader]] = settled(2, { membersMax: 2 });
    assert.equal(world.told(world.join("")), "GROUP_MAX_SIZE_REACHED");
    const again = world.join(leader!);
    assert.equal(world.told(again), "parked");
    assert.equal(world.group?.state, "PreparingRebalance");
  });

  it("of a full join phase removes the member that comes last, which was one before", () => {
    const [world, [leader, follower]] = settled(2, { membersMax: 2 });
    const rejoin = world.join(leader!);
    (world.settings as { membersMax: number }).membersMax = 1;
    assert.equal(world.told(world.join(follower!)), "GROUP_MAX_SIZE_REACHED");
    assert.deepEqual([...world.group!.members.keys()], [leader]);
    assert.equal(world.joined(rejoin).generation, 2);
  });
});

describe("JoinGroup of somebody new", () => {
  it("is GROUP_MAX_SIZE_REACHED while too many member ids are given out and not used", () => {
    const world = new ClassicWorld();
    const pendingJoin = new Set(Array.from({ length: PENDING_MEMBERS_MAX }, (_, index) => `app-${index}`));
    world.group = { ...emptyClassic("orders", 0), pendingJoin };
    assert.equal(world.told(world.join("", { needsMemberId: true })), "GROUP_MAX_SIZE_REACHED");
    assert.equal(world.told(world.join("app-7", { needsMemberId: true })), "parked");
    assert.equal(world.told(world.join("", { needsMemberId: true })), "MEMBER_ID_REQUIRED");
  });

  it("needs a member id first when the client knows how (MEMBER_ID_REQUIRED), then joins with it", () => {
    const world = new ClassicWorld();
    const { fault, memberId, generation } = world.joined(world.join("", { needsMemberId: true }));
    assert.deepEqual([fault?.code, memberId, generation], ["MEMBER_ID_REQUIRED", "app-uuid1", -1]);
    assert.deepEqual([world.group?.state, world.group?.members.size], ["Empty", 0]);
    const id = world.join(memberId, { needsMemberId: true });
    world.pass(0);
    assert.deepEqual([world.joined(id).leader, world.joined(id).generation], [memberId, 1]);
  });

  it("has its member id forgotten when it does not come back within its session timeout", () => {
    const world = new ClassicWorld();
    const { memberId } = world.joined(world.join("", { needsMemberId: true }));
    world.pass(10_000);
    assert.equal(world.told(world.join(memberId)), "UNKNOWN_MEMBER_ID");
  });

  it("with an instance id joins at once, its member id made from that", () => {
    const world = new ClassicWorld();
    const id = world.join("", { instanceId: "i1", needsMemberId: true });
    world.pass(0);
    assert.equal(world.joined(id).memberId, "i1-uuid1");
    assert.deepEqual(world.joined(id).members.map(({ instanceId }) => instanceId), ["i1"]);
  });

  it("with the member id of somebody pending but an instance id is UNKNOWN_MEMBER_ID", () => {
    const world = new ClassicWorld();
    const { memberId } = world.joined(world.join("", { needsMemberId: true }));
    assert.equal(world.told(world.join(memberId, { instanceId: "i1" })), "UNKNOWN_MEMBER_ID");
  });

  it("keeps the empty group it makes, and nothing else before an assignment", () => {
    const world = new ClassicWorld();
    world.join("");
    world.pass(0);
    assert.deepEqual(world.records.map((value) => [value?.generation, value?.members.length]), [[0, 0]]);
  });

  it("is told UNKNOWN_MEMBER_ID after 5 minutes in a join phase that is still not over", () => {
    const world = new ClassicWorld();
    const first = world.join("", { rebalanceTimeoutMs: 900_000 });
    world.pass(0);
    const { memberId } = world.joined(first);
    world.sync(memberId);
    const id = world.join("");
    for (let step = 0; step < 49; step++) {
      world.pass(6_000);
      assert.equal(world.heartbeat(memberId), "REBALANCE_IN_PROGRESS");
    }
    assert.equal(world.told(id), "parked");
    world.pass(6_000);
    assert.deepEqual([world.told(id), world.joined(id).memberId], ["UNKNOWN_MEMBER_ID", ""]);
    assert.deepEqual([...world.group!.members.keys()], [memberId]);
  });
});

describe("JoinGroup of a member", () => {
  it("of the leader unsettles a settled group; the others are told by their heartbeats", () => {
    const [world, [leader, follower]] = settled(2);
    const lead = world.join(leader!);
    assert.equal(world.group?.state, "PreparingRebalance");
    assert.equal(world.heartbeat(follower!), "REBALANCE_IN_PROGRESS");
    const follow = world.join(follower!);
    assert.deepEqual([world.joined(lead).generation, world.joined(follow).generation], [2, 2]);
    assert.equal(world.joined(follow).leader, leader);
  });

  it("of another with what it offered before is told the generation there is", () => {
    const [world, [leader, follower]] = settled(2);
    const before = world.group;
    const reply = world.joined(world.join(follower!));
    assert.deepEqual([reply.generation, reply.leader, reply.members], [1, leader, []]);
    assert.equal(world.group?.state, before?.state);
  });

  it("of another with something new to offer unsettles a settled group", () => {
    const [world, [, follower]] = settled(2);
    assert.equal(world.told(world.join(follower!, { protocols: [protocol("range", "more")] })), "parked");
    assert.equal(world.group?.state, "PreparingRebalance");
  });

  it("while the leader assigns is told the generation there is, the leader its members too", () => {
    const world = new ClassicWorld();
    const ids = [world.join(""), world.join("")];
    world.pass(0);
    const [leader, follower] = ids.map((id) => world.joined(id).memberId);
    assert.equal(world.joined(world.join(leader!)).members.length, 2);
    assert.deepEqual(world.joined(world.join(follower!)).members, []);
    assert.equal(world.group?.state, "CompletingRebalance");
  });

  it("while the leader assigns, with something new to offer, calls the assignment off", () => {
    const world = new ClassicWorld();
    const ids = [world.join(""), world.join("")];
    world.pass(0);
    const [leader, follower] = ids.map((id) => world.joined(id).memberId);
    const waiting = world.sync(follower!);
    world.join(leader!, { protocols: [protocol("range", "more")] });
    assert.equal(world.told(waiting), "REBALANCE_IN_PROGRESS");
    assert.equal(world.group?.state, "PreparingRebalance");
  });

  it("that is parked already answers the older one, and only the newer is told the generation", () => {
    const [world, [leader, follower]] = settled(2);
    const older = world.join(leader!);
    const newer = world.join(leader!);
    assert.deepEqual([world.told(older), world.told(newer)], ["REBALANCE_IN_PROGRESS", "parked"]);
    assert.equal(world.joined(older).memberId, leader);
    world.join(follower!);
    assert.equal(world.joined(newer).generation, 2);
  });

  it("does not fall to its session timeout while parked", () => {
    const [world, [leader, follower]] = settled(2);
    const id = world.join(leader!);
    for (let step = 0; step < 5; step++) {
      world.pass(9_000);
      world.heartbeat(follower!);
    }
    assert.equal(world.told(id), "parked");
    world.join(follower!);
    assert.equal(world.told(id), null);
    world.pass(9_999);
    assert.equal(world.group?.members.size, 2, "the session began anew with the answer");
  });
});
