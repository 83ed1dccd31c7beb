/**
 * One record out of the log against the group it is about. Records come in the
 * order they were kept, so a group that changed its protocol takes away what it
 * was before it becomes what it is. Pure; called by `groups.ts` on start-up.
 */
import { classicOf } from "./classic/mod.ts";
import { applyConsumerRecord } from "./consumer/mod.ts";
import type { Group } from "./group.ts";
import type { GroupRecord } from "./record.ts";

/** The group after `record`; `null` when there is none. */
export function replayRecord(group: Group | null, record: GroupRecord): Group | null {
  // Offsets have a store of their own.
  if (record.kind === "offset") return group;
  if (record.kind === "classic_group") {
    if (record.value !== null) return classicOf(record.group, record.value);
    return group?.type === "classic" ? null : group;
  }
  if (group?.type === "consumer") return applyConsumerRecord(group, record);
  return record.value === null ? group : applyConsumerRecord(null, record);
}
