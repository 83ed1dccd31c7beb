/** Members of the consumer protocol join, share, report, leave and fall silent. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { stateOfConsumer } from "../../../../../src/coordinator/groups/consumer/mod.ts";
import { alone, Driver, heartbeat, owned, steady, topicId } from "./driver.ts";

describe("decideConsumer", () => {
  it("gives the first member everything at once", () => {
    const driver = new Driver();
    const reply = driver.ask(heartbeat());
    assert.deepEqual(reply, {
      kind: "consumer_heartbeat",
      fault: null,
      memberId: "a",
      memberEpoch: 1,
      heartbeatIntervalMs: 5_000,
      assignment: owned(0, 1, 2),
    });
    assert.equal(stateOfConsumer(driver.group!), "Stable");
  });

  it("makes an id for a member that brings none", () => {
    const reply = new Driver().ask(heartbeat({ memberId: "" }));
    assert.equal(reply.memberId, "made-1");
  });

  it("says nothing new to a member that knows, and keeps no record of it", () => {
    const driver = alone();
    const count = driver.records.length;
    const before = driver.group;
    assert.equal(driver.ask(steady("a", 1)).assignment, null);
    assert.equal(driver.records.length, count);
    assert.equal(driver.group, before);
  });

  it("repeats the assignment to a member that says everything of itself", () => {
    const driver = alone();
    const reply = driver.ask(heartbeat({ memberEpoch: 1, ownedPartitions: owned(0) }));
    assert.deepEqual(reply.assignment, owned(0, 1, 2));
  });

  it("moves a partition only after its owner let it go", () => {
    const driver = alone();
    const joined = driver.ask(heartbeat({ memberId: "b" }));
    assert.deepEqual([joined.memberEpoch, joined.assignment], [2, []]);
    assert.equal(joined.heartbeatIntervalMs, 200);
    assert.equal(stateOfConsumer(driver.group!), "Reconciling");

    const told = driver.ask(steady("a", 1));
    assert.deepEqual([told.memberEpoch, told.assignment], [1, owned(0, 1)]);
    assert.equal(driver.ask(steady("b", 2)).assignment, null);
    assert.equal(driver.ask(steady("a", 1, { ownedPartitions: owned(0, 1, 2) })).memberEpoch, 1);

    const gaveUp = driver.ask(steady("a", 1, { ownedPartitions: owned(0, 1) }));
    assert.deepEqual([gaveUp.memberEpoch, gaveUp.assignment], [2, null]);
    const given = driver.ask(steady("b", 2));
    assert.deepEqual([given.assignment, given.heartbeatIntervalMs], [owned(2), 5_000]);
    assert.equal(stateOfConsumer(driver.group!), "Stable");
  });

  it("leaves members idle when there are more of them than partitions", () => {
    const driver = new Driver({ t: 1 });
    driver.ask(heartbeat());
    assert.deepEqual(driver.ask(heartbeat({ memberId: "b" })).assignment, []);
    driver.ask(steady("a", 1));
    assert.equal(stateOfConsumer(driver.group!), "Stable");
  });

  it("gives the partitions of one that leaves to the others", () => {
    const driver = alone();
    driver.ask(heartbeat({ memberId: "b" }));
    const left = driver.ask(steady("a", -1));
    assert.deepEqual([left.fault, left.memberEpoch], [null, -1]);
    assert.deepEqual(driver.ask(steady("b", 2)).assignment, owned(0, 1, 2));
  });

  it("keeps the group when its last member leaves, at a higher epoch", () => {
    const driver = alone();
    driver.ask(steady("a", -1));
    assert.equal(stateOfConsumer(driver.group!), "Empty");
    assert.equal(driver.timers.size, 0);
    assert.equal(driver.ask(heartbeat()).memberEpoch, 3);
  });

  it("takes a silent member out when its session ends", () => {
    const driver = alone();
    driver.ask(heartbeat({ memberId: "b" }));
    driver.pass(44_999);
    assert.equal(driver.ask(steady("b", 2)).assignment, null);
    driver.pass(1);
    assert.deepEqual(driver.ask(steady("b", 2)).assignment, owned(0, 1, 2));
    assert.equal(driver.ask(steady("a", 1)).fault?.code, "UNKNOWN_MEMBER_ID");
  });

  it("takes a member out that does not give up in its rebalance timeout", () => {
    const driver = alone();
    driver.ask(heartbeat({ memberId: "b" }));
    driver.ask(steady("a", 1));
    for (let seconds = 0; seconds < 59; seconds++) {
      driver.pass(1_000);
      driver.ask(steady("a", 1, { ownedPartitions: owned(0, 1, 2) }));
      driver.ask(steady("b", 2));
    }
    driver.pass(1_000);
    assert.deepEqual([...driver.group!.members.keys()], ["b"]);
  });

  it("follows topics that come, grow and go", () => {
    const driver = new Driver({ t: 1 });
    driver.ask(heartbeat({ subscribedTopics: ["t", "u"] }));
    driver.createTopic("u", 1);
    const grown = driver.ask(steady("a", 1));
    assert.deepEqual([grown.memberEpoch, grown.assignment?.length], [2, 2]);
    driver.addPartitions("t", 2);
    assert.deepEqual(driver.ask(steady("a", 2)).assignment?.[0], owned(0, 1, 2)[0]);
    driver.deleteTopic("u");
    assert.deepEqual(driver.ask(steady("a", 3)).assignment, owned(0, 1, 2));
  });

  it("does not move for topics nobody subscribes to", () => {
    const driver = alone();
    driver.createTopic("other", 5);
    assert.deepEqual(driver.ask(steady("a", 1)).memberEpoch, 1);
    assert.equal(driver.group!.epoch, 1);
  });

  it("notices after a restart that a topic grew", () => {
    const driver = alone();
    driver.addPartitions("t", 1);
    driver.restart();
    assert.deepEqual(driver.ask(steady("a", 1)).assignment, owned(0, 1, 2, 3));
  });

  it("follows a pattern's topics, without internal ones", () => {
    const driver = new Driver({ "orders-1": 1, other: 1 });
    const reply = driver.ask(heartbeat({ subscribedTopics: null, subscribedPattern: "orders-.*" }));
    assert.deepEqual(reply.assignment, [{ topicId: topicId("orders-1"), partitions: [0] }]);
    driver.createTopic("orders-2", 1);
    assert.equal(driver.ask(steady("a", 1)).assignment?.length, 2);
    driver.ask(steady("a", 2, { subscribedPattern: "", subscribedTopics: ["other"], ownedPartitions: [] }));
    assert.equal(driver.group!.patterns.size, 0);
  });

  it("uses the assignor most members ask for", () => {
    const driver = new Driver({ t: 2, u: 2 });
    const names = { subscribedTopics: ["t", "u"], serverAssignor: "range" };
    driver.ask(heartbeat(names));
    driver.ask(heartbeat({ ...names, memberId: "b" }));
    const targets = [...driver.group!.targets.values()];
    assert.deepEqual(targets.map((target) => target.map(({ partitions }) => partitions)), [[[0], [0]], [[1], [
      1,
    ]]]);
  });
});

describe("decideConsumer fences", () => {
  it("a member that is ahead", () => {
    assert.equal(alone().ask(steady("a", 2)).fault?.code, "FENCED_MEMBER_EPOCH");
  });

  it("a member that is behind, unless it can only have missed the last answer", () => {
    const driver = new Driver();
    driver.ask(heartbeat());
    driver.addPartitions("t", 1);
    driver.ask(steady("a", 1, { ownedPartitions: owned(0, 1, 2) }));
    const missed = driver.ask(steady("a", 1, { ownedPartitions: owned(0, 1, 2) }));
    assert.deepEqual([missed.fault, missed.memberEpoch, missed.assignment], [null, 2, owned(0, 1, 2, 3)]);
    const unsaid = driver.ask(steady("a", 1));
    assert.equal(unsaid.fault?.code, "FENCED_MEMBER_EPOCH");
    const more = driver.ask(steady("a", 1, { ownedPartitions: owned(7) }));
    assert.equal(more.fault?.code, "FENCED_MEMBER_EPOCH");
  });

  it("an old heartbeat of a member that was heard with the new epoch since", () => {
    const driver = alone();
    driver.addPartitions("t", 1);
    driver.ask(steady("a", 1));
    driver.ask(steady("a", 2));
    const late = driver.ask(steady("a", 1, { ownedPartitions: owned(0) }));
    assert.equal(late.fault?.code, "FENCED_MEMBER_EPOCH");
  });

  it("and lets a fenced member join again at its place", () => {
    const driver = alone();
    const again = driver.ask(heartbeat());
    assert.deepEqual([again.fault, again.memberEpoch, again.assignment], [null, 1, owned(0, 1, 2)]);
    assert.equal(driver.group!.epoch, 1);
  });

  it("the group's size", () => {
    const driver = alone({ consumerMembersMax: 1 });
    assert.equal(driver.ask(heartbeat({ memberId: "b" })).fault?.code, "GROUP_MAX_SIZE_REACHED");
    assert.equal(driver.ask(steady("a", 1)).fault, null);
  });

  it("members of groups that are not there", () => {
    const driver = new Driver();
    assert.equal(driver.ask(steady("a", 3)).fault?.code, "GROUP_ID_NOT_FOUND");
    assert.equal(driver.group, null);
  });
});
