/** Classic members of a group of the consumer protocol: join, sync, heartbeat, leave, and what they are told. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { assignedOf, ClassicClient, subscription } from "./classic_client.ts";
import { alone, Driver, heartbeat, owned, steady, topicId } from "./driver.ts";

describe("classic members of a group of the consumer protocol", () => {
  it("join one that never was classic", () => {
    const driver = alone();
    const c = new ClassicClient(driver, "");
    const asked = c.join([], { needsMemberId: true });
    assert.equal(asked.fault?.code, "MEMBER_ID_REQUIRED");
    c.memberId = asked.memberId;
    const joined = c.join([], { needsMemberId: true });
    assert.deepEqual([joined.fault, joined.generation, joined.leader, joined.protocol], [
      null,
      2,
      "",
      "range",
    ]);
    assert.deepEqual(assignedOf(c.sync().assignment), []);
    driver.ask(steady("a", 1));
    driver.ask(steady("a", 1, { ownedPartitions: owned(0, 1) }));
    assert.equal(c.beat()?.code, "REBALANCE_IN_PROGRESS");
    c.join([]);
    assert.deepEqual(assignedOf(c.sync().assignment), [2]);
    assert.equal(c.beat(), null);
  });

  it("leave, and are out when they are silent, do not sync or do not join again", () => {
    for (const end of ["leave", "session", "sync", "join"]) {
      const driver = alone();
      const c = new ClassicClient(driver, "c");
      c.join([], { rebalanceTimeoutMs: 5_000 });
      if (end !== "sync") c.sync();
      if (end === "leave") assert.equal(c.leave().members[0]!.fault, null);
      if (end === "join") driver.addPartitions("t", 1);
      for (let seconds = 0; seconds < 12; seconds++) {
        driver.pass(1_000);
        if (end !== "session" && end !== "leave") c.beat();
        driver.ask(steady("a", driver.group!.members.get("a")!.memberEpoch));
      }
      assert.deepEqual([...driver.group!.members.keys()], ["a"], end);
    }
  });

  it("are told what is wrong", () => {
    const driver = alone();
    const c = new ClassicClient(driver, "c");
    const codes = [
      { sessionTimeoutMs: 1 },
      { protocolType: "connect" },
      { protocols: [] },
      { protocols: [{ name: "range", metadata: new Uint8Array([0, 0, 7]) }] },
      { instanceId: "nobody" },
    ].map((changes) => c.joined(driver.send(c.command(changes))).fault?.code);
    assert.deepEqual(codes, [
      "INVALID_SESSION_TIMEOUT",
      "INCONSISTENT_GROUP_PROTOCOL",
      "INCONSISTENT_GROUP_PROTOCOL",
      "INCONSISTENT_GROUP_PROTOCOL",
      "UNKNOWN_MEMBER_ID",
    ]);
    assert.equal(c.beat()?.code, "UNKNOWN_MEMBER_ID");
    assert.equal(c.sync().fault?.code, "UNKNOWN_MEMBER_ID");
    assert.equal(c.leave().members[0]!.fault?.code, "UNKNOWN_MEMBER_ID");
    c.join([]);
    c.generation = 7;
    assert.equal(c.beat()?.code, "ILLEGAL_GENERATION");
    c.memberId = "a";
    assert.equal(c.leave().members[0]!.fault?.code, "UNKNOWN_MEMBER_ID");
    const other = new ClassicClient(driver, "e");
    other.protocols = [{ name: "sticky", metadata: subscription(["t"]) }];
    assert.equal(other.joined(driver.send(other.command())).fault?.code, "INCONSISTENT_GROUP_PROTOCOL");
    assert.equal(driver.group!.members.size, 2);
  });

  it("go over to the consumer protocol under their own id", () => {
    const driver = alone();
    const c = new ClassicClient(driver, "c");
    c.join([]);
    c.sync();
    const moved = driver.ask(heartbeat({ memberId: "c" }));
    assert.deepEqual([moved.fault, moved.memberEpoch], [null, 2]);
    assert.equal(driver.group!.members.get("c")!.classic, null);
    assert.ok(!driver.timers.has("sync:c"));
  });

  it("follow topics that grow", () => {
    const driver = new Driver();
    driver.ask(heartbeat());
    const c = new ClassicClient(driver, "c");
    c.join([]);
    driver.ask(steady("a", 1));
    driver.ask(steady("a", 1, { ownedPartitions: [{ topicId: topicId("t"), partitions: [0, 1] }] }));
    c.join([]);
    assert.equal(c.beat(), null);
    driver.addPartitions("t", 3);
    assert.equal(c.beat()?.code, "REBALANCE_IN_PROGRESS");
    assert.equal(c.sync().fault?.code, "REBALANCE_IN_PROGRESS");
    c.join([2]);
    assert.equal(assignedOf(c.sync().assignment).length, 3);
  });
});
