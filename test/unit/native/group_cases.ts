/** The cases of operations on consumer groups. */
import type { GroupDescription } from "../../../src/model/mod.ts";
import type { GroupRequests } from "../../../src/native/group_protocol.ts";
import { ORDERS, PEER } from "./fixtures.ts";
import { type Case, e, NO_TOPIC } from "./operation_case.ts";

const gone = { topicId: "B".repeat(22), partitions: [1] };
const held = [{ topicId: ORDERS.id, partitions: [0, 2] }];
const shown = [{ topic: "orders", id: ORDERS.id, partitions: [0, 2] }];
const good = { topic: "orders", partition: 2 };
const bad = { topic: "gone", partition: 0 };
const client = { clientId: "test", clientHost: "/192.0.2.8" };
const common = { memberId: "m", instanceId: "i", ...client };
const coordinator = { node: 4, host: PEER.localHost, port: PEER.localPort };
const bytes = Uint8Array.of(7, 8);

const classic: GroupDescription = {
  type: "Classic",
  group: "old",
  fault: null,
  state: "Stable",
  protocolType: "consumer",
  protocol: "range",
  generation: 3,
  members: [{ ...common, metadata: bytes, assignment: bytes }],
};
const member = {
  ...common,
  rackId: null,
  memberEpoch: 5,
  subscribedTopics: ["orders"],
  subscribedPattern: null,
  isClassic: true,
};
const consumer: GroupDescription = {
  type: "Consumer",
  group: "new",
  fault: NO_TOPIC,
  state: "Reconciling",
  groupEpoch: 6,
  assignmentEpoch: 5,
  assignor: "uniform",
  members: [{ ...member, assignment: [...held, gone], targetAssignment: [gone] }],
};

/** By the operation's name. */
export const GROUP_CASES: { readonly [Name in keyof GroupRequests]: Case<Name> } = {
  group_heartbeat: {
    request: {
      group: "g",
      member: "m",
      epoch: 0,
      instance: "i",
      rack: "r",
      rebalanceTimeoutMs: 9,
      topics: ["orders"],
      pattern: "o.*",
      assignor: "range",
      owned: [
        { topic: "orders", partitions: [0] },
        { topic: "gone", partitions: [1] },
        { topic: "gone", id: gone.topicId, partitions: [1] },
      ],
      waitMsMax: 4,
    },
    command: {
      kind: "consumer_heartbeat",
      clientId: "test",
      clientHost: "/192.0.2.7",
      group: "g",
      memberId: "m",
      memberEpoch: 0,
      instanceId: "i",
      rackId: "r",
      rebalanceTimeoutMs: 9,
      subscribedTopics: ["orders"],
      subscribedPattern: "o.*",
      serverAssignor: "range",
      ownedPartitions: [{ topicId: ORDERS.id, partitions: [0] }, gone],
      waitMsMax: 4,
    },
    reply: {
      kind: "consumer_heartbeat",
      fault: null,
      memberId: "m",
      memberEpoch: 1,
      heartbeatIntervalMs: 5_000,
      assignment: [...held, gone],
    },
    answer: { member: "m", epoch: 1, heartbeatIntervalMs: 5_000, assignment: shown },
  },
  commit_offsets: {
    request: {
      group: "g",
      member: "m",
      epoch: 4,
      instance: "i",
      entries: [{ ...good, offset: 2 ** 40, leaderEpoch: 1, metadata: "x" }, { ...bad, offset: 0 }],
    },
    command: {
      kind: "commit_offsets",
      group: "g",
      memberId: "m",
      instanceId: "i",
      generation: 4,
      retentionMs: -1,
      knowsMemberEpochs: true,
      entries: [
        { ...good, offset: 2 ** 40, leaderEpoch: 1, metadata: "x" },
        { ...bad, offset: 0, leaderEpoch: -1, metadata: null },
      ],
    },
    reply: {
      kind: "offsets_committed",
      entries: [{ ...good, fault: null }, { ...bad, fault: NO_TOPIC }],
    },
    answer: { entries: [good, { ...bad, e }] },
  },
  committed_offsets: {
    request: { group: "g", member: "m", epoch: 4, requireStable: true, entries: [good, bad] },
    command: {
      kind: "fetch_offsets",
      requireStable: true,
      groups: [{ group: "g", memberId: "m", memberEpoch: 4, entries: [good, bad] }],
    },
    reply: {
      kind: "offsets_fetched",
      groups: [{
        group: "g",
        fault: null,
        entries: [
          { ...good, offset: 2 ** 40, leaderEpoch: 1, metadata: "x", fault: null },
          { ...bad, offset: -1, leaderEpoch: -1, metadata: "", fault: NO_TOPIC },
        ],
      }],
    },
    answer: {
      entries: [
        { ...good, offset: 2 ** 40, leaderEpoch: 1, metadata: "x" },
        { ...bad, e, offset: -1, leaderEpoch: -1, metadata: "" },
      ],
    },
  },
  delete_offsets: {
    request: { group: "g", entries: [good, bad] },
    command: { kind: "delete_offsets", group: "g", entries: [good, bad] },
    reply: {
      kind: "offsets_deleted",
      fault: null,
      entries: [{ ...good, fault: null }, { ...bad, fault: NO_TOPIC }],
    },
    answer: { entries: [good, { ...bad, e }] },
  },
  describe_groups: {
    request: { groups: ["old", "new"] },
    command: { kind: "describe_groups", groups: ["old", "new"] },
    reply: { kind: "groups_described", groups: [classic, consumer] },
    answer: {
      groups: [
        {
          type: "Classic",
          group: "old",
          state: "Stable",
          protocolType: "consumer",
          protocol: "range",
          generation: 3,
          members: [{ ...common, metadata: bytes, assignment: bytes }],
          coordinator,
        },
        {
          type: "Consumer",
          group: "new",
          e,
          state: "Reconciling",
          groupEpoch: 6,
          assignmentEpoch: 5,
          assignor: "uniform",
          members: [{ ...member, assignment: shown, targetAssignment: [] }],
          coordinator,
        },
      ],
    },
  },
  list_groups: {
    request: { states: ["Stable"] },
    command: { kind: "list_groups", states: ["Stable"], types: [] },
    reply: {
      kind: "groups_listed",
      groups: [{ group: "g", type: "Consumer", state: "Stable", protocolType: "consumer" }],
    },
    answer: { groups: [{ group: "g", type: "Consumer", state: "Stable", protocolType: "consumer" }] },
  },
  delete_groups: {
    request: { groups: ["g", "gone"] },
    command: { kind: "delete_groups", groups: ["g", "gone"] },
    reply: {
      kind: "groups_deleted",
      groups: [{ group: "g", fault: null }, { group: "gone", fault: NO_TOPIC }],
    },
    answer: { groups: [{ group: "g" }, { group: "gone", e }] },
  },
};
