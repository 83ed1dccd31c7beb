/** Who may commit and fetch offsets of a group of the consumer protocol, and how the group is shown. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  applyEvent,
  type CommitOffsetsCommand,
  type Image,
  type OffsetToCommit,
} from "../../../../../src/model/mod.ts";
import {
  checkConsumerCommit,
  checkConsumerFetch,
  describeConsumer,
  topicsOfConsumer,
  touchConsumer,
} from "../../../../../src/coordinator/groups/consumer/mod.ts";
import { ClassicClient } from "./classic_client.ts";
import { alone, Driver, heartbeat, owned, steady, topicId } from "./driver.ts";

const STALE = "STALE_MEMBER_EPOCH";

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

/** `a` keeps 0 and 1 since epoch 1, `b` has 2 since epoch 2; both are at epoch 2. */
function shared(): Driver {
  const driver = alone();
  driver.ask(heartbeat({ memberId: "b" }));
  driver.ask(steady("a", 1));
  driver.ask(steady("a", 1, { ownedPartitions: owned(0, 1) }));
  driver.ask(steady("b", 2));
  assert.deepEqual(driver.group!.members.get("b")!.assigned, [
    { topicId: topicId("t"), partitions: [2], epochs: [2] },
  ]);
  return driver;
}

function entry(partition: number): OffsetToCommit {
  return { topic: "t", partition, offset: 5, leaderEpoch: -1, metadata: null };
}

/** What a commit of each partition of `t` by itself is answered. */
function codes(driver: Driver, memberId: string, generation: number): string[] {
  return [0, 1, 2].map((partition) => {
    const command = commit({ memberId, generation, entries: [entry(partition)] });
    return checkConsumerCommit(driver.group!, command, driver.image)?.code ?? "";
  });
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
    [
      "refuses a classic member's of a later generation",
      { memberId: "c", generation: 3 },
      "ILLEGAL_GENERATION",
    ],
  ];
  for (const [what, changes, code] of cases) {
    it(what, () => {
      const { group, image } = mixed();
      assert.equal(checkConsumerCommit(group!, commit(changes), image)?.code, code);
    });
  }

  it("takes one without membership when there are no members", () => {
    const driver = alone();
    driver.ask(steady("a", -1));
    const stranger = commit({ memberId: "", generation: -1 });
    assert.equal(checkConsumerCommit(driver.group!, stranger, driver.image), null);
  });
});

describe("checkConsumerCommit of an epoch that is over", () => {
  it("takes what stayed with the member all the time", () => {
    const driver = shared();
    assert.equal(driver.group!.members.get("a")!.memberEpoch, 2);
    assert.deepEqual(codes(driver, "a", 1), ["", "", STALE]);
    assert.deepEqual(codes(driver, "a", 2), ["", "", ""]);
    assert.deepEqual(codes(driver, "a", 3), [STALE, STALE, STALE]);
  });

  it("takes what is still to be given up, until it is", () => {
    const driver = alone();
    driver.ask(heartbeat({ memberId: "b" }));
    driver.ask(steady("a", 1));
    assert.deepEqual(driver.group!.members.get("a")!.pendingRevocation, [
      { topicId: topicId("t"), partitions: [2], epochs: [1] },
    ]);
    driver.ask(heartbeat({ memberId: "c" }));
    driver.ask(steady("a", 1));
    assert.deepEqual(codes(driver, "a", 1), ["", "", ""]);
    driver.ask(steady("a", 1, { ownedPartitions: owned(0, 1) }));
    assert.equal(driver.group!.members.get("a")!.memberEpoch, 2);
    assert.deepEqual(codes(driver, "a", 1), ["", "", STALE]);
  });

  it("refuses what the member got since, whole commits with it", () => {
    const driver = shared();
    driver.ask(steady("b", -1));
    driver.ask(steady("a", 2, { ownedPartitions: owned(0, 1) }));
    assert.deepEqual(driver.group!.members.get("a")!.assigned, [
      { topicId: topicId("t"), partitions: [0, 1, 2], epochs: [1, 1, 3] },
    ]);
    // It had partition 2 at epoch 1, and "b" had it since.
    for (const epoch of [1, 2]) assert.deepEqual(codes(driver, "a", epoch), ["", "", STALE]);
    assert.deepEqual(codes(driver, "a", 3), ["", "", ""]);
    const both = commit({ generation: 2, entries: [entry(0), entry(2)] });
    assert.equal(checkConsumerCommit(driver.group!, both, driver.image)?.code, STALE);
    const none = commit({ generation: 2 });
    assert.equal(checkConsumerCommit(driver.group!, none, driver.image), null);
  });

  it("tells who has what since when", () => {
    const driver = shared();
    const messageOf = (partition: number) =>
      checkConsumerCommit(driver.group!, commit({ entries: [entry(partition)] }), driver.image)?.message;
    assert.equal(messageOf(2), 'Member "a" is at epoch 2 and has not "t-2", not at "1"');
    driver.ask(steady("b", -1));
    driver.ask(steady("a", 2));
    assert.equal(messageOf(2), 'Member "a" is at epoch 3 and has since epoch 3 "t-2", not at "1"');
  });

  it("knows topics by their ids: one made anew is another", () => {
    const driver = shared();
    const image = applyEvent(driver.image, { kind: "topic_deleted", topic: "t" });
    const topic = { ...driver.image.topics.get("t")!, id: topicId("other") };
    const anew = applyEvent(image, { kind: "topic_created", topic });
    const code = (image: Image) =>
      checkConsumerCommit(driver.group!, commit({ entries: [entry(0)] }), image)?.code;
    assert.deepEqual([code(driver.image), code(anew)], [undefined, STALE]);
  });

  it("takes a classic member's alike, and refuses in the words of its protocol", () => {
    const driver = shared();
    const { members } = driver.group!;
    const classic = { ...members.get("a")!, classic: { sessionTimeoutMs: 10_000, protocols: [] } };
    driver.group = { ...driver.group!, members: new Map([...members, ["a", classic]]) };
    assert.deepEqual(codes(driver, "a", 1), ["", "", "ILLEGAL_GENERATION"]);
    assert.deepEqual(codes(driver, "a", 0), Array(3).fill("ILLEGAL_GENERATION"));
  });

  it("keeps what a static member had through its absence", () => {
    const driver = new Driver({ t: 3 });
    driver.ask(heartbeat({ instanceId: "i" }));
    driver.ask(steady("a", 1, { instanceId: "i", ownedPartitions: owned(0, 1, 2) }));
    driver.ask(steady("a", -2, { instanceId: "i" }));
    assert.deepEqual(codes(driver, "a", 1), [STALE, STALE, STALE]);
    driver.ask(heartbeat({ instanceId: "i" }));
    assert.deepEqual(driver.group!.members.get("a")!.assigned, [
      { topicId: topicId("t"), partitions: [0, 1, 2], epochs: [1, 1, 1] },
    ]);
    // Not since the epoch it came back with.
    assert.deepEqual(codes(driver, "a", 0), [STALE, STALE, STALE]);
    assert.deepEqual(codes(driver, "a", 1), ["", "", ""]);
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
