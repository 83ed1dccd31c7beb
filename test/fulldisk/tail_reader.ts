/**
 * A consumer that follows topics from their start to their end all the time, whatever
 * becomes of the broker: offsets follow each other without a gap, and what was
 * served once is what is there in the end.
 */
import { connect, type ConsumerRecord, WeirError } from "weir";

const AGAIN_MS = 100;

export class TailReader {
  /** What was served: the text of each offset, by topic. */
  readonly served = new Map<string, Map<number, string>>();
  readonly broken: string[] = [];
  readonly #next = new Map<string, number>();

  /** The offset it wants next. */
  positionOf(topic: string): number {
    return this.#next.get(topic) ?? 0;
  }

  /** Reads until `signal` fires. */
  async run(address: string, topics: readonly string[], signal: AbortSignal): Promise<void> {
    await using weir = await connect(address, { requestTimeoutMs: 5_000 });
    while (!signal.aborted) {
      try {
        const assignments = topics.map((topic) => ({ topic, partition: 0 }));
        await using consumer = weir.consumer({ assignments, from: "earliest" });
        for (const topic of topics) consumer.seek({ topic, partition: 0 }, this.positionOf(topic));
        for await (const record of consumer.records({ signal })) this.#take(record);
      } catch (error) {
        if (!(error instanceof WeirError)) throw error;
      }
      if (!signal.aborted) await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  /** Holds the records of a topic from its start against what was served before. */
  compare(topic: string, records: readonly ConsumerRecord[]): void {
    const served = this.served.get(topic);
    for (const record of records) {
      const before = served?.get(record.offset);
      if (before !== undefined && before !== record.text()) {
        this.broken.push(`${topic}: offset ${record.offset} was served with other bytes before`);
      }
    }
  }

  #take(record: ConsumerRecord): void {
    const { topic, offset } = record;
    const due = this.positionOf(topic);
    if (offset !== due) this.broken.push(`${topic}: offset ${offset} is served where ${due} is due`);
    this.#next.set(topic, offset + 1);
    const served = this.served.get(topic) ?? new Map<number, string>();
    this.served.set(topic, served.set(offset, record.text() ?? ""));
  }
}
