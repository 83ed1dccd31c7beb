/**
 * Records behind what the feeds keep, read for tails that are behind: a few reads
 * at a time, each followed by as long a pause, for what is read is decoded on the
 * thread that serves everybody. Tails that were left behind together ask for the
 * same: who asks soon after another is given what that one read.
 */
import { type Clock, monotonicMs } from "../../host/mod.ts";
import type { ConsoleView, ReadAnswer } from "../view.ts";
import type { Feed } from "./feed.ts";
import { SharedRecord } from "./shared_record.ts";
import { TAKE_BYTES_MAX } from "./tail.ts";

/** Tails that may read by themselves at once. */
const READING_MAX = 4;
const COUNT_MAX = 500;
const PAUSE_MS_MAX = 50;
/** Reads that are remembered, if they are no larger than a tail takes at once. */
const REMEMBERED_MAX = 512;

/** What was read, its records ready to be sent. */
export interface Caught {
  readonly answer: ReadAnswer;
  readonly records: readonly SharedRecord[];
}

export class Past {
  readonly #view: ConsoleView;
  readonly #clock: Clock;
  readonly #queue: (() => void)[] = [];
  readonly #remembered = new Map<string, { readonly feed: Feed; readonly caught: Promise<Caught> }>();
  #isWanted = false;
  #reading = 0;

  constructor(view: ConsoleView, clock: Clock) {
    this.#view = view;
    this.#clock = clock;
  }

  /** Reads from `offset` on; never rejects. */
  async read(feed: Feed, offset: number): Promise<Caught> {
    const name = `${feed.topic}-${feed.partition} ${offset}`;
    const known = this.#remembered.get(name);
    this.#isWanted = true;
    if (known?.feed === feed) return await known.caught;
    const caught = this.#readNow(feed, offset);
    this.#remembered.set(name, { feed, caught });
    const { answer, records } = await caught;
    const bytes = records.reduce((sum, { bytes }) => sum + bytes, 0);
    if (answer.fault !== null || records.length === 0 || bytes > 2 * TAKE_BYTES_MAX) {
      this.#remembered.delete(name);
    }
    this.#bound();
    return { answer, records };
  }

  /** Forgets all that is remembered if nobody asked for it since the last time; called now and then. */
  forget(): void {
    if (!this.#isWanted) this.#remembered.clear();
    this.#isWanted = false;
  }

  #bound(): void {
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size <= REMEMBERED_MAX) break;
      this.#remembered.delete(oldest);
    }
  }

  async #readNow({ topic, partition }: Feed, offset: number): Promise<Caught> {
    if (this.#reading < READING_MAX) this.#reading++;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
    const beganMs = monotonicMs();
    try {
      const bounds = { countMax: COUNT_MAX, bytesMax: TAKE_BYTES_MAX, waitMsMax: 0 };
      const answer = await this.#view.read({ topic, partition, offset, ...bounds });
      return { answer, records: answer.records.map((record) => new SharedRecord(record)) };
    } finally {
      const pauseMs = Math.min(monotonicMs() - beganMs, PAUSE_MS_MAX);
      void this.#clock.sleep(pauseMs).then(() => this.#next());
    }
  }

  /** Hands a place to who waited longest. */
  #next(): void {
    const resume = this.#queue.shift();
    if (resume === undefined) this.#reading--;
    else resume();
  }
}
