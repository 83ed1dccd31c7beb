/**
 * The end of one partition, read once for everybody who follows it: a single long
 * poll at a time, whatever number of tails there are, and the latest records kept
 * in a ring. Who falls behind the ring reads by itself until it has caught up.
 */
import { assert, type Fault, fault, isRetriable } from "../../model/mod.ts";
import type { Clock } from "../../host/mod.ts";
import type { ConsoleView, RecordView } from "../view.ts";
import type { Pacer, Waiting } from "./pacer.ts";
import { SharedRecord } from "./shared_record.ts";

/** What is read at once. */
const FETCH_BYTES_MAX = 131_072;
const COUNT_MAX = 10_000;
const WAIT_MS_MAX = 10_000;
/** Pause after a fault that may pass. */
const RETRY_MS = 500;

/** What a feed needs of its hub. */
export interface FeedPorts {
  readonly view: ConsoleView;
  readonly clock: Clock;
  readonly pacer: Pacer;
  ringBytesMax(): number;
}

export class Feed {
  readonly topic: string;
  readonly partition: number;
  readonly #view: ConsoleView;
  readonly #clock: Clock;
  readonly #ring: SharedRecord[] = [];
  readonly #pacer: Pacer;
  #waiting = new Set<Waiting>();
  readonly #abort = new AbortController();
  #ringBytes = 0;
  /** The ring holds every record from here on, up to `nextOffset`. */
  #fromOffset: number;
  #nextOffset: number;
  /** Records kept, in bytes: a share of what all feeds may keep. */
  readonly #ringBytesMax: () => number;
  /** Tails that follow it. */
  followers = 0;
  /** Why it has ended. */
  ended: Fault | null = null;

  /** Reads from `offset` on, the partition's end, until it is closed. */
  constructor(
    { view, clock, pacer, ringBytesMax }: FeedPorts,
    topic: string,
    partition: number,
    offset: number,
  ) {
    this.#view = view;
    this.#clock = clock;
    this.#pacer = pacer;
    this.#ringBytesMax = ringBytesMax;
    this.topic = topic;
    this.partition = partition;
    this.#fromOffset = this.#nextOffset = offset;
    void this.#run();
  }

  /** True when there is something to read at `offset`, or an end to be told. */
  hasNews(offset: number): boolean {
    return this.hasRecords(offset) || this.ended !== null;
  }

  /** True when there is something to read at `offset`. */
  hasRecords(offset: number): boolean {
    return offset < this.#nextOffset;
  }

  /** Records from `offset` on, about `bytesMax`, and where to go on; `null` for one who is behind the ring. */
  take(offset: number, bytesMax: number): { records: readonly SharedRecord[]; nextOffset: number } | null {
    if (offset < this.#fromOffset) return null;
    const records: SharedRecord[] = [];
    let bytes = 0;
    for (let index = this.#find(offset); index < this.#ring.length; index++) {
      const shared = this.#ring[index]!;
      if (bytes > 0 && bytes + shared.bytes > bytesMax) {
        return { records, nextOffset: shared.record.offset };
      }
      records.push(shared);
      bytes += shared.bytes;
    }
    return { records, nextOffset: Math.max(offset, this.#nextOffset) };
  }

  /** Gives `tail` a turn when there is news, once. */
  wait(tail: Waiting): void {
    this.#waiting.add(tail);
  }

  /** It waits no more. */
  forget(tail: Waiting): void {
    this.#waiting.delete(tail);
  }

  close(): void {
    this.#abort.abort();
  }

  /** True once nobody reads for it any more. */
  get isClosed(): boolean {
    return this.#abort.signal.aborted;
  }

  /** The first place in the ring at or after `offset`. */
  #find(offset: number): number {
    let low = 0;
    let high = this.#ring.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#ring[middle]!.record.offset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted && this.ended === null) await this.#step(signal);
  }

  async #step(signal: AbortSignal): Promise<void> {
    const { topic, partition } = this;
    const offset = this.#nextOffset;
    const bounds = { countMax: COUNT_MAX, bytesMax: FETCH_BYTES_MAX, waitMsMax: WAIT_MS_MAX };
    const answer = await this.#view.read({ topic, partition, offset, ...bounds }, signal);
    if (signal.aborted) return;
    if (answer.fault === null) {
      if (answer.nextOffset > offset) this.#push(answer.records, answer.nextOffset);
    } else if (answer.nextOffset > offset) {
      // A batch that cannot be read: those who follow go on behind it.
      this.#push([], answer.nextOffset);
    } else if (answer.fault.code === "OFFSET_OUT_OF_RANGE" && answer.logStartOffset > offset) {
      this.#restart(answer.logStartOffset);
    } else if (!this.#view.image().topics.has(topic)) {
      this.#end(fault("UNKNOWN_TOPIC_OR_PARTITION", `Topic "${topic}" was deleted`));
    } else if (isRetriable(answer.fault.code)) {
      await this.#clock.sleep(RETRY_MS);
    } else {
      this.#end(answer.fault);
    }
  }

  #end(why: Fault): void {
    this.ended = why;
    this.#wake();
  }

  #push(records: readonly RecordView[], nextOffset: number): void {
    assert(nextOffset > this.#nextOffset, "a feed goes forward");
    for (const record of records) {
      const shared = new SharedRecord(record);
      this.#ring.push(shared);
      this.#ringBytes += shared.bytes;
    }
    let dropped = 0;
    const bytesMax = this.#ringBytesMax();
    while (this.#ringBytes > bytesMax && dropped < this.#ring.length - 1) {
      this.#ringBytes -= this.#ring[dropped++]!.bytes;
    }
    if (dropped > 0) {
      this.#ring.splice(0, dropped);
      this.#fromOffset = this.#ring[0]!.record.offset;
    }
    this.#nextOffset = nextOffset;
    this.#wake();
  }

  /** Records were deleted from under it: what comes from `offset` on is all there is. */
  #restart(offset: number): void {
    this.#ring.length = 0;
    this.#ringBytes = 0;
    this.#fromOffset = this.#nextOffset = offset;
    this.#wake();
  }

  #wake(): void {
    if (this.#waiting.size === 0) return;
    this.#pacer.add(this.#waiting);
    this.#waiting = new Set();
  }
}
