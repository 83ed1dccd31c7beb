/**
 * What records do to a group of the consumer protocol: the only way its durable
 * part changes, at run time and on replay. A record never fails to apply: after
 * compaction a member's place may come before the member itself, and a tombstone
 * may find nothing to remove.
 */
import { assert } from "../../../model/mod.ts";
import type { ConsumerCurrentValue, ConsumerGroupRecord, ConsumerMemberValue } from "../record.ts";
import { GroupDraft } from "./draft.ts";
import { type ConsumerGroup, type ConsumerMember, emptyConsumer, LEAVE_EPOCH, STABLE } from "./group.ts";

/** The group after `record`; `null` when there is none. */
export function applyConsumerRecord(
  group: ConsumerGroup | null,
  record: ConsumerGroupRecord,
): ConsumerGroup | null {
  if (group === null && record.value === null) return null;
  const draft = new GroupDraft(group ?? emptyConsumer(record.group));
  applyRecord(draft, record);
  return draft.isGone ? null : draft.finish();
}

/** Changes the draft as the record says. */
export function applyRecord(draft: GroupDraft, record: ConsumerGroupRecord): void {
  assert(draft.group === record.group, "a record is applied to its own group");
  switch (record.kind) {
    case "consumer_group":
      draft.isGone = record.value === null;
      draft.epoch = record.value?.epoch ?? 0;
      draft.metadataHash = record.value?.metadataHash ?? 0;
      return;
    case "consumer_target":
      draft.assignmentEpoch = record.value?.assignmentEpoch ?? 0;
      return;
    case "consumer_target_member":
      if (record.value === null) draft.targets.delete(record.memberId);
      else draft.targets.set(record.memberId, record.value.partitions);
      return;
    case "consumer_pattern":
      if (record.value === null) draft.patterns.delete(record.pattern);
      else draft.patterns.set(record.pattern, record.value);
      return;
    case "consumer_member":
      return applyMember(draft, record.memberId, record.value);
    case "consumer_current":
      return applyCurrent(draft, record.memberId, record.value);
  }
}

function applyMember(draft: GroupDraft, memberId: string, value: ConsumerMemberValue | null): void {
  if (value === null) {
    draft.members.delete(memberId);
    draft.contacts.delete(memberId);
  } else {
    draft.members.set(memberId, { ...(draft.members.get(memberId) ?? blankMember(memberId)), ...value });
  }
}

function applyCurrent(draft: GroupDraft, memberId: string, value: ConsumerCurrentValue | null): void {
  const known = draft.members.get(memberId);
  if (value !== null) draft.members.set(memberId, { ...(known ?? blankMember(memberId)), ...value });
  else if (known !== undefined) draft.members.set(memberId, { ...known, ...NOWHERE });
}

const NOWHERE: ConsumerCurrentValue = {
  memberEpoch: LEAVE_EPOCH,
  previousMemberEpoch: LEAVE_EPOCH,
  state: STABLE,
  assigned: [],
  pendingRevocation: [],
};

/** A member of which nothing is known but its id. */
export function blankMember(memberId: string): ConsumerMember {
  return {
    memberId,
    instanceId: null,
    rackId: null,
    clientId: "",
    clientHost: "",
    subscribedTopics: [],
    subscribedPattern: null,
    rebalanceTimeoutMs: -1,
    serverAssignor: null,
    classic: null,
    ...NOWHERE,
    memberEpoch: 0,
    previousMemberEpoch: 0,
  };
}

/** The part of a member that its `consumer_member` record keeps. */
export function memberValue(member: ConsumerMember): ConsumerMemberValue {
  const { instanceId, rackId, clientId, clientHost, subscribedTopics, subscribedPattern } = member;
  const { rebalanceTimeoutMs, serverAssignor, classic } = member;
  return {
    instanceId,
    rackId,
    clientId,
    clientHost,
    subscribedTopics,
    subscribedPattern,
    rebalanceTimeoutMs,
    serverAssignor,
    classic,
  };
}

/** The part of a member that its `consumer_current` record keeps. */
export function currentValue(member: ConsumerMember): ConsumerCurrentValue {
  const { memberEpoch, previousMemberEpoch, state, assigned, pendingRevocation } = member;
  return { memberEpoch, previousMemberEpoch, state, assigned, pendingRevocation };
}
