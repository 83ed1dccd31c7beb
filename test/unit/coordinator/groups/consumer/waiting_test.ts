/** Heartbeats that wait for news, and those no group could take. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { alone, heartbeat, owned, steady } from "./driver.ts";

describe("heartbeats that make no sense", () => {
  const cases: [string, Parameters<typeof heartbeat>[0], string][] = [
    ["an empty group id", { group: "" }, "INVALID_REQUEST"],
    ["an empty instance id", { instanceId: "" }, "INVALID_REQUEST"],
    ["an empty rack id", { rackId: "" }, "INVALID_REQUEST"],
    ["an epoch below -2", { memberEpoch: -3 }, "INVALID_REQUEST"],
    ["-2 without an instance id", { memberEpoch: -2 }, "INVALID_REQUEST"],
    ["no member id but an epoch", { memberId: "", memberEpoch: 1 }, "INVALID_REQUEST"],
    ["joining without a rebalance timeout", { rebalanceTimeoutMs: -1 }, "INVALID_REQUEST"],
    ["joining with partitions", { ownedPartitions: owned(1) }, "INVALID_REQUEST"],
    ["joining without saying what is owned", { ownedPartitions: null }, "INVALID_REQUEST"],
    ["joining without a subscription", { subscribedTopics: null }, "INVALID_REQUEST"],
    ["an assignor nobody knows", { serverAssignor: "mine" }, "UNSUPPORTED_ASSIGNOR"],
    ["a pattern that is none", { subscribedPattern: "(" }, "INVALID_REGULAR_EXPRESSION"],
  ];
  for (const [what, changes, code] of cases) {
    it(`are refused: ${what}`, () => {
      const driver = alone();
      const { group } = driver;
      assert.equal(driver.ask(heartbeat(changes)).fault?.code, code);
      assert.equal(driver.group, group);
    });
  }
});

describe("heartbeats that wait", () => {
  const WAIT = { waitMsMax: 30_000 };

  it("are answered when the member is to give partitions up", () => {
    const driver = alone();
    const id = driver.send(steady("a", 1, WAIT));
    assert.equal(driver.answer(id), null);
    driver.ask(heartbeat({ memberId: "b" }));
    assert.deepEqual([driver.answer(id)!.memberEpoch, driver.answer(id)!.assignment], [1, owned(0, 1)]);
  });

  it("are answered when what the member waits for is free", () => {
    const driver = alone();
    driver.ask(heartbeat({ memberId: "b" }));
    const id = driver.send(steady("b", 2, WAIT));
    driver.ask(steady("a", 1));
    assert.equal(driver.answer(id), null);
    driver.ask(steady("a", 1, { ownedPartitions: owned(0, 1) }));
    assert.deepEqual(driver.answer(id)!.assignment, owned(2));
  });

  it("are answered when somebody else's session ends", () => {
    const driver = alone();
    driver.ask(heartbeat({ memberId: "b" }));
    driver.pass(44_000);
    const id = driver.send(steady("b", 2, WAIT));
    driver.pass(1_000);
    assert.deepEqual([driver.answer(id)!.memberEpoch, driver.answer(id)!.assignment], [3, owned(0, 1, 2)]);
  });

  it("are answered with nothing new after as long as members are told to be silent", () => {
    const driver = alone();
    const id = driver.send(steady("a", 1, WAIT));
    driver.pass(4_999);
    assert.equal(driver.answer(id), null);
    driver.pass(1);
    assert.deepEqual([driver.answer(id)!.memberEpoch, driver.answer(id)!.assignment], [1, null]);
    assert.equal(driver.group!.contacts.get("a")!.parkedId, null);
  });

  it("are answered at once when there is something new", () => {
    const driver = alone();
    driver.addPartitions("t", 1);
    assert.deepEqual(driver.ask(steady("a", 1, WAIT)).assignment, owned(0, 1, 2, 3));
  });

  it("are answered when the topics change", () => {
    const driver = alone();
    const id = driver.send(steady("a", 1, WAIT));
    driver.addPartitions("t", 1);
    driver.refresh();
    assert.deepEqual(driver.answer(id)!.assignment, owned(0, 1, 2, 3));
  });

  it("give way to a newer one of the same member", () => {
    const driver = alone();
    const older = driver.send(steady("a", 1, WAIT));
    const newer = driver.send(steady("a", 1, WAIT));
    assert.equal(driver.answer(older)!.assignment, null);
    assert.equal(driver.answer(newer), null);
    driver.pass(5_000);
    assert.ok(driver.answer(newer));
  });

  it("are refused when their member goes", () => {
    const driver = alone();
    const id = driver.send(steady("a", 1, WAIT));
    driver.ask(steady("a", -1));
    assert.equal(driver.answer(id)!.fault?.code, "UNKNOWN_MEMBER_ID");
    assert.equal(driver.timers.size, 0);
  });
});
