/** A `ConsoleView` over one partition in an array, which counts who waits for its end. */
import type { ConsoleView, ReadAnswer, ReadQuery, RecordView } from "../../../src/console/mod.ts";
import { type Fault, fault, IMAGE_EMPTY } from "../../../src/model/mod.ts";

export class LogView {
  readonly records: RecordView[] = [];
  logStartOffset = 0;
  /** Reads that wait for a record, now and at most. */
  waiting = 0;
  waitingMost = 0;
  /** Reads that did not wait. */
  catchUps = 0;
  failure: Fault | null = null;
  exists = true;
  partitionCount = 1;
  #wakes = new Set<() => void>();

  get end(): number {
    return this.records.length;
  }

  append(...values: string[]): void {
    for (const value of values) {
      this.records.push({
        topic: "topic",
        partition: 0,
        offset: this.end,
        timestamp: 0,
        timestampType: "CreateTime",
        key: null,
        value: new TextEncoder().encode(value),
        headers: [],
      });
    }
    this.wake();
  }

  wake(): void {
    for (const wake of [...this.#wakes]) wake();
  }

  /** The port, as far as tails use it. */
  get view(): ConsoleView {
    const owner = { leader: 1, leaderEpoch: 0, replicas: [1], inSyncReplicas: [1] };
    const topic = () => {
      const partitions = Array.from(
        { length: this.partitionCount },
        (_, partition) => ({ partition, ...owner }),
      );
      return { name: "topic", id: "id", internal: false, partitions, settings: {} };
    };
    const ending = { topic: "topic", fault: null, timestamp: -1, leaderEpoch: 0 };
    return {
      image: () => ({ ...IMAGE_EMPTY, topics: new Map(this.exists ? [["topic", topic()]] : []) }),
      ask: ({ entries }: { entries: readonly { partition: number }[] }) =>
        Promise.resolve({
          kind: "offsets_listed",
          entries: entries.map(({ partition }) => ({ ...ending, partition, offset: this.end })),
        }),
      read: (query: ReadQuery, signal?: AbortSignal) => this.#read(query, signal),
    } as unknown as ConsoleView;
  }

  async #read(query: ReadQuery, signal?: AbortSignal): Promise<ReadAnswer> {
    if (query.waitMsMax === 0) this.catchUps++;
    else if (query.offset >= this.end && this.failure === null && this.exists) await this.#wait(signal);
    const bounds = { logStartOffset: this.logStartOffset, highWatermark: this.end };
    const nothing = { records: [], nextOffset: query.offset, ...bounds };
    if (!this.exists) return { fault: fault("UNKNOWN_TOPIC_OR_PARTITION", "gone"), ...nothing };
    if (this.failure !== null) return { fault: this.failure, ...nothing };
    if (query.offset < this.logStartOffset) return { fault: fault("OFFSET_OUT_OF_RANGE", "low"), ...nothing };
    const records = this.#cut(query);
    return { fault: null, records, nextOffset: query.offset + records.length, ...bounds };
  }

  #cut({ partition, offset, countMax, bytesMax }: ReadQuery): RecordView[] {
    let bytes = 0;
    const isWithin = ({ value }: RecordView) => (bytes += value!.length) <= bytesMax;
    const records = this.records.slice(offset, offset + countMax);
    return records.filter((record, index) => isWithin(record) || index === 0)
      .map((record) => ({ ...record, partition }));
  }

  async #wait(signal?: AbortSignal): Promise<void> {
    this.waitingMost = Math.max(this.waitingMost, ++this.waiting);
    await new Promise<void>((resolve) => {
      this.#wakes.add(resolve);
      signal?.addEventListener("abort", () => resolve());
    });
    this.waiting--;
  }
}
