/**
 * The admin's half that concerns consumer groups: list, describe, lag, and their
 * committed offsets, altered or forgotten. Questions are retried; changes are sent
 * once. Every method takes a signal.
 */
import { type Connection, type RequestOptions, retry } from "./connection.ts";
import { errorOfWire, WeirError } from "./error.ts";
import { type GroupDetail, groupDetail, type GroupListing } from "./group_detail.ts";
import { type GroupLag, groupLag } from "./group_lag.ts";
import {
  alterOffsets,
  committedOffsets,
  deleteOffsets,
  type GroupOffset,
  type OffsetCommit,
  type PartitionResult,
} from "./group_offsets.ts";
import { type GroupReset, resetOffsets, type ResetOptions } from "./group_reset.ts";
import type { Metadata } from "./metadata.ts";
import type { TopicPartition } from "./offsets.ts";

/** See the file's head; part of `weir.admin`. */
export class GroupAdmin {
  #connection: Connection;
  #metadata: Metadata;

  constructor(connection: Connection, metadata: Metadata) {
    this.#connection = connection;
    this.#metadata = metadata;
  }

  /**
   * Lists groups: all, or those in one of `states` ("Stable", "Empty", ...) and of one of `types` ("Classic",
   * "Consumer"), in whatever case.
   *
   * @example
   * ```ts
   * for (const { group, state } of await weir.admin.listGroups({ states: ["Empty"] })) console.log(group, state);
   * ```
   */
  async listGroups(
    options: RequestOptions & {
      readonly states?: readonly string[] | undefined;
      readonly types?: readonly string[] | undefined;
    } = {},
  ): Promise<GroupListing[]> {
    const body = { states: [...options.states ?? []], types: [...options.types ?? []] };
    const ask = () => this.#connection.request("list_groups", body, options);
    const reply = await retry(this.#connection.settings, ask, options, "Listing groups");
    return reply.groups.sort((one, other) => one.group < other.group ? -1 : 1);
  }

  /**
   * Describes a group: state, assignor, members and what they own. Throws GROUP_ID_NOT_FOUND.
   *
   * @example
   * ```ts
   * const { state, members } = await weir.admin.describeGroup("order-processor");
   * for (const { clientHost, assignment } of members) console.log(clientHost, assignment);
   * ```
   */
  async describeGroup(group: string, options: RequestOptions = {}): Promise<GroupDetail> {
    const [found] = await this.describeGroups([group], options);
    if (found === undefined) throw new WeirError("PROTOCOL", `The reply lacks group "${group}"`);
    return found;
  }

  /** Describes several groups. Throws the first fault. */
  async describeGroups(groups: readonly string[], options: RequestOptions = {}): Promise<GroupDetail[]> {
    const ask = async () => {
      const reply = await this.#connection.request("describe_groups", { groups: [...groups] }, options);
      return reply.groups.map(groupDetail);
    };
    return await retry(this.#connection.settings, ask, options, "Describing groups");
  }

  /** What a group has committed: everything, or for `partitions` in their order, with offset −1 where there is nothing. */
  groupOffsets(
    group: string,
    partitions: readonly TopicPartition[] | null = null,
    options: RequestOptions = {},
  ): Promise<GroupOffset[]> {
    return committedOffsets(this.#connection, group, partitions, options);
  }

  /**
   * How far a group is behind, in records and in time, for every partition it has committed in or owns.
   * Throws GROUP_ID_NOT_FOUND.
   *
   * @example
   * ```ts
   * const lag = await weir.admin.groupLag("order-processor");
   * const worst = Math.max(...lag.map(({ behindMs }) => behindMs ?? 0)) / 1000;
   * ```
   */
  async groupLag(group: string, options: RequestOptions = {}): Promise<GroupLag[]> {
    return await groupLag(this.#connection, await this.describeGroup(group, options), options);
  }

  /** Commits for a group that has no members. Throws NON_EMPTY_GROUP, or the first partition's fault. */
  alterGroupOffsets(
    group: string,
    commits: readonly OffsetCommit[],
    options: RequestOptions = {},
  ): Promise<void> {
    return alterOffsets(this.#connection, group, commits, options);
  }

  /**
   * Moves a group that has no members to another place; it need not exist yet. Offsets outside a log become its
   * nearest end. Throws NON_EMPTY_GROUP, UNKNOWN_TOPIC_OR_PARTITION, INVALID_ARGUMENT.
   *
   * @example
   * ```ts
   * const to = new Date(Date.now() - 3_600_000);
   * const plan = await weir.admin.resetGroupOffsets("order-processor", { topics: ["orders"], to, dryRun: true });
   * for (const { partition, before, offset } of plan) console.log(partition, before, "->", offset);
   * ```
   */
  resetGroupOffsets(group: string, options: ResetOptions): Promise<GroupReset[]> {
    return resetOffsets(this.#connection, this.#metadata, group, options);
  }

  /**
   * Forgets what a group has committed in some partitions; each says how it went (GROUP_SUBSCRIBED_TO_TOPIC while
   * members read the topic). Throws GROUP_ID_NOT_FOUND.
   */
  deleteGroupOffsets(
    group: string,
    partitions: readonly TopicPartition[],
    options: RequestOptions = {},
  ): Promise<PartitionResult[]> {
    return deleteOffsets(this.#connection, group, partitions, options);
  }

  /** Deletes a group without members, its offsets too. Throws NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND. */
  async deleteGroup(group: string, options: RequestOptions = {}): Promise<void> {
    const [result] = await this.deleteGroups([group], options);
    if (result?.error) throw result.error;
  }

  /** Deletes several groups; each says how it went. */
  async deleteGroups(
    groups: readonly string[],
    options: RequestOptions = {},
  ): Promise<{ readonly group: string; readonly error: WeirError | null }[]> {
    const reply = await this.#connection.request("delete_groups", { groups: [...groups] }, options);
    return reply.groups.map(({ group, e }) => {
      return { group, error: e ? errorOfWire(e, `Deleting group "${group}"`) : null };
    });
  }
}
