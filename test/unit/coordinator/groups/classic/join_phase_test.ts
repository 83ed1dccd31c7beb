import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { ClassicWorld, protocol, settled } from "./world.ts";

describe("join phase of an empty group", () => {
  it("lasts the initial delay, and as long again while members come", () => {
    const world = new ClassicWorld({ initialRebalanceDelayMs: 3_000 });
    const first = world.join("");
    world.pass(2_999);
    const second = world.join("");
    world.pass(3_000);
    assert.equal(world.told(first), "parked");
    world.pass(1);
    assert.equal(world.joined(first).generation, 1);
    assert.equal(world.joined(first).members.length, 2);
    assert.equal(world.joined(second).leader, world.joined(first).memberId);
    assert.deepEqual(world.joined(second).members, []);
  });

  it("lasts no longer than the rebalance timeout, whoever comes", () => {
    const world = new ClassicWorld({ initialRebalanceDelayMs: 3_000 });
    const first = world.join("", { rebalanceTimeoutMs: 7_000 });
    for (let second = 1; second < 7; second++) {
      world.pass(1_000);
      world.join("");
      assert.equal(world.told(first), "parked");
    }
    world.pass(1_000);
    assert.equal(world.joined(first).members.length, 7);
  });

  it("ends with an empty group of the next generation when everybody left, and keeps that", () => {
    const world = new ClassicWorld({ initialRebalanceDelayMs: 3_000 });
    const id = world.join("");
    assert.deepEqual(world.leave({ memberId: "app-uuid1", instanceId: null }), [null]);
    assert.equal(world.told(id), "UNKNOWN_MEMBER_ID");
    assert.equal(world.group?.state, "PreparingRebalance");
    world.pass(3_000);
    assert.deepEqual([world.group?.state, world.group?.generation], ["Empty", 1]);
    assert.deepEqual(world.records.at(-1)?.generation, 1);
  });
});

describe("end of a join phase", () => {
  it("comes at the longest rebalance timeout and removes who heartbeats but does not join", () => {
    const [world, [leader, follower]] = settled(2);
    const id = world.join(leader!);
    for (let step = 0; step < 6; step++) {
      assert.equal(world.told(id), "parked");
      world.heartbeat(follower!);
      world.pass(10_000 - (step === 5 ? 0 : 1));
    }
    world.pass(5);
    assert.deepEqual(world.joined(id).members.map(({ memberId }) => memberId), [leader]);
    assert.equal(world.heartbeat(follower!), "UNKNOWN_MEMBER_ID");
  });

  it("comes when the last one that did not join has lost its session", () => {
    const [world, [leader]] = settled(2);
    const id = world.join(leader!);
    world.pass(10_000);
    assert.equal(world.joined(id).members.length, 1);
  });

  it("makes another member the leader when the old one is gone", () => {
    const [world, [leader, second, third]] = settled(3);
    assert.deepEqual(world.leave({ memberId: leader!, instanceId: null }), [null]);
    world.join(third!);
    const id = world.join(second!);
    assert.equal(world.joined(id).leader, second);
  });

  it("waits for a member id that was given out and not used", () => {
    const [world, [leader]] = settled(1);
    const { memberId } = world.joined(world.join("", { needsMemberId: true }));
    const lead = world.join(leader!);
    assert.equal(world.told(lead), "parked");
    const id = world.join(memberId);
    assert.deepEqual([world.joined(lead).members.length, world.joined(id).generation], [2, 2]);
  });

  it("does not wait for a member id whose session is over", () => {
    const [world, [leader]] = settled(1);
    world.join("", { needsMemberId: true });
    const lead = world.join(leader!);
    world.pass(10_000);
    assert.equal(world.joined(lead).members.length, 1);
  });

  it("keeps static members that did not join, but a leader that did not is replaced", () => {
    const world = new ClassicWorld();
    const ids = ["i1", "i2"].map((instanceId) => world.join("", { instanceId, sessionTimeoutMs: 100_000 }));
    world.pass(0);
    const [first, second] = ids.map((id) => world.joined(id).memberId);
    world.sync(second!, {}, { instanceId: "i2" });
    world.sync(first!, { [first!]: "a", [second!]: "b" }, { instanceId: "i1" });
    const id = world.join(second!, { instanceId: "i2", protocols: [protocol("range", "more")] });
    world.pass(60_000);
    const reply = world.joined(id);
    assert.equal(reply.leader, second);
    assert.deepEqual(reply.members.map(({ instanceId }) => instanceId), ["i1", "i2"]);
  });

  it("is put off while only static members are left and none has joined", () => {
    const world = new ClassicWorld();
    const ids = ["i1", "i2"].map((instanceId) => world.join("", { instanceId, sessionTimeoutMs: 100_000 }));
    ids.push(world.join(""));
    world.pass(0);
    const [first, second, third] = ids.map((id) => world.joined(id).memberId);
    for (const memberId of [third!, second!, first!]) world.sync(memberId);
    world.leave({ memberId: third!, instanceId: null });
    world.pass(60_000);
    assert.deepEqual([world.group?.state, world.group?.generation], ["PreparingRebalance", 1]);
    const id = world.join(second!, { instanceId: "i2" });
    world.pass(40_000);
    assert.deepEqual(world.joined(id).members.map(({ instanceId }) => instanceId), ["i2"]);
  });

  it("chooses the protocol all members offer that most of them prefer", () => {
    const world = new ClassicWorld();
    const offers = [
      ["range", "sticky", "roundrobin"],
      ["sticky", "range"],
      ["roundrobin", "sticky", "range"],
      [
        "sticky",
        "range",
      ],
    ];
    const ids = offers.map((names) =>
      world.join("", { protocols: names.map((name) => protocol(name, name)) })
    );
    world.pass(0);
    const reply = world.joined(ids[0]!);
    assert.equal(reply.protocol, "sticky");
    assert.deepEqual(reply.members[2]?.metadata, protocol("sticky", "sticky").metadata);
  });
});
