/**
 * The partitions a consumer has, each with its reader, and in which formats their
 * topics are read. Filled by whoever decides what the consumer reads; seen by the
 * fetcher and by the application's calls.
 */
import type { ConsumerOptions } from "./consumer_options.ts";
import { WeirError } from "./error.ts";
import type { Place, TopicPartition } from "./offsets.ts";
import { partitionKey, PartitionReader } from "./partition_reader.ts";
import { type Topic, topic as makeTopic, type TopicCodecs, topicCodecs } from "./topic.ts";

/** See the file's head. */
export class Readers {
  /** By {@linkcode partitionKey}. */
  readonly all = new Map<string, PartitionReader>();
  readonly #formats: Pick<ConsumerOptions, "key" | "value">;
  readonly #codecs = new Map<string, TopicCodecs>();

  constructor({ key = "auto", value = "auto", topics }: ConsumerOptions) {
    this.#formats = { key, value };
    this.learn(topics ?? []);
  }

  /** Takes the formats of topics that have their own. */
  learn(topics: readonly (string | Topic)[]): void {
    for (const topic of topics) {
      if (typeof topic !== "string") this.#codecs.set(topic.name, topicCodecs(topic));
    }
  }

  /** Their names. */
  get names(): TopicPartition[] {
    return [...this.all.values()].map(({ topic, partition }) => ({ topic, partition }));
  }

  has(where: TopicPartition): boolean {
    return this.all.has(partitionKey(where));
  }

  /** Adds a partition, to be read from `place` on; it takes the place of one by the same name. */
  add({ topic, partition }: TopicPartition, place: Place): PartitionReader {
    const reader = new PartitionReader(topic, partition, this.#codecsOf(topic), place);
    if ("offset" in place) reader.seek(place);
    this.all.set(partitionKey(reader), reader);
    return reader;
  }

  /** Takes a partition away; what it holds is thrown away. */
  remove(where: TopicPartition): void {
    this.all.get(partitionKey(where))?.retire();
    this.all.delete(partitionKey(where));
  }

  /** The reader of a partition. Throws INVALID_ARGUMENT when the consumer does not have it. */
  find(where: TopicPartition): PartitionReader {
    const reader = this.all.get(partitionKey(where));
    if (reader !== undefined) return reader;
    throw new WeirError(
      "INVALID_ARGUMENT",
      `Topic "${where.topic}", partition ${where.partition} is not assigned to this consumer`,
    );
  }

  #codecsOf(topic: string): TopicCodecs {
    let codecs = this.#codecs.get(topic);
    if (codecs === undefined) {
      const { key = "auto", value = "auto" } = this.#formats;
      this.#codecs.set(topic, codecs = topicCodecs(makeTopic(topic, { key, value })));
    }
    return codecs;
  }
}
