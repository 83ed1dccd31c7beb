/** Operations: what absent fields stand for, and which values are refused. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openSession } from "./fixtures.ts";

describe("native operations", () => {
  it("take their defaults where fields are absent", () => {
    const { send, submitted } = openSession();
    const entry = { topic: "t", partition: 0 };
    send({ k: "fetch", c: 1, entries: [{ ...entry, offset: 0 }] });
    send({ k: "produce", c: 1, acks: 1, entries: [] });
    send({ k: "list_offsets", c: 1, entries: [{ ...entry, timestamp: -1 }] });
    send({ k: "metadata", c: 1 });
    send({ k: "epoch_ends", c: 1, entries: [{ ...entry, leaderEpoch: 0 }] });
    send({ k: "alter_broker", c: 1 });
    send({ k: "group_heartbeat", c: 1, group: "g", member: "", epoch: -2 });
    send({ k: "commit_offsets", c: 1, group: "g", entries: [] });
    send({ k: "committed_offsets", c: 1, group: "g" });
    send({ k: "list_groups", c: 1 });
    assert.deepEqual(submitted.map(({ command }) => command), [
      {
        kind: "fetch",
        waitMsMax: 0,
        bytesMin: 1,
        bytesMax: 52_428_800,
        isolation: "read_uncommitted",
        entries: [{ ...entry, offset: 0, bytesMax: 1_048_576, currentLeaderEpoch: -1, lastFetchedEpoch: -1 }],
      },
      { kind: "produce", acks: 1, timeoutMs: 30_000, entries: [] },
      {
        kind: "list_offsets",
        isolation: "read_uncommitted",
        entries: [{ ...entry, timestamp: -1, currentLeaderEpoch: -1 }],
      },
      { kind: "metadata", topics: null, autoCreate: false },
      { kind: "epoch_ends", entries: [{ ...entry, leaderEpoch: 0, currentLeaderEpoch: -1 }] },
      { kind: "alter_broker", validateOnly: false, settings: {} },
      {
        kind: "consumer_heartbeat",
        clientId: "test",
        clientHost: "/192.0.2.7",
        group: "g",
        memberId: "",
        memberEpoch: -2,
        instanceId: null,
        rackId: null,
        rebalanceTimeoutMs: -1,
        subscribedTopics: null,
        subscribedPattern: null,
        serverAssignor: null,
        ownedPartitions: null,
        waitMsMax: 0,
      },
      {
        kind: "commit_offsets",
        group: "g",
        memberId: "",
        instanceId: null,
        generation: -1,
        retentionMs: -1,
        knowsMemberEpochs: true,
        entries: [],
      },
      {
        kind: "fetch_offsets",
        requireStable: false,
        groups: [{ group: "g", memberId: null, memberEpoch: -1, entries: null }],
      },
      { kind: "list_groups", states: [], types: [] },
    ]);
  });

  it("refuse values out of their range", () => {
    const { send, submitted } = openSession();
    const entry = { topic: "t", partition: 0 };
    const sentence = (message: object) =>
      (send({ c: 1, ...message }).message.e as { message: string }).message;
    assert.equal(sentence({ k: "produce", acks: 2, entries: [] }), `Field "acks" is "2", wanted -1, 0 or 1`);
    assert.match(sentence({ k: "produce", acks: -2, entries: [] }), /^Field "acks" is "-2"/);
    assert.match(
      sentence({ k: "fetch", entries: [{ ...entry, offset: -1 }] }),
      /^Field "entries.offset" is "-1"/,
    );
    assert.match(
      sentence({ k: "list_offsets", entries: [{ ...entry, timestamp: -4 }] }),
      /"entries.timestamp" is "-4"/,
    );
    assert.match(sentence({ k: "trim", entries: [{ ...entry, before: -2 }] }), /"entries.before" is "-2"/);
    assert.match(
      sentence({ k: "add_partitions", topics: [{ name: "a", partitions: 0 }] }),
      /"topics.partitions" is "0"/,
    );
    assert.match(sentence({ k: "epoch_ends", entries: [{ ...entry, leaderEpoch: -1 }] }), /Epoch" is "-1"/);
    assert.match(sentence({ k: "alter_broker", append: { l: null } }), /"append.l" is "null", wanted text/);
    assert.equal(
      sentence({ k: "describe_settings", resources: [{ kind: "group" }] }),
      `Field "resources.kind" is "group", wanted "broker" or "topic"`,
    );
    assert.match(
      sentence({ k: "describe_settings", resources: [{ kind: "topic" }] }),
      /"resources.name" is missing/,
    );
    assert.equal(submitted.length, 0);
  });

  it("refuse what the records of groups cannot hold", () => {
    const { send, submitted } = openSession({ frameBytesMax: 100_000 });
    const sentence = (message: object) =>
      (send({ c: 1, k: "group_heartbeat", group: "g", member: "m", epoch: 1, ...message })
        .message.e as { message: string }).message;
    assert.match(sentence({ epoch: -3 }), /^Field "epoch" is "-3", wanted an integer of at least -2/);
    assert.match(sentence({ epoch: 2 ** 31 }), /^Field "epoch" is "2147483648", wanted at most 2147483647/);
    assert.match(sentence({ rebalanceTimeoutMs: 2 ** 31 }), /"rebalanceTimeoutMs" is "2147483648"/);
    assert.match(sentence({ group: "é".repeat(16_384) }), /"group" is "é+...", wanted at most 32767 bytes/);
    assert.match(sentence({ owned: [{ topic: "orders", partitions: [-1] }] }), /"owned.partitions" is "-1"/);
    assert.match(sentence({ owned: [{ partitions: [] }] }), /"owned.topic" is missing/);
    assert.match(
      sentence({ k: "commit_offsets", entries: [{ topic: "t", partition: 0, offset: -1 }] }),
      /"entries.offset" is "-1"/,
    );
    assert.equal(submitted.length, 0);
  });
});
