import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { ConsumerHeartbeatCommand, CoordinatorCommand, Reply } from "../../../../src/model/mod.ts";
import { commitOf, CoordinatorWorld, joinOf, toCommit } from "./coordinator_world.ts";

const LONG = "n".repeat(32_768);
/** Short enough by its characters, and too long by its bytes. */
const WIDE = "\ufffd".repeat(20_000);

function beat(more: Partial<ConsumerHeartbeatCommand>): ConsumerHeartbeatCommand {
  return {
    kind: "consumer_heartbeat",
    group: "readers",
    clientId: "",
    clientHost: "/127.0.0.1",
    memberId: "one",
    memberEpoch: 0,
    instanceId: null,
    rackId: null,
    rebalanceTimeoutMs: 1_000,
    subscribedTopics: ["orders"],
    subscribedPattern: null,
    serverAssignor: null,
    ownedPartitions: [],
    waitMsMax: 0,
    ...more,
  };
}

function answered(command: CoordinatorCommand): string {
  const world = new CoordinatorWorld();
  world.createTopics("orders");
  const [id] = world.send(command);
  const code = codeOf(world.replies.get(id!));
  // What was refused has left nothing, and nobody else notices.
  assert.deepEqual(world.listed(), []);
  assert.equal(world.commit("others", "orders", 1), "");
  return code;
}

function codeOf(reply: Reply | undefined): string {
  if (reply?.kind === "offsets_committed") return reply.entries[0]!.fault?.code ?? "";
  return reply !== undefined && "fault" in reply ? reply.fault?.code ?? "" : "no answer";
}

describe("a name that no record of a group can hold", () => {
  it("of a group is refused, whatever is asked of the group", () => {
    for (const group of [LONG, WIDE]) {
      assert.equal(answered(joinOf(group)), "INVALID_GROUP_ID");
      assert.equal(answered(beat({ group })), "INVALID_GROUP_ID");
      assert.equal(answered(commitOf(group, [toCommit("orders", 0, 1)])), "INVALID_GROUP_ID");
    }
  });

  it("of a member is refused when it joins", () => {
    for (const name of [LONG, WIDE]) {
      assert.equal(answered(joinOf("readers", { clientId: name })), "INVALID_REQUEST");
      assert.equal(answered(joinOf("readers", { instanceId: name })), "INVALID_REQUEST");
      assert.equal(answered(joinOf("readers", { protocolType: name })), "INVALID_REQUEST");
      const protocols = [{ name, metadata: new Uint8Array(1) }];
      assert.equal(answered(joinOf("readers", { protocols })), "INVALID_REQUEST");
      assert.equal(answered(beat({ memberId: name })), "INVALID_REQUEST");
      assert.equal(answered(beat({ instanceId: name })), "INVALID_REQUEST");
      assert.equal(answered(beat({ rackId: name })), "INVALID_REQUEST");
      assert.equal(answered(beat({ clientId: name })), "INVALID_REQUEST");
      assert.equal(answered(beat({ subscribedTopics: ["orders", name] })), "INVALID_REQUEST");
    }
  });

  it("is one that has room without the id a member is given behind it", () => {
    assert.equal(answered(joinOf("readers", { clientId: "n".repeat(32_740) })), "INVALID_REQUEST");
    assert.equal(answered(joinOf("readers", { instanceId: "n".repeat(32_740) })), "INVALID_REQUEST");
  });
});

describe("strategies that a member offers", () => {
  it("are refused when they are too many to be compared", () => {
    const named = (count: number) =>
      Array.from({ length: count }, (_, at) => ({ name: `p${at}`, metadata: new Uint8Array(0) }));
    assert.equal(answered(joinOf("readers", { protocols: named(101) })), "INCONSISTENT_GROUP_PROTOCOL");
    const world = new CoordinatorWorld();
    world.joinAlone("readers", { protocols: named(100) });
    assert.deepEqual(world.listed(), ["readers Classic Stable"]);
  });
});
