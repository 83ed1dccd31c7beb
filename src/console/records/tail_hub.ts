/**
 * All live tails and the feeds they share. A tail holds positions and no records:
 * it takes what it can send when it can send it, so that one that is stalled costs
 * nothing but its place, and resumes where it was. Bounded: the tails (by whoever
 * lets requests in), the partitions one may follow, the feeds in all.
 */
import type { Clock } from "../../host/mod.ts";
import { assert } from "../../model/mod.ts";
import { failed, RequestError } from "../failure.ts";
import type { ConsoleView, ReadAnswer } from "../view.ts";
import { Feed, SharedRecord } from "./feed.ts";
import { findPositions, type Positions } from "./positions.ts";

const PARTITIONS_PER_TAIL_MAX = 100;
const FEEDS_MAX = 1_000;
/** Tails that may read by themselves at once, because they are behind. */
const CATCHING_UP_MAX = 8;
const CATCH_UP_BYTES_MAX = 65_536;
const CATCH_UP_COUNT_MAX = 500;
/** What a tail takes at once, about. */
const TAKE_BYTES_MAX = 65_536;

export class TailHub {
  readonly #view: ConsoleView;
  readonly #clock: Clock;
  readonly #feeds = new Map<string, Promise<Feed>>();
  readonly #tails = new Set<Tail>();
  readonly #queue: (() => void)[] = [];
  #catchingUp = 0;
  #isClosed = false;

  constructor(view: ConsoleView, clock: Clock) {
    this.#view = view;
    this.#clock = clock;
  }

  /** Begins a tail. Throws {@linkcode RequestError} past a bound. */
  async follow(topic: string, positions: Positions): Promise<Tail> {
    if (this.#isClosed) throw new RequestError(50301, "The broker is stopping");
    if (positions.size > PARTITIONS_PER_TAIL_MAX) {
      throw new RequestError(400, `A tail follows ${PARTITIONS_PER_TAIL_MAX} partitions at most: name one`);
    }
    const feeds: Feed[] = [];
    try {
      for (const partition of positions.keys()) feeds.push(await this.#join(topic, partition));
    } catch (error) {
      this.#leave(feeds);
      throw error;
    }
    const tail = new Tail(
      feeds,
      positions,
      this.#clock,
      (feed, offset) => this.#catchUp(feed, offset),
      () => {
        this.#tails.delete(tail);
        this.#leave(feeds);
      },
    );
    this.#tails.add(tail);
    if (this.#isClosed) tail.close();
    return tail;
  }

  /** Ends every tail. */
  close(): void {
    this.#isClosed = true;
    for (const tail of [...this.#tails]) tail.close();
  }

  async #join(topic: string, partition: number): Promise<Feed> {
    const name = `${topic}-${partition}`;
    const known = this.#feeds.get(name);
    if (known === undefined && this.#feeds.size >= FEEDS_MAX) {
      throw new RequestError(42901, `${FEEDS_MAX} partitions are followed already`, { "retry-after": "5" });
    }
    const starting = known ?? this.#start(topic, partition);
    this.#feeds.set(name, starting);
    try {
      const feed = await starting;
      feed.followers++;
      return feed.ended === null ? feed : await this.#replace(feed);
    } catch (error) {
      if (this.#feeds.get(name) === starting) this.#feeds.delete(name);
      throw error;
    }
  }

  /** A feed whose topic went away, though one of that name may be there again. */
  #replace(ended: Feed): Promise<Feed> {
    this.#leave([ended]);
    this.#feeds.delete(`${ended.topic}-${ended.partition}`);
    return this.#join(ended.topic, ended.partition);
  }

  async #start(topic: string, partition: number): Promise<Feed> {
    const image = this.#view.image().topics.get(topic);
    if (image === undefined) throw new RequestError(40403, `Topic "${topic}" does not exist`);
    const end = { partition, offset: "latest", time: null, positions: null };
    const positions = await findPositions(this.#view, image, end);
    return new Feed(this.#view, this.#clock, topic, partition, positions.get(partition)!);
  }

  #leave(feeds: readonly Feed[]): void {
    for (const feed of feeds) {
      assert(feed.followers > 0, "who leaves a feed had joined it");
      if (--feed.followers > 0) continue;
      feed.close();
      this.#feeds.delete(`${feed.topic}-${feed.partition}`);
    }
  }

  /** Reads for a tail that is behind its feed's ring; a few at a time, the others wait their turn. */
  async #catchUp({ topic, partition }: Feed, offset: number): Promise<ReadAnswer> {
    if (this.#catchingUp >= CATCHING_UP_MAX) await new Promise<void>((resolve) => this.#queue.push(resolve));
    this.#catchingUp++;
    try {
      const bounds = { countMax: CATCH_UP_COUNT_MAX, bytesMax: CATCH_UP_BYTES_MAX, waitMsMax: 0 };
      return await this.#view.read({ topic, partition, offset, ...bounds });
    } finally {
      this.#catchingUp--;
      this.#queue.shift()?.();
    }
  }
}

export class Tail {
  readonly #feeds: readonly Feed[];
  readonly #positions: Positions;
  readonly #clock: Clock;
  readonly #catchUp: (feed: Feed, offset: number) => Promise<ReadAnswer>;
  readonly #closed: () => void;
  #isClosed = false;
  #wake = () => {};
  /** The feed to be looked at first: one that always has records must not hide the others. */
  #turn = 0;

  /** Only the hub makes tails. */
  constructor(
    feeds: readonly Feed[],
    positions: Positions,
    clock: Clock,
    catchUp: (feed: Feed, offset: number) => Promise<ReadAnswer>,
    closed: () => void,
  ) {
    this.#feeds = feeds;
    this.#positions = positions;
    this.#clock = clock;
    this.#catchUp = catchUp;
    this.#closed = closed;
  }

  /**
   * The next records, about 64 KiB of them; none when `waitMs` went by. `null`: the tail is closed.
   * Throws {@linkcode RequestError} when what is followed is gone.
   */
  async take(waitMs: number): Promise<readonly SharedRecord[] | null> {
    const untilMs = this.#clock.now() + waitMs;
    for (;;) {
      if (this.#isClosed) return null;
      const feed = this.#nextFeed();
      if (feed !== null) {
        const records = await this.#takeFrom(feed);
        if (records.length > 0) return records;
        continue;
      }
      const leftMs = untilMs - this.#clock.now();
      if (leftMs <= 0) return [];
      await this.#wait(leftMs);
    }
  }

  /** Where it is after a record was sent. */
  moved(record: SharedRecord["record"]): Positions {
    this.#positions.set(record.partition, record.offset + 1);
    return this.#positions;
  }

  /** Ends it; whoever waits in `take` gets `null`. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#closed();
    this.#wake();
  }

  #nextFeed(): Feed | null {
    for (let step = 0; step < this.#feeds.length; step++) {
      const index = (this.#turn + step) % this.#feeds.length;
      const feed = this.#feeds[index]!;
      if (!feed.hasNews(this.#positions.get(feed.partition)!)) continue;
      this.#turn = index + 1;
      return feed;
    }
    return null;
  }

  async #takeFrom(feed: Feed): Promise<readonly SharedRecord[]> {
    const { partition } = feed;
    const offset = this.#positions.get(partition)!;
    if (feed.ended !== null && !feed.hasRecords(offset)) throw failed(feed.ended);
    const taken = feed.take(offset, TAKE_BYTES_MAX);
    if (taken !== null) {
      if (taken.records.length === 0) this.#positions.set(partition, taken.nextOffset);
      return taken.records;
    }
    const answer = await this.#catchUp(feed, offset);
    return this.#accept(feed, offset, answer);
  }

  #accept({ partition }: Feed, offset: number, answer: ReadAnswer): readonly SharedRecord[] {
    const { fault, records, nextOffset, logStartOffset } = answer;
    if (fault === null || nextOffset > offset) {
      if (records.length === 0) this.#positions.set(partition, nextOffset);
      return records.map((record) => new SharedRecord(record));
    }
    if (fault.code !== "OFFSET_OUT_OF_RANGE" || logStartOffset <= offset) throw failed(fault);
    // Retention took the records meanwhile: there is nothing to go on with before the log's start.
    this.#positions.set(partition, logStartOffset);
    return [];
  }

  #wait(leftMs: number): Promise<void> {
    return new Promise((resolve) => {
      const callOffs = this.#feeds.map((feed) => feed.wait(() => this.#wake()));
      callOffs.push(this.#clock.after(leftMs, () => this.#wake()));
      this.#wake = () => {
        this.#wake = () => {};
        for (const callOff of callOffs) callOff();
        resolve();
      };
    });
  }
}
