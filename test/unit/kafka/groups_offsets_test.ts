/** Committed offsets at the Kafka door: kept, read, deleted, by name and by id. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { Message } from "../../../src/bytes/mod.ts";
import { type Command, fault, type Reply } from "../../../src/model/mod.ts";
import { AdminSession, ORDERS_ID } from "./admin_session.ts";

const FAILED = {
  kind: "failed",
  fault: fault("COORDINATOR_NOT_AVAILABLE", "The coordinator is gone"),
} satisfies Reply;
const ILLEGAL = fault("ILLEGAL_GENERATION", "Generation 3 is not 4");
const OTHER_ID = "AAAAAAAAAAAAAAAAAAAAAg";
type Of<Kind extends Command["kind"]> = Extract<Command, { kind: Kind }>;

describe("offsetCommit", () => {
  const partition = (partitionIndex: number, fields: Message = {}) => (
    { partitionIndex, committedOffset: 10 + partitionIndex, committedMetadata: null, ...fields }
  );
  const commit = (topics: readonly Message[], fields: Message = {}): Message => (
    { groupId: "g", generationIdOrMemberEpoch: 4, memberId: "m-1", topics, ...fields }
  );
  const committed = (command: Command): Reply => {
    const { entries } = command as Of<"commit_offsets">;
    return {
      kind: "offsets_committed",
      entries: entries.map(({ topic, partition }) => {
        return { topic, partition, fault: partition === 1 ? ILLEGAL : null };
      }),
    };
  };
  const codes = (answer: Message) =>
    (answer.topics as { partitions: { errorCode: number }[] }[])
      .map(({ partitions }) => partitions.map(({ errorCode }) => errorCode));

  it("submits offsets, epochs, words and the member", () => {
    const session = new AdminSession(committed);
    const fields = { committedLeaderEpoch: 2, committedMetadata: "here" };
    session.ask(
      8,
      9,
      commit([{ name: "orders", partitions: [partition(0, fields), partition(1)] }], {
        groupInstanceId: "i-1",
      }),
    );
    assert.deepEqual(session.commands, [{
      kind: "commit_offsets",
      group: "g",
      memberId: "m-1",
      instanceId: "i-1",
      generation: 4,
      retentionMs: -1,
      knowsMemberEpochs: true,
      entries: [
        { topic: "orders", partition: 0, offset: 10, leaderEpoch: 2, metadata: "here" },
        { topic: "orders", partition: 1, offset: 11, leaderEpoch: -1, metadata: null },
      ],
    }]);
  });

  it("tells how long offsets are kept in versions 2 to 4, and knows of member epochs from 9 on", () => {
    const topics = [{ name: "orders", partitions: [partition(0)] }];
    const told = [2, 4, 5, 8, 9].map((version) => {
      const session = new AdminSession(committed);
      session.ask(8, version, commit(topics, version < 5 ? { retentionTimeMs: 500 } : {}));
      const [{ retentionMs, knowsMemberEpochs }] = session.commands as [Of<"commit_offsets">];
      return [retentionMs, knowsMemberEpochs];
    });
    assert.deepEqual(told, [[500, false], [500, false], [-1, false], [-1, false], [-1, true]]);
  });

  it("answers each partition where it stood, those of unknown topics too", () => {
    const session = new AdminSession(committed);
    const topics = [
      { name: "nowhere", partitions: [partition(0)] },
      { name: "orders", partitions: [partition(1), partition(0)] },
    ];
    assert.deepEqual(codes(session.ask(8, 8, commit(topics))), [[3], [22, 0]]);
  });

  it("names topics by id in version 10", () => {
    const session = new AdminSession(committed);
    const topics = [
      { topicId: ORDERS_ID, partitions: [partition(0)] },
      { topicId: OTHER_ID, partitions: [partition(0), partition(1)] },
    ];
    const answer = session.ask(8, 10, commit(topics));
    assert.deepEqual(codes(answer), [[0], [100, 100]]);
    assert.deepEqual((answer.topics as Message[]).map(({ topicId }) => topicId), [ORDERS_ID, OTHER_ID]);
    assert.deepEqual((session.commands as Of<"commit_offsets">[])[0]!.entries.map(({ topic }) => topic), [
      "orders",
    ]);
  });

  it("asks nobody when no topic is known", () => {
    const session = new AdminSession();
    assert.deepEqual(codes(session.ask(8, 2, commit([{ name: "nowhere", partitions: [partition(0)] }]))), [[
      3,
    ]]);
    assert.deepEqual(codes(session.ask(8, 9, commit([]))), []);
  });

  it("says of every partition when the coordinator is gone", () => {
    const topics = [
      { name: "orders", partitions: [partition(0), partition(1)] },
      { name: "nowhere", partitions: [partition(0)] },
    ];
    assert.deepEqual(codes(new AdminSession(() => FAILED).ask(8, 9, commit(topics))), [[15, 15], [3]]);
  });
});

describe("offsetFetch", () => {
  const fetched = (command: Command): Reply => {
    const { groups } = command as Of<"fetch_offsets">;
    return {
      kind: "offsets_fetched",
      groups: groups.map(({ group, entries }) => ({
        group,
        fault: null,
        entries: (entries ?? [{ topic: "gone", partition: 0 }, { topic: "orders", partition: 1 }]).map((
          entry,
        ) => (
          { ...entry, offset: entry.partition === 9 ? -1 : 5, leaderEpoch: 2, metadata: "here", fault: null }
        )),
      })),
    };
  };
  const refused = (command: Command): Reply => ({
    kind: "offsets_fetched",
    groups: (command as Of<"fetch_offsets">).groups.map(({ group }) => (
      { group, fault: fault("INVALID_GROUP_ID", "No name"), entries: [] }
    )),
  });
  const orders = (partitionIndexes: number[]) => ({ name: "orders", partitionIndexes });
  const kept = (partitionIndex: number, committedOffset = 5) => (
    { partitionIndex, committedOffset, committedLeaderEpoch: 2, metadata: "here", errorCode: 0 }
  );
  const groupsOf = (answer: Message) => answer.groups as { topics: Message[]; errorCode: number }[];

  it("answers one group's partitions, and -1 where nothing was committed", () => {
    const session = new AdminSession(fetched);
    const answer = session.ask(9, 7, { groupId: "g", topics: [orders([0, 9])], requireStable: true });
    const entries = [{ topic: "orders", partition: 0 }, { topic: "orders", partition: 9 }];
    assert.deepEqual(session.commands, [{
      kind: "fetch_offsets",
      requireStable: true,
      groups: [{ group: "g", memberId: null, memberEpoch: -1, entries }],
    }]);
    assert.equal(answer.errorCode, 0);
    assert.deepEqual(answer.topics, [{ name: "orders", partitions: [kept(0), kept(9, -1)] }]);
  });

  it("asks for all offsets where no topics are named, from version 2 on", () => {
    for (const version of [2, 7]) {
      const session = new AdminSession(fetched);
      const answer = session.ask(9, version, { groupId: "g", topics: null });
      assert.equal((session.commands as Of<"fetch_offsets">[])[0]!.groups[0]!.entries, null);
      assert.deepEqual((answer.topics as Message[]).map(({ name }) => name), ["gone", "orders"]);
    }
  });

  it("says what is wrong with the group at each partition in version 1, once from version 2 on", () => {
    for (const [reply, code] of [[refused, 24], [() => FAILED, 16]] as const) {
      const first = new AdminSession(reply).ask(9, 1, { groupId: "", topics: [orders([0, 1])] });
      const partition = { committedOffset: -1, committedLeaderEpoch: -1, metadata: "", errorCode: code };
      assert.deepEqual(first.topics, [{
        name: "orders",
        partitions: [{ partitionIndex: 0, ...partition }, { partitionIndex: 1, ...partition }],
      }]);
      for (const version of [2, 7]) {
        const answer = new AdminSession(reply).ask(9, version, { groupId: "", topics: [orders([0, 1])] });
        assert.deepEqual([answer.errorCode, answer.topics], [code, []]);
      }
    }
  });

  it("sends clients to look for the coordinator when it is gone: old ones give up on any other code", () => {
    const groups = [{ groupId: "g", topics: [orders([0])] }];
    const offline = (): Reply => ({
      kind: "offsets_fetched",
      groups: [{ group: "g", fault: FAILED.fault, entries: [] }],
    });
    for (const reply of [offline, () => FAILED]) {
      assert.equal(groupsOf(new AdminSession(reply).ask(9, 8, { groups }))[0]!.errorCode, 16);
    }
  });

  it("asks of several groups from version 8 on, with member and epoch from version 9 on", () => {
    const session = new AdminSession(fetched);
    const groups = [
      { groupId: "g", memberId: "m-1", memberEpoch: 4, topics: [orders([0])] },
      { groupId: "h", topics: null },
    ];
    const answer = session.ask(9, 9, { groups });
    assert.deepEqual((session.commands as Of<"fetch_offsets">[])[0]!.groups, [
      { group: "g", memberId: "m-1", memberEpoch: 4, entries: [{ topic: "orders", partition: 0 }] },
      { group: "h", memberId: null, memberEpoch: -1, entries: null },
    ]);
    assert.deepEqual(groupsOf(answer).map(({ topics }) => topics.map(({ name }) => name)), [
      ["orders"],
      ["gone", "orders"],
    ]);
    for (const [reply, code] of [[refused, 24], [() => FAILED, 16]] as const) {
      const failed = groupsOf(
        new AdminSession(reply).ask(9, 8, { groups: [{ groupId: "", topics: [orders([0])] }] }),
      );
      assert.deepEqual(failed.map(({ errorCode, topics }) => [errorCode, topics]), [[code, []]]);
    }
  });

  it("names topics by id in version 10, and leaves out those that are gone where it asks for all", () => {
    const byId = (topicId: string) => ({ topicId, partitionIndexes: [0] });
    const answer = new AdminSession(fetched).ask(9, 10, {
      groups: [
        { groupId: "g", topics: [byId(OTHER_ID), byId(ORDERS_ID)] },
        { groupId: "h", topics: null },
      ],
    });
    const shown = groupsOf(answer).map(({ topics }) =>
      topics.map(({ topicId, partitions }) => {
        const [{ errorCode, committedOffset }] = partitions as [Message];
        return [topicId, errorCode, committedOffset];
      })
    );
    assert.deepEqual(shown, [[[ORDERS_ID, 0, 5], [OTHER_ID, 100, -1]], [[ORDERS_ID, 0, 5]]]);
  });
});

describe("offsetDelete", () => {
  const body = {
    groupId: "g",
    topics: [
      { name: "nowhere", partitions: [{ partitionIndex: 0 }] },
      { name: "orders", partitions: [{ partitionIndex: 1 }, { partitionIndex: 0 }] },
    ],
  };
  const codes = (answer: Message) =>
    (answer.topics as { partitions: Message[] }[])
      .map(({ partitions }) =>
        partitions.map(({ partitionIndex, errorCode }) => [partitionIndex, errorCode])
      );

  it("answers each partition, those of unknown topics without asking", () => {
    const session = new AdminSession((command) => ({
      kind: "offsets_deleted",
      fault: null,
      entries: (command as Of<"delete_offsets">).entries.map((entry) => ({
        ...entry,
        fault: entry.partition === 1 ? fault("GROUP_SUBSCRIBED_TO_TOPIC", "Subscribed") : null,
      })),
    }));
    const answer = session.ask(47, 0, body);
    assert.deepEqual([answer.errorCode, codes(answer)], [0, [[[0, 3]], [[1, 86], [0, 0]]]]);
    const entries = [{ topic: "orders", partition: 1 }, { topic: "orders", partition: 0 }];
    assert.deepEqual(session.commands, [{ kind: "delete_offsets", group: "g", entries }]);
    const unknown = new AdminSession().ask(47, 0, { groupId: "g", topics: body.topics.slice(0, 1) });
    assert.deepEqual(codes(unknown), [[[0, 3]]]);
  });

  it("says what is wrong with the group once", () => {
    const notFound = fault("GROUP_ID_NOT_FOUND", "No group");
    const replies: [Reply, number][] = [
      [{ kind: "offsets_deleted", fault: notFound, entries: [] }, 69],
      [FAILED, 15],
    ];
    for (const [reply, code] of replies) {
      const answer = new AdminSession(() => reply).ask(47, 0, body);
      assert.deepEqual([answer.errorCode, answer.topics], [code, []]);
    }
  });
});
