/**
 * Makes the pool hold what the image says: opens partitions that are new, deletes
 * those that are gone, hands changed settings on, the topic's own or the broker's. One comparison serves the
 * start, every decision, and a coordinator that came back. The coordinator's own topics are not the pool's.
 */
import {
  type Fault,
  type Image,
  isCoordinatorTopic,
  type LogSettings,
  type PartitionImage,
  type TopicImage,
} from "../model/mod.ts";
import type { Pool } from "./pool.ts";

/** What is known of a log besides its files: from the checkpoints, at the start. */
export interface LogCheckpoint {
  readonly clean: boolean;
  readonly recoveryPoint: number;
  readonly logStartOffset: number;
  readonly highWatermark: number;
  /** Offsets below it are compacted; left out: none are known to be. */
  readonly firstDirtyOffset?: number;
}

export interface HostingOptions {
  /** What a topic's logs go by, in an image. */
  readonly settingsOf: (topic: TopicImage, image: Image) => LogSettings;
  readonly checkpointOf: (topic: string, partition: number) => LogCheckpoint;
  /** Partitions that are deleted from now on. */
  readonly forget: (partitions: readonly { readonly topic: string; readonly partition: number }[]) => void;
}

export class Hosting {
  readonly #pool: Pool;
  readonly #options: HostingOptions;

  constructor(pool: Pool, options: HostingOptions) {
    this.#pool = pool;
    this.#options = options;
  }

  /** Brings the pool from `before` to `after`; `done` is called once every opening and deletion is over. */
  change(before: Image, after: Image, done: (faults: readonly Fault[]) => void): void {
    const faults: Fault[] = [];
    let missing = 1;
    const settle = (fault: Fault | null) => {
      if (fault !== null) faults.push(fault);
      if (--missing === 0) done(faults);
    };
    for (const topic of before.topics.values()) {
      if (after.topics.get(topic.name)?.id === topic.id || isCoordinatorTopic(topic.name)) continue;
      missing += topic.partitions.length;
      this.#options.forget(topic.partitions.map(({ partition }) => ({ topic: topic.name, partition })));
      for (const { partition } of topic.partitions) this.#pool.delete(topic.name, partition, settle);
    }
    const isBrokerAltered = before.brokerSettings !== after.brokerSettings;
    for (const topic of after.topics.values()) {
      if (isCoordinatorTopic(topic.name)) continue;
      const known = before.topics.get(topic.name);
      if (known === topic && !isBrokerAltered) continue;
      const same = known?.id === topic.id ? known : undefined;
      const isAltered = isBrokerAltered || same?.settings !== topic.settings;
      const added = topic.partitions.slice(same?.partitions.length ?? 0);
      if (!isAltered && added.length === 0) continue;
      const settings = this.#options.settingsOf(topic, after);
      if (isAltered) this.#configure(topic.name, same?.partitions ?? [], settings);
      missing += added.length;
      for (const partition of added) this.#open(topic, partition, settings, settle);
    }
    settle(null);
  }

  #configure(topic: string, partitions: readonly PartitionImage[], settings: LogSettings): void {
    for (const { partition } of partitions) this.#pool.configure(topic, partition, settings);
  }

  #open(
    topic: TopicImage,
    { partition, leaderEpoch }: PartitionImage,
    settings: LogSettings,
    settle: (fault: Fault | null) => void,
  ): void {
    const checkpoint = this.#options.checkpointOf(topic.name, partition);
    const identity = { topic: topic.name, partition, topicId: topic.id, leaderEpoch };
    this.#pool.open({ ...identity, settings, ...checkpoint }, settle);
  }
}
