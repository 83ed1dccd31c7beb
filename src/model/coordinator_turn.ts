/**
 * What crosses the mailbox between the main thread and the coordinator worker:
 * the inputs of one turn and its outputs. Plain data that may be cloned,
 * fuzzed and replayed. The first message starts the worker and is answered by
 * "ready" or "refused"; every later message is a list of inputs.
 */
import type { CoordinatorCommand } from "./command.ts";
import type { Image, MetadataEvent } from "./image.ts";
import type { Reply } from "./reply.ts";

/** What groups go by. Times in milliseconds. */
export interface GroupSettings {
  /** `group.min.session.timeout.ms`, `group.max.session.timeout.ms` */
  readonly sessionTimeoutMsMin: number;
  readonly sessionTimeoutMsMax: number;
  /** `group.initial.rebalance.delay.ms` */
  readonly initialRebalanceDelayMs: number;
  /** `group.max.size`, `group.consumer.max.size` */
  readonly membersMax: number;
  readonly consumerMembersMax: number;
  /** `group.consumer.session.timeout.ms`, `group.consumer.heartbeat.interval.ms` */
  readonly consumerSessionTimeoutMs: number;
  readonly consumerHeartbeatIntervalMs: number;
  /** `group.consumer.assignors`, the default one first. */
  readonly consumerAssignors: readonly string[];
  /** `group.consumer.migration.policy` */
  readonly migration: "disabled" | "downgrade" | "upgrade" | "bidirectional";
  /** `offset.metadata.max.bytes` */
  readonly metadataBytesMax: number;
  /** `offsets.retention.minutes`, in milliseconds; `offsets.retention.check.interval.ms` */
  readonly offsetsRetentionMs: number;
  readonly offsetsCheckIntervalMs: number;
  /** `offsets.topic.num.partitions`, `offsets.topic.segment.bytes` */
  readonly topicPartitions: number;
  readonly topicSegmentBytes: number;
}

/** What the coordinator decides by: the broker's settings, in its own words. */
export interface CoordinatorSettings {
  /** This broker: leader and only replica of what is created. */
  readonly nodeId: number;
  /** `num.partitions` */
  readonly partitionsDefault: number;
  /** `default.replication.factor` */
  readonly replicationFactorDefault: number;
  /** `delete.topic.enable` */
  readonly deletionEnabled: boolean;
  readonly groups: GroupSettings;
  /** Texts of the settings the broker was started with: what lists and topics fall back on. */
  readonly given: Readonly<Record<string, string>>;
}

/** Where the log of one partition of `__consumer_offsets` stands: what the checkpoint files keep of it. */
export interface GroupLogPosition {
  readonly partition: number;
  /** The first offset that is not known to be flushed. */
  readonly recoveryPoint: number;
  readonly logStartOffset: number;
  readonly highWatermark: number;
}

/** The worker's first message. */
export interface CoordinatorStart {
  readonly kind: "start";
  readonly dataDirectory: string;
  /** `partition.disk` */
  readonly disk: "auto" | "mapped" | "file" | "memory";
  readonly settings: CoordinatorSettings;
  /** The last stop was clean: the journal's end needs no search for a torn tail. */
  readonly clean: boolean;
  /** The journal's next offset not known to be flushed, from the checkpoint file; 0 where it says nothing. */
  readonly recoveryPoint: number;
  /** The same of the groups' logs that the checkpoint files know. */
  readonly groupLogs: readonly GroupLogPosition[];
}

/** One thing the coordinator is asked to do; answered under its `id`, exactly once. */
export type CoordinatorInput =
  | { readonly kind: "decide"; readonly id: number; readonly command: CoordinatorCommand }
  /** Flushes and closes the journal; the last input a coordinator sees. */
  | { readonly kind: "stop"; readonly id: number };

export type CoordinatorOutput =
  /** The journal was replayed: this is the cluster. */
  | { readonly kind: "ready"; readonly image: Image; readonly report: readonly string[] }
  /** The journal cannot be used; nothing was changed. Sentence case, no full stop. */
  | { readonly kind: "refused"; readonly message: string }
  /** The events are flushed; whoever holds an image applies them in the order they come, before the reply leaves. */
  | {
    readonly kind: "decided";
    readonly id: number;
    readonly reply: Reply;
    readonly events: readonly MetadataEvent[];
  }
  /** The events are flushed, and nobody asked for them: the coordinator needed them itself. Not an answer. */
  | { readonly kind: "changed"; readonly events: readonly MetadataEvent[] }
  /** Something an operator should read. Not an answer. */
  | { readonly kind: "notice"; readonly text: string }
  /** The turn changed the journal, or these logs of groups. Not an answer; the checkpoint files may say so from now on. */
  | {
    readonly kind: "flushed";
    readonly recoveryPoint: number;
    readonly groupLogs: readonly GroupLogPosition[];
  }
  /** `recoveryPoint` belongs into the checkpoint file, under `__cluster_metadata` partition 0; so do all logs of groups. */
  | {
    readonly kind: "stopped";
    readonly id: number;
    readonly recoveryPoint: number;
    readonly groupLogs: readonly GroupLogPosition[];
  };
