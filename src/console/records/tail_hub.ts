/**
 * All live tails and the feeds they share. A tail holds positions and no records:
 * it takes what it can send when it can send it, so that one that is stalled costs
 * nothing but its place, and resumes where it was. Bounded: the tails (by whoever
 * lets requests in), the partitions one may follow, the feeds in all.
 */
import type { Clock } from "../../host/mod.ts";
import { assert } from "../../model/mod.ts";
import { RequestError } from "../failure.ts";
import type { ConsoleView } from "../view.ts";
import { Feed } from "./feed.ts";
import { Pacer } from "./pacer.ts";
import { Past } from "./past.ts";
import { LargeRecords } from "./large_records.ts";
import { findPositions, type Positions } from "./positions.ts";
import { Tail } from "./tail.ts";

const PARTITIONS_PER_TAIL_MAX = 100;
const FEEDS_MAX = 1_000;
/** The latest records that all feeds keep, and what one keeps at least and at most. */
const RINGS_BYTES_MAX = 67_108_864;
const RING_BYTES_LEAST = 65_536;
const RING_BYTES_MOST = 2_097_152;
/** How often it is looked whether a tail has been silent for too long, or its topic has grown. */
const CHECK_MS = 3_000;

/** A tail that follows all partitions of its topic, also those to come. */
interface Whole {
  readonly topic: string;
  readonly feeds: Feed[];
}

export class TailHub {
  readonly #view: ConsoleView;
  readonly #clock: Clock;
  readonly #feeds = new Map<string, Promise<Feed>>();
  /** What stands in `#feeds` for a feed, as long as it does. */
  readonly #started = new WeakMap<Feed, Promise<Feed>>();
  readonly #tails = new Set<Tail>();
  readonly #wholes = new Map<Tail, Whole>();
  readonly #large = new LargeRecords();
  readonly #pacer: Pacer;
  readonly #stopChecks: () => void;
  readonly #past: Past;
  #isClosed = false;

  constructor(view: ConsoleView, clock: Clock) {
    this.#view = view;
    this.#clock = clock;
    this.#pacer = new Pacer(clock);
    this.#past = new Past(view, clock);
    this.#stopChecks = clock.every(CHECK_MS, () => this.check());
  }

  /** Begins a tail, of partitions that are added to the topic too where it `isWhole`. Throws {@linkcode RequestError} past a bound. */
  async follow(topic: string, positions: Positions, isWhole = false): Promise<Tail> {
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
      catchUp: (feed, offset) => this.#past.read(feed, offset),
      large: this.#large,
      closed: (tail) => {
        this.#tails.delete(tail);
        this.#wholes.delete(tail);
        this.#leave(feeds);
      },
    });
    this.#tails.add(tail);
    if (isWhole) this.#wholes.set(tail, { topic, feeds });
    if (this.#isClosed) tail.close();
    return tail;
  }

  /** Ends every tail. */
  close(): void {
    this.#isClosed = true;
    this.#stopChecks();
    for (const tail of [...this.#tails]) tail.close();
    this.#large.wake();
  }

  /** Tails that have sent nothing for long get a turn to give a sign of life, and new partitions are followed. */
  check(): void {
    this.#past.forget();
    const nowMs = this.#clock.now();
    this.#pacer.add([...this.#tails].filter((tail) => tail.isSilent(nowMs)));
    const { topics } = this.#view.image();
    for (const [tail, whole] of this.#wholes) {
      const count = Math.min(topics.get(whole.topic)?.partitions.length ?? 0, PARTITIONS_PER_TAIL_MAX);
      if (count > whole.feeds.length) void this.#grow(tail, whole, count);
    }
  }

  /** Has a tail follow partitions that its topic got; what does not go now goes at the next check. */
  async #grow(tail: Tail, { topic, feeds }: Whole, count: number): Promise<void> {
    try {
      while (feeds.length < count) {
        const partition = feeds.length;
        const feed = await this.#join(topic, partition);
        if (!this.#tails.has(tail) || feeds.length !== partition) return this.#leave([feed]);
        feeds.push(feed);
        tail.add(feed);
      }
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
    }
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
      this.#started.set(feed, starting);
      // All others may have left it meanwhile.
      if (feed.isClosed) return await this.#join(topic, partition);
      feed.followers++;
      return feed.ended === null ? feed : await this.#replace(feed);
    } catch (error) {
      if (this.#feeds.get(name) === starting) this.#feeds.delete(name);
      throw error;
    }
  }

  /** A feed whose topic went away, though one of that name may be there again. */
  #replace(ended: Feed): Promise<Feed> {
    this.#drop(ended);
    this.#leave([ended]);
    return this.#join(ended.topic, ended.partition);
  }

  async #start(topic: string, partition: number): Promise<Feed> {
    const image = this.#view.image().topics.get(topic);
    if (image === undefined) throw new RequestError(40403, `Topic "${topic}" does not exist`);
    const end = { partition, offset: "latest", time: null, positions: null };
    const positions = await findPositions(this.#view, image, end);
    const ringBytesMax = () => {
      const share = RINGS_BYTES_MAX / this.#feeds.size;
      return Math.min(Math.max(share, RING_BYTES_LEAST), RING_BYTES_MOST);
    };
    return new Feed(
      { view: this.#view, clock: this.#clock, pacer: this.#pacer, ringBytesMax },
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
      this.#drop(feed);
    }
  }

  /** Whoever comes finds it no more; another of its name may have taken its place. */
  #drop(feed: Feed): void {
    const name = `${feed.topic}-${feed.partition}`;
    if (this.#feeds.get(name) === this.#started.get(feed)) this.#feeds.delete(name);
  }
}
