/** What the coordinator decides by, out of the broker's settings. */
import type { CoordinatorSettings, GroupSettings } from "../model/mod.ts";
import type { BrokerValues } from "./broker_table.ts";
import type { BrokerSettings } from "./resolve.ts";

const MS_PER_MINUTE = 60_000;

/** The settings of a coordinator. Plain data: may be posted to its worker. */
export function coordinatorSettings({ values, given }: BrokerSettings): CoordinatorSettings {
  return {
    nodeId: values["node.id"],
    partitionsDefault: values["num.partitions"],
    replicationFactorDefault: values["default.replication.factor"],
    deletionEnabled: values["delete.topic.enable"],
    groups: groupSettings(values),
    given,
  };
}

function groupSettings(values: BrokerValues): GroupSettings {
  return {
    sessionTimeoutMsMin: values["group.min.session.timeout.ms"],
    sessionTimeoutMsMax: values["group.max.session.timeout.ms"],
    initialRebalanceDelayMs: values["group.initial.rebalance.delay.ms"],
    membersMax: values["group.max.size"],
    consumerMembersMax: values["group.consumer.max.size"],
    consumerSessionTimeoutMs: values["group.consumer.session.timeout.ms"],
    consumerHeartbeatIntervalMs: values["group.consumer.heartbeat.interval.ms"],
    consumerAssignors: values["group.consumer.assignors"].split(",").map((name) => name.trim()),
    migration: values["group.consumer.migration.policy"],
    metadataBytesMax: values["offset.metadata.max.bytes"],
    offsetsRetentionMs: values["offsets.retention.minutes"] * MS_PER_MINUTE,
    offsetsCheckIntervalMs: values["offsets.retention.check.interval.ms"],
    topicPartitions: values["offsets.topic.num.partitions"],
    topicSegmentBytes: values["offsets.topic.segment.bytes"],
  };
}
