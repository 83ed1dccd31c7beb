/**
 * All live tails and the feeds they share. A tail holds positions and no records:
 * it takes what it can send when it can send it, so that one that is stalled costs
 * nothing but its place, and resumes where it was. Bounded: the tails (by whoever
 * lets requests in), the partitions one may follow, the feeds in all.
 */
import type { Clock } from "../../host/mod.ts";
import { assert } from "../../model/mod.ts";
import { RequestError } from "../failure.ts";
import type { ConsoleView, ReadAnswer } from "../view.ts";
import { Feed } from "./feed.ts";
import { Pacer } from "./pacer.ts";
import { findPositions, type Positions } from "./positions.ts";
import { Tail } from "./tail.ts";

const PARTITIONS_PER_TAIL_MAX = 100;
const FEEDS_MAX = 1_000;
/** Tails that may read by themselves at once, because they are behind. */
const CATCHING_UP_MAX = 8;
const CATCH_UP_BYTES_MAX = 65_536;
const CATCH_UP_COUNT_MAX = 500;
/** How often it is looked whether a tail has been silent for too long. */
const SILENCE_CHECK_MS = 3_000;

export class TailHub {
  readonly #view: ConsoleView;
  readonly #clock: Clock;
  readonly #feeds = new Map<string, Promise<Feed>>();
  readonly #tails = new Set<Tail>();
  readonly #pacer: Pacer;
  readonly #stopChecks: () => void;
  readonly #queue: (() => void)[] = [];
  #catchingUp = 0;
  #isClosed = false;

  constructor(view: ConsoleView, clock: Clock) {
    this.#view = view;
    this.#clock = clock;
    this.#pacer = new Pacer(clock);
    this.#stopChecks = clock.every(SILENCE_CHECK_MS, () => this.#breakSilence());
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
    const tail = new Tail(feeds, positions, {
      nowMs: () => this.#clock.now(),
      wantsTurn: (tail) => this.#pacer.add([tail]),
      catchUp: (feed, offset) => this.#catchUp(feed, offset),
      closed: (tail) => {
        this.#tails.delete(tail);
        this.#leave(feeds);
      },
    });
    this.#tails.add(tail);
    if (this.#isClosed) tail.close();
    return tail;
  }

  /** Ends every tail. */
  close(): void {
    this.#isClosed = true;
    this.#stopChecks();
    for (const tail of [...this.#tails]) tail.close();
  }

  /** Tails that have sent nothing for long get a turn to give a sign of life. */
  #breakSilence(): void {
    const nowMs = this.#clock.now();
    this.#pacer.add([...this.#tails].filter((tail) => tail.isSilent(nowMs)));
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
    return new Feed(
      { view: this.#view, clock: this.#clock, pacer: this.#pacer },
      topic,
      partition,
      positions.get(partition)!,
    );
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
