/**
 * The log of one partition: batches in offset order, in segments. Appends to the
 * last segment, reads from all, forgets at the start, can be cut at the end.
 *
 *     log start <= last stable <= high watermark <= log end
 *     | segment | segment | active segment ......... |      recovery point <= log end
 *
 * Everything below the recovery point is on the device: it moves only after an fsync. Opened by `openLog`;
 * called by the partition's shard and by the coordinator's journal, always from the one thread that owns the directory.
 */
import {
  assert,
  assertInteger,
  type Fault,
  fault,
  type LogSettings,
  type ProducerDescription,
} from "../model/mod.ts";
import * as batch from "../record/mod.ts";
import { DiskError } from "../storage/disk.ts";
import { refuseBatch, refuseFullDisk } from "./admit.ts";
import type { CleanableLog } from "./compaction/cleanable_log.ts";
import type { DeletedFiles } from "./deleted_files.ts";
import { changeEpochs, forgetEpochs, mendEpochs, storeEpochs } from "./epoch_file.ts";
import { findSlice } from "./find_slice.ts";
import type { EpochEnd } from "./leader_epochs.ts";
import { type Appended, chooseLogStart, type LogState, makeDurable, repeated } from "./log_state.ts";
import { ProducerStore } from "./producer_store.ts";
import { removeDirectory } from "./remove_directory.ts";
import { countDue, oldestMs } from "./retention.ts";
import { type Incoming, isRollDue } from "./roll.ts";
import { LogScrub } from "./scrub.ts";
import type { LogContext } from "./log_context.ts";
import { Segment, sumBytes } from "./segment.ts";
import { copySlice, indexOfSegment, type LogSlice } from "./segment_read.ts";
import { checkTail, cutTail } from "./tail.ts";
import { findMaxTimestamp, findTimestamp, type TimestampHit } from "./time_lookup.ts";

export class Log {
  readonly directory: string;
  /** What `retain` dropped and is to be removed later. */
  readonly deletedFiles: DeletedFiles;
  readonly #context: LogContext;
  readonly #segments: Segment[];
  readonly #topicId: string;
  readonly #jitter: number;
  readonly #producers: ProducerStore;
  #active: Segment;
  #sealedBytes = 0;
  #logStartOffset: number;
  #highWatermark: number;
  #recoveryPoint: number;
  #unflushedSinceMs = -1;
  /** Sealed segments that are not known to be on the device. */
  #unsynced: Segment[] = [];
  /** Files were made or renamed since the directory was last synced. */
  #isDirectoryDirty: boolean;
  /** The directory and its metadata are on the device: before the first batch is. */
  #isDurable: boolean;

  /** Only `openLog` makes logs. */
  constructor(context: LogContext, state: LogState) {
    this.directory = context.directory;
    this.deletedFiles = context.deletedFiles;
    this.#context = context;
    this.#segments = state.segments;
    this.#topicId = state.topicId;
    this.#jitter = state.jitter;
    this.#producers = new ProducerStore(context, state.snapshotOffsets);
    this.#recoveryPoint = state.recoveryPoint;
    // Files that a killed process made may have names that are not on the device yet.
    this.#isDirectoryDirty = !state.clean;
    this.#isDurable = state.segments.some((segment) => segment.bytes > 0 || segment.baseOffset > 0);
    this.#active = state.segments.at(-1) ?? this.#addSegment(0, state.nowMs);
    if (state.isDamagedAtEnd) this.#active = this.#addSegment(this.#active.nextOffset, state.nowMs);
    this.#logStartOffset = this.#findLogStart(state);
    this.#highWatermark = Math.max(this.#logStartOffset, Math.min(state.highWatermark, this.logEndOffset));
    for (const segment of this.#segments) {
      if (segment === this.#active) continue;
      this.#sealedBytes += segment.bytes;
      if (segment.nextOffset > this.#recoveryPoint) this.#unsynced.push(segment);
    }
    if (this.unflushedRecords > 0) this.#unflushedSinceMs = state.nowMs;
    mendEpochs(context, state.storedEpochs, this.#logStartOffset, this.logEndOffset);
    this.#producers.load(this.#segments, this.logEndOffset, state.nowMs);
  }

  /** The first offset that can be read. */
  get logStartOffset(): number {
    return this.#logStartOffset;
  }

  /** Every replica in sync has the records below it. */
  get highWatermark(): number {
    return this.#highWatermark;
  }

  /** No record below it belongs to an undecided transaction. */
  get lastStableOffset(): number {
    return this.#highWatermark;
  }

  /** The offset the next record gets. */
  get logEndOffset(): number {
    return this.#active.nextOffset;
  }

  /** The first offset that is not known to be on the device. */
  get recoveryPoint(): number {
    return this.#recoveryPoint;
  }

  get leaderEpoch(): number {
    return this.#context.leaderEpoch;
  }

  /** Bytes of all `.log` files. */
  get bytes(): number {
    return this.#sealedBytes + this.#active.bytes;
  }

  get segmentCount(): number {
    return this.#segments.length;
  }

  /** When the oldest unflushed record was appended, milliseconds since 1970; −1 when all is flushed. */
  get unflushedSinceMs(): number {
    return this.#unflushedSinceMs;
  }

  /** Offsets from the recovery point to the log's end. */
  get unflushedRecords(): number {
    return this.logEndOffset - this.#recoveryPoint;
  }

  /** What compaction works on. */
  get cleanable(): CleanableLog {
    const takeReplaced = (old: readonly Segment[], fresh: Segment) => {
      this.#unsynced = this.#unsynced.filter((segment) => !old.includes(segment));
      this.#sealedBytes += fresh.bytes - sumBytes(old);
    };
    return { log: this, context: this.#context, producers: this.#producers, takeReplaced };
  }

  /** What was repaired since the last call: for the operator. */
  takeNotices(): string[] {
    return this.#context.notices.splice(0);
  }

  /** A search for damage in what is sealed; what it finds comes as a notice. */
  scrub(): LogScrub {
    return new LogScrub(this.#segments, (what) => this.#context.notices.push(what));
  }

  /** Settings from now on. */
  configure(settings: LogSettings): void {
    this.#context.settings = settings;
  }

  /** Idempotent producers that are not expired. */
  describeProducers(nowMs: number): ProducerDescription[] {
    return this.#producers.describe(nowMs);
  }

  /**
   * Appends one batch as the leader: checks it, stamps offset, epoch and perhaps time into `bytes`,
   * writes it. A batch its producer sent before is only found: it goes where it lies already. A full disk is a fault and leaves the log as it was; other DiskErrors are thrown.
   */
  append(bytes: Uint8Array, nowMs: number): Appended | Fault {
    const { settings } = this.#context;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const refused = batch.validateBatch(bytes, settings) ?? refuseBatch(view, settings, nowMs);
    if (refused !== null) return refused;
    const logAppendTimeMs = settings.timestampType === "LogAppendTime" ? nowMs : null;
    const isIdempotent = batch.producerId(view, 0) >= 0;
    const known = isIdempotent ? this.#producers.check(view, nowMs) : null;
    if (known !== null) return "code" in known ? known : repeated(known, logAppendTimeMs !== null);
    const maxTimestamp = logAppendTimeMs ?? batch.maxTimestamp(view, 0);
    const lastOffsetDelta = batch.lastOffsetDelta(view, 0);
    try {
      const lastOffset = this.logEndOffset + lastOffsetDelta;
      this.#makeReady({ bytes: bytes.length, lastOffset, maxTimestamp, nowMs });
      const baseOffset = this.logEndOffset;
      if (isIdempotent) this.#producers.prepare(baseOffset, this.#segments);
      assert(baseOffset + lastOffsetDelta === lastOffset, "a new segment begins at the log's end");
      batch.stampBatch(bytes, { baseOffset, leaderEpoch: this.#context.leaderEpoch, logAppendTimeMs });
      this.#active.append(bytes, baseOffset, lastOffset, maxTimestamp);
      if (isIdempotent) this.#producers.take(view);
      if (this.#unflushedSinceMs < 0) this.#unflushedSinceMs = nowMs;
      return { baseOffset, lastOffset, logAppendTimeMs: logAppendTimeMs ?? -1 };
    } catch (error) {
      return refuseFullDisk(error, bytes.length);
    }
  }

  /** Raises or lowers the high watermark within the log. */
  setHighWatermark(offset: number): void {
    assertInteger(offset, this.#logStartOffset, "high watermark");
    assert(offset <= this.logEndOffset, "the high watermark is not above the log's end");
    this.#highWatermark = offset;
  }

  /** Epoch of the leader that appends from now on. */
  setLeaderEpoch(epoch: number): void {
    assertInteger(epoch, this.#context.leaderEpoch, "leader epoch");
    this.#context.leaderEpoch = epoch;
  }

  /**
   * Finds whole batches from the one that holds `offset`, below `upperOffset`, of `bytesMax` bytes at
   * most; with `atLeastOne` the first comes whole. Stays inside one segment: ask again from `nextOffset`.
   * Empty at the end. Faults: OFFSET_OUT_OF_RANGE; CORRUPT_MESSAGE when the first batch is damaged.
   */
  locate(offset: number, bytesMax: number, upperOffset: number, atLeastOne: boolean): LogSlice | Fault {
    const { logEndOffset } = this;
    if (offset < this.#logStartOffset || offset > logEndOffset) return this.#outOfRange(offset);
    const bounds = { bytesMax, atLeastOne, upperOffset: Math.min(upperOffset, logEndOffset) };
    return findSlice(this.#segments, offset, bounds);
  }

  /** Copies a slice that `locate` just gave. `target` has its length. */
  copy(slice: LogSlice, target: Uint8Array): Fault | null {
    return copySlice(slice, target);
  }

  /** The first record from the log's start on whose time is at or after `timestamp`; `null` when none is. */
  findTimestamp(timestamp: number): TimestampHit | Fault | null {
    return findTimestamp(this.#segments, timestamp, this.#logStartOffset);
  }

  /** The first record that has the largest timestamp; `null` when no record has one. */
  findMaxTimestamp(): TimestampHit | Fault | null {
    return findMaxTimestamp(this.#segments, this.#logStartOffset);
  }

  /** Where a leader epoch ends in this log (KIP-101): the current one at the log's end, written to or not. */
  endOffsetForEpoch(epoch: number): EpochEnd {
    return this.#context.epochs.endOffsetFor(epoch, this.logEndOffset, this.#context.leaderEpoch);
  }

  /** Ends the active segment, unless it is empty, and begins the next. Throws DiskError with the old one still active. */
  roll(nowMs: number): void {
    if (this.#active.bytes === 0) return;
    this.#active.seal();
    this.#advance(nowMs);
  }

  /**
   * Forgets records below `offset`, as far as the high watermark, and removes segments that hold none
   * above. Returns the new log start offset. Source: KIP-107.
   */
  trim(offset: number): number {
    this.#logStartOffset = Math.max(this.#logStartOffset, Math.min(offset, this.#highWatermark));
    const isAllGone = this.#logStartOffset === this.logEndOffset && this.#active.bytes > 0;
    if (isAllGone) this.#advance(this.#active.createdMs);
    this.#dropOldest(indexOfSegment(this.#segments, this.#logStartOffset), null);
    return this.#logStartOffset;
  }

  /**
   * Drops the oldest segments that the settings no longer keep, `countMax` at most, and moves the log start above
   * them; gives how many. Their files go later: see `deletedFiles`. Throws DiskError.
   */
  retain(nowMs: number, countMax: number): number {
    const { settings } = this.#context;
    const count = countDue(this.#segments, this, settings, nowMs, countMax);
    const removeAtMs = nowMs + settings.deleteDelayMs;
    const sealedCount = Math.min(count, this.#segments.length - 1);
    this.#dropOldest(sealedCount, removeAtMs);
    if (count === sealedCount) return count;
    // The last one, which a full disk may refuse to let be rolled: the others are gone by then.
    this.#advance(nowMs);
    this.#dropOldest(1, removeAtMs);
    return count;
  }

  /** How old the oldest segment is by its largest timestamp; `MAX_SAFE_INTEGER` when it may not be dropped for lack of room. */
  get oldestMs(): number {
    return oldestMs(this.#segments, this, this.#context.settings);
  }

  /** Drops the oldest segment for lack of room, and removes its files at once; `oldestMs` said that it may go. */
  dropOldest(): void {
    assert(this.#segments.length > 1, "the active segment stays");
    this.#dropOldest(1, null);
  }

  /**
   * Cuts the log so that it ends at or before `offset`: a batch that holds it goes as a whole.
   * For replicas that diverged. Durable when it returns. A sealed segment stays one: compaction may have left gaps in it.
   */
  truncate(offset: number): void {
    assertInteger(offset, 0, "offset to truncate to");
    if (offset >= this.logEndOffset) return;
    const wasActive = this.#active;
    while (this.#active.baseOffset >= offset && this.#segments.length > 1) {
      this.#drop(this.#segments.pop()!, null);
      this.#active = this.#segments.at(-1)!;
      this.#sealedBytes -= this.#active.bytes;
    }
    this.#syncDirectory();
    cutTail(this.#active, offset);
    this.#logStartOffset = Math.min(this.#logStartOffset, this.logEndOffset);
    this.#highWatermark = Math.min(this.#highWatermark, this.logEndOffset);
    this.#recoveryPoint = Math.min(this.#recoveryPoint, this.logEndOffset);
    changeEpochs(this.#context, (epochs) => epochs.truncateEnd(this.logEndOffset));
    this.#producers.load(this.#segments, this.logEndOffset, 0);
    if (this.#active !== wasActive) this.roll(this.#active.createdMs);
  }

  /** Makes everything appended durable and raises the recovery point. Throws DiskError: then nothing is known. */
  flush(): void {
    for (const segment of this.#unsynced) segment.sync();
    this.#unsynced.length = 0;
    this.#active.log.sync();
    if (this.#isDirectoryDirty) this.#syncDirectory();
    this.#recoveryPoint = this.logEndOffset;
    this.#unflushedSinceMs = -1;
  }

  /** A clean stop: flushes, completes the indexes, closes the files. Only the getters may be used after it. */
  close(): void {
    this.flush();
    try {
      for (const segment of this.#segments) this.#finishIndexes(segment);
      // The first epoch begins where the log does: that tells when the other file that says so is damaged.
      forgetEpochs(this.#context, this.#logStartOffset);
      storeEpochs(this.#context);
    } catch (error) {
      // Without its last index entry a segment is checked when it is opened: slower, not wrong.
      if (!(error instanceof DiskError) || error.code !== "full") throw error;
    }
    if (this.#producers.close(this.logEndOffset, this.#segments)) this.#syncDirectory();
    for (const segment of this.#segments) segment.close();
  }

  /** Deletes the log, files and all. Nothing may be called after it. */
  remove(): void {
    for (const segment of this.#segments) segment.close();
    removeDirectory(this.#context.files.disk, this.directory, this.#topicId);
  }

  /** All that must be so before a batch is written: may roll, may throw DiskError and change nothing else. */
  #makeReady(incoming: Incoming): void {
    if (!this.#isDurable) makeDurable(this.#context.files.disk, this.directory, this.#topicId);
    this.#isDurable = true;
    if (!this.#active.isTailChecked && !checkTail(this.#active)) this.roll(incoming.nowMs);
    if (isRollDue(this.#active, incoming, this.#context.settings, this.#jitter)) this.roll(incoming.nowMs);
    storeEpochs(this.#context);
    if (this.#context.epochs.latest === this.#context.leaderEpoch) return;
    changeEpochs(this.#context, (epochs) => epochs.assign(this.#context.leaderEpoch, this.logEndOffset));
  }

  #advance(nowMs: number): void {
    const sealed = this.#active;
    sealed.sealAnyway();
    this.#active = this.#addSegment(sealed.nextOffset, nowMs);
    this.#sealedBytes += sealed.bytes;
    this.#unsynced.push(sealed);
    this.#producers.roll(sealed.nextOffset, this.#segments);
  }

  #addSegment(baseOffset: number, nowMs: number): Segment {
    const state = { bytes: 0, nextOffset: baseOffset, isNew: true, nowMs };
    const segment = new Segment(this.#context, baseOffset, state);
    assert(segment.log.use("create").size === 0, "a new segment's file is empty");
    // A partition that nobody writes to yet holds no descriptor.
    if (baseOffset === 0) segment.close();
    this.#isDirectoryDirty = true;
    this.#segments.push(segment);
    return segment;
  }

  /** The next start finds the log's end in the last index entry. */
  #finishIndexes(segment: Segment): void {
    segment.finishIndexes();
    if (!segment.offsets.file.handle.isDirty) return;
    segment.sync();
    this.#syncDirectory();
  }

  /** Takes the first `count` segments out of the log; their files go at once, or at `removeAtMs`. */
  #dropOldest(count: number, removeAtMs: number | null): void {
    if (count === 0) return;
    this.#producers.keepFrom(this.#segments[count]!.baseOffset, this, this.#segments);
    // The segment the log goes on in must survive before its predecessors go: offsets are never given twice.
    if (this.#isDirectoryDirty) this.#syncDirectory();
    this.#logStartOffset = Math.max(this.#logStartOffset, this.#segments[count]!.baseOffset);
    for (let left = count; left > 0; left--) this.#drop(this.#segments.shift()!, removeAtMs);
    this.#recoveryPoint = Math.max(this.#recoveryPoint, this.#segments[0]!.baseOffset);
    forgetEpochs(this.#context, this.#logStartOffset);
  }

  /** Takes a segment's files away, at once or at `removeAtMs`; it is no longer in the list. */
  #drop(segment: Segment, removeAtMs: number | null): void {
    this.#context.pendingSwap?.lose(segment);
    if (segment !== this.#active) this.#sealedBytes -= segment.bytes;
    this.#unsynced = this.#unsynced.filter((other) => other !== segment);
    if (removeAtMs === null) segment.remove();
    else this.deletedFiles.add(segment.retire(), removeAtMs);
    this.#producers.drop(segment.baseOffset);
    this.#isDirectoryDirty = true;
  }

  /** The checkpoint's log start, if this log can have it. Source: Kafka's `LogLoader`. */
  #findLogStart(state: LogState): number {
    const { offset: wanted, isAnew } = chooseLogStart(this.#context, this.#active, state);
    if (!isAnew) return wanted;
    const old = this.#segments.splice(0);
    this.#active = this.#addSegment(wanted, state.nowMs);
    this.#syncDirectory();
    for (const segment of old) segment.setAside();
    this.#producers.reset();
    this.#recoveryPoint = wanted;
    return wanted;
  }

  #syncDirectory(): void {
    this.#context.files.disk.syncDirectory(this.directory);
    this.#isDirectoryDirty = false;
  }

  #outOfRange(offset: number): Fault {
    const wanted = `"${this.directory}" must be ${this.#logStartOffset} to ${this.logEndOffset}`;
    return fault("OFFSET_OUT_OF_RANGE", `Offset "${offset}" of ${wanted}`);
  }
}
