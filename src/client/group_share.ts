/**
 * A member's share of its group's partitions: what it owns, and how it comes to
 * own what the coordinator wants. Cooperative: what it keeps is read on all the
 * while. What goes is no longer handed out, is waited for while the application is
 * busy with it, committed, told, and only then given back; what comes begins where
 * the group has committed. One change at a time; when the member loses its place,
 * everything is dropped at once.
 */
import type { WireAssignment } from "../native/mod.ts";
import type { ConsumerParts } from "./assignment.ts";
import { Beginnings } from "./beginnings.ts";
import { type Commits, farewellMs } from "./commits.ts";
import { asWeirError, ignore, WeirError } from "./error.ts";
import { committedOffsets } from "./group_offsets.ts";
import type { TopicPartition } from "./offsets.ts";
import type { PartitionReader } from "./partition_reader.ts";
import { defer, pause } from "./runtime.ts";

/** A partition with its topic's id, which tells it from one of the same name that was there before. */
interface Owned extends TopicPartition {
  readonly id: string;
}

/** See the file's head. */
export class GroupShare {
  /** The member is in the group. */
  joined = false;
  readonly #parts: ConsumerParts;
  readonly #commits: Commits;
  readonly #group: string;
  readonly #beginnings: Beginnings;
  #owned = new Map<string, Owned>();
  /** What is to be brought about next. */
  #target: readonly Owned[] | null = null;
  #work: Promise<void> | null = null;
  /** Grows when everything is lost: what was under way before has no say any more. */
  #term = 0;
  /** The application is not to be waited for; whoever does is told by `#hurry`. */
  #isHasty = false;
  #hurry = defer<void>();
  #closing = new AbortController();
  #first = defer<void>();

  constructor(parts: ConsumerParts, commits: Commits, group: string) {
    this.#parts = parts;
    this.#commits = commits;
    this.#group = group;
    this.#beginnings = new Beginnings(parts.options.from, parts.metadata);
    this.#first.promise.catch(ignore);
  }

  /** To be called before the member joins. */
  look(): Promise<void> {
    return this.#beginnings.look(this.#closing.signal);
  }

  /** The change under way; `null` when there is none. */
  get work(): Promise<void> | null {
    return this.#work;
  }

  /** Resolves when a first assignment was brought about. */
  get started(): Promise<void> {
    return this.#first.promise;
  }

  /** What it owns, what it is about to give back included. */
  owned(): WireAssignment[] {
    const topics = new Map<string, WireAssignment>();
    for (const { topic, id, partition } of this.#owned.values()) {
      const entry = topics.get(id) ?? { topic, id, partitions: [] };
      entry.partitions.push(partition);
      topics.set(id, entry);
    }
    return [...topics.values()];
  }

  /** Brings about that the member owns `assignment` and nothing else. An error ends the consumer. */
  follow(assignment: readonly WireAssignment[]): void {
    this.#target = assignment.flatMap(({ topic, id = "", partitions }) =>
      partitions.map((partition) => ({ topic, id, partition }))
    );
    this.#work ??= this.#run().finally(() => {
      this.#work = null;
      this.#isHasty = false;
      this.#hurry = defer();
      this.#parts.turns.arrive();
    });
  }

  /** Gives everything back in good order, without waiting for the application; for good with `closing`. */
  async giveUp(closing = false): Promise<void> {
    if (closing) this.#closing.abort();
    this.#hurryUp();
    this.follow([]);
    await this.#work;
  }

  /** Drops everything at once; resolves when the application was told. */
  async lose(): Promise<void> {
    const lost = [...this.#owned.values()];
    this.#term += 1;
    this.#target = null;
    this.#owned.clear();
    for (const where of lost) this.#parts.readers.remove(where);
    if (this.#work !== null) this.#hurryUp();
    await this.#work;
    try {
      if (lost.length > 0) await this.#tell("onLost", lost);
    } catch (error) {
      this.#parts.fail(error);
    }
  }

  /** Nothing more will come: who waits for a first assignment is told so. */
  end(): void {
    this.#first.reject(new WeirError("CLOSED", "The consumer is closed"));
  }

  async #run(): Promise<void> {
    try {
      for (let target = this.#target; target !== null; target = this.#target) {
        this.#target = null;
        await this.#bringAbout(target, this.#term);
      }
    } catch (error) {
      this.#parts.fail(error);
    }
    this.#first.resolve();
  }

  async #bringAbout(target: readonly Owned[], term: number): Promise<void> {
    const wanted = new Set(target.map(keyOf));
    const revoked = [...this.#owned.values()].filter((where) => !wanted.has(keyOf(where)));
    const added = target.filter((where) => !this.#owned.has(keyOf(where)));
    if (revoked.length > 0) await this.#giveBack(revoked, term);
    if (added.length > 0 && term === this.#term) await this.#takeUp(added, term);
  }

  async #giveBack(revoked: readonly Owned[], term: number): Promise<void> {
    const { readers } = this.#parts;
    const leaving = revoked.map((where) => readers.find(where));
    for (const reader of leaving) reader.retire();
    await this.#untilReleased(leaving);
    if (term !== this.#term) return;
    await this.#commitLast(leaving);
    if (term !== this.#term) return;
    await this.#tell("onRevoked", revoked);
    if (term !== this.#term) return;
    for (const where of revoked) {
      this.#owned.delete(keyOf(where));
      readers.remove(where);
    }
  }

  /** Commits what is about to go; while closing not for long. */
  async #commitLast(leaving: readonly PartitionReader[]): Promise<void> {
    if (!this.#closing.signal.aborted) return await this.#commits.commitDone(leaving).catch(ignore);
    const timeoutMs = farewellMs(this.#parts.shared);
    const committed = new AbortController();
    const commit = this.#commits.commitDone(leaving, { timeoutMs }).catch(ignore);
    commit.finally(() => committed.abort());
    await pause(timeoutMs, committed.signal, "Closing").catch(ignore);
  }

  /** Waits while the application is busy with something of `leaving`. */
  async #untilReleased(leaving: readonly PartitionReader[]): Promise<void> {
    const { turns } = this.#parts;
    while (!this.#isHasty && turns.inHand !== null && leaving.includes(turns.inHand)) {
      await Promise.race([turns.released(), this.#hurry.promise]);
    }
  }

  async #takeUp(added: readonly Owned[], term: number): Promise<void> {
    const { readers, fetcher } = this.#parts;
    const offsets = await this.#committed(added, term);
    if (offsets === null) return;
    const coming = added.map((where, index) => {
      const offset = offsets[index]!;
      const reader = readers.add(
        where,
        offset < 0 ? this.#beginnings.of(where.id, where.partition) : { offset },
      );
      reader.committed = offset;
      reader.held = true;
      this.#owned.set(keyOf(where), where);
      return reader;
    });
    fetcher.wake();
    await this.#tell("onAssigned", added);
    if (term !== this.#term) return;
    for (const reader of coming) reader.held = false;
    fetcher.restart();
  }

  /** Where the group has come to in each of `added`, −1 where nothing is committed; `null` when it does not matter any more. */
  async #committed(added: readonly Owned[], term: number): Promise<number[] | null> {
    const { signal } = this.#closing;
    const options = { requireStable: true, signal };
    while (!signal.aborted) {
      try {
        const found = await committedOffsets(this.#parts.shared, this.#group, added, options);
        return term === this.#term ? found.map(({ offset }) => offset) : null;
      } catch (error) {
        if (term !== this.#term || signal.aborted) return null;
        if (!(error instanceof WeirError) || !error.retriable) throw error;
      }
    }
    return null;
  }

  /** Waits for what the application wants to do about `partitions`. Throws CALLBACK_FAILED. */
  async #tell(
    name: "onAssigned" | "onRevoked" | "onLost",
    partitions: readonly TopicPartition[],
  ): Promise<void> {
    const { options, consumer } = this.#parts;
    const names = partitions.map(({ topic, partition }) => ({ topic, partition }));
    try {
      await options[name]?.(names, consumer);
    } catch (error) {
      throw asWeirError(error, "CALLBACK_FAILED", `${name} failed`);
    }
  }

  #hurryUp(): void {
    this.#isHasty = true;
    this.#hurry.resolve();
  }
}

function keyOf({ id, topic, partition }: Owned): string {
  return `${id}/${topic}/${partition}`;
}
