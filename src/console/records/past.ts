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
/** Reads that are remembered, how much of them in all, and how large one may be. */
const REMEMBERED_MAX = 512;
const REMEMBERED_BYTES_MAX = 16_777_216;
const READ_BYTES_MAX = 262_144;

/** What was read, its records ready to be sent. */
export interface Caught {
  readonly answer: ReadAnswer;
  readonly records: readonly SharedRecord[];
}

interface Read {
  readonly feed: Feed;
  readonly offset: number;
  /** Where it ended; −1 while it is under way. */
  nextOffset: number;
  /** 0 until then. */
  bytes: number;
  readonly caught: Promise<Caught>;
}

export class Past {
  readonly #view: ConsoleView;
  readonly #clock: Clock;
  readonly #queue: (() => void)[] = [];
  /** The oldest first. */
  readonly #remembered = new Set<Read>();
  /** Of those that are over. */
  #bytes = 0;
  #isWanted = false;
  #reading = 0;

  constructor(view: ConsoleView, clock: Clock) {
    this.#view = view;
    this.#clock = clock;
  }

  /** Reads from `offset` on; never rejects. */
  async read(feed: Feed, offset: number): Promise<Caught> {
    this.#isWanted = true;
    const known = this.#find(feed, offset);
    if (known !== null) return from(await known.caught, offset);
    const read: Read = { feed, offset, nextOffset: -1, bytes: 0, caught: this.#readNow(feed, offset) };
    this.#remembered.add(read);
    const { answer, records } = await read.caught;
    const bytes = records.reduce((sum, { bytes }) => sum + bytes, 0);
    if (answer.fault !== null || records.length === 0 || bytes > READ_BYTES_MAX) {
      this.#remembered.delete(read);
    } else if (this.#remembered.has(read)) {
      read.nextOffset = answer.nextOffset;
      this.#bytes += read.bytes = bytes;
    }
    this.#bound();
    return { answer, records };
  }

  /** Forgets all that is remembered if nobody asked for it since the last time; called now and then. */
  forget(): void {
    if (!this.#isWanted) {
      this.#remembered.clear();
      this.#bytes = 0;
    }
    this.#isWanted = false;
  }

  /** A read that begins there, or one that is over and goes past it: who is given its rest goes on where others do. */
  #find(feed: Feed, offset: number): Read | null {
    for (const read of this.#remembered) {
      if (read.feed !== feed || read.offset > offset) continue;
      if (read.offset === offset || read.nextOffset > offset) return read;
    }
    return null;
  }

  #bound(): void {
    for (const oldest of this.#remembered) {
      if (this.#remembered.size <= REMEMBERED_MAX && this.#bytes <= REMEMBERED_BYTES_MAX) break;
      this.#remembered.delete(oldest);
      this.#bytes -= oldest.bytes;
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

/** What of a read lies at `offset` or behind it. */
function from({ answer, records }: Caught, offset: number): Caught {
  const first = records.findIndex(({ record }) => record.offset >= offset);
  if (first === 0) return { answer, records };
  return { answer, records: first < 0 ? [] : records.slice(first) };
}
