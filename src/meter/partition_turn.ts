/**
 * What a partition worker measures, and the meter of its turns: the loop stamps
 * the clock where a turn begins and ends, the shard where it flushes, four times
 * a turn and not for each request; the cleaner twice a slice.
 *
 *     began  -> inputs taken  -> flushed        -> reads, answers -> ended
 *            append stage      flush stage       fetch stage
 */
import { Meter } from "./meter.ts";
import { MICROSECONDS, Sheet } from "./sheet.ts";
import { stageOf } from "./stages.ts";
import { STOPPED, type Stopwatch } from "./stopwatch.ts";

/** Of a partition worker. */
export const PARTITION_SHEET = new Sheet();
const sheet = PARTITION_SHEET;
const APPEND = stageOf(sheet, "append");
const FLUSH = stageOf(sheet, "flush");
const FETCH = stageOf(sheet, "fetch");
const TURN = sheet.histogram("weir_worker_turn_duration_seconds", "Turns of partition workers");
const FLUSHES = sheet.histogram("weir_flush_duration_seconds", "Flushes of one log to the device");
const TURNS = sheet.counter("weir_worker_turns_total", "Turns a worker took");
const BUSY = sheet.counter("weir_worker_busy_seconds_total", "Time a worker spent in its turns", {
  scale: MICROSECONDS,
});
const INPUTS = sheet.counter("weir_worker_inputs_total", "Inputs a worker took");
const BATCHES = sheet.counter("weir_appended_batches_total", "Record batches appended");
const BYTES = sheet.counter("weir_appended_bytes_total", "Bytes of record batches appended");
const REFUSED = sheet.counter("weir_refused_batches_total", "Record batches that were not appended");
const FETCHES = sheet.counter("weir_fetches_total", "Fetches answered by the workers");
const FETCHED = sheet.counter("weir_fetched_bytes_total", "Bytes of record batches fetched");
const WAITERS = sheet.gauge("weir_waiters", "Long polls that wait for records");
const HEAP = sheet.gauge("weir_worker_heap_bytes", "JavaScript heap of a worker in use");
const REFUSING = sheet.gauge(
  "weir_worker_refusing",
  "1 while a worker refuses records because the disk has no room for them",
);
const NOTICES = sheet.counter(
  "weir_worker_notices_total",
  "Sentences that logs had to say to the operator: repairs, damage, a full disk",
);
const DROPPED = sheet.counter("weir_retention_segments_total", "Segments that retention took");
const DROPPED_BYTES = sheet.counter("weir_retention_bytes_total", "Bytes of segments that retention took");
const SCRUBBED = sheet.counter("weir_scrub_bytes_total", "Bytes searched for damage in the background");
const FINDINGS = sheet.counter("weir_scrub_findings_total", "Damaged or wrong places that search came upon");
const CLEANINGS = {
  done: cleanings("done"),
  changed: cleanings("changed"),
  full: cleanings("full"),
  damaged: cleanings("damaged"),
} as const;
const CLEANED_BYTES = sheet.counter(
  "weir_cleaner_cleaned_bytes_total",
  "Bytes of the segments that cleanings rewrote, as they were before",
);
const KEPT_BYTES = sheet.counter("weir_cleaner_kept_bytes_total", "Bytes that cleanings left of them");
const CLEANING = sheet.counter("weir_cleaner_busy_seconds_total", "Time the cleaner was at work", {
  scale: MICROSECONDS,
});
const AT_WORK = sheet.gauge("weir_cleaner_at_work", "1 while a log is being cleaned");
const UNCLEANABLE = sheet.gauge(
  "weir_cleaner_uncleanable_logs",
  "Logs that are not cleaned because they are damaged",
);
const DIRTY_BYTES = sheet.gauge(
  "weir_cleaner_dirty_bytes",
  "Bytes of sealed segments to be cleaned, as the cleaner's last look found them",
);
const DIRTY_RATIO = sheet.gauge(
  "weir_cleaner_dirty_ratio",
  "Largest share of dirty bytes that a log has, as the cleaner's last look found it",
);

function cleanings(result: string): number {
  return sheet.counter("weir_cleaner_runs_total", "Cleanings of a log that ended, and how", {
    labels: { result },
  });
}

/** What only a look at a shard tells. */
export interface ShardFigures {
  /** Long polls. */
  readonly waiters: number;
  /** Records are refused for want of room. */
  readonly isRefusing: boolean;
  readonly isCleaning: boolean;
  readonly uncleanableLogs: number;
  readonly dirtyBytes: number;
  /** 0 to 1. */
  readonly dirtyRatioMax: number;
}

/** One input and one output, as far as counting looks at them. */
interface Input {
  readonly kind: string;
  readonly batch?: Uint8Array;
}
interface Output {
  readonly kind: string;
  readonly fault?: unknown;
  readonly entries?: readonly { readonly records: Uint8Array }[];
}

export class TurnMeter {
  readonly #meter: Meter;
  #beganUs = 0;
  #takenUs = 0;
  #flushedUs = 0;
  #cleaningUs = 0;

  constructor(watch: Stopwatch = STOPPED) {
    this.#meter = new Meter(PARTITION_SHEET, watch);
  }

  /** A turn begins. */
  begin(): void {
    this.#beganUs = this.#takenUs = this.#flushedUs = this.#meter.watch.stamp();
  }

  /** The inputs were taken: flushes come next. */
  taken(): void {
    this.#takenUs = this.#flushedUs = this.#meter.watch.stamp();
  }

  /** One log was flushed, the last thing since `taken` or the flush before. */
  flushed(): void {
    const us = this.#meter.watch.stamp();
    this.#meter.observe(FLUSHES, us - this.#flushedUs);
    this.#flushedUs = us;
  }

  /** Retention took segments from a log. */
  dropped(segments: number, bytes: number): void {
    this.#meter.add(DROPPED, segments);
    this.#meter.add(DROPPED_BYTES, bytes);
  }

  /** So many bytes were searched for damage, and so many places found. */
  scrubbed(bytes: number, findings: number): void {
    this.#meter.add(SCRUBBED, bytes);
    this.#meter.add(FINDINGS, findings);
  }

  /** The cleaner begins a slice. */
  cleaning(): void {
    this.#cleaningUs = this.#meter.watch.stamp();
  }

  /** The slice is over. */
  cleaned(): void {
    this.#meter.add(CLEANING, this.#meter.watch.stamp() - this.#cleaningUs);
  }

  /** The cleaning of a log is over; bytes are those of the segments it rewrote, before and after. */
  cleanedLog(result: keyof typeof CLEANINGS, bytesBefore: number, bytesAfter: number): void {
    this.#meter.add(CLEANINGS[result], 1);
    this.#meter.add(CLEANED_BYTES, bytesBefore);
    this.#meter.add(KEPT_BYTES, bytesAfter);
  }

  /** The turn is over, its answers are made; gives how long it took, in microseconds. */
  end(inputs: readonly Input[], outputs: readonly Output[]): number {
    const meter = this.#meter;
    const endedUs = meter.watch.stamp();
    meter.add(TURNS, 1);
    meter.add(INPUTS, inputs.length);
    meter.add(BUSY, endedUs - this.#beganUs);
    meter.observe(TURN, endedUs - this.#beganUs);
    this.#countOutputs(inputs, outputs, endedUs);
    return endedUs - this.#beganUs;
  }

  /** The numbers, and what only this moment tells. */
  snapshot(figures: ShardFigures, heapBytes: number): Float64Array {
    const meter = this.#meter;
    meter.set(WAITERS, figures.waiters);
    meter.set(REFUSING, figures.isRefusing ? 1 : 0);
    meter.set(AT_WORK, figures.isCleaning ? 1 : 0);
    meter.set(UNCLEANABLE, figures.uncleanableLogs);
    meter.set(DIRTY_BYTES, figures.dirtyBytes);
    meter.set(DIRTY_RATIO, figures.dirtyRatioMax);
    meter.set(HEAP, heapBytes);
    return meter.snapshot();
  }

  /** Appends are answered in their order, in the turn they came in. */
  #countOutputs(inputs: readonly Input[], outputs: readonly Output[], endedUs: number): void {
    let [at, appended, appendedBytes, refused, fetches, fetchedBytes, notices] = [0, 0, 0, 0, 0, 0, 0];
    for (const { kind, fault, entries } of outputs) {
      if (kind === "appended") {
        while (inputs[at]!.batch === undefined) at++;
        const { length } = inputs[at++]!.batch!;
        if (fault === null) {
          appended++;
          appendedBytes += length;
        } else refused++;
      } else if (kind === "fetched") {
        fetches++;
        for (const { records } of entries!) fetchedBytes += records.length;
      } else if (kind === "notice") notices++;
    }
    const meter = this.#meter;
    if (refused > 0) meter.add(REFUSED, refused);
    if (notices > 0) meter.add(NOTICES, notices);
    if (appended > 0) this.#appended(appended, appendedBytes);
    if (fetches === 0) return;
    meter.add(FETCHES, fetches);
    meter.add(FETCHED, fetchedBytes);
    meter.observe(FETCH, endedUs - this.#flushedUs, fetches);
  }

  #appended(count: number, bytes: number): void {
    const meter = this.#meter;
    meter.add(BATCHES, count);
    meter.add(BYTES, bytes);
    meter.observe(APPEND, this.#takenUs - this.#beganUs, count);
    if (this.#flushedUs > this.#takenUs) meter.observe(FLUSH, this.#flushedUs - this.#takenUs, count);
  }
}
