/**
 * Commits a consumer's offsets to its group: on demand, by the clock, and before
 * partitions go. One commit after the other, so that a repeated one never undoes
 * a later one. A member's commit carries its epoch; when that has just moved on the
 * commit is repeated with the new one.
 */
import type { ConsumerParts } from "./assignment.ts";
import { type Connection, type RequestOptions, retry } from "./connection.ts";
import type { ConsumerOptions } from "./consumer_options.ts";
import { errorOfWire, ignore, WeirError } from "./error.ts";
import { nameText, type OffsetCommit, wireCommits } from "./group_offsets.ts";
import { numberOption } from "./options.ts";
import { partitionKey, type PartitionReader } from "./partition_reader.ts";
import type { Readers } from "./readers.ts";
import { backoffMs, nowMs, pause, startTimer, stopTimer, type Timer } from "./runtime.ts";
import type { Turns } from "./turns.ts";

/** Who commits: a member and its epoch; `null` when the consumer is none. */
export type Committer =
  | { readonly member: string; readonly epoch: number; readonly instance?: string }
  | null;

/** What commits go by. */
interface CommitSettings {
  readonly group: string;
  readonly intervalMs: number;
  /** Commit by the clock and before partitions go. */
  readonly automatic: boolean;
  /** Who commits now; epoch 0 while out of the group. */
  readonly committer: () => Committer;
}

/** With a broker that was there a moment ago, and with one that is gone. */
const FAREWELL_MS_MAX = 5_000;
const FAREWELL_ALONE_MS_MAX = 1_000;

/** How long the last words of a consumer that closes may take. */
export function farewellMs({ link, settings }: Connection): number {
  return Math.min(link === null ? FAREWELL_ALONE_MS_MAX : FAREWELL_MS_MAX, settings.requestTimeoutMs);
}

/** The settings of a consumer's commits. Throws INVALID_ARGUMENT. */
export function commitSettings(
  group: string,
  options: ConsumerOptions,
  committer: () => Committer,
): CommitSettings {
  const intervalMs = numberOption("autoCommitIntervalMs", options.autoCommitIntervalMs, 5_000, 1);
  return { group, intervalMs, automatic: options.autoCommit ?? true, committer };
}

/** See the file's head. */
export class Commits {
  readonly #connection: Connection;
  readonly #readers: Readers;
  readonly #turns: Turns<unknown, unknown>;
  readonly #settings: CommitSettings;
  #last: Promise<void> = Promise.resolve();
  #timer: Timer | null = null;
  /** Ends commits by the clock, the one under way too. */
  #stopped = new AbortController();

  constructor(parts: Pick<ConsumerParts, "shared" | "readers" | "turns">, settings: CommitSettings) {
    this.#connection = parts.shared;
    this.#readers = parts.readers;
    this.#turns = parts.turns;
    this.#settings = settings;
    if (settings.automatic) this.#schedule();
  }

  /** No more commits by the clock. */
  stop(): void {
    this.#stopped.abort();
    stopTimer(this.#timer);
  }

  /** Commits `commits`, after those asked for before. Throws NOT_ASSIGNED, and what the broker says. */
  commit(commits: readonly OffsetCommit[], options: RequestOptions = {}): Promise<void> {
    const mine = this.#last.then(() => this.#commit(commits, options));
    this.#last = mine.catch(ignore);
    return mine;
  }

  /** Commits everything handed out, what the application is busy with included. */
  commitHandedOut(options: RequestOptions): Promise<void> {
    return this.commit(this.#changed(this.#readers.all.values(), (reader) => reader.position), options);
  }

  /**
   * With automatic commits: commits what the application is done with, of these partitions or of all. Resolves after
   * every commit asked for before.
   */
  async commitDone(
    readers: Iterable<PartitionReader> = this.#readers.all.values(),
    options: RequestOptions = {},
  ): Promise<void> {
    if (!this.#settings.automatic) return await this.#last;
    const { inHand, inHandFrom } = this.#turns;
    const done = (reader: PartitionReader) => reader === inHand ? inHandFrom : reader.position;
    await this.commit(this.#changed(readers, done), options);
  }

  #schedule(): void {
    this.#timer = startTimer(this.#settings.intervalMs, () => {
      const { signal } = this.#stopped;
      this.commitDone(undefined, { signal }).catch(ignore).finally(() => signal.aborted || this.#schedule());
    });
  }

  #changed(
    readers: Iterable<PartitionReader>,
    offsetOf: (reader: PartitionReader) => number,
  ): OffsetCommit[] {
    const commits: OffsetCommit[] = [];
    for (const reader of readers) {
      const offset = offsetOf(reader);
      const { topic, partition, leaderEpoch } = reader;
      if (offset >= 0 && offset !== reader.committed) commits.push({ topic, partition, offset, leaderEpoch });
    }
    return commits;
  }

  async #commit(commits: readonly OffsetCommit[], options: RequestOptions): Promise<void> {
    if (commits.length === 0) return;
    const { settings } = this.#connection;
    const deadlineMs = nowMs() + (options.timeoutMs ?? settings.requestTimeoutMs);
    for (let attempt = 1;; attempt++) {
      const committer = this.#settings.committer();
      this.#checkOwned(commits, committer);
      const error = await retry(
        settings,
        () => this.#send(commits, committer, options),
        options,
        "Committing",
      );
      if (error === null) break;
      if (error.code !== "STALE_MEMBER_EPOCH" || nowMs() >= deadlineMs) throw error;
      const delayMs = backoffMs(attempt, settings.retryBackoffMs, settings.retryBackoffMsMax);
      await pause(delayMs, options.signal, "Committing");
    }
    for (const commit of commits) {
      const reader = this.#readers.all.get(partitionKey(commit));
      if (reader !== undefined) reader.committed = commit.offset;
    }
  }

  /** Sends once; gives the error that sending again unchanged would not mend. */
  async #send(
    commits: readonly OffsetCommit[],
    committer: Committer,
    options: RequestOptions,
  ): Promise<WeirError | null> {
    const { group } = this.#settings;
    const body = { group, ...committer, entries: wireCommits(commits) };
    const { entries } = await this.#connection.request("commit_offsets", body, options);
    const failed = entries.find(({ e }) => e);
    if (failed?.e === undefined) return null;
    const error = errorOfWire(failed.e, `Committing for group "${group}" in ${nameText(failed)}`);
    if (error.retriable) throw error;
    return error;
  }

  /** A member commits only what it has: the next owner's commits must not be undone. */
  #checkOwned(commits: readonly OffsetCommit[], committer: Committer): void {
    if (committer === null) return;
    for (const commit of commits) {
      if (committer.epoch > 0 && this.#readers.has(commit)) continue;
      const words = `${
        nameText(commit)
      } is not this member's: its offset in group "${this.#settings.group}" stays`;
      throw new WeirError("NOT_ASSIGNED", `${words[0]!.toUpperCase()}${words.slice(1)}`);
    }
  }
}
