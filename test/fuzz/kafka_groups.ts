/**
 * What the fake broker answers on consumer groups: an answer of the right kind with
 * an entry for each of the command's, each good or bad as `next` says. Every second
 * group described speaks the new protocol.
 */
import assert from "node:assert/strict";
import type {
  Fault,
  GroupCommand,
  GroupDescription,
  GroupReply,
  JoinGroupCommand,
  SyncGroupCommand,
} from "../../src/model/mod.ts";
import { TOPIC, TOPIC_ID } from "./kafka_messages.ts";

type Next = () => Fault | null;

const BYTES = new Uint8Array([1, 2, 3]);
const PARTITIONS = [{ topicId: TOPIC_ID, partitions: [0, 2] }];
const CLIENT = { clientId: "fuzz", clientHost: "/127.0.0.1" };

/** The reply to `command`. Throws where bytes in it are a view of the frame, which the mailbox would clone whole. */
export function answerOnGroups(command: GroupCommand, next: Next): GroupReply {
  switch (command.kind) {
    case "join_group":
    case "sync_group":
      return answerPhase(command, next());
    case "heartbeat_group":
      return { kind: "group_heartbeat", fault: next() };
    case "leave_group": {
      const fault = next();
      const members = fault === null ? command.members.map((member) => ({ ...member, fault: next() })) : [];
      return { kind: "group_left", fault, members };
    }
    case "consumer_heartbeat": {
      const { memberId } = command;
      const told = { memberId, memberEpoch: 3, heartbeatIntervalMs: 5_000 };
      const assignment = command.memberEpoch === 0 ? PARTITIONS : null;
      return { kind: "consumer_heartbeat", fault: next(), ...told, assignment };
    }
    case "commit_offsets":
      return {
        kind: "offsets_committed",
        entries: command.entries.map((entry) => ({ ...entry, fault: next() })),
      };
    default:
      return answerAsked(command, next);
  }
}

function answerPhase(command: JoinGroupCommand | SyncGroupCommand, fault: Fault | null): GroupReply {
  if (command.kind === "sync_group") {
    for (const { assignment } of command.assignments) assertOwned(assignment);
    return { kind: "group_synced", fault, protocolType: "consumer", protocol: "range", assignment: BYTES };
  }
  for (const { metadata } of command.protocols) assertOwned(metadata);
  const isDone = fault === null;
  const memberId = command.memberId === "" ? "fuzz-1" : command.memberId;
  return {
    kind: "group_joined",
    fault,
    generation: isDone ? 3 : -1,
    protocolType: isDone ? "consumer" : null,
    protocol: isDone ? "range" : null,
    leader: isDone ? memberId : "",
    memberId,
    skipAssignment: command.knowsSkipAssignment,
    members: isDone ? [{ memberId, instanceId: command.instanceId, metadata: BYTES }] : [],
  };
}

function assertOwned(bytes: Uint8Array): void {
  assert.equal(bytes.buffer.byteLength, bytes.byteLength, "bytes of a command are copied from the frame");
}

type Asked = Extract<
  GroupCommand,
  {
    readonly kind:
      | "fetch_offsets"
      | "delete_offsets"
      | "describe_groups"
      | "list_groups"
      | "delete_groups";
  }
>;

function answerAsked(command: Asked, next: Next): GroupReply {
  switch (command.kind) {
    case "fetch_offsets": {
      const kept = { offset: 5, leaderEpoch: 3, metadata: "m" };
      const groups = command.groups.map(({ group, entries }) => {
        const fault = next();
        const asked = fault === null ? entries ?? [{ topic: TOPIC, partition: 0 }] : [];
        return { group, fault, entries: asked.map((entry) => ({ ...entry, ...kept, fault: next() })) };
      });
      return { kind: "offsets_fetched", groups };
    }
    case "delete_offsets": {
      const fault = next();
      const entries = fault === null ? command.entries.map((entry) => ({ ...entry, fault: next() })) : [];
      return { kind: "offsets_deleted", fault, entries };
    }
    case "describe_groups":
      return {
        kind: "groups_described",
        groups: command.groups.map((group, index) => {
          return index % 2 === 0 ? classicGroup(group, next()) : consumerGroup(group, next());
        }),
      };
    case "list_groups":
      return {
        kind: "groups_listed",
        groups: [{ group: "g", type: "Classic", state: "Stable", protocolType: "consumer" }],
      };
    case "delete_groups":
      return { kind: "groups_deleted", groups: command.groups.map((group) => ({ group, fault: next() })) };
  }
}

function classicGroup(group: string, fault: Fault | null): GroupDescription {
  const member = { memberId: "m", instanceId: null, ...CLIENT, metadata: BYTES, assignment: BYTES };
  return {
    type: "Classic",
    group,
    fault,
    state: fault === null ? "Stable" : "Dead",
    protocolType: "consumer",
    protocol: "range",
    generation: 3,
    members: [member],
  };
}

function consumerGroup(group: string, fault: Fault | null): GroupDescription {
  const member = {
    memberId: "m",
    instanceId: null,
    rackId: null,
    memberEpoch: 3,
    ...CLIENT,
    subscribedTopics: [TOPIC],
    subscribedPattern: null,
    assignment: PARTITIONS,
    targetAssignment: [...PARTITIONS, { topicId: "_____________________w", partitions: [1] }],
    isClassic: false,
  };
  return {
    type: "Consumer",
    group,
    fault,
    state: "Stable",
    groupEpoch: 3,
    assignmentEpoch: 3,
    assignor: "uniform",
    members: [member],
  };
}
