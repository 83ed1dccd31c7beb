/**
 * From what the broker says of a group to the rows `kafka-consumer-groups` shows,
 * in Kafka's order: the members with the most partitions first, what nobody owns
 * last. What only the new protocol has is not known of a classic group. Pure.
 */
import type { GroupDetail, GroupLag, GroupMember, TopicPartition } from "../../client/mod.ts";
import type { MemberRow, OffsetRow, OwnedTopic, StateRow } from "./consumer_groups_words.ts";

/** The rows of `--offsets`; `lags` come by topic and partition. */
export function offsetRows(detail: GroupDetail, lags: readonly GroupLag[]): OffsetRow[] {
  const members = detail.members.toSorted((one, other) => other.assignment.length - one.assignment.length);
  const orderOf = new Map(members.map(({ memberId }, index) => [memberId, index]));
  const order = ({ owner }: GroupLag) => owner === null ? Infinity : orderOf.get(owner.memberId) ?? Infinity;
  // Equal at Infinity too, where a difference would be no number.
  return lags.toSorted((one, other) => order(one) === order(other) ? 0 : order(one) - order(other))
    .map(offsetRow);
}

function offsetRow({ topic, partition, committed, leaderEpoch, end, owner }: GroupLag): OffsetRow {
  return {
    topic,
    partition,
    leaderEpoch: leaderEpoch < 0 ? null : leaderEpoch,
    offset: committed < 0 ? null : committed,
    end: end < 0 ? null : end,
    memberId: owner?.memberId ?? null,
    clientHost: owner?.clientHost ?? null,
    clientId: owner?.clientId ?? null,
  };
}

/** The rows of `--members`. */
export function memberRows(detail: GroupDetail): MemberRow[] {
  return detail.members.map((member) => memberRow(detail, member));
}

function memberRow({ type, assignmentEpoch }: GroupDetail, member: GroupMember): MemberRow {
  const { memberId, instanceId, clientHost, clientId } = member;
  const common = { memberId, instanceId, clientHost, clientId, assignment: byTopic(member.assignment) };
  if (type === "Classic") {
    return { ...common, memberEpoch: null, targetEpoch: null, targetAssignment: [], isUpgraded: null };
  }
  return {
    ...common,
    memberEpoch: member.epoch,
    targetEpoch: assignmentEpoch,
    targetAssignment: byTopic(member.targetAssignment),
    isUpgraded: member.protocol === "consumer",
  };
}

function byTopic(assignment: readonly TopicPartition[]): OwnedTopic[] {
  const topics = Map.groupBy(assignment, ({ topic }) => topic);
  return [...topics].map(([topic, owned]) => ({
    topic,
    partitions: owned.map(({ partition }) => partition),
  }));
}

/** The row of `--state`. */
export function stateRow(detail: GroupDetail): StateRow {
  const { group, type, state, assignor, epoch, assignmentEpoch, members } = detail;
  const { host, port, node } = detail.coordinator;
  return {
    group,
    coordinator: `${host}:${port}  (${node})`,
    assignor,
    state,
    groupEpoch: type === "Classic" ? null : epoch,
    assignmentEpoch: type === "Classic" ? null : assignmentEpoch,
    memberCount: members.length,
  };
}
