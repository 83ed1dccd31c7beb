/**
 * One cleaning of one log, in steps: between two steps the log is appended to and
 * read as ever, and nothing is seen of the cleaning but segments that change
 * places, each as a whole. Made when `findCleanable` says so; one at a time a log.
 *
 *     sync      what the cleaning reads is put on the device: nothing is dropped for a record that a crash takes
 *     markers   ends of transactions, from the dirty part to the log's end; only where there are producers
 *     keys      the offset map, from the dirty part, as far as it has room
 *     rewrite   group by group from the log's start up to where the map ends, each swapped in when it is whole
 *
 * Afterwards offsets below `cleanedUpTo` are clean: that goes into
 * `cleaner-offset-checkpoint`, synced or not, for a lost one only costs a repetition.
 */
import { assert } from "../../model/mod.ts";
import * as batch from "../../record/mod.ts";
import { DiskError } from "../../storage/disk.ts";
import { DATA_WINDOW_BYTES, HEADER_WINDOW_BYTES } from "../batch_scan.ts";
import type { Log } from "../log.ts";
import { type Segment, sumBytes } from "../segment.ts";
import { isUnreadable } from "../unreadable.ts";
import { BatchWalk } from "./batch_walk.ts";
import { type Cleanable, countRetained, segmentsBelow } from "./cleanable.ts";
import type { CleanableLog } from "./cleanable_log.ts";
import { CleanedSegment } from "./cleaned_segment.ts";
import { KeyGathering } from "./gather_keys.ts";
import { groupSegments } from "./group_segments.ts";
import { OffsetMap } from "./offset_map.ts";
import { startDirectorySync, type Started, startSync } from "./start_sync.ts";
import { batchCost, SYNC_COST_BYTES, WAIT_COST_BYTES } from "./step_cost.ts";
import { Survivors } from "./survivors.ts";
import { Swap } from "./swap.ts";
import { Transactions } from "./transactions.ts";
import { UncleanableError } from "./uncleanable.ts";

/** What a cleaning is given. */
export interface CleaningOptions {
  /** Milliseconds since 1970: tombstones and their horizons go by the time the cleaning begins. */
  readonly nowMs: number;
  /** Bytes of the offset map at most: this cleaner's share of `log.cleaner.dedupe.buffer.size`. */
  readonly dedupeBytesMax: number;
  /** How full that map gets, 0 to 1. Default 0.9. */
  readonly dedupeLoadMax?: number;
  /** Four random words that nobody else knows, for the hash of keys. */
  readonly secret: Uint32Array;
}

/** "more": call `step` again; "done": the log is clean up to `cleanedUpTo`; "stopped": see `why`. */
export type CleaningState = "more" | "done" | "stopped";

/** Why it was stopped: the log lost segments meanwhile, the disk is full, or something can't be read. */
export type StopReason = "changed" | "full" | "damaged";

export class Cleaning {
  readonly #log: CleanableLog;
  readonly #options: CleaningOptions;
  readonly #firstDirtyOffset: number;
  readonly #endOffset: number;
  /** The segments that may be cleaned. */
  #segments: readonly Segment[];
  readonly #transactions = new Transactions();
  readonly #map: OffsetMap;
  readonly #keys: KeyGathering;
  #groups: Segment[][] = [];
  #survivors: Survivors | null = null;
  #walk: BatchWalk | null = null;
  #target: CleanedSegment | null = null;
  #swap: Swap | null = null;
  #syncedCount = 0;
  /** Of the next segment to be synced. */
  #isSynced: Started | null = null;
  /** Does a piece of work; returns what it cost, in bytes. */
  #work: () => number = () => this.#sync();
  #state: CleaningState = "more";
  #why: string | null = null;
  #reason: StopReason | null = null;
  /** All that was dirty fitted into the map. */
  #isCovered = false;
  /** Bytes of the segments that were rewritten, before and after. */
  bytesBefore = 0;
  bytesAfter = 0;
  /** Bytes read and written so far. */
  bytesMoved = 0;

  /** `found` says what of `log` is dirty, just now. */
  constructor(log: Log, found: Cleanable, options: CleaningOptions) {
    this.#log = log.cleanable;
    this.#options = options;
    this.#firstDirtyOffset = found.firstDirtyOffset;
    this.#endOffset = found.endOffset;
    this.#segments = segmentsBelow(this.#log.context.segments, found.endOffset);
    const keysMax = Math.max(0, found.endOffset - found.firstDirtyOffset);
    if (found.dirtyBytes === 0) this.#state = "done";
    this.#map = new OffsetMap(options, keysMax);
    this.#keys = new KeyGathering(this.#map, found.firstDirtyOffset);
  }

  get state(): CleaningState {
    return this.#state;
  }

  /** Why it was stopped, a sentence for the operator; `null` otherwise. */
  get why(): string | null {
    return this.#why;
  }

  /** The same, as a word; `null` otherwise. */
  get reason(): StopReason | null {
    return this.#reason;
  }

  /** The new first dirty offset, once it is done. */
  get cleanedUpTo(): number {
    assert(this.#state === "done", "a cleaning that is not done has cleaned nothing for sure");
    // Kafka's own segments may end before the next one begins.
    return this.#isCovered ? this.#endOffset : this.#keys.latestOffset + 1;
  }

  /** Records of the segments that were rewritten, before and after. */
  get recordsBefore(): number {
    return this.#survivors?.recordsRead ?? 0;
  }

  get recordsAfter(): number {
    return this.#survivors?.recordsKept ?? 0;
  }

  /**
   * Works until `budgetBytes` are read, or what takes as long was done, or all is; one batch at least. A full disk, damage and a log that
   * lost segments meanwhile stop it. Throws other DiskErrors: then the log must be opened anew.
   */
  step(budgetBytes: number): CleaningState {
    if (this.#state !== "more") return this.#state;
    if (!this.#isLogAsItWas()) return this.#stop("Segments of it went away meanwhile", "changed");
    try {
      for (let left = budgetBytes; left > 0 && this.#state === "more";) left -= this.#work();
    } catch (error) {
      if (!isReasonToStop(error)) throw error;
      return this.#stop(error.message, isFull(error) ? "full" : "damaged");
    }
    this.#walk?.pause();
    return this.#state;
  }

  /** Ends it before its time: before the log is closed, cut or removed. What was swapped in stays. */
  abandon(): void {
    if (this.#state === "more") this.#stop("It was given up", "changed");
  }

  #stop(why: string, reason: StopReason): CleaningState {
    this.#target?.abandon();
    this.#swap?.undo();
    this.#target = this.#swap = null;
    this.#reason = reason;
    this.#why = `Cannot compact "${this.#log.context.directory}": ${why}`;
    return this.#state = "stopped";
  }

  /** Retention takes segments at the start, truncation at the end. */
  #isLogAsItWas(): boolean {
    if (this.#survivors === null) this.#passRetained();
    const wanted = this.#survivors === null ? this.#segments : this.#groups.flat();
    const { segments } = this.#log.context;
    if (wanted.length === 0) return true;
    const at = segments.indexOf(wanted[0]!);
    return at >= 0 && wanted.every((segment, index) => segments[at + index] === segment);
  }

  #passRetained(): void {
    const count = countRetained(this.#segments, this.#log.context.segments, this.#firstDirtyOffset);
    if (count > 0) this.#segments = this.#segments.slice(count);
    if (count > this.#syncedCount) this.#isSynced = null;
    this.#syncedCount = Math.max(0, this.#syncedCount - count);
  }

  #sync(): number {
    const segment = this.#segments[this.#syncedCount];
    if (segment !== undefined) {
      this.#isSynced ??= startSync(segment);
      if (!this.#isSynced()) return WAIT_COST_BYTES;
      const cost = segment.log.isDirty ? SYNC_COST_BYTES : 0;
      segment.sync();
      this.#isSynced = null;
      this.#syncedCount++;
      return cost;
    }
    const { context, producers } = this.#log;
    this.#isSynced ??= startDirectorySync(context.files.disk, context.directory);
    if (!this.#isSynced()) return WAIT_COST_BYTES;
    if (producers.hasProducers) {
      this.#begin(this.#dirty(context.segments), HEADER_WINDOW_BYTES, (walk) => this.#mark(walk));
    } else this.#gather();
    return SYNC_COST_BYTES;
  }

  #mark(walk: BatchWalk): number {
    if (!walk.next()) {
      this.#gather();
      return 0;
    }
    const { scan } = walk;
    this.bytesMoved += batch.BATCH_HEADER_BYTES;
    if (batch.isControl(batch.attributes(scan.view, scan.at))) this.#transactions.gather(walk.load());
    return batch.BATCH_HEADER_BYTES;
  }

  #gather(): void {
    this.#begin(this.#dirty(this.#segments), DATA_WINDOW_BYTES, (walk) => {
      const isThere = walk.next();
      if (isThere) this.bytesMoved += walk.scan.bytes;
      if (isThere && this.#keys.take(walk, this.#transactions)) return batchCost(walk.scan);
      this.#isCovered = !isThere;
      this.#beginRewriting();
      return 0;
    });
  }

  #beginRewriting(): void {
    const { latestOffset } = this.#keys;
    const { context } = this.#log;
    const { nowMs } = this.#options;
    const rewritten = this.#segments.filter((segment) => segment.baseOffset <= latestOffset);
    this.#groups = groupSegments(rewritten, context.settings);
    this.#survivors = new Survivors({
      map: this.#map,
      transactions: this.#transactions,
      lastBatches: this.#log.producers.lastBatches(),
      firstDirtyOffset: this.#firstDirtyOffset,
      latestOffset,
      nowMs,
      tombstoneMs: context.settings.tombstoneMs,
    });
    this.#beginGroup();
  }

  #beginGroup(): void {
    const group = this.#groups[0];
    if (group === undefined) {
      this.#state = "done";
      return;
    }
    this.#target = new CleanedSegment(this.#log.context, group[0]!.baseOffset, this.#options.nowMs);
    this.#begin(group, DATA_WINDOW_BYTES, (walk) => this.#rewrite(walk));
  }

  #rewrite(walk: BatchWalk): number {
    const target = this.#target;
    assert(target !== null && this.#survivors !== null, "a group is written to a segment");
    if (!walk.next()) {
      target.complete();
      this.#work = () => this.#finish(target);
      return 0;
    }
    const left = this.#survivors.of(walk.load(), walk.isAtEnd);
    if (left !== null) target.append(left);
    this.bytesMoved += walk.scan.bytes + (left?.length ?? 0);
    return batchCost(walk.scan);
  }

  #finish(target: CleanedSegment): number {
    if (!target.isSynced) return WAIT_COST_BYTES;
    this.#target = null;
    const swap = new Swap(this.#log, target.finish(), this.#groups[0]!, this.#options.nowMs);
    this.#swap = swap;
    this.#work = () => this.#goOn(swap, target.segment.bytes);
    return SYNC_COST_BYTES;
  }

  #goOn(swap: Swap, bytesAfter: number): number {
    const wasIn = swap.isIn;
    const isDone = swap.step();
    if (swap.isIn && !wasIn) {
      this.bytesBefore += sumBytes(this.#groups.shift()!);
      this.bytesAfter += bytesAfter;
    }
    if (!isDone) return WAIT_COST_BYTES;
    this.#beginGroup();
    return SYNC_COST_BYTES;
  }

  /** Goes on with a walk over `segments`. */
  #begin(segments: readonly Segment[], windowBytes: number, work: (walk: BatchWalk) => number): void {
    const walk = new BatchWalk(segments, windowBytes);
    this.#walk = walk;
    this.#work = () => work(walk);
  }

  #dirty(segments: readonly Segment[]): Segment[] {
    return segments.filter((segment) => segment.nextOffset > this.#firstDirtyOffset);
  }
}

/** What ends a cleaning and does the log no harm. */
function isReasonToStop(error: unknown): error is Error {
  return error instanceof UncleanableError || isUnreadable(error) || isFull(error);
}

function isFull(error: unknown): boolean {
  return error instanceof DiskError && error.code === "full";
}
