/**
 * Puts a cleaned segment in the place of the ones it was made of, so that a crash
 * at any point leaves the old ones or the new one, whole. Source: Kafka's
 * `UnifiedLog.replaceSegments`.
 *
 *     .cleaned   -> .swap      indexes first, `.log` last: with it the swap is decided
 *     old ones   removed       in order, the one with the same base first
 *     .swap      -> in place   indexes first, `.log` last
 *
 * At open `finishSwaps` goes on from wherever that stopped. Between two steps the
 * directory is synced, in the background; within one its journal keeps the order.
 * The log serves the old ones until then, and may lose them: then the swap is undone.
 */
import { assert } from "../../model/mod.ts";
import { type Disk, DiskError } from "../../storage/disk.ts";
import { removeSoon } from "../deleted_files.ts";
import { retireFiles } from "../retire_files.ts";
import { Segment } from "../segment.ts";
import { CLEANED_SUFFIX, segmentFileName, SUMS_SUFFIX, SWAP_SUFFIX } from "../segment_name.ts";
import type { CleanableLog } from "./cleanable_log.ts";
import { startDirectorySync, type Started } from "./start_sync.ts";

/** The order in which files get a new name. */
const RENAME_ORDER = [SUMS_SUFFIX, ".index", ".timeindex", ".log"] as const;

/** One swap: decided when it is made, done when `step` says so. */
export class Swap {
  readonly #log: CleanableLog;
  readonly #cleaned: Segment;
  readonly #old: readonly Segment[];
  readonly #nowMs: number;
  /** Where the new files are to be, in the order of renaming. */
  readonly #paths: readonly string[];
  #isOnDevice: Started;
  #isIn = false;

  /** Replaces `old`, neighbours in `log`, by `cleaned`, whose files are closed and on the device. Throws DiskError. */
  constructor(log: CleanableLog, cleaned: Segment, old: readonly Segment[], nowMs: number) {
    this.#log = log;
    this.#cleaned = cleaned;
    this.#old = old;
    this.#nowMs = nowMs;
    const { directory } = log.context;
    this.#paths = RENAME_ORDER.map((suffix) => `${directory}/${segmentFileName(cleaned.baseOffset, suffix)}`);
    log.context.pendingSwap = this;
    this.#isOnDevice = orElseReopen(() => {
      this.#rename(CLEANED_SUFFIX, SWAP_SUFFIX);
      return startDirectorySync(this.#disk, directory);
    });
  }

  /** The log has the new segment in place of the old ones. */
  get isIn(): boolean {
    return this.#isIn;
  }

  /** Goes on if the device is ready; true when all is done. Throws DiskError: then the log must be opened anew. */
  step(): boolean {
    if (!orElseReopen(this.#isOnDevice)) return false;
    if (this.#isIn) return true;
    this.#isOnDevice = orElseReopen(() => {
      for (const segment of this.#old) segment.remove();
      this.#rename(SWAP_SUFFIX, "");
      return startDirectorySync(this.#disk, this.#log.context.directory);
    });
    this.#replace();
    return orElseReopen(this.#isOnDevice);
  }

  /** The log is about to lose a segment: if it is an old one, a start must not bring it back. Throws DiskError. */
  lose(segment: Segment): void {
    if (this.#old.includes(segment)) this.undo();
  }

  /** Unless it came to be, it does not: the log loses old segments, or is to be closed. Throws DiskError. */
  undo(): void {
    if (this.#log.context.pendingSwap !== this) return;
    this.#log.context.pendingSwap = null;
    for (const path of this.#paths.toReversed()) {
      for (const undone of retireFiles(this.#disk, [{ path: path + SWAP_SUFFIX }])) {
        removeSoon(this.#disk, undone);
      }
    }
  }

  get #disk(): Disk {
    return this.#log.context.files.disk;
  }

  #rename(from: string, to: string): void {
    for (const path of this.#paths) this.#disk.rename(path + from, path + to);
  }

  /** Readers find the new one from here on. */
  #replace(): void {
    const { context, producers } = this.#log;
    const { baseOffset, bytes } = this.#cleaned;
    const old = this.#old;
    const nextOffset = old.at(-1)!.nextOffset;
    const state = { bytes, nextOffset, isNew: false, nowMs: this.#nowMs, hasSums: true };
    const fresh = new Segment(context, baseOffset, state);
    fresh.isTailChecked = fresh.isTimeChecked = true;
    const at = context.segments.indexOf(old[0]!);
    assert(at >= 0 && at + old.length < context.segments.length, "only sealed segments are replaced");
    context.segments.splice(at, old.length, fresh);
    for (const { baseOffset } of old) if (baseOffset !== fresh.baseOffset) producers.drop(baseOffset);
    this.#log.takeReplaced(old, fresh);
    context.pendingSwap = null;
    this.#isIn = true;
  }
}

/** Half a swap is finished by opening the log: a full disk, too, is an error then. */
function orElseReopen<Value>(act: () => Value): Value {
  try {
    return act();
  } catch (error) {
    throw error instanceof DiskError ? new DiskError("io", error.path, error.message) : error;
  }
}
