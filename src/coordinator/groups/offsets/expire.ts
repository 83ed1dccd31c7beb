/**
 * Which committed offsets have been kept long enough: `offsets.retention.minutes`
 * since the group lost its last member, or since the commit for topics that no
 * member reads, and for groups that never had members. An old client may have
 * said for how long. Source: KIP-211. Unlike Apache Kafka, a commit to a group
 * that has long been empty counts from the commit.
 */
import type { GroupContext } from "../outcome.ts";
import { CONSUMER_PROTOCOL, type Group, isSubscribed, isSubscriptionKnown, stateOf } from "../group.ts";
import type { CommittedOffset, GroupRecord } from "../record.ts";
import type { OffsetStore } from "./store.ts";

/** Tombstones of the group's offsets that are past their time. */
export function expiredOffsets(group: Group, offsets: OffsetStore, context: GroupContext): GroupRecord[] {
  const sinceMs = countingSinceMs(group);
  if (sinceMs === null) return [];
  const isRead = new Map<string, boolean>();
  const records: GroupRecord[] = [];
  for (const { topic, partition, value } of offsets.entries(group.group)) {
    let read = isRead.get(topic);
    if (read === undefined) isRead.set(topic, read = isSubscribed(group, topic));
    if (read || dueMs(value, sinceMs, context.settings.offsetsRetentionMs) > context.nowMs) continue;
    records.push({ kind: "offset", group: group.group, topic, partition, value: null });
  }
  return records;
}

/** Before this moment no offset's time runs, but from the commit at the earliest; `null`: it does not run now. */
function countingSinceMs(group: Group): number | null {
  if (group.type === "consumer" || group.protocolType === null) return 0;
  const state = stateOf(group);
  if (state === "Empty") return Math.max(group.sinceMs, 0);
  const isTold = group.protocolType === CONSUMER_PROTOCOL && isSubscriptionKnown(group);
  return state === "Stable" && isTold ? 0 : null;
}

function dueMs({ commitMs, expireMs }: CommittedOffset, sinceMs: number, retentionMs: number): number {
  return expireMs >= 0 ? expireMs : Math.max(commitMs, sinceMs) + retentionMs;
}
