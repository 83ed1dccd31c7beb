import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { ClassicWorld, settled } from "./world.ts";

/** A group whose leader, the first member, is to assign. */
function assigning(count: number): [ClassicWorld, string[]] {
  const world = new ClassicWorld();
  const ids = Array.from({ length: count }, () => world.join(""));
  world.pass(0);
  return [world, ids.map((id) => world.joined(id).memberId)];
}

describe("SyncGroup", () => {
  it("of members waits for the leader's, which is kept and then told to everybody", () => {
    const [world, [leader, follower, late]] = assigning(3);
    const waiting = world.sync(follower!);
    assert.equal(world.told(waiting), "parked");
    const lead = world.sync(leader!, { [leader!]: "a", [follower!]: "b", ghost: "c" });
    assert.deepEqual([world.work(lead), world.work(waiting), world.group?.state], ["a", "b", "Stable"]);
    assert.deepEqual([world.synced(waiting).protocolType, world.synced(waiting).protocol], [
      "consumer",
      "range",
    ]);
    assert.equal(world.work(world.sync(late!)), "", "a member that the leader forgot has nothing to do");
    const kept = world.records.at(-1);
    assert.deepEqual([kept?.generation, kept?.leader, kept?.members.map(({ memberId }) => memberId)], [
      1,
      leader,
      [leader, follower, late],
    ]);
  });

  it("is answered again in a settled group, without a record", () => {
    const [world, [leader, follower]] = settled(2);
    const { group, records: { length } } = world;
    assert.equal(world.work(world.sync(follower!)), `of ${follower}`);
    assert.equal(world.work(world.sync(leader!, { [leader!]: "other" })), `of ${leader}`);
    assert.equal(world.group, group);
    assert.equal(world.records.length, length);
  });

  it("that is parked already answers the older one", () => {
    const [world, [leader, follower]] = assigning(2);
    const [older, newer] = [world.sync(follower!), world.sync(follower!)];
    assert.deepEqual([world.told(older), world.told(newer)], ["REBALANCE_IN_PROGRESS", "parked"]);
    world.sync(leader!, { [follower!]: "b" });
    assert.equal(world.work(newer), "b");
  });

  it("without a group, in an empty one, or of nobody there is UNKNOWN_MEMBER_ID", () => {
    const world = new ClassicWorld();
    assert.equal(world.told(world.sync("ghost")), "UNKNOWN_MEMBER_ID");
    world.join("", { needsMemberId: true });
    assert.equal(world.told(world.sync("ghost")), "UNKNOWN_MEMBER_ID");
    const [other] = settled(1);
    assert.equal(other.told(other.sync("ghost")), "UNKNOWN_MEMBER_ID");
    assert.equal(other.told(other.sync("ghost", {}, { group: "" })), "INVALID_GROUP_ID");
  });

  it("of another generation is ILLEGAL_GENERATION", () => {
    const [world, [leader]] = assigning(1);
    for (const generation of [-1, 0, 2]) {
      assert.equal(world.told(world.sync(leader!, {}, { generation })), "ILLEGAL_GENERATION");
    }
    assert.equal(world.group?.state, "CompletingRebalance");
  });

  it("of another protocol or type is INCONSISTENT_GROUP_PROTOCOL; a client that does not say is taken at its word", () => {
    const [world, [leader]] = assigning(1);
    const told = (more: object) => world.told(world.sync(leader!, {}, more));
    assert.equal(told({ protocol: "sticky" }), "INCONSISTENT_GROUP_PROTOCOL");
    assert.equal(told({ protocolType: "connect" }), "INCONSISTENT_GROUP_PROTOCOL");
    assert.equal(told({ protocol: null, protocolType: null }), null);
  });

  it("while members join is REBALANCE_IN_PROGRESS", () => {
    const [world, [leader, follower]] = settled(2);
    world.join(leader!);
    assert.equal(world.told(world.sync(follower!)), "REBALANCE_IN_PROGRESS");
  });

  it("is what the others have to send within the rebalance timeout, or they are removed", () => {
    const [world, [leader, follower, silent]] = assigning(3);
    world.sync(leader!, { [leader!]: "a" });
    world.sync(follower!);
    for (let step = 0; step < 8; step++) {
      world.pass(7_500 - (step === 7 ? 1 : 0));
      for (const memberId of [leader!, follower!, silent!]) assert.equal(world.heartbeat(memberId), null);
    }
    world.pass(1);
    assert.deepEqual([...world.group!.members.keys()], [leader, follower]);
    assert.equal(world.group?.state, "PreparingRebalance");
    assert.equal(world.heartbeat(silent!), "UNKNOWN_MEMBER_ID");
  });

  it("of the leader does not come: it is removed, and who waited joins again", () => {
    const [world, [leader, follower]] = assigning(2);
    const waiting = world.sync(follower!);
    for (let step = 0; step < 9; step++) {
      world.pass(6_000);
      world.heartbeat(leader!);
    }
    world.pass(6_000);
    assert.equal(world.told(waiting), "REBALANCE_IN_PROGRESS");
    const id = world.join(follower!);
    assert.deepEqual([world.joined(id).leader, world.joined(id).generation], [follower, 2]);
  });

  it("timer is off once everybody has sent one", () => {
    const [world] = settled(2);
    assert.equal(world.timers.has("sync"), false);
  });
});
