/**
 * How far a group is behind: in records, and in time. Time is the age of the
 * first record the group has not done with, which says how long somebody has
 * waited, whatever the rate of records.
 */
import { TIMESTAMP_EARLIEST, TIMESTAMP_LATEST } from "../model/mod.ts";
import type { Connection, RequestOptions } from "./connection.ts";
import type { GroupDetail, GroupMember } from "./group_detail.ts";
import { firstTimestamps, offsetsAt } from "./group_ends.ts";
import { committedOffsets, type GroupOffset } from "./group_offsets.ts";
import type { TopicPartition } from "./offsets.ts";
import { partitionKey } from "./partition_reader.ts";
import { nowMs } from "./runtime.ts";

/** One partition a group has committed in, or a member of it owns. */
export interface GroupLag extends TopicPartition {
  /** The next offset to read; −1 where none is committed. */
  readonly committed: number;
  /** Of the commit; −1 when not known. */
  readonly leaderEpoch: number;
  /** What was committed beside the offset. */
  readonly metadata: string;
  /** Offset the next record written will have; −1 when the partition cannot say, or is gone. */
  readonly end: number;
  /** Records to go: `end - committed`; `null` where one of them is not known. */
  readonly records: number | null;
  /** Age of the first record to go, 0 at the end; `null` where it is not known. Milliseconds. */
  readonly behindMs: number | null;
  /** The member that owns the partition; `null` when none does. */
  readonly owner: GroupMember | null;
}

/** See `Admin.groupLag`. Rows come by topic and partition. */
export async function groupLag(
  connection: Connection,
  detail: GroupDetail,
  options: RequestOptions,
): Promise<GroupLag[]> {
  const owners = ownersOf(detail);
  const committed = await committedOffsets(connection, detail.group, null, options);
  const commits = new Map(committed.map((commit) => [partitionKey(commit), commit]));
  const uncommitted = [...owners.values()].map(({ where }) => where).filter((where) =>
    !commits.has(partitionKey(where))
  );
  const partitions: TopicPartition[] = [...committed, ...uncommitted];
  partitions.sort(byName);
  const ends = await offsetsAt(connection, partitions, TIMESTAMP_LATEST, options);
  const rows = partitions.map((where) => {
    const key = partitionKey(where);
    return row(where, commits.get(key), ends.get(key) ?? -1, owners.get(key)?.member ?? null);
  });
  const ages = await agesOf(connection, rows, options);
  return rows.map((row) => ({
    ...row,
    behindMs: row.records === 0 ? 0 : ages.get(partitionKey(row)) ?? null,
  }));
}

function ownersOf(
  detail: GroupDetail,
): Map<string, { readonly where: TopicPartition; readonly member: GroupMember }> {
  return new Map(
    detail.members.flatMap((member) =>
      member.assignment.map((where) => [partitionKey(where), { where, member }] as const)
    ),
  );
}

function row(
  { topic, partition }: TopicPartition,
  commit: GroupOffset | undefined,
  end: number,
  owner: GroupMember | null,
): Omit<GroupLag, "behindMs"> {
  const committed = commit?.offset ?? -1;
  const records = committed < 0 || end < 0 ? null : Math.max(0, end - committed);
  const { leaderEpoch = -1, metadata = "" } = commit ?? {};
  return { topic, partition, committed, leaderEpoch, metadata, end, records, owner };
}

/** Ages of the first records to go; records that were trimmed away are no longer to go. */
async function agesOf(
  connection: Connection,
  rows: readonly Omit<GroupLag, "behindMs">[],
  options: RequestOptions,
): Promise<Map<string, number>> {
  const behind = rows.filter(({ records }) => records !== null && records > 0);
  const starts = await offsetsAt(connection, behind, TIMESTAMP_EARLIEST, options);
  const places = behind.map(({ topic, partition, committed }) => {
    return {
      topic,
      partition,
      offset: Math.max(committed, starts.get(partitionKey({ topic, partition })) ?? 0),
    };
  });
  const times = await firstTimestamps(connection, places, options);
  const now = nowMs();
  return new Map(
    [...times].filter(([, time]) => time >= 0).map(([key, time]) => [key, Math.max(0, now - time)]),
  );
}

function byName(one: TopicPartition, other: TopicPartition): number {
  if (one.topic !== other.topic) return one.topic < other.topic ? -1 : 1;
  return one.partition - other.partition;
}
