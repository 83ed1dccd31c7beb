/** Who may commit and fetch offsets of a group of the consumer protocol, and how the group is shown. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { CommitOffsetsCommand } from "../../../../../src/model/mod.ts";
import {
  checkConsumerCommit,
  checkConsumerFetch,
  describeConsumer,
  topicsOfConsumer,
  touchConsumer,
} from "../../../../../src/coordinator/groups/consumer/mod.ts";
import { ClassicClient } from "./classic_client.ts";
import { alone, heartbeat, owned, steady } from "./driver.ts";

function commit(changes: Partial<CommitOffsetsCommand>): CommitOffsetsCommand {
  return {
    kind: "commit_offsets",
    group: "g",
    memberId: "a",
    instanceId: null,
    generation: 1,
    retentionMs: -1,
    knowsMemberEpochs: true,
    entries: [],
    ...changes,
  };
}

/** `a` of the consumer protocol at epoch 1, and the classic member `c` at 2. */
function mixed() {
  const driver = alone();
  new ClassicClient(driver, "c").join([]);
  return driver;
}

describe("checkConsumerCommit", () => {
  const cases: [string, Partial<CommitOffsetsCommand>, string | undefined][] = [
    ["takes a member's at its epoch", {}, undefined],
    ["refuses one of another epoch", { generation: 2 }, "STALE_MEMBER_EPOCH"],
    ["refuses one of nobody", { memberId: "x" }, "UNKNOWN_MEMBER_ID"],
    [
      "refuses one without membership while there are members",
      { memberId: "", generation: -1 },
      "UNKNOWN_MEMBER_ID",
    ],
    ["refuses a version that has no member epochs", { knowsMemberEpochs: false }, "UNSUPPORTED_VERSION"],
    ["takes a classic member's", { memberId: "c", generation: 2, knowsMemberEpochs: false }, undefined],
    ["refuses a classic member's of another generation", { memberId: "c" }, "ILLEGAL_GENERATION"],
  ];
  for (const [what, changes, code] of cases) {
    it(what, () => assert.equal(checkConsumerCommit(mixed().group!, commit(changes))?.code, code));
  }

  it("takes one without membership when there are no members", () => {
    const driver = alone();
    driver.ask(steady("a", -1));
    assert.equal(checkConsumerCommit(driver.group!, commit({ memberId: "", generation: -1 })), null);
  });
});

describe("checkConsumerFetch", () => {
  it("takes members at their epoch, and whoever does not say who it is", () => {
    const group = mixed().group!;
    const codes = ([["a", 1], ["a", 3], ["x", 1], [null, -1], ["", -1], ["c", 1]] as const)
      .map(([memberId, epoch]) => checkConsumerFetch(group, memberId, epoch)?.code);
    assert.deepEqual(codes, [
      undefined,
      "STALE_MEMBER_EPOCH",
      "UNKNOWN_MEMBER_ID",
      undefined,
      undefined,
      "ILLEGAL_GENERATION",
    ]);
  });
});

describe("touchConsumer", () => {
  it("begins the session of classic members alone", () => {
    const driver = mixed();
    assert.deepEqual(touchConsumer(driver.group!, "a", driver.context), []);
    assert.deepEqual(touchConsumer(driver.group!, "c", driver.context), [
      { key: "session:c", dueMs: driver.nowMs + 10_000 },
    ]);
  });
});

describe("describeConsumer", () => {
  it("shows what members own, what they are to give up too, and what they are to have", () => {
    const driver = alone();
    driver.createTopic("u-1", 1);
    driver.ask(heartbeat({ memberId: "b", subscribedPattern: "u-.*", serverAssignor: "range" }));
    driver.ask(steady("a", 1));
    const shown = describeConsumer(driver.group!, driver.settings);
    assert.deepEqual(
      [shown.state, shown.groupEpoch, shown.assignmentEpoch, shown.assignor],
      ["Reconciling", 2, 2, "range"],
    );
    assert.deepEqual(shown.members.map(({ assignment }) => assignment)[0], owned(0, 1, 2));
    assert.deepEqual(shown.members.map(({ targetAssignment }) => targetAssignment)[0], owned(0, 1));
    assert.deepEqual([...topicsOfConsumer(driver.group!)].sort(), ["t", "u-1"]);
  });
});
