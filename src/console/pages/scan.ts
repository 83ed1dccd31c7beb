/**
 * Reads on through a topic until there are enough records that fit, in rounds over
 * its partitions so that none hides the others, and no longer than a while: what
 * is left to look at is told, and can be gone on with.
 */
import { failed } from "../failure.ts";
import type { Positions } from "../records/positions.ts";
import type { ConsoleView, ReadAnswer, RecordView } from "../view.ts";

/** Bytes of batches taken from one partition at a time. */
const FETCH_BYTES_MAX = 524_288;
const CHUNK_MAX = 1_000;
/** Bytes of records held for one page. */
const HELD_BYTES_MAX = 8_388_608;

export interface ScanBounds {
  /** Records that fit, at most. */
  readonly countMax: number;
  /** Records looked at, at most. */
  readonly scannedMax: number;
  /** No round begins after it. */
  readonly untilMs: number;
  readonly signal: AbortSignal;
}

export interface Scanned {
  readonly records: RecordView[];
  /** Where to go on. */
  readonly positions: Positions;
  readonly scanned: number;
  readonly isAtEnd: boolean;
}

/** Scans from `positions`, which are not changed. Throws `RequestError` when a partition cannot be read. */
export async function scan(
  view: ConsoleView,
  topic: string,
  positions: Positions,
  fits: (record: RecordView) => boolean,
  bounds: ScanBounds,
): Promise<Scanned> {
  const scanning = new Scanning(view, topic, positions, fits, bounds);
  while (scanning.goesOn()) await scanning.round();
  return scanning.result();
}

class Scanning {
  readonly #view: ConsoleView;
  readonly #topic: string;
  readonly #positions: Positions;
  readonly #fits: (record: RecordView) => boolean;
  readonly #bounds: ScanBounds;
  readonly #open: Set<number>;
  readonly #records: RecordView[] = [];
  #scanned = 0;
  #bytes = 0;

  constructor(
    view: ConsoleView,
    topic: string,
    positions: Positions,
    fits: (record: RecordView) => boolean,
    bounds: ScanBounds,
  ) {
    this.#view = view;
    this.#topic = topic;
    this.#positions = new Map(positions);
    this.#fits = fits;
    this.#bounds = bounds;
    this.#open = new Set(positions.keys());
  }

  goesOn(): boolean {
    return this.#open.size > 0 && this.#hasRoom() && this.#view.nowMs() < this.#bounds.untilMs &&
      !this.#bounds.signal.aborted;
  }

  /** A share for each partition, of what those before it left. */
  async round(): Promise<void> {
    const { countMax, scannedMax } = this.#bounds;
    let waiting = this.#open.size;
    for (const partition of [...this.#open]) {
      if (!this.#hasRoom()) return;
      const left = Math.min(countMax - this.#records.length, scannedMax - this.#scanned);
      const share = Math.ceil(left / waiting--);
      // A filter lets few through: a whole chunk is no more than it can use.
      await this.#read(partition, Math.min(CHUNK_MAX, scannedMax === countMax ? share : CHUNK_MAX));
    }
  }

  result(): Scanned {
    return {
      records: this.#records,
      positions: this.#positions,
      scanned: this.#scanned,
      isAtEnd: this.#open.size === 0,
    };
  }

  #hasRoom(): boolean {
    const { countMax, scannedMax } = this.#bounds;
    return this.#records.length < countMax && this.#scanned < scannedMax && this.#bytes < HELD_BYTES_MAX;
  }

  async #read(partition: number, countMax: number): Promise<void> {
    const offset = this.#positions.get(partition)!;
    const query = {
      topic: this.#topic,
      partition,
      offset,
      countMax,
      bytesMax: FETCH_BYTES_MAX,
      waitMsMax: 0,
    };
    const answer = await this.#view.read(query, this.#bounds.signal);
    if (answer.fault !== null && answer.nextOffset === offset) this.#step(answer, partition, offset);
    else this.#take(answer, partition);
  }

  /** Records that retention took are passed over; what else cannot be read ends the scan. */
  #step(answer: ReadAnswer, partition: number, offset: number): void {
    const { fault, logStartOffset } = answer;
    if (fault!.code !== "OFFSET_OUT_OF_RANGE") throw failed(fault!);
    if (logStartOffset > offset) this.#positions.set(partition, logStartOffset);
    else this.#open.delete(partition);
  }

  #take({ records, nextOffset, highWatermark }: ReadAnswer, partition: number): void {
    for (const record of records) {
      this.#scanned++;
      if (!this.#fits(record)) continue;
      this.#records.push(record);
      this.#bytes += (record.key?.length ?? 0) + (record.value?.length ?? 0) + 100;
      if (this.#records.length < this.#bounds.countMax) continue;
      this.#positions.set(partition, record.offset + 1);
      return;
    }
    this.#positions.set(partition, nextOffset);
    if (nextOffset >= highWatermark || records.length === 0) this.#open.delete(partition);
  }
}
