import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { commitOf, CoordinatorWorld, joinOf, toCommit } from "./coordinator_world.ts";

const DAY_MS = 86_400_000;

function world(): CoordinatorWorld {
  const made = new CoordinatorWorld();
  made.createTopics("orders", "bills");
  return made;
}

describe("commit_offsets", () => {
  it("makes a group without members for who is none, and keeps the offset over a restart", () => {
    const made = world();
    assert.equal(made.commit("readers", "orders", 5), "");
    made.restart();
    assert.deepEqual(made.committed("readers"), ["orders-0@5"]);
    assert.deepEqual(made.listed(), ["readers Classic Empty"]);
  });

  it("refuses each partition that does not exist by itself, and asks no group for those alone", () => {
    const made = world();
    const entries = [toCommit("orders", 9, 1), toCommit("orders", 1, 2), toCommit("nothing", 0, 3)];
    const { entries: answered } = made.ask("offsets_committed", commitOf("readers", entries));
    assert.deepEqual(answered.map(({ topic, partition, fault }) => [topic, partition, fault?.code]), [
      ["orders", 9, "UNKNOWN_TOPIC_OR_PARTITION"],
      ["orders", 1, undefined],
      ["nothing", 0, "UNKNOWN_TOPIC_OR_PARTITION"],
    ]);
    assert.deepEqual(made.committed("readers"), ["orders-1@2"]);
    assert.equal(made.commit("others", "nothing", 1, { generation: 3 }), "UNKNOWN_TOPIC_OR_PARTITION");
    assert.deepEqual(made.listed(), ["readers Classic Empty"]);
  });

  it("refuses metadata that is too long and keeps what is just short enough", () => {
    const made = world();
    const entries = [
      toCommit("orders", 0, 1, "x".repeat(4_096)),
      toCommit("orders", 1, 1, "x".repeat(4_097)),
    ];
    const { entries: answered } = made.ask("offsets_committed", commitOf("readers", entries));
    assert.deepEqual(answered.map(({ fault }) => fault?.code), [undefined, "OFFSET_METADATA_TOO_LARGE"]);
    assert.deepEqual(made.committed("readers"), ["orders-0@1"]);
  });

  it("tells members of a group that is not there so, in the words their version knows", () => {
    const made = world();
    const member = { memberId: "m", generation: 3 };
    assert.equal(made.commit("readers", "orders", 1, member), "ILLEGAL_GENERATION");
    assert.equal(
      made.commit("readers", "orders", 1, { ...member, knowsMemberEpochs: true }),
      "GROUP_ID_NOT_FOUND",
    );
    assert.deepEqual(made.listed(), []);
  });

  it("takes a member's offsets in its generation, and nobody else's while there are members", () => {
    const made = world();
    const member = made.joinAlone("readers");
    assert.equal(made.commit("readers", "orders", 7, member), "");
    assert.equal(made.commit("readers", "orders", 8), "UNKNOWN_MEMBER_ID");
    assert.equal(made.commit("readers", "orders", 8, { ...member, generation: 9 }), "ILLEGAL_GENERATION");
    assert.deepEqual(made.committed("readers"), ["orders-0@7"]);
  });

  it("counts as a heartbeat of its member", () => {
    const made = world();
    const member = made.joinAlone("readers", { sessionTimeoutMs: 10_000 });
    made.pass(9_000);
    assert.equal(made.commit("readers", "orders", 1, member), "");
    made.pass(9_000);
    assert.deepEqual(made.listed(), ["readers Classic Stable"]);
    made.pass(1_000);
    assert.deepEqual(made.listed(), ["readers Classic Empty"]);
  });

  it("keeps metadata, leader epoch and any offset as they came", () => {
    const made = world();
    const entry = { topic: "orders", partition: 0, offset: -1, leaderEpoch: 3, metadata: "so far" };
    made.ask("offsets_committed", commitOf("", [entry]));
    made.restart();
    const groups = [{
      group: "",
      memberId: "",
      memberEpoch: -1,
      entries: [{ topic: "orders", partition: 0 }],
    }];
    const reply = made.ask("offsets_fetched", { kind: "fetch_offsets", requireStable: false, groups });
    assert.deepEqual(reply.groups, [{ group: "", fault: null, entries: [{ ...entry, fault: null }] }]);
  });
});

describe("fetch_offsets", () => {
  it("answers group by group, with -1 and no fault for what nobody committed", () => {
    const made = world();
    made.commit("readers", "orders", 5);
    const entries = [{ topic: "orders", partition: 0 }, { topic: "orders", partition: 1 }];
    const groups = ["readers", "nobody"].map((group) => ({
      group,
      memberId: null,
      memberEpoch: -1,
      entries,
    }));
    const reply = made.ask("offsets_fetched", { kind: "fetch_offsets", requireStable: true, groups });
    assert.deepEqual(
      reply.groups.map(({ group, fault, entries }) => [group, fault, entries.map(({ offset }) => offset)]),
      [["readers", null, [5, -1]], ["nobody", null, [-1, -1]]],
    );
    assert.deepEqual(made.committed("nobody"), []);
  });

  it("refuses what would make a huge answer, and nothing before it", () => {
    const made = world();
    made.ask("offsets_committed", commitOf("readers", [toCommit("orders", 0, 1, "x".repeat(4_096))]));
    const entry = { topic: "orders", partition: 0 };
    const groups = [1, 20_000, 1].map((count) => ({
      group: "readers",
      memberId: null,
      memberEpoch: -1,
      entries: Array.from({ length: count }, () => entry),
    }));
    const reply = made.ask("offsets_fetched", { kind: "fetch_offsets", requireStable: false, groups });
    assert.deepEqual(
      reply.groups.map(({ fault, entries }) => [fault?.code, entries.length]),
      [[undefined, 1], ["INVALID_REQUEST", 0], ["INVALID_REQUEST", 0]],
    );
  });
});

describe("delete_offsets", () => {
  const remove = (made: CoordinatorWorld, group: string, ...topics: string[]) => {
    const entries = topics.map((topic) => ({ topic, partition: 0 }));
    const reply = made.ask("offsets_deleted", { kind: "delete_offsets", group, entries });
    return [reply.fault?.code ?? "", ...reply.entries.map(({ fault }) => fault?.code ?? "")];
  };

  it("deletes what no member reads, also what is not there, and refuses what a member reads", () => {
    const made = world();
    const member = made.joinAlone("readers");
    made.commit("readers", "orders", 1, member);
    made.commit("readers", "bills", 2, member);
    assert.deepEqual(remove(made, "readers", "orders", "bills", "nothing"), [
      "",
      "GROUP_SUBSCRIBED_TO_TOPIC",
      "",
      "UNKNOWN_TOPIC_OR_PARTITION",
    ]);
    made.restart();
    assert.deepEqual(made.committed("readers"), ["orders-0@1"]);
    made.leave("readers", member.memberId);
    assert.deepEqual(remove(made, "readers", "orders"), ["", ""]);
    assert.deepEqual(made.committed("readers"), []);
  });

  it("wants a name, a group, and one without members unless they are consumers", () => {
    const made = world();
    assert.deepEqual(remove(made, "", "orders"), ["INVALID_GROUP_ID"]);
    assert.deepEqual(remove(made, "readers", "orders"), ["GROUP_ID_NOT_FOUND"]);
    made.joinAlone("workers", { protocolType: "connect" });
    assert.deepEqual(remove(made, "workers", "orders"), ["NON_EMPTY_GROUP"]);
  });
});

describe("offsets", () => {
  it("of a group that never had members expire by their commit, and the group goes with the last one", () => {
    const made = world();
    made.commit("readers", "orders", 1);
    made.pass(6 * DAY_MS);
    made.commit("readers", "bills", 2);
    made.pass(DAY_MS + 600_000);
    assert.deepEqual(made.committed("readers"), ["bills-0@2"]);
    made.pass(6 * DAY_MS);
    assert.deepEqual(made.listed(), []);
    made.restart();
    assert.deepEqual([made.committed("readers"), made.listed()], [[], []]);
  });

  it("of a group expire when it has been empty long enough, however old they are", () => {
    const made = world();
    const member = made.joinAlone("readers", { sessionTimeoutMs: 1_800_000 });
    made.commit("readers", "orders", 1, member);
    const heartbeat = { kind: "heartbeat_group", group: "readers", instanceId: null, ...member } as const;
    for (let hour = 0; hour < 24 * 8; hour += 1 / 3) {
      made.pass(1_200_000);
      made.ask("group_heartbeat", heartbeat);
    }
    made.leave("readers", member.memberId);
    assert.deepEqual(made.committed("readers"), ["orders-0@1"]);
    made.pass(6 * DAY_MS);
    made.restart();
    assert.deepEqual(made.committed("readers"), ["orders-0@1"]);
    made.pass(DAY_MS + 600_000);
    assert.deepEqual([made.committed("readers"), made.listed()], [[], []]);
  });

  it("of topics that no member reads any more expire by their commit, the others stay", () => {
    const made = world();
    const member = made.joinAlone("readers", { sessionTimeoutMs: 1_800_000 });
    made.commit("readers", "orders", 1, member);
    made.commit("readers", "bills", 2, member);
    for (let round = 0; round < 8 * 72; round++) {
      made.pass(1_200_000);
      made.ask("group_heartbeat", { kind: "heartbeat_group", group: "readers", instanceId: null, ...member });
    }
    assert.deepEqual(made.committed("readers"), ["orders-0@1"]);
  });

  it("expire when an old client said", () => {
    const made = world();
    made.commit("readers", "orders", 1, { retentionMs: 1_000 });
    made.commit("readers", "bills", 1, { retentionMs: Number.MAX_SAFE_INTEGER });
    made.restart();
    made.pass(600_000);
    assert.deepEqual(made.committed("readers"), ["bills-0@1"]);
    made.pass(30 * DAY_MS);
    assert.deepEqual(made.committed("readers"), ["bills-0@1"]);
  });

  it("leave a group alone that somebody is about to join", () => {
    const made = world();
    const [id] = made.send(joinOf("readers", { needsMemberId: true, sessionTimeoutMs: 1_800_000 }));
    const told = made.replies.get(id!);
    assert(told?.kind === "group_joined" && told.fault?.code === "MEMBER_ID_REQUIRED");
    made.pass(600_000);
    const [again] = made.send(joinOf("readers", { memberId: told.memberId }));
    made.pass(0);
    const joined = made.replies.get(again!);
    assert(joined?.kind === "group_joined" && joined.fault === null);
  });

  it("go with their topic, in every group, and do not come back with a topic of the same name", () => {
    const made = world();
    made.commit("readers", "orders", 1);
    made.commit("others", "orders", 2);
    made.commit("others", "bills", 3);
    made.ask("topics_changed", { kind: "delete_topics", topics: ["orders"] });
    made.createTopics("orders");
    assert.deepEqual([made.committed("readers"), made.committed("others")], [[], ["bills-0@3"]]);
    made.restart();
    assert.deepEqual([made.committed("readers"), made.committed("others")], [[], ["bills-0@3"]]);
  });
});
