/** Static members of the consumer protocol go for a while and come back. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { stateOfConsumer } from "../../../../../src/coordinator/groups/consumer/mod.ts";
import { Driver, heartbeat, owned, steady } from "./driver.ts";

describe("static members", () => {
  const INSTANCE = { instanceId: "i" };

  function withStatic(): Driver {
    const driver = new Driver();
    driver.ask(heartbeat(INSTANCE));
    driver.ask(heartbeat({ memberId: "b" }));
    driver.ask(steady("a", 1, INSTANCE));
    driver.ask(steady("a", 1, { ...INSTANCE, ownedPartitions: owned(0, 1) }));
    driver.ask(steady("b", 2));
    return driver;
  }

  it("come back under another id to what they had, and nobody else moves", () => {
    const driver = withStatic();
    assert.equal(driver.ask(steady("a", -2, INSTANCE)).memberEpoch, -2);
    assert.equal(driver.ask(steady("b", 2)).memberEpoch, 2);
    const back = driver.ask(heartbeat({ ...INSTANCE, memberId: "c" }));
    assert.deepEqual([back.memberEpoch, back.assignment], [2, owned(0, 1)]);
    assert.equal(driver.group!.epoch, 2);
    assert.equal(driver.ask(steady("a", 2, INSTANCE)).fault?.code, "FENCED_INSTANCE_ID");
    assert.equal(stateOfConsumer(driver.group!), "Stable");
  });

  it("come back under the same id", () => {
    const driver = withStatic();
    driver.ask(steady("a", -2, INSTANCE));
    assert.deepEqual(driver.ask(heartbeat(INSTANCE)).assignment, owned(0, 1));
  });

  it("are not replaced while they are there", () => {
    const reply = withStatic().ask(heartbeat({ ...INSTANCE, memberId: "c" }));
    assert.equal(reply.fault?.code, "UNRELEASED_INSTANCE_ID");
  });

  it("lose what they had when their session ends while they are away", () => {
    const driver = withStatic();
    driver.ask(steady("a", -2, INSTANCE));
    for (let seconds = 0; seconds < 45; seconds++) {
      driver.pass(1_000);
      driver.ask(steady("b", driver.group!.members.get("b")!.memberEpoch));
    }
    assert.deepEqual([...driver.group!.members.keys()], ["b"]);
  });

  it("free what they were to give up when they go for a while", () => {
    const driver = new Driver();
    driver.ask(heartbeat(INSTANCE));
    driver.ask(heartbeat({ memberId: "b" }));
    driver.ask(steady("a", 1, INSTANCE));
    driver.ask(steady("a", -2, INSTANCE));
    assert.deepEqual(driver.ask(steady("b", 2)).assignment, owned(2));
  });

  it("leave for good by -1", () => {
    const driver = withStatic();
    driver.ask(steady("a", -1, INSTANCE));
    assert.deepEqual(driver.ask(steady("b", 2)).assignment, owned(0, 1, 2));
    assert.equal(driver.ask(steady("a", -2, INSTANCE)).fault?.code, "UNKNOWN_MEMBER_ID");
  });
});
