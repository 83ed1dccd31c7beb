/**
 * The consumer: of given topics or partitions, or as a member of a group, which
 * deals them out. It begins to read as soon as it is made; records come in order
 * per partition, and the partitions take turns. One cursor: iterating twice goes on
 * where the first loop stopped.
 */
import type { RequestOptions } from "./connection.ts";
import type { ConsumerBatch, ConsumerOptions, Lag } from "./consumer_options.ts";
import { WeirError } from "./error.ts";
import { committedOffsets, type GroupOffset, type OffsetCommit } from "./group_offsets.ts";
import { subscriptionOf } from "./group_options.ts";
import { lagOf } from "./lag.ts";
import { placeOf, type Position, type TopicPartition } from "./offsets.ts";
import { type ConsumerPorts, Reading } from "./reading.ts";
import { ConsumerRecord } from "./record.ts";
import { iterate } from "./turns.ts";

/** See the file's head. Made by `weir.consumer`. */
export class Consumer<Key = unknown, Value = unknown> implements AsyncIterable<ConsumerRecord<Key, Value>> {
  readonly #reading: Reading<Key, Value>;

  /** Use `weir.consumer`. */
  constructor(ports: ConsumerPorts, options: ConsumerOptions) {
    this.#reading = new Reading(ports, options, this as Consumer);
  }

  /** The partitions this consumer reads. Complete once {@linkcode ready} has resolved; a group's come and go. */
  get assignments(): TopicPartition[] {
    return this.#reading.readers.names;
  }

  /** A `ReadableStream` of the same records. Cancelling it leaves the consumer open. */
  get readable(): ReadableStream<ConsumerRecord<Key, Value>> {
    return new ReadableStream({
      pull: async (controller) => {
        const { done, value } = await this.#nextRecord(undefined);
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => this.#reading.turns.release(),
    }, { highWaterMark: 0 });
  }

  /**
   * Resolves when every partition's position is known: with `from: "latest"`, what is
   * written afterwards will be read. Throws what iteration would.
   */
  async ready(options: RequestOptions = {}): Promise<void> {
    await this.#reading.ready(options);
  }

  [Symbol.asyncIterator](): AsyncIterator<ConsumerRecord<Key, Value>> {
    return this.records();
  }

  /**
   * Iterates over records, like the consumer itself, until the signal fires (ABORTED). Leaving the loop
   * leaves the consumer open.
   *
   * @example
   * ```ts
   * for await (const record of consumer.records({ signal: AbortSignal.timeout(1000) })) handle(record);
   * ```
   */
  records(options: { readonly signal?: AbortSignal | undefined } = {}): AsyncIterableIterator<
    ConsumerRecord<Key, Value>
  > {
    return iterate((signal) => this.#nextRecord(signal), () => this.#reading.turns.release(), options.signal);
  }

  /**
   * Iterates over batches: up to 1,000 consecutive records of one partition. The quickest way to read.
   *
   * @example
   * ```ts
   * for await (const { topic, partition, records } of consumer.batches()) await store(records);
   * ```
   */
  batches(options: { readonly signal?: AbortSignal | undefined } = {}): AsyncIterableIterator<
    ConsumerBatch<Key, Value>
  > {
    return iterate(
      (signal) => this.#reading.next(() => this.#reading.turns.takeBatch(), signal),
      () => this.#reading.turns.release(),
      options.signal,
    );
  }

  /** Goes elsewhere in one partition; buffered records are dropped. Throws INVALID_ARGUMENT. */
  seek(where: TopicPartition, position: Position): void {
    this.#reading.readers.find(where).seek(placeOf(position));
    this.#reading.fetcher.restart();
  }

  /** Hands out no more records of these partitions, or of any, until {@linkcode resume}. */
  pause(partitions: readonly TopicPartition[] = this.assignments): void {
    for (const where of partitions) this.#reading.readers.find(where).paused = true;
  }

  /** Goes on with these partitions, or with all. */
  resume(partitions: readonly TopicPartition[] = this.assignments): void {
    for (const where of partitions) {
      const reader = this.#reading.readers.find(where);
      reader.paused = false;
      if (reader.hasBuffered || reader.error !== null) this.#reading.turns.add(reader);
    }
    this.#reading.fetcher.wake();
  }

  /** Partitions that are paused. */
  get paused(): TopicPartition[] {
    return this.assignments.filter((where) => this.#reading.readers.find(where).paused);
  }

  /** Offset of the record handed out next; `undefined` while it is not known. Throws INVALID_ARGUMENT. */
  position(where: TopicPartition): number | undefined {
    const { position } = this.#reading.readers.find(where);
    return position < 0 ? undefined : position;
  }

  /** How far each partition is behind; asks the broker where they end. */
  async lag(options: RequestOptions = {}): Promise<Lag[]> {
    await this.ready(options);
    return await lagOf([...this.#reading.readers.all.values()], this.#reading.shared, options);
  }

  /**
   * Commits to the group: what comes after a record or a batch, given offsets, or without an argument all that was
   * handed out, the record in hand included. Throws NOT_ASSIGNED for a partition that is not, or no longer, this
   * member's, and INVALID_ARGUMENT without a group.
   *
   * @example
   * ```ts
   * for await (const record of consumer) {
   *   await handle(record);
   *   await consumer.commit(record);
   * }
   * ```
   */
  async commit(
    what?: ConsumerRecord<Key, Value> | ConsumerBatch<Key, Value> | OffsetCommit | readonly OffsetCommit[],
    options: RequestOptions = {},
  ): Promise<void> {
    const commits = this.#reading.commits ?? this.#refuse("commit");
    if (what === undefined) return await commits.commitHandedOut(options);
    await commits.commit(commitsOf(what), options);
  }

  /** What the group has committed: in the partitions this consumer reads, or in those given. */
  async committed(
    partitions: readonly TopicPartition[] = this.assignments,
    options: RequestOptions = {},
  ): Promise<GroupOffset[]> {
    const group = this.#reading.options.group ?? this.#refuse("committed");
    return await committedOffsets(this.#reading.shared, group, partitions, options);
  }

  /** Reads other topics, or another pattern, from now on, in place of those before. Resolves at once. */
  async subscribe(what: Pick<ConsumerOptions, "topics" | "pattern">): Promise<void> {
    const member = this.#reading.member ?? this.#refuse("subscribe");
    this.#reading.readers.learn(what.topics ?? []);
    await member.subscribe(subscriptionOf(what));
  }

  /** Gives everything back and leaves the group, until {@linkcode subscribe}. */
  async unsubscribe(): Promise<void> {
    await (this.#reading.member ?? this.#refuse("unsubscribe")).subscribe(null);
  }

  /** Its id in the group; `null` without one. */
  get memberId(): string | null {
    return this.#reading.member?.committer?.member ?? null;
  }

  /** Ends iteration, commits what the application is done with, leaves the group, and closes the connections. */
  close(): Promise<void> {
    return this.#reading.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #refuse(what: string): never {
    const words = this.#reading.options.group === undefined ? "a group" : "a group it is a member of";
    throw new WeirError("INVALID_ARGUMENT", `A consumer must have ${words} for ${what}`);
  }

  #nextRecord(signal: AbortSignal | undefined): Promise<IteratorResult<ConsumerRecord<Key, Value>>> {
    return this.#reading.next(() => this.#reading.turns.takeRecord(), signal);
  }
}

function commitsOf(
  what: ConsumerRecord | ConsumerBatch | OffsetCommit | readonly OffsetCommit[],
): readonly OffsetCommit[] {
  if (what instanceof ConsumerRecord) {
    return [{ topic: what.topic, partition: what.partition, offset: what.offset + 1 }];
  }
  if ("records" in what) {
    const last = what.records.at(-1);
    return last === undefined ? [] : commitsOf(last);
  }
  return "offset" in what ? [what] : what;
}
