/**
 * Topics and the broker itself: create, list, describe, alter, grow, trim and
 * delete, and settings changed while it runs. Questions are retried; changes are sent once, because a change whose
 * answer was lost may have happened. Every method takes a signal.
 */
import type { BrokerDescription, EpochEnd, PartitionDescription, SettingDescription } from "../model/mod.ts";
import type { NativeReplies, NativeRequests, Operation, WireError } from "../native/mod.ts";
import { type Connection, type RequestOptions, retry } from "./connection.ts";
import { errorOfWire, WeirError } from "./error.ts";
import { GroupAdmin } from "./group_admin.ts";
import type { Metadata, TopicMetadata } from "./metadata.ts";
import { type FoundOffset, listOffsets, type Position, timestampOf, type TopicPartition } from "./offsets.ts";
import { numberOption } from "./options.ts";
import { describeProducers, findEpochEnd, type PartitionProducers } from "./partition_facts.ts";
import {
  type AlterOptions,
  describeSettings,
  settingsChange,
  settingsOf,
  type SettingValue,
} from "./settings.ts";

/** What a new topic is to be. */
export interface NewTopicOptions extends RequestOptions {
  /** The broker's `num.partitions` without it. */
  readonly partitions?: number | undefined;
  /** Kafka's topic settings, by name: `{ "retention.ms": 60_000 }`. */
  readonly config?: Readonly<Record<string, SettingValue>> | undefined;
  /** Check everything, create nothing. */
  readonly validateOnly?: boolean | undefined;
}

/** A topic for {@linkcode Admin.createTopics}. */
export interface NewTopic extends Pick<NewTopicOptions, "partitions" | "config"> {
  readonly name: string;
}

/** A topic with its settings and the state of each partition's log. */
export interface TopicDetail {
  readonly name: string;
  readonly id: string;
  readonly internal: boolean;
  readonly partitions: readonly PartitionDetail[];
  readonly settings: readonly SettingDescription[];
}

/** One partition's log; `error` is set when its owner could not be asked. */
export interface PartitionDetail extends Omit<PartitionDescription, "fault"> {
  readonly error: WeirError | null;
}

/** Reached as `weir.admin`; what concerns groups it has from {@linkcode GroupAdmin}. */
export class Admin extends GroupAdmin {
  #connection: Connection;
  #metadata: Metadata;

  constructor(connection: Connection, metadata: Metadata) {
    super(connection, metadata);
    this.#connection = connection;
    this.#metadata = metadata;
  }

  /**
   * Creates a topic. Throws TOPIC_ALREADY_EXISTS, INVALID_TOPIC_EXCEPTION, INVALID_PARTITIONS, INVALID_CONFIG.
   *
   * @example
   * ```ts
   * await weir.admin.createTopic("orders", { partitions: 3, config: { "segment.bytes": 1 << 20 } });
   * ```
   */
  async createTopic(name: string, options: NewTopicOptions = {}): Promise<void> {
    await this.createTopics([{ name, partitions: options.partitions, config: options.config }], options);
  }

  /** Creates several topics; throws the first one's fault, after all were tried. */
  async createTopics(
    topics: readonly NewTopic[],
    options: RequestOptions & { readonly validateOnly?: boolean | undefined } = {},
  ): Promise<void> {
    const wanted = topics.map(({ name, partitions, config }) => ({
      name,
      ...(partitions === undefined ? {} : { partitions: numberOption("partitions", partitions, 1, 1) }),
      settings: settingsOf(config ?? {}),
    }));
    const body = { topics: wanted, validateOnly: options.validateOnly ?? false };
    const reply = await this.#connection.request("create_topics", body, options);
    this.#settle(reply.topics, "Creating");
  }

  /** Deletes a topic and its data. Throws UNKNOWN_TOPIC_OR_PARTITION. */
  async deleteTopic(name: string, options: RequestOptions = {}): Promise<void> {
    const reply = await this.#connection.request("delete_topics", { topics: [name] }, options);
    this.#settle(reply.topics, "Deleting");
  }

  /** Lists all topics by name; the broker's own only with `internal`. */
  async listTopics(
    options: RequestOptions & { readonly internal?: boolean | undefined } = {},
  ): Promise<TopicMetadata[]> {
    const topics = await this.#metadata.list(options);
    return options.internal === true ? topics : topics.filter((topic) => !topic.internal);
  }

  /** Describes one topic. Throws UNKNOWN_TOPIC_OR_PARTITION. */
  async describeTopic(name: string, options: RequestOptions = {}): Promise<TopicDetail> {
    const reply = await this.#ask("describe_topics", { topics: [name] }, options);
    const found = reply.topics[0];
    if (found === undefined) throw new WeirError("PROTOCOL", `The reply lacks topic "${name}"`);
    return detailOf(found);
  }

  /** Describes all topics, or those named. Throws the first fault. */
  async describeTopics(
    names: readonly string[] | null,
    options: RequestOptions = {},
  ): Promise<TopicDetail[]> {
    const topics = names === null ? null : [...names];
    const reply = await this.#ask("describe_topics", { topics }, options);
    return reply.topics.map(detailOf);
  }

  /**
   * Sets a topic's settings; `null` resets one to the broker's. Throws INVALID_CONFIG.
   *
   * @example
   * ```ts
   * await weir.admin.alterTopic("orders", { "retention.ms": 60_000 }, { append: { "cleanup.policy": "compact" } });
   * ```
   */
  async alterTopic(
    name: string,
    config: Readonly<Record<string, SettingValue | null>>,
    options: AlterOptions = {},
  ): Promise<void> {
    const topics = [{ name, ...settingsChange(config, options) }];
    const body = { topics, validateOnly: options.validateOnly ?? false };
    const reply = await this.#connection.request("alter_topics", body, options);
    this.#settle(reply.topics, "Altering");
  }

  /**
   * Sets, while it runs, the broker's settings that topics without their own fall back on, by the names they have
   * there; `null` resets one to what the broker was started with. They outlive a restart. Throws INVALID_CONFIG.
   *
   * @example
   * ```ts
   * await weir.admin.alterBroker({ "log.retention.ms": 3_600_000 });
   * ```
   */
  async alterBroker(
    config: Readonly<Record<string, SettingValue | null>>,
    options: AlterOptions = {},
  ): Promise<void> {
    const body = { ...settingsChange(config, options), validateOnly: options.validateOnly ?? false };
    await this.#connection.request("alter_broker", body, options);
  }

  /**
   * The settings in force for a topic, or with `null` for the broker: value, where it comes from, type, default and
   * what it does.
   * Throws UNKNOWN_TOPIC_OR_PARTITION.
   *
   * @example
   * ```ts
   * const settings = await weir.admin.describeSettings("orders");
   * const own = settings.filter(({ source }) => source === "topic");
   * ```
   */
  describeSettings(
    topic: string | null,
    options: RequestOptions = {},
  ): Promise<SettingDescription[]> {
    return describeSettings(this.#connection, topic, options);
  }

  /** Grows a topic to `partitions` in all; keyed records may then go elsewhere. Throws INVALID_PARTITIONS. */
  async addPartitions(
    name: string,
    partitions: number,
    options: RequestOptions & { readonly validateOnly?: boolean | undefined } = {},
  ): Promise<void> {
    const body = { topics: [{ name, partitions }], validateOnly: options.validateOnly ?? false };
    const reply = await this.#connection.request("add_partitions", body, options);
    this.#settle(reply.topics, "Adding partitions to");
  }

  /**
   * Drops the records of one partition before offset `before`; `"latest"` drops all there are.
   * Returns the new first offset. Throws OFFSET_OUT_OF_RANGE.
   */
  async trim(
    topic: string,
    partition: number,
    before: number | "latest",
    options: RequestOptions = {},
  ): Promise<number> {
    const entries = [{ topic, partition, before: before === "latest" ? -1 : before }];
    const reply = await this.#connection.request("trim", { entries }, options);
    const entry = reply.entries[0];
    if (entry === undefined) throw new WeirError("PROTOCOL", `The reply lacks topic "${topic}"`);
    if (entry.e) throw errorOfWire(entry.e, `Trimming topic "${topic}", partition ${partition}`);
    return entry.logStartOffset;
  }

  /**
   * Finds, in every partition of a topic or in those given, the offset at a place:
   * the first record's, the end's, the first one at or after a time (−1 when there
   * is none), or with `"max"` that of the record with the largest timestamp.
   *
   * @example
   * ```ts
   * const ends = await weir.admin.offsets("orders", "latest");
   * // [{ topic: "orders", partition: 0, offset: 42, timestamp: -1 }, ...]
   * ```
   */
  async offsets(
    topic: string,
    at: Exclude<Position, number> | "max" = "latest",
    options: RequestOptions & { readonly partitions?: readonly number[] | undefined } = {},
  ): Promise<FoundOffset[]> {
    const timestamp = timestampOf(at);
    const partitions = options.partitions ?? await this.#partitionsOf(topic, options);
    const entries = partitions.map((partition): TopicPartition & { timestamp: number } => {
      return { topic, partition, timestamp };
    });
    return await listOffsets(this.#connection, entries, options);
  }

  /**
   * The idempotent producers that partitions of a topic know, all of them or those given: id, epoch, sequence of the
   * last record, its time. Throws UNKNOWN_TOPIC_OR_PARTITION.
   *
   * @example
   * ```ts
   * const [first] = await weir.admin.describeProducers("orders", { partitions: [0] });
   * for (const { producerId, lastSequence } of first!.producers) console.log(producerId, lastSequence);
   * ```
   */
  async describeProducers(
    topic: string,
    options: RequestOptions & { readonly partitions?: readonly number[] | undefined } = {},
  ): Promise<PartitionProducers[]> {
    const partitions = options.partitions ?? await this.#partitionsOf(topic, options);
    return await describeProducers(this.#connection, topic, partitions, options);
  }

  /**
   * The largest leader epoch of a partition at or below `leaderEpoch`, and the offset where it ends; both −1 when
   * there is none, or `leaderEpoch` is later than all. Throws UNKNOWN_TOPIC_OR_PARTITION.
   */
  epochEnd(
    topic: string,
    partition: number,
    leaderEpoch: number,
    options: RequestOptions = {},
  ): Promise<EpochEnd> {
    return findEpochEnd(this.#connection, { topic, partition }, leaderEpoch, options);
  }

  /** Describes the broker: version, disk, workers, how long it has been up. */
  async describeBroker(options: RequestOptions = {}): Promise<BrokerDescription> {
    return (await this.#ask("describe_broker", {}, options)).broker;
  }

  async #partitionsOf(topic: string, options: RequestOptions): Promise<number[]> {
    const { partitions } = await this.#metadata.refresh(topic, false, options);
    return partitions.map(({ partition }) => partition);
  }

  #ask<Kind extends Operation>(
    kind: Kind,
    body: NativeRequests[Kind],
    options: RequestOptions,
  ): Promise<NativeReplies[Kind]> {
    const ask = () => this.#connection.request(kind, body, options);
    return retry(this.#connection.settings, ask, options, "The request");
  }

  /** Forgets what changed; throws the first fault. */
  #settle(topics: readonly { readonly name: string; readonly e?: WireError }[], doing: string): void {
    for (const { name } of topics) this.#metadata.forget(name);
    const failed = topics.find((topic) => topic.e);
    if (failed?.e) throw errorOfWire(failed.e, `${doing} topic "${failed.name}"`);
  }
}

function detailOf(found: NativeReplies["describe_topics"]["topics"][number]): TopicDetail {
  const what = `Topic "${found.name}"`;
  if (found.e) throw errorOfWire(found.e, what);
  const partitions = found.partitions.map(({ e, ...partition }) => ({
    ...partition,
    error: e ? errorOfWire(e, `${what}, partition ${partition.partition}`) : null,
  }));
  const { name, id, internal, settings } = found;
  return { name, id, internal, partitions, settings };
}
