/**
 * What `__consumer_offsets` holds, one kind for each of Kafka's record types:
 * whom it is about, and the value, `null` for a tombstone. Groups change by these
 * alone as far as a restart must not forget it. `journal/` turns them into
 * Kafka's bytes and back; the machines make them and are rebuilt from them.
 */
import type { GroupProtocol, TopicPartitions } from "../../model/mod.ts";

/** A committed offset. */
export interface CommittedOffset {
  readonly offset: number;
  /** -1 when not known. */
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly commitMs: number;
  /** When it goes, told by an old client; -1: as the settings say. */
  readonly expireMs: number;
}

/** A classic group as it was when its last generation was settled. Source: GroupMetadataValue. */
export interface ClassicGroupValue {
  readonly protocolType: string;
  readonly generation: number;
  readonly protocol: string | null;
  readonly leader: string | null;
  /** When it came into this state; -1 when not known. */
  readonly sinceMs: number;
  readonly members: readonly ClassicMemberValue[];
}

export interface ClassicMemberValue {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  readonly sessionTimeoutMs: number;
  readonly subscription: Uint8Array;
  readonly assignment: Uint8Array;
}

/** A member of the new protocol. Source: ConsumerGroupMemberMetadataValue. */
export interface ConsumerMemberValue {
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly subscribedTopics: readonly string[];
  readonly subscribedPattern: string | null;
  readonly rebalanceTimeoutMs: number;
  readonly serverAssignor: string | null;
  /** Of a member that speaks the classic protocol. */
  readonly classic: {
    readonly sessionTimeoutMs: number;
    readonly protocols: readonly GroupProtocol[];
  } | null;
}

/** Where a member of the new protocol stands. Source: ConsumerGroupCurrentMemberAssignmentValue. */
export interface ConsumerCurrentValue {
  readonly memberEpoch: number;
  readonly previousMemberEpoch: number;
  /** 0 stable, 1 unrevoked partitions, 2 unreleased partitions. */
  readonly state: 0 | 1 | 2;
  readonly assigned: readonly HeldPartitions[];
  readonly pendingRevocation: readonly HeldPartitions[];
}

/** Partitions that a member has. */
export interface HeldPartitions extends TopicPartitions {
  /** The epoch since which it has each of them, in their order: the target's that gave it. */
  readonly epochs: readonly number[];
}

export type GroupRecord =
  | {
    readonly kind: "offset";
    readonly group: string;
    readonly topic: string;
    readonly partition: number;
    readonly value: CommittedOffset | null;
  }
  | { readonly kind: "classic_group"; readonly group: string; readonly value: ClassicGroupValue | null }
  | ConsumerGroupRecord;

/** Records of a group of the new protocol. */
export type ConsumerGroupRecord =
  | {
    readonly kind: "consumer_group";
    readonly group: string;
    /** `metadataHash` of the topics subscribed to, for whoever looks for changes; at most 53 bits. */
    readonly value: { readonly epoch: number; readonly metadataHash: number } | null;
  }
  | {
    readonly kind: "consumer_member";
    readonly group: string;
    readonly memberId: string;
    readonly value: ConsumerMemberValue | null;
  }
  | {
    readonly kind: "consumer_target";
    readonly group: string;
    readonly value: { readonly assignmentEpoch: number } | null;
  }
  | {
    readonly kind: "consumer_target_member";
    readonly group: string;
    readonly memberId: string;
    readonly value: { readonly partitions: readonly TopicPartitions[] } | null;
  }
  | {
    readonly kind: "consumer_current";
    readonly group: string;
    readonly memberId: string;
    readonly value: ConsumerCurrentValue | null;
  }
  | {
    readonly kind: "consumer_pattern";
    readonly group: string;
    readonly pattern: string;
    /** Topics it matched, at the image's `version`. */
    readonly value:
      | { readonly topics: readonly string[]; readonly version: number; readonly atMs: number }
      | null;
  };
