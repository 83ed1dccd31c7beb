/**
 * What the client knows of topics: how many partitions each has, and their
 * leaders. Read on every send, so the answer is at hand without waiting; fetched
 * when a topic is new, when a fault says the knowledge is wrong, and in the
 * background once it is older than `metadataAgeMsMax`.
 */
import type { WireTopic } from "../native/mod.ts";
import { type Connection, type RequestOptions, retry } from "./connection.ts";
import { errorOfWire, ignore, WeirError } from "./error.ts";
import { abortable, nowMs } from "./runtime.ts";

/** How long a topic nobody has heard of is asked for again before that is believed. */
const UNKNOWN_TOPIC_PATIENCE_MS = 1_000;

/** A topic as its broker describes it. */
export interface TopicMetadata {
  readonly name: string;
  /** 22 characters of base64url. */
  readonly id: string;
  readonly internal: boolean;
  readonly partitions: readonly PartitionMetadata[];
  /** Only what the topic sets itself. */
  readonly settings: Readonly<Record<string, string>>;
}

/** One partition and who has it. */
export interface PartitionMetadata {
  readonly partition: number;
  /** Node id of the leader; −1 when there is none. */
  readonly leader: number;
  readonly leaderEpoch: number;
  /** Node ids of those that keep a copy. */
  readonly replicas: readonly number[];
  /** Those of them that have everything that was acknowledged. */
  readonly inSyncReplicas: readonly number[];
}

interface Known {
  readonly topic: TopicMetadata;
  readonly atMs: number;
}

/** The cache, shared by everything that uses one connection. */
export class Metadata {
  #connection: Connection;
  #ageMsMax: number;
  #known = new Map<string, Known>();
  #asked = new Map<string, Promise<TopicMetadata>>();

  constructor(connection: Connection, ageMsMax: number) {
    this.#connection = connection;
    this.#ageMsMax = ageMsMax;
  }

  /** What is known of `name` now, or `undefined`; a refresh starts by itself when that is old. */
  peek(name: string): TopicMetadata | undefined {
    const known = this.#known.get(name);
    if (known === undefined) return undefined;
    if (nowMs() - known.atMs > this.#ageMsMax) this.refresh(name).catch(ignore);
    return known.topic;
  }

  /** What is known of `name`, asked for if need be. `create` lets the broker make the topic. */
  async get(name: string, create: boolean, options: RequestOptions = {}): Promise<TopicMetadata> {
    return this.peek(name) ?? await this.refresh(name, create, options);
  }

  /** Asks the broker about `name`. Throws UNKNOWN_TOPIC_OR_PARTITION when there is no such topic. */
  refresh(name: string, create = false, options: RequestOptions = {}): Promise<TopicMetadata> {
    const key = `${create}/${name}`;
    let asked = this.#asked.get(key);
    if (asked === undefined) {
      asked = this.#ask(name, create).finally(() => this.#asked.delete(key));
      asked.catch(ignore);
      this.#asked.set(key, asked);
    }
    return abortable(asked, options.signal, `Metadata of topic "${name}"`);
  }

  /** All topics, internal ones included, in the order of their names. */
  async list(options: RequestOptions): Promise<TopicMetadata[]> {
    const reply = await retry(
      this.#connection.settings,
      () => this.#connection.request("metadata", { topics: null }, options),
      options,
      "Listing topics",
    );
    const topics = reply.topics.filter((topic) => !topic.e).map((topic) => this.#learn(topic));
    return topics.sort((one, other) => one.name < other.name ? -1 : 1);
  }

  /** Forgets `name`: the next use asks again. */
  forget(name: string): void {
    this.#known.delete(name);
  }

  async #ask(name: string, create: boolean): Promise<TopicMetadata> {
    const { settings } = this.#connection;
    const startedMs = nowMs();
    const topic = await retry(
      settings,
      async () => {
        const reply = await this.#connection.request("metadata", { topics: [name], create });
        const first = reply.topics[0];
        if (first === undefined) throw new WeirError("PROTOCOL", `Metadata reply lacks topic "${name}"`);
        const patient = first.e?.code !== "UNKNOWN_TOPIC_OR_PARTITION" ||
          (create && nowMs() - startedMs < UNKNOWN_TOPIC_PATIENCE_MS);
        if (first.e && patient) throw errorOfWire(first.e, `Topic "${name}"`);
        return first;
      },
      {},
      `Metadata of topic "${name}"`,
    );
    if (!topic.e) return this.#learn(topic);
    this.forget(name);
    throw errorOfWire(topic.e, `Topic "${name}"`);
  }

  #learn(topic: WireTopic): TopicMetadata {
    const learnt: TopicMetadata = {
      name: topic.name,
      id: topic.id,
      internal: topic.internal,
      partitions: topic.partitions.map(({ partition, leader, epoch, replicas, isr }) => ({
        partition,
        leader,
        leaderEpoch: epoch,
        replicas,
        inSyncReplicas: isr,
      })),
      settings: topic.settings,
    };
    this.#known.set(topic.name, { topic: learnt, atMs: nowMs() });
    return learnt;
  }
}
