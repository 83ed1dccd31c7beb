/** The oracle: every record sent, every topic, and numbers for the report. See `partition_model.ts` for what it holds the broker to. */
import type { PartitionModel, TopicModel } from "./partition_model.ts";
import type { Keyed, SentRecord } from "./sent_record.ts";

export class Oracle {
  readonly topics: TopicModel[] = [];
  readonly #byId = new Map<string, SentRecord>();
  #nextId = 0;
  /** For the report. */
  readonly counts = {
    sent: 0,
    acked: 0,
    shown: 0,
    refused: 0,
    retried: 0,
    kills: 0,
    powerCuts: 0,
    flips: 0,
    audits: 0,
    resets: 0,
    /** Segments that went by retention or for cleaned ones, and those cleaned ones. */
    retired: 0,
    swaps: 0,
    /** Cleanings that a full disk ended. */
    fullCleanings: 0,
  };

  /** Makes the next record of a producer; `size` is the length its value shall have about. */
  send(
    partition: PartitionModel,
    acks: -1 | 0 | 1,
    producer: number,
    timestamp: number,
    size: number,
    { key = null, isTombstone = false }: Keyed = {},
  ): SentRecord {
    const id = `${this.#nextId++}`;
    const value = `${id}:${isTombstone ? "" : "x".repeat(size)}`;
    const sequence = this.#nextId;
    const record = {
      value,
      partition,
      acks,
      producer,
      sequence,
      timestamp,
      state: "pending",
      offset: -1,
      isRetried: false,
      key,
      isTombstone,
      sentMs: partition.upkeep?.keeping.nowMs ?? 0,
      batch: 0,
      batchBytes: 0,
    } as const;
    const sent: SentRecord = { ...record };
    this.#byId.set(id, sent);
    partition.sent.push(sent);
    this.counts.sent++;
    return sent;
  }

  /** The record a value belongs to, if its bytes are those that were sent. */
  find(value: string): SentRecord | undefined {
    const record = this.#byId.get(value.slice(0, value.indexOf(":")));
    return record?.value === value ? record : undefined;
  }

  /** Every partition of every topic that is certain to exist. */
  get livePartitions(): PartitionModel[] {
    return this.topics.filter((topic) => topic.state === "live").flatMap((topic) => topic.partitions);
  }

  /** Times that retention was seen to have moved a log's start. */
  get expiries(): number {
    const partitions = this.topics.flatMap((topic) => topic.partitions);
    return partitions.reduce((sum, { expiries }) => sum + expiries, 0);
  }

  losePower(): void {
    for (const topic of this.topics) for (const partition of topic.partitions) partition.losePower();
  }

  restart(): void {
    for (const topic of this.topics) for (const partition of topic.partitions) partition.restart();
  }
}
