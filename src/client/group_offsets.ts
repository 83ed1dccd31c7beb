/**
 * Committed offsets of a group, read and written by somebody who is no member of
 * it. Used by the admin.
 */
import { type Connection, type RequestOptions, retry } from "./connection.ts";
import { errorOfWire, WeirError } from "./error.ts";
import type { TopicPartition } from "./offsets.ts";

/** How far a group has come in one partition. */
export interface GroupOffset extends TopicPartition {
  /** The next offset to read; −1 where none is committed. */
  readonly offset: number;
  /** Of the last record read; −1 when not known. */
  readonly leaderEpoch: number;
  /** What was committed beside it. */
  readonly metadata: string;
}

/** An offset to commit. */
export interface OffsetCommit extends TopicPartition {
  /** The next offset to read. */
  readonly offset: number;
  /** Of the last record read; −1, the default, when not known. */
  readonly leaderEpoch?: number | undefined;
  /** Any text, kept beside the offset: at most `offset.metadata.max.bytes`. */
  readonly metadata?: string | undefined;
}

/** What came of one partition in a request on several. */
export interface PartitionResult extends TopicPartition {
  readonly error: WeirError | null;
}

/**
 * The offsets a group has committed: all, or those of `partitions` in their order; with `requireStable` not while an
 * open transaction may change them. Throws the first fault.
 */
export async function committedOffsets(
  connection: Connection,
  group: string,
  partitions: readonly TopicPartition[] | null,
  options: RequestOptions & { readonly requireStable?: boolean },
): Promise<GroupOffset[]> {
  const { requireStable = false } = options;
  const entries = partitions === null ? null : partitions.map(nameOf);
  const ask = async () => {
    const reply = await connection.request("committed_offsets", { group, requireStable, entries }, options);
    return reply.entries.map(({ e, ...entry }) => {
      if (e) throw errorOfWire(e, `Offset of group "${group}" in ${nameText(entry)}`);
      return entry;
    });
  };
  return await retry(connection.settings, ask, options, "Reading committed offsets");
}

/** Commits for a group that has no members. Throws NON_EMPTY_GROUP when it has, and the first fault otherwise. */
export async function alterOffsets(
  connection: Connection,
  group: string,
  commits: readonly OffsetCommit[],
  options: RequestOptions,
): Promise<void> {
  if (commits.length === 0) return;
  const reply = await connection.request("commit_offsets", { group, entries: wireCommits(commits) }, options);
  const failed = reply.entries.find(({ e }) => e);
  if (failed?.e === undefined) return;
  if (failed.e.code === "UNKNOWN_MEMBER_ID") {
    const words = `Offsets of group "${group}" cannot be altered from outside while it has members`;
    throw new WeirError("NON_EMPTY_GROUP", words);
  }
  throw errorOfWire(failed.e, `Altering the offset of group "${group}" in ${nameText(failed)}`);
}

/** Commits as the wire has them. */
export function wireCommits(commits: readonly OffsetCommit[]) {
  return commits.map(({ topic, partition, offset, leaderEpoch = -1, metadata }) => {
    return { topic, partition, offset, leaderEpoch, ...(metadata === undefined ? {} : { metadata }) };
  });
}

/** Forgets committed offsets. Throws when the whole group fails. */
export async function deleteOffsets(
  connection: Connection,
  group: string,
  partitions: readonly TopicPartition[],
  options: RequestOptions,
): Promise<PartitionResult[]> {
  const body = { group, entries: partitions.map(nameOf) };
  const reply = await connection.request("delete_offsets", body, options);
  return reply.entries.map(({ topic, partition, e }) => {
    const what = `Deleting the offset of group "${group}" in ${nameText({ topic, partition })}`;
    return { topic, partition, error: e ? errorOfWire(e, what) : null };
  });
}

function nameOf({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition };
}

/** A partition in a sentence. */
export function nameText({ topic, partition }: TopicPartition): string {
  return `topic "${topic}", partition ${partition}`;
}
