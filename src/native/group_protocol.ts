/**
 * The native protocol's shapes for consumer groups. Topics go by name; where a
 * topic's `id` stands beside it, it tells a topic from another of the same name
 * that was there before. Members speak one protocol, in the spirit of KIP-848:
 * every turn of theirs is a `group_heartbeat`, whose answer may wait until there
 * is something to learn. Used by `protocol.ts` alone.
 */
import type { GroupStateName, GroupTypeName } from "../model/mod.ts";
import type { WireError } from "./protocol.ts";

/** Partitions of one topic. A request may leave `id` out; an answer never does. */
export interface WireAssignment {
  topic: string;
  id?: string;
  partitions: number[];
}

/** One partition, by name. */
export interface WirePartition {
  topic: string;
  partition: number;
}

/** What each operation on groups takes, besides `k` and `c`. */
export interface GroupRequests {
  /**
   * Joins (`epoch` 0), stays (the epoch it was told), leaves (−1), leaves for a while as a static member (−2). What is
   * absent is as before; at `epoch` 0, or when answers were lost, everything is told. The answer waits up to
   * `waitMsMax` for something the member does not know; a later heartbeat of the member answers it at once.
   */
  group_heartbeat: {
    group: string;
    /** The member's own choice, a UUID; empty lets the coordinator choose. */
    member: string;
    epoch: number;
    /** Of a static member. */
    instance?: string;
    rack?: string;
    rebalanceTimeoutMs?: number;
    topics?: string[];
    /** RE2 syntax; empty for none any more. */
    pattern?: string;
    /** "uniform" or "range". */
    assignor?: string;
    /** What it owns now: what it does not name any more is given back. */
    owned?: WireAssignment[];
    waitMsMax?: number;
  };
  /** Of a member at `epoch`, or without `member` of nobody: then the group must have no members. */
  commit_offsets: {
    group: string;
    member?: string;
    epoch?: number;
    instance?: string;
    entries: (WirePartition & { offset: number; leaderEpoch?: number; metadata?: string | null })[];
  };
  /** `entries` null or absent asks for all of them; `requireStable` refuses those an open transaction may change. */
  committed_offsets: {
    group: string;
    member?: string;
    epoch?: number;
    requireStable?: boolean;
    entries?: WirePartition[] | null;
  };
  delete_offsets: { group: string; entries: WirePartition[] };
  describe_groups: { groups: string[] };
  /** Only those in one of `states`, of one of `types`; absent or empty filters nothing. */
  list_groups: { states?: string[]; types?: string[] };
  delete_groups: { groups: string[] };
}

/** What each operation on groups answers, besides `c`. */
export interface GroupReplies {
  /** `assignment` is there when it may be news: all that the member is to own, and nothing else. */
  group_heartbeat: {
    member: string;
    epoch: number;
    heartbeatIntervalMs: number;
    assignment?: WireAssignment[];
  };
  commit_offsets: { entries: (WirePartition & { e?: WireError })[] };
  /** `offset` −1 where none is committed. */
  committed_offsets: {
    entries: (WirePartition & { e?: WireError; offset: number; leaderEpoch: number; metadata: string })[];
  };
  delete_offsets: { entries: (WirePartition & { e?: WireError })[] };
  describe_groups: { groups: WireGroup[] };
  list_groups: {
    groups: { group: string; type: GroupTypeName; state: GroupStateName; protocolType: string }[];
  };
  delete_groups: { groups: { group: string; e?: WireError }[] };
}

interface WireGroupCommon {
  group: string;
  e?: WireError;
  state: GroupStateName;
  /** Where the group is decided. */
  coordinator: { node: number; host: string; port: number };
}

/** A group with its members. */
export type WireGroup =
  | WireGroupCommon & {
    type: "Classic";
    protocolType: string;
    /** The assignment strategy chosen; empty while there is none. */
    protocol: string;
    generation: number;
    members: WireClassicMember[];
  }
  | WireGroupCommon & {
    type: "Consumer";
    groupEpoch: number;
    assignmentEpoch: number;
    assignor: string;
    members: WireConsumerMember[];
  };

/** A member that speaks the classic protocol, in a group of that protocol; its bytes are its own (Kafka's ConsumerProtocol). */
export interface WireClassicMember {
  memberId: string;
  instanceId: string | null;
  clientId: string;
  clientHost: string;
  metadata: Uint8Array;
  assignment: Uint8Array;
}

/** A member of a group of the new protocol. */
export interface WireConsumerMember {
  memberId: string;
  instanceId: string | null;
  rackId: string | null;
  memberEpoch: number;
  clientId: string;
  clientHost: string;
  subscribedTopics: readonly string[];
  subscribedPattern: string | null;
  assignment: WireAssignment[];
  targetAssignment: WireAssignment[];
  isClassic: boolean;
}
