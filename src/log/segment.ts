/**
 * One segment of a log: a `.log` file of batches and its two indexes. Only the last one of a log is written
 * to; the others are sealed. Knows its size and offsets; finding and checking batches is `segment_read.ts`' work.
 *
 * Invariant on the disk: an offset entry is written only after the time entries up to its offset are durable,
 * so an entry that agrees with the log vouches for both indexes up to it. Entries wait in memory until then.
 */
import { assert } from "../model/mod.ts";
import { BatchScan } from "./batch_scan.ts";
import { removeSoon } from "./deleted_files.ts";
import { ifRoom } from "./if_room.ts";
import type { LogContext } from "./log_context.ts";
import { Marks } from "./marks.ts";
import { OFFSET_ENTRY_BYTES, OffsetIndex } from "./offset_index.ts";
import { HeaderSums } from "./header_sums.ts";
import { FileHandle } from "./open_files.ts";
import { retireFiles } from "./retire_files.ts";
import { ASIDE_SUFFIX, SEGMENT_SUFFIXES, segmentFileName, SUMS_SUFFIX } from "./segment_name.ts";
import { TIME_ENTRY_BYTES, TimeIndex } from "./time_index.ts";

/** Relative offsets and positions are kept in 32 bits. */
const INT32_MAX = 2_147_483_647;

export class Segment {
  readonly context: LogContext;
  readonly baseOffset: number;
  readonly log: FileHandle;
  readonly offsets: OffsetIndex;
  readonly times: TimeIndex;
  /** Of a segment that compaction made. */
  sums: HeaderSums | null;
  readonly marks = new Marks();
  /** False while compaction writes it: nobody trusts its files before all are on the device. */
  areIndexesOrdered = true;
  /** Size of the `.log` file. */
  bytes: number;
  /** The offset after the last batch; of a sealed segment at most the next one's base. */
  nextOffset: number;
  /** When the segment was made or opened, milliseconds since 1970. */
  readonly createdMs: number;
  /** Largest timestamp of the first batch; NaN until somebody looked. */
  firstTimestamp = NaN;
  /** The end of the file is known to be the end of a batch. */
  isTailChecked: boolean;
  /** Positions of batches that were read, found to be damaged, and told of. */
  readonly damagedPlaces = new Set<number>();
  /** The last time entry was compared with the batch it names. */
  isTimeChecked: boolean;
  /** How often entries were taken out of the indexes: who walks them begins anew then. */
  indexCuts = 0;
  #maxTimestamp = NaN;
  #maxTimestampOffset = -1;
  #bytesSinceEntry = 0;
  /** Where the last batch starts, and its last offset; −1 until a batch was appended or recovered. */
  #lastPosition = -1;
  #lastOffset = -1;

  constructor(
    context: LogContext,
    baseOffset: number,
    state: {
      bytes: number;
      nextOffset: number;
      isNew: boolean;
      nowMs: number;
      suffix?: string;
      hasSums?: boolean;
    },
  ) {
    assert(state.nextOffset >= baseOffset, "a segment ends at or after its base");
    this.context = context;
    this.baseOffset = baseOffset;
    const handles = ([...SEGMENT_SUFFIXES, SUMS_SUFFIX] as const).map((suffix) =>
      new FileHandle(
        context.files,
        `${context.directory}/${segmentFileName(baseOffset, suffix)}${state.suffix ?? ""}`,
      )
    );
    this.log = handles[0]!;
    this.offsets = new OffsetIndex(handles[1]!, state.isNew);
    this.times = new TimeIndex(handles[2]!, state.isNew);
    this.sums = state.hasSums === true ? new HeaderSums(this.log, handles[3]!) : null;
    this.bytes = state.bytes;
    this.nextOffset = state.nextOffset;
    this.createdMs = state.nowMs;
    this.isTailChecked = this.isTimeChecked = state.bytes === 0;
  }

  /** Largest timestamp of all records, −1 when none has one. */
  get maxTimestamp(): number {
    if (Number.isNaN(this.#maxTimestamp)) this.#loadMaxTimestamp();
    return this.#maxTimestamp;
  }

  /** Last offset of the first batch that reached {@linkcode maxTimestamp}. */
  get maxTimestampOffset(): number {
    if (Number.isNaN(this.#maxTimestamp)) this.#loadMaxTimestamp();
    return this.#maxTimestampOffset;
  }

  /** True when one of the indexes can't take another interval's entry beside the one a roll adds. */
  get isIndexFull(): boolean {
    return this.offsets.count >= this.#entriesMax(OFFSET_ENTRY_BYTES) - 1 ||
      this.times.count >= this.#entriesMax(TIME_ENTRY_BYTES) - 1;
  }

  /** True when a batch of `bytes` up to `lastOffset` can be addressed from here. */
  fits(bytes: number, lastOffset: number): boolean {
    return lastOffset - this.baseOffset <= INT32_MAX && this.bytes + bytes <= INT32_MAX;
  }

  /** A scan of the batches from a position on, the next of which is expected to begin at `nextOffset`. */
  scan(from: number, nextOffset: number, windowBytes: number): BatchScan {
    const offsets = { nextOffset, limitOffset: this.nextOffset };
    return new BatchScan(this.log, { from, end: this.bytes }, offsets, windowBytes);
  }

  /** Writes a stamped batch at the end. Throws DiskError and leaves the segment as it was. */
  append(batch: Uint8Array, baseOffset: number, lastOffset: number, maxTimestamp: number): void {
    assert(baseOffset >= this.nextOffset, "offsets ascend");
    assert(this.isTailChecked, "a segment is written to only when its end is known to be sound");
    this.log.append(batch);
    const position = this.bytes;
    this.bytes += batch.length;
    this.marks.written(baseOffset, position);
    this.note(position, batch.length, lastOffset, maxTimestamp);
    if (this.offsets.file.wantsSpill) this.spillIfRoom();
  }

  /** Takes a batch that lies at `position` into the indexes: after an append, and when they are rebuilt. */
  note(position: number, bytes: number, lastOffset: number, maxTimestamp: number, isForced = false): void {
    if (position === 0) this.firstTimestamp = maxTimestamp;
    if (maxTimestamp > this.maxTimestamp) {
      this.#maxTimestamp = maxTimestamp;
      this.#maxTimestampOffset = lastOffset;
    }
    const isDue = isForced || this.#bytesSinceEntry > this.context.settings.indexIntervalBytes;
    if (isDue && !this.isIndexFull) {
      this.offsets.append(lastOffset - this.baseOffset, position);
      this.#noteTime();
      this.#bytesSinceEntry = 0;
    }
    this.#bytesSinceEntry += bytes;
    this.remember(position, lastOffset);
  }

  /** The batch at `position` is the last one, as far as is known, and the indexes know of it or will. */
  remember(position: number, lastOffset: number): void {
    this.#lastPosition = position;
    this.#lastOffset = lastOffset;
    this.nextOffset = lastOffset + 1;
  }

  /** Forgets all entries but the first ones, before a rebuild notes the batches behind them again. */
  cutIndexes(offsetCount: number, timeCount: number): void {
    if (this.offsets.truncate(offsetCount)) this.offsets.file.handle.sync();
    this.times.truncate(timeCount);
    this.indexCuts++;
    this.#maxTimestamp = NaN;
    this.#bytesSinceEntry = 0;
    this.#lastPosition = this.#lastOffset = -1;
    this.marks.clear();
  }

  /** Cuts the file at `position`, where the batch with `nextOffset` would start. The indexes come after. */
  cutLog(position: number, nextOffset: number): void {
    assert(position <= this.bytes, "a cut never lengthens");
    if (position < this.bytes) this.#dropSums();
    if (position < this.bytes) this.log.truncate(position);
    this.bytes = position;
    this.nextOffset = nextOffset;
    this.marks.clear();
  }

  /** Adds what a roll or a clean close adds: an entry for the last batch, and the largest timestamp. */
  completeIndexes(): void {
    if (this.#lastPosition < 0) return;
    const relative = this.#lastOffset - this.baseOffset;
    if (relative > this.offsets.lastOffset && this.offsets.count < this.#entriesMax(OFFSET_ENTRY_BYTES)) {
      this.offsets.append(relative, this.#lastPosition);
    }
    this.#noteTime();
  }

  /** Brings the indexes on the disk up to the last batch: when the segment is sealed or closed. */
  finishIndexes(): void {
    if (this.#lastPosition < 0) return;
    this.completeIndexes();
    const isWaiting = this.offsets.file.isWaiting || this.times.file.isWaiting;
    if (isWaiting || this.times.count === 0) this.spill();
  }

  /** Before another segment begins: on the device the indexes bear witness to where this one ended. */
  seal(): void {
    this.finishIndexes();
    this.offsets.file.handle.sync();
    this.log.settle();
  }

  /** Like `seal`; where there is no room for a witness the end itself goes on the device. */
  sealAnyway(): void {
    assert(this.bytes > 0, "an empty segment is not rolled");
    if (!ifRoom(() => this.seal())) this.log.sync();
  }

  /** Writes the entries that wait, time before offset. Throws DiskError. */
  spill(): void {
    this.times.file.handle.use("create");
    this.times.file.spill();
    if (this.areIndexesOrdered) this.times.file.handle.sync();
    this.offsets.file.spill();
  }

  /** Like `spill`, but on a full disk the entries go on waiting: they can be rebuilt, an append must not fail. */
  spillIfRoom(): void {
    ifRoom(() => this.spill());
  }

  /** Every file it has, its `.log` first. */
  get handles(): FileHandle[] {
    const sums = this.sums === null ? [] : [this.sums.handle];
    return [this.log, this.times.file.handle, this.offsets.file.handle, ...sums];
  }

  /** Makes all files durable. */
  sync(): void {
    for (const handle of this.handles) handle.sync();
  }

  /** Gives the open files back. */
  close(): void {
    for (const handle of this.handles) handle.close();
  }

  /** Takes the files away: renamed first, so that a crash leaves nothing that looks like half a segment. */
  remove(): void {
    for (const path of this.retire()) removeSoon(this.context.files.disk, path);
  }

  /** The log has the files no more, but under the names it gives; see `retireFiles`. */
  retire(): string[] {
    this.close();
    return retireFiles(this.context.files.disk, this.handles);
  }

  /** Takes the segment out of the log and keeps its records: what says that they go has no checksum. */
  setAside(): void {
    if (this.bytes > 0) this.context.files.disk.rename(this.log.path, this.log.path + ASIDE_SUFFIX);
    this.remove();
  }

  /** They are of the file as it was. */
  #dropSums(): void {
    this.sums?.handle.close();
    if (this.sums !== null) this.context.files.disk.remove(this.sums.handle.path);
    this.sums = null;
  }

  #noteTime(): void {
    if (this.maxTimestamp < 0 || this.times.count >= this.#entriesMax(TIME_ENTRY_BYTES)) return;
    this.times.append(this.maxTimestamp, this.#maxTimestampOffset - this.baseOffset);
  }

  #loadMaxTimestamp(): void {
    const { count } = this.times;
    this.#maxTimestamp = this.times.lastTimestamp;
    this.#maxTimestampOffset = count === 0 ? -1 : this.baseOffset + this.times.offsetAt(count - 1);
  }

  #entriesMax(entryBytes: number): number {
    return Math.max(2, Math.floor(this.context.settings.indexBytesMax / entryBytes));
  }
}

/** Bytes of the `.log` files of `segments`. */
export function sumBytes(segments: readonly Segment[]): number {
  return segments.reduce((sum, segment) => sum + segment.bytes, 0);
}
