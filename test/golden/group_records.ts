/**
 * The records of `__consumer_offsets` that Apache Kafka's own classes wrote into `group_records.txt`: what
 * they are here, by name. Those that begin with `read_` are read and never written so; `unknown_` are passed over.
 */
import type {
  ClassicMemberValue,
  ConsumerMemberValue,
  GroupRecord,
  HeldPartitions,
} from "../../src/coordinator/groups/record.ts";
import { applyEvents, type Image, IMAGE_EMPTY } from "../../src/model/mod.ts";

/** Kafka's `Uuid(1, 2)` and `Uuid(3, 4)`. */
const ORDERS_ID = "AAAAAAAAAAEAAAAAAAAAAg";
const PAYMENTS_ID = "AAAAAAAAAAMAAAAAAAAABA";
const BYTES = new Uint8Array([0, 1, 255, 5]);
const NOW_MS = 1_700_000_000_000;

/** The topic "orders", whose id offsets carry; without it they carry none. */
export const IMAGE: Image = applyEvents(IMAGE_EMPTY, [
  {
    kind: "topic_created",
    topic: { name: "orders", id: ORDERS_ID, internal: false, partitions: [], settings: {} },
  },
]);

const OFFSET = {
  offset: 9_007_199_254_740_000,
  leaderEpoch: -1,
  metadata: "méta",
  commitMs: NOW_MS,
  expireMs: -1,
};

function offset(value: typeof OFFSET | null): GroupRecord {
  return { kind: "offset", group: "readers", topic: "orders", partition: 2, value };
}

function member(memberId: string, instanceId: string | null): ClassicMemberValue {
  return {
    memberId,
    instanceId,
    clientId: "client",
    clientHost: "/127.0.0.1",
    rebalanceTimeoutMs: 300_000,
    sessionTimeoutMs: 45_000,
    subscription: BYTES,
    assignment: new Uint8Array(0),
  };
}

function classic(sinceMs: number, members: readonly ClassicMemberValue[]): GroupRecord {
  const value = {
    protocolType: "consumer",
    generation: 3,
    protocol: "range",
    leader: "m-1",
    sinceMs,
    members,
  };
  return { kind: "classic_group", group: "réaders", value };
}

function consumer(changes: Partial<ConsumerMemberValue>): GroupRecord {
  const value = {
    instanceId: null,
    rackId: "rack",
    clientId: "client",
    clientHost: "/127.0.0.1",
    subscribedTopics: ["orders", "payments"],
    subscribedPattern: null,
    rebalanceTimeoutMs: 300_000,
    serverAssignor: "uniform",
    classic: null,
    ...changes,
  };
  return { kind: "consumer_member", group: "readers", memberId: "m-1", value };
}

function current(
  state: 0 | 1,
  epochs: readonly number[],
  pendingRevocation: readonly HeldPartitions[],
): GroupRecord {
  const assigned = [{ topicId: ORDERS_ID, partitions: [0, 2], epochs }];
  const value = { memberEpoch: 12, previousMemberEpoch: 11, state, assigned, pendingRevocation };
  return { kind: "consumer_current", group: "readers", memberId: "m-1", value };
}

/** A static member that left for a while. */
function awayWithoutEpochs(): GroupRecord {
  const assigned = [{ topicId: ORDERS_ID, partitions: [0, 2], epochs: [0, 0] }];
  const value = {
    memberEpoch: -2,
    previousMemberEpoch: 11,
    state: 0,
    assigned,
    pendingRevocation: [],
  } as const;
  return { kind: "consumer_current", group: "readers", memberId: "m-1", value };
}

/** Before version 1 the rebalance timeout was the session timeout. */
const OLD_MEMBER = { ...member("m-1", null), rebalanceTimeoutMs: 45_000 };
const TARGET: GroupRecord = { kind: "consumer_target", group: "readers", value: { assignmentEpoch: 12 } };

/** Every line of `group_records.txt`; `null` is passed over. */
export const RECORDS: Readonly<Record<string, GroupRecord | null>> = {
  offset: offset({ ...OFFSET, leaderEpoch: 7 }),
  offset_of_no_topic: offset(OFFSET),
  offset_with_expiry: offset({ ...OFFSET, expireMs: NOW_MS + 60_000 }),
  offset_tombstone: offset(null),
  classic_group: classic(NOW_MS, [member("m-1", null), member("m-2", "i-2")]),
  classic_group_empty: {
    kind: "classic_group",
    group: "réaders",
    value: { protocolType: "", generation: 0, protocol: null, leader: null, sinceMs: -1, members: [] },
  },
  consumer_group: {
    kind: "consumer_group",
    group: "readers",
    value: { epoch: 12, metadataHash: 123_456_789_012_345 },
  },
  consumer_group_tombstone: { kind: "consumer_group", group: "readers", value: null },
  consumer_member: consumer({}),
  consumer_member_pattern: consumer({
    subscribedTopics: [],
    instanceId: "i-1",
    subscribedPattern: "or.*",
    serverAssignor: null,
    rackId: null,
  }),
  consumer_member_classic: consumer({
    classic: { sessionTimeoutMs: 45_000, protocols: [{ name: "range", metadata: BYTES }] },
  }),
  consumer_target: TARGET,
  consumer_target_member: {
    kind: "consumer_target_member",
    group: "readers",
    memberId: "m-1",
    value: {
      partitions: [
        { topicId: ORDERS_ID, partitions: [0, 2] },
        { topicId: PAYMENTS_ID, partitions: [300] },
      ],
    },
  },
  consumer_current: current(1, [9, 12], [{ topicId: PAYMENTS_ID, partitions: [1], epochs: [3] }]),
  consumer_pattern: {
    kind: "consumer_pattern",
    group: "readers",
    pattern: "or.*",
    value: { topics: ["orders"], version: 40, atMs: NOW_MS },
  },
  read_offset_v0: offset(OFFSET),
  read_offset_v2: offset(OFFSET),
  read_offset_v3: offset({ ...OFFSET, leaderEpoch: 7 }),
  read_legacy_offset: offset({ ...OFFSET, offset: 5, metadata: "", commitMs: 6 }),
  read_classic_group_v0: classic(-1, [OLD_MEMBER]),
  read_classic_group_v1: classic(-1, [member("m-1", null)]),
  read_classic_group_v2: classic(5, [member("m-1", null)]),
  read_classic_group_v4: classic(5, [member("m-1", null)]),
  // Without epochs, or with too few: since the epoch the member is at; -2 counts as 0.
  read_consumer_current: current(1, [12, 12], [{ topicId: PAYMENTS_ID, partitions: [1], epochs: [12] }]),
  read_consumer_current_few_epochs: current(0, [12, 12], []),
  read_consumer_current_away: awayWithoutEpochs(),
  read_consumer_target_time: TARGET,
  unknown_partition_metadata: null,
  unknown_share_group: null,
  unknown_streams_group: null,
};
