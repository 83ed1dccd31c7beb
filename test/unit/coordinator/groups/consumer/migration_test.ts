/** Groups that change their protocol while they run, and back. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { describeConsumer, stateOfConsumer } from "../../../../../src/coordinator/groups/consumer/mod.ts";
import { assignedOf, assignment, ClassicClient, subscription } from "./classic_client.ts";
import { alone, Driver, heartbeat, owned, steady } from "./driver.ts";

/** A classic group of `c` and `d`, settled in generation 2: `c` has 0 and 1, `d` has 2. */
function classicGroup(settings = {}): { driver: Driver; c: ClassicClient; d: ClassicClient } {
  const driver = new Driver({ t: 3 }, settings);
  const [c, d] = [new ClassicClient(driver, ""), new ClassicClient(driver, "")];
  const first = driver.send(c.command());
  driver.pass(0);
  c.joined(first);
  const second = driver.send(d.command());
  const again = driver.send(c.command());
  d.joined(second);
  c.joined(again);
  const syncing = { kind: "sync_group", group: "g", generation: 2, instanceId: null } as const;
  const words = { protocolType: "consumer", protocol: "range" };
  const assignments = [{ memberId: c.memberId, assignment: assignment([0, 1]) }, {
    memberId: d.memberId,
    assignment: assignment([2]),
  }];
  driver.send({ ...syncing, ...words, memberId: c.memberId, assignments });
  driver.send({ ...syncing, ...words, memberId: d.memberId, assignments: [] });
  assert.equal(driver.classic?.state, "Stable");
  return { driver, c, d };
}

describe("upgradeClassic", () => {
  it("makes a group of the consumer protocol whose classic members keep what they have", () => {
    const { driver, c, d } = classicGroup();
    const joined = driver.ask(heartbeat());
    assert.deepEqual([joined.fault, joined.memberEpoch, joined.assignment], [null, 3, []]);
    assert.equal(driver.classic, null);
    assert.equal(driver.replayedClassic, null);
    const shown = describeConsumer(driver.group!, driver.settings).members;
    assert.deepEqual(shown.map(({ isClassic }) => isClassic), [true, true, false]);
    assert.deepEqual(shown.map((member) => member.assignment), [owned(0, 1), owned(2), []]);
    assert.equal(c.beat()?.code, "REBALANCE_IN_PROGRESS");
    assert.equal(d.beat()?.code, "REBALANCE_IN_PROGRESS");
  });

  it("moves partitions from cooperative classic members as they let go", () => {
    const { driver, c, d } = classicGroup();
    driver.ask(heartbeat());
    assert.equal(d.join([2]).generation, 3);
    assert.deepEqual(assignedOf(d.sync().assignment), [2]);
    assert.equal(d.beat(), null);

    assert.equal(c.join([0, 1]).generation, 2);
    assert.deepEqual(assignedOf(c.sync().assignment), [0]);
    assert.equal(driver.ask(steady("a", 3)).assignment, null);
    assert.equal(c.beat()?.code, "REBALANCE_IN_PROGRESS");
    assert.equal(c.join([0]).generation, 3);
    assert.deepEqual(assignedOf(c.sync().assignment), [0]);
    assert.deepEqual(driver.ask(steady("a", 3)).assignment, owned(1));
    assert.equal(c.beat(), null);
    assert.equal(stateOfConsumer(driver.group!), "Stable");
  });

  it("moves partitions at once from members that gave up everything to join", () => {
    const { driver, c } = classicGroup();
    driver.ask(heartbeat());
    assert.deepEqual(c.join([]).generation, 3);
    assert.deepEqual(assignedOf(c.sync().assignment), [0]);
    assert.deepEqual(driver.ask(steady("a", 3)).assignment, owned(1));
  });

  it("sends members back that wait for the end of a phase", () => {
    const { driver, c, d } = classicGroup();
    const parked = driver.send(
      c.command({ protocols: [{ name: "range", metadata: subscription(["t", "u"]) }] }),
    );
    assert.ok(!driver.answers.has(parked));
    driver.ask(heartbeat());
    assert.equal(c.joined(parked).fault?.code, "REBALANCE_IN_PROGRESS");
    assert.equal(driver.group!.members.size, 3);
    assert.equal(d.beat()?.code, "REBALANCE_IN_PROGRESS");
  });

  it("takes an empty classic group away", () => {
    const { driver, c, d } = classicGroup({ migration: "disabled" });
    c.leave();
    d.leave();
    driver.pass(60_000);
    assert.equal(driver.classic?.state, "Empty");
    assert.deepEqual(driver.ask(heartbeat()).assignment, owned(0, 1, 2));
    assert.equal(driver.replayedClassic, null);
  });

  it("gives a partition that two classic members have to one of them", () => {
    const { driver, c, d } = classicGroup();
    const members = new Map(
      [...driver.classic!.members].map(([id, member]) => [id, { ...member, assignment: assignment([0, 1]) }]),
    );
    driver.classic = { ...driver.classic!, members };
    const { generation } = driver.classic;
    driver.ask(heartbeat());
    assert.deepEqual(
      driver.group!.members.get(c.memberId)!.assigned,
      owned(0, 1).map((places) => ({ ...places, epochs: [generation, generation] })),
      "and has it since the generation that gave it",
    );
    assert.deepEqual(driver.group!.members.get(d.memberId)!.assigned, []);
  });

  it("waits for what a cooperative member had and was not given again", () => {
    const { driver, c } = classicGroup();
    const before = driver.classic!.members.get(c.memberId)!;
    const protocols = [{ name: "range", metadata: subscription(["t"], [0, 1]) }];
    const changed = { ...before, protocols, assignment: assignment([0]) };
    driver.classic = {
      ...driver.classic!,
      members: new Map(driver.classic!.members).set(c.memberId, changed),
    };
    assert.deepEqual(driver.ask(heartbeat()).assignment, []);
    assert.equal(driver.ask(steady("a", 3)).assignment, null);
    assert.equal(c.beat()?.code, "REBALANCE_IN_PROGRESS");
    c.join([0]);
    assert.deepEqual(driver.ask(steady("a", 3)).assignment, owned(1));
  });

  const refusals: [string, object, Parameters<typeof heartbeat>[0]][] = [
    ["the policy forbids it", { migration: "disabled" }, {}],
    ["the policy allows only the way back", { migration: "downgrade" }, {}],
    ["the member does not begin with epoch 0", {}, { memberEpoch: 3 }],
    ["the group is too large", { consumerMembersMax: 1 }, {}],
  ];
  for (const [what, settings, changes] of refusals) {
    it(`leaves the group alone when ${what}`, () => {
      const { driver, c } = classicGroup(settings);
      const before = driver.classic;
      assert.equal(driver.ask(heartbeat(changes)).fault?.code, "GROUP_ID_NOT_FOUND");
      assert.equal(driver.classic, before);
      assert.equal(c.beat(), null);
    });
  }

  it("leaves the group alone when the group would be too large with the new member", () => {
    const { driver } = classicGroup({ consumerMembersMax: 2 });
    const before = driver.classic;
    assert.equal(driver.ask(heartbeat()).fault?.code, "GROUP_MAX_SIZE_REACHED");
    assert.equal(driver.classic, before);
  });

  it("leaves a group alone whose subscriptions cannot be read", () => {
    const driver = new Driver();
    const c = new ClassicClient(driver, "");
    const id = driver.send(
      c.command({ protocols: [{ name: "range", metadata: new Uint8Array([0, 1, 9]) }] }),
    );
    driver.pass(0);
    c.joined(id);
    assert.equal(driver.ask(heartbeat()).fault?.code, "GROUP_ID_NOT_FOUND");
    assert.equal(driver.classic!.members.size, 1);
  });
});

describe("the way back", () => {
  /** The upgraded group, settled: `a` of the consumer protocol has 1, `c` has 0, `d` has 2. */
  function mixed(settings = {}) {
    const world = classicGroup(settings);
    world.driver.ask(heartbeat());
    world.c.join([]);
    world.c.sync();
    world.d.join([2]);
    world.d.sync();
    world.driver.ask(steady("a", 3));
    return world;
  }

  it("makes a classic group whose members join again when the last of the consumer protocol leaves", () => {
    const { driver, c, d } = mixed();
    assert.equal(driver.ask(steady("a", -1)).fault, null);
    assert.equal(driver.group, null);
    assert.equal(driver.replayed, null);
    assert.equal(driver.replayedClassic!.generation, 3);
    assert.equal(driver.classic!.state, "PreparingRebalance");
    assert.equal(c.beat()?.code, "REBALANCE_IN_PROGRESS");
    const [first, second] = [driver.send(c.command()), driver.send(d.command())];
    assert.deepEqual([c.joined(first).generation, d.joined(second).generation], [4, 4]);
    assert.equal(c.joined(first).leader, c.memberId);
    const kept = [...driver.replayedClassic!.members.values()].map(({ assignment }) =>
      assignedOf(assignment)
    );
    assert.deepEqual(kept, [[0], [2]]);
  });

  it("happens when the last one's session ends", () => {
    const { driver, c, d } = mixed();
    for (let seconds = 0; seconds < 45; seconds += 5) {
      driver.pass(5_000);
      c.beat();
      d.beat();
    }
    assert.equal(driver.group, null);
    assert.equal(driver.classic!.members.size, 2);
    assert.ok([...driver.timers.keys()].every((key) => !key.endsWith(":a")));
  });

  it("does not happen when the policy forbids it, and the others share what was left", () => {
    const { driver, c } = mixed({ migration: "upgrade" });
    driver.ask(steady("a", -1));
    assert.equal(driver.classic, null);
    assert.equal(c.beat()?.code, "REBALANCE_IN_PROGRESS");
    c.join([0]);
    assert.deepEqual(assignedOf(c.sync().assignment), [0, 1]);
  });

  it("needs nobody to join when a classic member takes the place of the last one", () => {
    const driver = new Driver();
    driver.ask(heartbeat({ instanceId: "i" }));
    const c = new ClassicClient(driver, "");
    assert.equal(c.join([], { instanceId: "i" }).fault, null);
    assert.equal(driver.classic?.state, "Stable");
    assert.deepEqual(assignedOf(driver.classic!.members.get(c.memberId)!.assignment), [0, 1, 2]);
    assert.equal(driver.classic!.generation, c.generation);
  });

  it("happens when a classic member comes to a group without members", () => {
    const driver = alone({ migration: "disabled" });
    driver.ask(steady("a", -1));
    const c = new ClassicClient(driver, "");
    const id = driver.send(c.command());
    driver.pass(0);
    assert.equal(c.joined(id).generation, 1);
    assert.deepEqual([driver.group, driver.replayed], [null, null]);
  });
});
