import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { CoordinatorWorld, joinOf } from "./coordinator_world.ts";

function world(): CoordinatorWorld {
  const made = new CoordinatorWorld();
  made.createTopics("orders");
  return made;
}

describe("list_groups", () => {
  it("filters by state and type, whatever the case, and both together", () => {
    const made = world();
    made.commit("committed", "orders", 1);
    made.joinAlone("steady");
    made.joinAlone("workers", { protocolType: "connect" });
    const all = ["committed Classic Empty", "steady Classic Stable", "workers Classic Stable"];
    assert.deepEqual(made.listed(), all);
    assert.deepEqual(made.listed(["sTABLE"]), all.slice(1));
    assert.deepEqual(made.listed(["Empty", "stable"], ["CLASSIC"]), all);
    assert.deepEqual(made.listed([], ["consumer"]), []);
    assert.deepEqual(made.listed(["no such state"]), []);
    const { groups } = made.ask("groups_listed", { kind: "list_groups", states: [], types: [] });
    assert.deepEqual(groups.map(({ protocolType }) => protocolType), ["", "consumer", "connect"]);
  });
});

describe("describe_groups", () => {
  it("shows what there is, and a group that is not there as dead", () => {
    const made = world();
    const { memberId } = made.joinAlone("steady");
    const command = { kind: "describe_groups", groups: ["nobody", "steady"] } as const;
    const [nobody, steady] = made.ask("groups_described", command).groups;
    assert.deepEqual([nobody?.fault?.code, nobody?.state], ["GROUP_ID_NOT_FOUND", "Dead"]);
    assert(steady?.type === "Classic");
    assert.deepEqual([steady.fault, steady.state, steady.protocol], [null, "Stable", "range"]);
    assert.deepEqual(steady.members.map((member) => member.memberId), [memberId]);
  });

  it("shows a group once, however often it is named", () => {
    const made = world();
    made.joinAlone("steady");
    const command = { kind: "describe_groups", groups: ["steady", "nobody", "steady", "nobody"] } as const;
    const { groups } = made.ask("groups_described", command);
    assert.deepEqual(groups.map(({ group }) => group), ["steady", "nobody"]);
  });
});

describe("delete_groups", () => {
  it("takes a group and its offsets away for good, when it has no members", () => {
    const made = world();
    const { memberId, generation } = made.joinAlone("readers");
    made.commit("readers", "orders", 1, { memberId, generation });
    made.joinAlone("busy");
    made.leave("readers", memberId);
    const command = { kind: "delete_groups", groups: ["readers", "busy", "nobody"] } as const;
    const { groups } = made.ask("groups_deleted", command);
    assert.deepEqual(groups.map(({ group, fault }) => [group, fault?.code ?? ""]), [
      ["readers", ""],
      ["busy", "NON_EMPTY_GROUP"],
      ["nobody", "GROUP_ID_NOT_FOUND"],
    ]);
    assert.deepEqual([made.listed(), made.committed("readers")], [["busy Classic Stable"], []]);
    made.restart();
    assert.deepEqual([made.listed(), made.committed("readers")], [["busy Classic Stable"], []]);
  });

  it("leaves no timer of the group behind", () => {
    const made = world();
    const [id] = made.send(joinOf("readers", { needsMemberId: true }));
    const told = made.replies.get(id!);
    assert(told?.kind === "group_joined" && told.fault?.code === "MEMBER_ID_REQUIRED");
    made.ask("groups_deleted", { kind: "delete_groups", groups: ["readers"] });
    made.pass(60_000);
    assert.deepEqual(made.listed(), []);
    made.joinAlone("readers");
    assert.deepEqual(made.listed(), ["readers Classic Stable"]);
  });
});
