/**
 * One live tail: where it is in each partition, and nothing else. It takes records
 * when its peer has room and its turn has come, from the feeds while it keeps up
 * and by reads of its own while it is behind. Made by the hub.
 */
import { failed } from "../failure.ts";
import type { ReadAnswer } from "../view.ts";
import type { Feed } from "./feed.ts";
import type { LargeRecords } from "./large_records.ts";
import type { Waiting } from "./pacer.ts";
import type { Positions } from "./positions.ts";
import type { SharedRecord } from "./shared_record.ts";

/** What a tail takes at once, about: that much waits in memory for each that is stalled. */
export const TAKE_BYTES_MAX = 16_384;
/** A tail that has had nothing to send for so long gives a sign of life. */
const SILENCE_MS_MAX = 15_000;

/** What a tail needs of its hub. */
export interface TailPorts {
  nowMs(): number;
  wantsTurn(tail: Tail): void;
  /** Reads behind what the feed keeps. */
  catchUp(
    feed: Feed,
    offset: number,
  ): Promise<{ readonly answer: ReadAnswer; readonly records: readonly SharedRecord[] }>;
  readonly large: LargeRecords;
  closed(tail: Tail): void;
}

export class Tail implements Waiting {
  readonly #feeds: Feed[];
  readonly #positions: Positions;
  readonly #ports: TailPorts;
  #isClosed = false;
  #resume: (() => void) | null = null;
  #lastTakenMs: number;
  /** The feed to be looked at first: one that always has records must not hide the others. */
  #turn = 0;
  /** The large record that its peer has not taken yet. */
  #held: SharedRecord | null = null;

  constructor(feeds: readonly Feed[], positions: Positions, ports: TailPorts) {
    this.#feeds = [...feeds];
    this.#positions = positions;
    this.#ports = ports;
    this.#lastTakenMs = ports.nowMs();
  }

  /** Follows one more partition, from its beginning. */
  add(feed: Feed): void {
    this.#positions.set(feed.partition, 0);
    this.#feeds.push(feed);
    if (this.#resume !== null) this.#ports.wantsTurn(this);
  }

  /**
   * The next records, about 16 KiB of them or a larger one; none for a sign of life. Those before were
   * sent. `null`: the tail is closed. Throws `RequestError` when what is followed is gone.
   */
  async take(): Promise<readonly SharedRecord[] | null> {
    this.#letGo();
    for (;;) {
      await this.#waitForTurn();
      if (this.#isClosed) return null;
      const feed = this.#nextFeed();
      const found = feed === null ? [] : await this.#takeFrom(feed);
      const records = this.#bound(found);
      if (records === null) {
        await this.#ports.large.room();
        continue;
      }
      if (this.#isClosed) return null;
      if (records.length === 0 && !this.isSilent(this.#ports.nowMs())) continue;
      this.#lastTakenMs = this.#ports.nowMs();
      return records;
    }
  }

  /** Where it is after a record was sent. */
  moved({ partition, offset }: SharedRecord["record"]): Positions {
    this.#positions.set(partition, offset + 1);
    return this.#positions;
  }

  /** True when it is time for a sign of life. */
  isSilent(nowMs: number): boolean {
    return nowMs - this.#lastTakenMs >= SILENCE_MS_MAX;
  }

  /** Its turn has come. */
  wakeUp(): void {
    const resume = this.#resume;
    this.#resume = null;
    resume?.();
  }

  /** Ends it; whoever waits in `take` gets `null`. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const feed of this.#feeds) feed.forget(this);
    this.#letGo();
    this.#ports.closed(this);
    this.wakeUp();
  }

  /** A large record goes alone, if there is room for it now; `null` when there is none. */
  #bound(found: readonly SharedRecord[]): readonly SharedRecord[] | null {
    const place = found.findIndex(({ bytes }) => bytes > TAKE_BYTES_MAX);
    if (place > 0) return found.slice(0, place);
    if (place < 0 || this.#isClosed) return found;
    const large = found[0]!;
    if (!this.#ports.large.hold(large)) return null;
    this.#held = large;
    return [large];
  }

  #letGo(): void {
    if (this.#held !== null) this.#ports.large.release(this.#held);
    this.#held = null;
  }

  /** A turn comes when there is news, at once when there is some already, and when it was silent for long. */
  #waitForTurn(): Promise<void> {
    return new Promise((resolve) => {
      this.#resume = resolve;
      if (this.#isClosed || this.#nextFeed() !== null) return this.#ports.wantsTurn(this);
      for (const feed of this.#feeds) feed.wait(this);
    });
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
    if (taken === null) {
      const { answer, records } = await this.#ports.catchUp(feed, offset);
      return this.#accept(feed, offset, answer, records);
    }
    if (taken.records.length === 0) this.#positions.set(partition, taken.nextOffset);
    return taken.records;
  }

  #accept(
    { partition }: Feed,
    offset: number,
    { fault, nextOffset, logStartOffset }: ReadAnswer,
    records: readonly SharedRecord[],
  ): readonly SharedRecord[] {
    if (fault === null || nextOffset > offset) {
      if (records.length === 0) this.#positions.set(partition, nextOffset);
      return records;
    }
    if (fault.code !== "OFFSET_OUT_OF_RANGE" || logStartOffset <= offset) throw failed(fault);
    // Retention took the records meanwhile: there is nothing to go on with before the log's start.
    this.#positions.set(partition, logStartOffset);
    return [];
  }
}
