/** What groups go by in tests: Kafka's defaults, but no waiting for more members. */
import type { GroupSettings } from "../../../../src/model/mod.ts";

export const GROUP_SETTINGS: GroupSettings = {
  sessionTimeoutMsMin: 6_000,
  sessionTimeoutMsMax: 1_800_000,
  initialRebalanceDelayMs: 0,
  membersMax: 2_147_483_647,
  consumerMembersMax: 2_147_483_647,
  consumerSessionTimeoutMs: 45_000,
  consumerHeartbeatIntervalMs: 5_000,
  consumerAssignors: ["uniform", "range"],
  migration: "bidirectional",
  metadataBytesMax: 4_096,
  offsetsRetentionMs: 604_800_000,
  offsetsCheckIntervalMs: 600_000,
  topicPartitions: 50,
  topicSegmentBytes: 104_857_600,
};
