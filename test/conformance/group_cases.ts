/** The suite's cases on committed offsets: a group is called `T` as its topic is. */
import type { Command, ConsumerHeartbeatCommand, OffsetToCommit } from "../../src/model/mod.ts";
import { type Case, create, step, T } from "./steps.ts";

const METADATA_BYTES_MAX = 4_096;

interface Committer {
  readonly memberId?: string;
  readonly generation?: number;
}

function commit(offset: number, entry: Partial<OffsetToCommit> = {}, committer: Committer = {}): Command {
  const entries = [{ topic: T, partition: 0, offset, leaderEpoch: -1, metadata: null, ...entry }];
  const nobody = { memberId: "", instanceId: null, generation: -1 };
  const rest = { retentionMs: -1, knowsMemberEpochs: true, entries };
  return { kind: "commit_offsets", group: T, ...nobody, ...committer, ...rest };
}

function committed(...partitions: number[]): Command {
  const entries = partitions.map((partition) => ({ topic: T, partition }));
  const groups = [{ group: T, memberId: null, memberEpoch: -1, entries }];
  return { kind: "fetch_offsets", requireStable: true, groups };
}

function forget(topic = T): Command {
  return { kind: "delete_offsets", group: T, entries: [{ topic, partition: 0 }] };
}

function heartbeat(memberEpoch: number, fields: Partial<ConsumerHeartbeatCommand> = {}): Command {
  const joins = memberEpoch === 0;
  return {
    kind: "consumer_heartbeat",
    clientId: "conformance",
    clientHost: "/127.0.0.1",
    group: T,
    memberId: "member",
    memberEpoch,
    instanceId: null,
    rackId: null,
    rebalanceTimeoutMs: joins ? 60_000 : -1,
    subscribedTopics: joins ? [T] : null,
    subscribedPattern: null,
    serverAssignor: null,
    ownedPartitions: joins ? [] : null,
    waitMsMax: 0,
    ...fields,
  };
}

const OFFSETS: readonly Case[] = [
  {
    name: "a commit is read back with its words, the next one replaces it, and it can be deleted",
    steps: [
      create(2),
      step(commit(5, { metadata: "ünïcödé 🦫", leaderEpoch: 0 }), { partition: 0, fault: null }),
      step(
        committed(0, 1),
        { partition: 0, offset: 5, leaderEpoch: 0, metadata: "ünïcödé 🦫", fault: null },
        { partition: 1, offset: -1, leaderEpoch: -1, metadata: "", fault: null },
      ),
      step(commit(3), { fault: null }),
      step(committed(0), { offset: 3, leaderEpoch: -1, metadata: "", fault: null }),
      step(forget(), { fault: null }),
      step(committed(0), { offset: -1, fault: null }),
    ],
  },
  {
    name: "a group nobody heard of has committed nothing",
    steps: [create(), step(committed(0), { offset: -1, metadata: "", fault: null })],
  },
  {
    name: "a commit to a topic that is not there is refused, and nothing of it is kept",
    steps: [
      step(commit(5), { fault: "UNKNOWN_TOPIC_OR_PARTITION" }),
      step(committed(0), { offset: -1, fault: null }),
    ],
  },
  {
    name: "words of a commit may be as long as the setting says, and no longer",
    steps: [
      create(),
      step(commit(1, { metadata: "x".repeat(METADATA_BYTES_MAX) }), { fault: null }),
      step(commit(2, { metadata: "x".repeat(METADATA_BYTES_MAX + 1) }), {
        fault: "OFFSET_METADATA_TOO_LARGE",
      }),
      step(committed(0), { offset: 1, fault: null }),
    ],
  },
  {
    name: "a generation of a group that is not there is refused",
    steps: [
      create(),
      step(commit(1, {}, { memberId: "m", generation: 3 }), { fault: "GROUP_ID_NOT_FOUND" }),
      step(committed(0), { offset: -1, fault: null }),
    ],
  },
];

const native = "the native protocol has a heartbeat of its own";
const MEMBERS: readonly Case[] = [
  {
    name: "a member of the new protocol joins, commits by its epoch, and leaves",
    skips: { native },
    steps: [
      create(2),
      step(heartbeat(0), { fault: null, memberId: "member", memberEpoch: 1 }),
      step(heartbeat(1), { fault: null, memberEpoch: 1 }),
      step(commit(4, {}, { memberId: "member", generation: 1 }), { fault: null }),
      step(commit(5, {}, { memberId: "member", generation: 2 }), { fault: "STALE_MEMBER_EPOCH" }),
      step(commit(6, {}, { memberId: "stranger", generation: 1 }), { fault: "UNKNOWN_MEMBER_ID" }),
      step(commit(7), { fault: "UNKNOWN_MEMBER_ID" }),
      step(forget(), { fault: "GROUP_SUBSCRIBED_TO_TOPIC" }),
      step(committed(0), { offset: 4, fault: null }),
      step(heartbeat(-1), { fault: null, memberEpoch: -1 }),
      step(commit(8), { fault: null }),
      step(committed(0), { offset: 8, fault: null }),
    ],
  },
  {
    name: "a member of the new protocol is fenced by a wrong epoch, and nonsense is refused",
    skips: { native },
    steps: [
      create(2),
      step(heartbeat(0), { fault: null, memberEpoch: 1 }),
      step(heartbeat(7), { fault: "FENCED_MEMBER_EPOCH" }),
      step(heartbeat(1, { memberId: "stranger" }), { fault: "UNKNOWN_MEMBER_ID" }),
      step(heartbeat(0, { memberId: "other", rebalanceTimeoutMs: -1 }), { fault: "INVALID_REQUEST" }),
      step(heartbeat(0, { memberId: "other", serverAssignor: "mine" }), { fault: "UNSUPPORTED_ASSIGNOR" }),
      step(heartbeat(0, { memberId: "other", subscribedPattern: "(" }), {
        fault: "INVALID_REGULAR_EXPRESSION",
      }),
      step(heartbeat(-3), { fault: "INVALID_REQUEST" }),
      step(heartbeat(1), { fault: null, memberEpoch: 1 }),
    ],
  },
];

export const GROUPS: readonly Case[] = [...OFFSETS, ...MEMBERS];
