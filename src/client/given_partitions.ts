/**
 * The partitions a consumer was given: all of its topics', those added later too,
 * or those named. With a group they begin where the group has come to, though the
 * consumer is no member of it.
 */
import type { Assignment, ConsumerParts } from "./assignment.ts";
import type { ConsumerOptions } from "./consumer_options.ts";
import { type Commits, farewellMs } from "./commits.ts";
import { ignore } from "./error.ts";
import { committedOffsets } from "./group_offsets.ts";
import { type Place, placeOf, type TopicPartition } from "./offsets.ts";
import { partitionKey } from "./partition_reader.ts";

/** See the file's head. */
export class GivenPartitions implements Assignment {
  readonly #parts: ConsumerParts;
  readonly #place: Place;
  readonly #commits: Commits | null;
  readonly #topics: readonly string[];
  #settled = false;

  constructor(parts: ConsumerParts, commits: Commits | null) {
    this.#commits = commits;
    const { from, topics, assignments, group } = parts.options;
    this.#parts = parts;
    this.#place = placeOf(from ?? "latest");
    this.#topics = (topics ?? []).map((topic) => typeof topic === "string" ? topic : topic.name);
    if (group === undefined) this.#assign(assignments ?? [], new Map());
  }

  get settled(): boolean {
    return this.#settled;
  }

  async start(): Promise<void> {
    const { metadata, readers, options, shared } = this.#parts;
    const known = await Promise.all(this.#topics.map((name) => metadata.refresh(name)));
    for (const { name, partitions } of known) {
      for (const { partition } of partitions) readers.add({ topic: name, partition }, this.#place);
    }
    if (options.group !== undefined && options.assignments !== undefined) {
      const committed = await committedOffsets(shared, options.group, options.assignments, {
        signal: options.signal,
      });
      this.#assign(
        options.assignments,
        new Map(committed.map((entry) => [partitionKey(entry), entry.offset])),
      );
    }
    this.#settled = true;
  }

  /** Takes up partitions that were added to a topic since; read from their start, nothing was there before. */
  onRound(): void {
    const { metadata, readers } = this.#parts;
    for (const topic of this.#topics) {
      for (const { partition } of metadata.peek(topic)?.partitions ?? []) {
        if (!readers.has({ topic, partition })) readers.add({ topic, partition }, placeOf("earliest"));
      }
    }
  }

  async close(): Promise<void> {
    await this.#commits?.commitDone(undefined, { timeoutMs: farewellMs(this.#parts.shared) }).catch(ignore);
  }

  #assign(
    assignments: NonNullable<ConsumerOptions["assignments"]>,
    committed: ReadonlyMap<string, number>,
  ): void {
    for (const { topic, partition, from } of assignments) {
      const where: TopicPartition = { topic, partition };
      const offset = committed.get(partitionKey(where)) ?? -1;
      const place = from === undefined ? this.#place : placeOf(from);
      const reader = this.#parts.readers.add(where, offset < 0 ? place : { offset });
      reader.committed = offset;
    }
  }
}
