/**
 * Consumer groups under the names of kafka_exporter, with its labels, help and
 * values: a group has series for every partition of a topic it committed an
 * offset of; a partition without one has the offset −1 and the lag −1, which the
 * sum of the offsets counts and the sum of the lags does not. Pure.
 */
import type { GroupDescription, Image, OffsetsFetchedReply } from "../../model/mod.ts";
import type { MetricFamily, MetricSample } from "../view.ts";

/** Where a partition ends for consumers; `undefined` while its log is not open. */
export type CurrentOffset = (topic: string, partition: number) => number | undefined;

/** The families of all groups. `offsets`: everything they committed. */
export function groupFamilies(
  groups: readonly GroupDescription[],
  offsets: OffsetsFetchedReply["groups"],
  image: Image,
  currentOffset: CurrentOffset,
): MetricFamily[] {
  const lags = new GroupLags(image, currentOffset);
  for (const { group, entries, fault } of offsets) if (fault === null) lags.add(group, entries);
  const members = groups.map(({ group, members }) => (
    { labels: { consumergroup: group }, value: members.length }
  ));
  return [
    gauge("kafka_consumergroup_members", "Amount of members in a consumer group", members),
    ...lags.families(),
    gauge("weir_groups", "Groups by type and state", countStates(groups)),
  ];
}

type Entries = OffsetsFetchedReply["groups"][number]["entries"];

class GroupLags {
  readonly #image: Image;
  readonly #currentOffset: CurrentOffset;
  readonly #offsets: MetricSample[] = [];
  readonly #offsetSums: MetricSample[] = [];
  readonly #lags: MetricSample[] = [];
  readonly #lagSums: MetricSample[] = [];

  constructor(image: Image, currentOffset: CurrentOffset) {
    this.#image = image;
    this.#currentOffset = currentOffset;
  }

  add(consumergroup: string, entries: Entries): void {
    const topics = new Map<string, Map<number, number>>();
    for (const { topic, partition, offset, fault } of entries) {
      if (fault !== null || offset < 0) continue;
      const committed = topics.get(topic) ?? new Map<number, number>();
      topics.set(topic, committed.set(partition, offset));
    }
    for (const [topic, committed] of topics) this.#addTopic(consumergroup, topic, committed);
  }

  families(): MetricFamily[] {
    const where = "of a ConsumerGroup at Topic";
    return [
      gauge("kafka_consumergroup_current_offset", `Current Offset ${where}/Partition`, this.#offsets),
      gauge(
        "kafka_consumergroup_current_offset_sum",
        `Current Offset ${where} for all partitions`,
        this.#offsetSums,
      ),
      gauge("kafka_consumergroup_lag", `Current Approximate Lag ${where}/Partition`, this.#lags),
      gauge(
        "kafka_consumergroup_lag_sum",
        `Current Approximate Lag ${where} for all partitions`,
        this.#lagSums,
      ),
    ];
  }

  /** A topic that is gone has no series, whatever is still committed of it. */
  #addTopic(consumergroup: string, topic: string, committed: ReadonlyMap<number, number>): void {
    const partitions = this.#image.topics.get(topic)?.partitions ?? [];
    if (partitions.length === 0) return;
    let offsetSum = 0;
    let lagSum = 0;
    for (const { partition } of partitions) {
      const labels = { consumergroup, topic, partition: String(partition) };
      const offset = committed.get(partition) ?? -1;
      const end = this.#currentOffset(topic, partition);
      offsetSum += offset;
      this.#offsets.push({ labels, value: offset });
      if (end === undefined) continue;
      this.#lags.push({ labels, value: offset < 0 ? -1 : end - offset });
      if (offset >= 0) lagSum += end - offset;
    }
    const labels = { consumergroup, topic };
    this.#offsetSums.push({ labels, value: offsetSum });
    this.#lagSums.push({ labels, value: lagSum });
  }
}

function countStates(groups: readonly GroupDescription[]): MetricSample[] {
  const counts = new Map<string, { labels: Record<string, string>; value: number }>();
  for (const { type, state } of groups) {
    const known = counts.get(`${type} ${state}`);
    if (known === undefined) counts.set(`${type} ${state}`, { labels: { type, state }, value: 1 });
    else known.value++;
  }
  return [...counts.values()];
}

function gauge(name: string, help: string, samples: readonly MetricSample[]): MetricFamily {
  return { name, help, type: "gauge", samples };
}
