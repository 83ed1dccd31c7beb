/**
 * Topics and partitions under the names of kafka_exporter, which the dashboards
 * people have go by: names, labels and help are its own. What it asks a cluster
 * for, this reads from the image and the logs. Pure.
 */
import { type Family, family, type Labels, type Sample } from "../meter/mod.ts";
import { type Image, OFFSETS_TOPIC, type PartitionImage } from "../model/mod.ts";

/** Where a log stands. */
interface LogOffsets {
  readonly logStartOffset: number;
  readonly highWatermark: number;
}

const EMPTY: LogOffsets = { logStartOffset: 0, highWatermark: 0 };

/** The families; `logs` of the pool, `groupLogs` those of the coordinator. Offsets only where the log is open. */
export function topicFamilies(
  image: Image,
  logs: readonly (LogOffsets & { readonly topic: string; readonly partition: number })[],
  groupLogs: readonly (LogOffsets & { readonly partition: number })[],
): Family[] {
  const families = new TopicFamilies();
  const known = new Map<string, Map<number, LogOffsets>>();
  for (const log of logs) {
    const ofTopic = known.get(log.topic) ?? new Map<number, LogOffsets>();
    known.set(log.topic, ofTopic.set(log.partition, log));
  }
  const ofGroups = new Map(groupLogs.map((log) => [log.partition, log]));
  for (const topic of image.topics.values()) {
    const isOffsets = topic.name === OFFSETS_TOPIC;
    families.topic(topic.name, topic.partitions.length);
    for (const partition of topic.partitions) {
      // The coordinator tells of logs it wrote to; its others are empty.
      const found = isOffsets
        ? ofGroups.get(partition.partition) ?? EMPTY
        : known.get(topic.name)?.get(partition.partition);
      families.partition({ topic: topic.name, partition: String(partition.partition) }, partition, found);
    }
  }
  return families.all;
}

class TopicFamilies {
  readonly #partitions: Sample[] = [];
  readonly #current: Sample[] = [];
  readonly #oldest: Sample[] = [];
  readonly #inSync: Sample[] = [];
  readonly #leader: Sample[] = [];
  readonly #isPreferred: Sample[] = [];
  readonly #replicas: Sample[] = [];
  readonly #isUnder: Sample[] = [];

  topic(topic: string, partitions: number): void {
    this.#partitions.push({ labels: { topic }, value: partitions });
  }

  partition(labels: Labels, image: PartitionImage, log: LogOffsets | undefined): void {
    const { leader, replicas, inSyncReplicas } = image;
    if (log !== undefined) {
      this.#current.push({ labels, value: log.highWatermark });
      this.#oldest.push({ labels, value: log.logStartOffset });
    }
    if (leader >= 0) this.#leader.push({ labels, value: leader });
    this.#inSync.push({ labels, value: inSyncReplicas.length });
    this.#isPreferred.push({ labels, value: leader >= 0 && leader === replicas[0] ? 1 : 0 });
    this.#replicas.push({ labels, value: replicas.length });
    this.#isUnder.push({ labels, value: inSyncReplicas.length < replicas.length ? 1 : 0 });
  }

  get all(): Family[] {
    const gauge = (name: string, help: string, samples: Sample[]) =>
      family("gauge", `kafka_topic_${name}`, help, samples);
    return [
      gauge("partitions", "Number of partitions for this Topic", this.#partitions),
      gauge("partition_current_offset", "Current Offset of a Broker at Topic/Partition", this.#current),
      gauge("partition_oldest_offset", "Oldest Offset of a Broker at Topic/Partition", this.#oldest),
      gauge("partition_in_sync_replica", "Number of In-Sync Replicas for this Topic/Partition", this.#inSync),
      gauge("partition_leader", "Leader Broker ID of this Topic/Partition", this.#leader),
      gauge(
        "partition_leader_is_preferred",
        "1 if Topic/Partition is using the Preferred Broker",
        this.#isPreferred,
      ),
      gauge("partition_replicas", "Number of Replicas for this Topic/Partition", this.#replicas),
      gauge(
        "partition_under_replicated_partition",
        "1 if Topic/Partition is under Replicated",
        this.#isUnder,
      ),
    ];
  }
}
