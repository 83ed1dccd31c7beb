/**
 * Replies to commands on consumer groups: one kind per command. A reply that
 * failed carries its fault and, beside it, what Kafka's answer says all the same
 * (a member id given with MEMBER_ID_REQUIRED). Both doors encode these.
 */
import type { Fault } from "./fault.ts";
import type { TopicPartitions } from "./group_command.ts";

export interface GroupJoinedReply {
  readonly kind: "group_joined";
  readonly fault: Fault | null;
  /** -1 with a fault. */
  readonly generation: number;
  readonly protocolType: string | null;
  readonly protocol: string | null;
  /** Empty with a fault. */
  readonly leader: string;
  readonly memberId: string;
  /** The leader is to leave the assignment as it is. */
  readonly skipAssignment: boolean;
  /** For the leader alone; empty for others. */
  readonly members: readonly {
    readonly memberId: string;
    readonly instanceId: string | null;
    readonly metadata: Uint8Array;
  }[];
}

export interface GroupSyncedReply {
  readonly kind: "group_synced";
  readonly fault: Fault | null;
  readonly protocolType: string | null;
  readonly protocol: string | null;
  readonly assignment: Uint8Array;
}

export interface GroupHeartbeatReply {
  readonly kind: "group_heartbeat";
  readonly fault: Fault | null;
}

export interface GroupLeftReply {
  readonly kind: "group_left";
  readonly fault: Fault | null;
  /** In the order of the command; empty with a fault. */
  readonly members: readonly {
    readonly memberId: string;
    readonly instanceId: string | null;
    readonly fault: Fault | null;
  }[];
}

export interface ConsumerHeartbeatReply {
  readonly kind: "consumer_heartbeat";
  readonly fault: Fault | null;
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly heartbeatIntervalMs: number;
  /** What the member is to own; `null` when it knows already. */
  readonly assignment: readonly TopicPartitions[] | null;
}

export interface OffsetsCommittedReply {
  readonly kind: "offsets_committed";
  /** In the order of the command. */
  readonly entries: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly fault: Fault | null;
  }[];
}

/** One partition's committed offset; offset -1 and no fault when there is none. */
export interface CommittedOffsetEntry {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly fault: Fault | null;
}

export interface OffsetsFetchedReply {
  readonly kind: "offsets_fetched";
  readonly groups: readonly {
    readonly group: string;
    readonly fault: Fault | null;
    readonly entries: readonly CommittedOffsetEntry[];
  }[];
}

export interface OffsetsDeletedReply {
  readonly kind: "offsets_deleted";
  /** Of the whole group. */
  readonly fault: Fault | null;
  readonly entries: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly fault: Fault | null;
  }[];
}

/** Kafka's names of group states; Dead: there is no such group. */
export type GroupStateName =
  | "PreparingRebalance"
  | "CompletingRebalance"
  | "Assigning"
  | "Reconciling"
  | "Stable"
  | "Empty"
  | "Dead";

/** "Classic" or "Consumer": which protocol the group speaks. */
export type GroupTypeName = "Classic" | "Consumer";

/** A classic member as it is shown. */
export interface ClassicMemberDescription {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  /** Its subscription under the protocol chosen; empty while there is none. */
  readonly metadata: Uint8Array;
  readonly assignment: Uint8Array;
}

/** A member of the new protocol as it is shown. */
export interface ConsumerMemberDescription {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly memberEpoch: number;
  readonly clientId: string;
  readonly clientHost: string;
  readonly subscribedTopics: readonly string[];
  readonly subscribedPattern: string | null;
  /** What it owns, those to be revoked included. */
  readonly assignment: readonly TopicPartitions[];
  readonly targetAssignment: readonly TopicPartitions[];
  /** It joined by the classic protocol. */
  readonly isClassic: boolean;
}

export type GroupDescription =
  | {
    readonly type: "Classic";
    readonly group: string;
    /** GROUP_ID_NOT_FOUND, with the state Dead, when there is no such group. */
    readonly fault: Fault | null;
    readonly state: GroupStateName;
    readonly protocolType: string;
    /** Empty while none is chosen. */
    readonly protocol: string;
    readonly generation: number;
    readonly members: readonly ClassicMemberDescription[];
  }
  | {
    readonly type: "Consumer";
    readonly group: string;
    readonly fault: Fault | null;
    readonly state: GroupStateName;
    readonly groupEpoch: number;
    readonly assignmentEpoch: number;
    readonly assignor: string;
    readonly members: readonly ConsumerMemberDescription[];
  };

export type GroupReply =
  | GroupJoinedReply
  | GroupSyncedReply
  | GroupHeartbeatReply
  | GroupLeftReply
  | ConsumerHeartbeatReply
  | OffsetsCommittedReply
  | OffsetsFetchedReply
  | OffsetsDeletedReply
  | { readonly kind: "groups_described"; readonly groups: readonly GroupDescription[] }
  | {
    readonly kind: "groups_listed";
    readonly groups: readonly {
      readonly group: string;
      readonly type: GroupTypeName;
      readonly state: GroupStateName;
      readonly protocolType: string;
    }[];
  }
  | {
    readonly kind: "groups_deleted";
    readonly groups: readonly { readonly group: string; readonly fault: Fault | null }[];
  };
