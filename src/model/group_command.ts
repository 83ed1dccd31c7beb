/**
 * Commands on consumer groups, in Weir's own words: the classic protocol, the
 * new one (KIP-848), committed offsets, and what an operator asks. Decided by the
 * coordinator. Subscriptions and assignments of classic members stay opaque
 * bytes. Epochs and generations are 32-bit; times are milliseconds.
 */

/** Who speaks, for descriptions and for member ids. */
export interface GroupClient {
  /** The client's name for itself; may be empty. */
  readonly clientId: string;
  /** Where it comes from, as Kafka shows it: "/127.0.0.1". */
  readonly clientHost: string;
}

/** One assignment strategy a classic member offers, with its subscription. */
export interface GroupProtocol {
  readonly name: string;
  readonly metadata: Uint8Array;
}

/** Partitions of one topic, by its id. */
export interface TopicPartitions {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

/** Kafka's JoinGroup; answered when the join phase ends. */
export interface JoinGroupCommand extends GroupClient {
  readonly kind: "join_group";
  readonly group: string;
  /** Empty at the first join. */
  readonly memberId: string;
  /** Of a static member (KIP-345). */
  readonly instanceId: string | null;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  /** "consumer" for consumers. */
  readonly protocolType: string;
  /** The preferred one first. */
  readonly protocols: readonly GroupProtocol[];
  /** A dynamic member without an id is sent back with one (KIP-394): JoinGroup from version 4 on. */
  readonly needsMemberId: boolean;
  /** The client understands that a leader may be told to skip the assignment (KIP-814): version 9. */
  readonly knowsSkipAssignment: boolean;
  readonly reason: string | null;
}

/** Kafka's SyncGroup; answered when the leader's assignment is kept. */
export interface SyncGroupCommand {
  readonly kind: "sync_group";
  readonly group: string;
  readonly generation: number;
  readonly memberId: string;
  readonly instanceId: string | null;
  /** `null` where the client does not say (before version 5). */
  readonly protocolType: string | null;
  readonly protocol: string | null;
  /** Of the leader; empty from others. */
  readonly assignments: readonly { readonly memberId: string; readonly assignment: Uint8Array }[];
}

/** Kafka's Heartbeat. */
export interface HeartbeatGroupCommand {
  readonly kind: "heartbeat_group";
  readonly group: string;
  readonly generation: number;
  readonly memberId: string;
  readonly instanceId: string | null;
}

/** Kafka's LeaveGroup. A member is named by its id, or a static one by its instance id alone. */
export interface LeaveGroupCommand {
  readonly kind: "leave_group";
  readonly group: string;
  readonly members: readonly { readonly memberId: string; readonly instanceId: string | null }[];
}

/** Kafka's ConsumerGroupHeartbeat (KIP-848): joins, stays, reports and leaves. */
export interface ConsumerHeartbeatCommand extends GroupClient {
  readonly kind: "consumer_heartbeat";
  readonly group: string;
  /** Empty: the coordinator gives one (version 0). */
  readonly memberId: string;
  /** 0 joins, -1 leaves, -2 leaves for a while (static), else the epoch the member is at. */
  readonly memberEpoch: number;
  readonly instanceId: string | null;
  /** `null`: as before. */
  readonly rackId: string | null;
  /** -1: as before. */
  readonly rebalanceTimeoutMs: number;
  /** `null`: as before. */
  readonly subscribedTopics: readonly string[] | null;
  /** `null`: as before; empty: none any more. RE2 syntax. */
  readonly subscribedPattern: string | null;
  /** `null`: as before. */
  readonly serverAssignor: string | null;
  /** What the member owns now; `null`: as before. */
  readonly ownedPartitions: readonly TopicPartitions[] | null;
  /** The answer may wait so long for something the member does not know yet; 0 answers at once, as Kafka does. */
  readonly waitMsMax: number;
}

/** One partition's offset to be committed. */
export interface OffsetToCommit {
  readonly topic: string;
  readonly partition: number;
  /** The next offset to read. */
  readonly offset: number;
  /** Leader epoch of the last record read; -1 when not known. */
  readonly leaderEpoch: number;
  readonly metadata: string | null;
}

/** Kafka's OffsetCommit. */
export interface CommitOffsetsCommand {
  readonly kind: "commit_offsets";
  readonly group: string;
  /** Empty: not a member. */
  readonly memberId: string;
  readonly instanceId: string | null;
  /** Generation or member epoch; negative: not a member. */
  readonly generation: number;
  /** How long the offsets are kept; -1: as `offsets.retention.minutes` says. Versions 2 to 4. */
  readonly retentionMs: number;
  /** The client knows GROUP_ID_NOT_FOUND and STALE_MEMBER_EPOCH: version 9 and later, and the native door. */
  readonly knowsMemberEpochs: boolean;
  readonly entries: readonly OffsetToCommit[];
}

/** Kafka's OffsetFetch, of several groups. */
export interface FetchOffsetsCommand {
  readonly kind: "fetch_offsets";
  /** Refuse offsets that an open transaction may change. */
  readonly requireStable: boolean;
  readonly groups: readonly {
    readonly group: string;
    /** Empty or `null`: whoever asks is not a member. */
    readonly memberId: string | null;
    /** -1: not a member of the new protocol. */
    readonly memberEpoch: number;
    /** `null`: every committed offset. */
    readonly entries: readonly { readonly topic: string; readonly partition: number }[] | null;
  }[];
}

/** Kafka's OffsetDelete. */
export interface DeleteOffsetsCommand {
  readonly kind: "delete_offsets";
  readonly group: string;
  readonly entries: readonly { readonly topic: string; readonly partition: number }[];
}

/** Groups with their members: Kafka's DescribeGroups and ConsumerGroupDescribe. */
export interface DescribeGroupsCommand {
  readonly kind: "describe_groups";
  readonly groups: readonly string[];
}

/** Kafka's ListGroups; an empty list filters nothing. Names are compared whatever their case. */
export interface ListGroupsCommand {
  readonly kind: "list_groups";
  readonly states: readonly string[];
  readonly types: readonly string[];
}

/** Kafka's DeleteGroups. */
export interface DeleteGroupsCommand {
  readonly kind: "delete_groups";
  readonly groups: readonly string[];
}

/** What concerns groups; the coordinator decides all of it. */
export type GroupCommand =
  | JoinGroupCommand
  | SyncGroupCommand
  | HeartbeatGroupCommand
  | LeaveGroupCommand
  | ConsumerHeartbeatCommand
  | CommitOffsetsCommand
  | FetchOffsetsCommand
  | DeleteOffsetsCommand
  | DescribeGroupsCommand
  | ListGroupsCommand
  | DeleteGroupsCommand;

const KINDS: Readonly<Record<GroupCommand["kind"], true>> = {
  join_group: true,
  sync_group: true,
  heartbeat_group: true,
  leave_group: true,
  consumer_heartbeat: true,
  commit_offsets: true,
  fetch_offsets: true,
  delete_offsets: true,
  describe_groups: true,
  list_groups: true,
  delete_groups: true,
};

/** True for a command on groups. */
export function isGroupCommand<Other extends { readonly kind: string }>(
  command: Other | GroupCommand,
): command is GroupCommand {
  return Object.hasOwn(KINDS, command.kind);
}
