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
    const partition = { partition: 0, leader: 1, leaderEpoch: 0, replicas: [1], inSyncReplicas: [1] };
    const topic = { name: "topic", id: "id", internal: false, partitions: [partition], settings: {} };
    return {
      image: () => ({ ...IMAGE_EMPTY, topics: new Map(this.exists ? [["topic", topic]] : []) }),
      ask: () =>
        Promise.resolve({
          kind: "offsets_listed",
          entries: [{
            topic: "topic",
            partition: 0,
            fault: null,
            offset: this.end,
            timestamp: -1,
            leaderEpoch: 0,
          }],
        }),
      read: (query: ReadQuery, signal?: AbortSignal) => this.#read(query, signal),
    } as Partial<ConsoleView> as ConsoleView;
  }

  async #read(query: ReadQuery, signal?: AbortSignal): Promise<ReadAnswer> {
    if (query.waitMsMax === 0) this.catchUps++;
    else if (query.offset >= this.end && this.failure === null && this.exists) await this.#wait(signal);
    const bounds = { logStartOffset: this.logStartOffset, highWatermark: this.end };
    const nothing = { records: [], nextOffset: query.offset, ...bounds };
    if (!this.exists) return { fault: fault("UNKNOWN_TOPIC_OR_PARTITION", "gone"), ...nothing };
    if (this.failure !== null) return { fault: this.failure, ...nothing };
    if (query.offset < this.logStartOffset) return { fault: fault("OFFSET_OUT_OF_RANGE", "low"), ...nothing };
    const records = this.records.slice(query.offset, query.offset + query.countMax);
    return { fault: null, records, nextOffset: query.offset + records.length, ...bounds };
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
