/**
 * One segment's three files, checked against each other and against the leader
 * epochs: every batch's CRC and what the CRC leaves out, every index entry against
 * the batch it names. Reads everything, changes nothing. Called by `verify.ts`.
 */
import { assert } from "../model/mod.ts";
import { type Disk, DiskError } from "../storage/disk.ts";
import { type DumpedBatch, type DumpedEntry, dumpSegment } from "./dump.ts";
import { EPOCHS_FILE } from "./epoch_file.ts";
import type { LeaderEpochs } from "./leader_epochs.ts";
import { HeaderSums, WRONG_HEADER } from "./header_sums.ts";
import { FileHandle, OpenFiles } from "./open_files.ts";
import { segmentFileName, type SegmentSuffix, SUMS_SUFFIX } from "./segment_name.ts";

/** Something that is wrong. */
export interface Finding {
  readonly path: string;
  /** Byte in the file, −1 when the whole file is meant. */
  readonly position: number;
  /** What is wrong, in words. */
  readonly what: string;
}

/** What the segment lies between. */
interface Place {
  readonly baseOffset: number;
  /** Where the next segment begins. */
  readonly limitOffset: number;
  /** There are gaps between the batches of segments before. */
  readonly hasGaps: boolean;
}

export class SegmentCheck {
  readonly baseOffset: number;
  readonly limitOffset: number;
  /** Sound batches by position, in order. */
  readonly #batches: DumpedBatch[] = [];
  /** Where the last gap between two batches is, in words; the first of all may be a flipped bit's. */
  #lastGap: { readonly position: number; readonly what: string } | null = null;
  #hasDamage = false;
  /** Compaction left gaps between batches, here or before. */
  hasGaps: boolean;

  constructor(
    readonly disk: Disk,
    readonly directory: string,
    place: Place,
    readonly findings: Finding[],
  ) {
    this.baseOffset = place.baseOffset;
    this.limitOffset = place.limitOffset;
    this.hasGaps = place.hasGaps;
  }

  /** The offset after the last sound batch. */
  get endOffset(): number {
    const last = this.#batches.at(-1);
    return last === undefined ? this.baseOffset : last.lastOffset + 1;
  }

  /** Adds what is wrong with the segment to the findings; `names` are the directory's files. */
  run(epochs: LeaderEpochs, names: ReadonlySet<string>): void {
    assert(this.limitOffset > this.baseOffset, "segments ascend");
    const path = this.#path(".log");
    this.#dump(path, (entry) => {
      if (entry.kind === "damage") {
        this.#hasDamage = true;
        this.#find(path, entry.position, `Damaged batch: ${entry.what}`);
      }
      if (entry.kind === "batch") this.#checkBatch(path, entry, epochs);
    });
    if (names.has(segmentFileName(this.baseOffset, SUMS_SUFFIX))) this.#checkSums(path);
    this.#checkLastGap(path);
    this.#hasDamage = this.findings.some((finding) => finding.path === path);
    const isIndexWanted = this.#batches.length > 0 && this.limitOffset < Number.MAX_SAFE_INTEGER;
    if (names.has(segmentFileName(this.baseOffset, ".index"))) this.#checkOffsets(this.#path(".index"));
    else if (isIndexWanted) this.#find(this.#path(".index"), -1, "The file is missing");
    if (names.has(segmentFileName(this.baseOffset, ".timeindex"))) this.#checkTimes(this.#path(".timeindex"));
    else if (isIndexWanted) this.#find(this.#path(".timeindex"), -1, "The file is missing");
  }

  /** Adds what is missing between the segment and the next one, if compaction did not take it. */
  checkEnd(): void {
    const { endOffset, limitOffset } = this;
    const isSealed = limitOffset < Number.MAX_SAFE_INTEGER;
    if (!isSealed || endOffset >= limitOffset || this.#hasDamage || this.hasGaps) return;
    const partition = this.directory.slice(this.directory.lastIndexOf("/") + 1);
    const path = this.#path(".log");
    const what = `Offsets ${endOffset} to ${limitOffset - 1} of "${partition}" are missing between it and "${
      segmentFileName(limitOffset, ".log")
    }"`;
    this.#find(path, this.disk.stat(path)?.size ?? 0, what);
  }

  /** Headers are those that compaction wrote. */
  #checkSums(path: string): void {
    const files = new OpenFiles(this.disk);
    const log = new FileHandle(files, path);
    const sums = new HeaderSums(log, new FileHandle(files, this.#path(SUMS_SUFFIX)));
    try {
      const bytes = log.use("read").size;
      const damagedAt = sums.findDamage(bytes);
      if (sums.damage !== null) this.#find(sums.handle.path, damagedAt, `Damaged sums: ${sums.damage}`);
      for (let from = 0; from < bytes;) {
        const wrong = sums.findWrong(from, bytes, bytes);
        if (wrong < 0) break;
        this.#find(path, wrong, `Damaged batch: ${WRONG_HEADER}`);
        from = wrong + 1;
      }
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#find(error.path, -1, error.message);
    } finally {
      log.close();
      sums.handle.close();
    }
  }

  /** The log's last batch has none behind it to tell a flipped bit of its offset from compaction's work. */
  #checkLastGap(path: string): void {
    const last = this.#batches.at(-1);
    const isLastOfLog = this.limitOffset === Number.MAX_SAFE_INTEGER;
    if (this.#lastGap === null) return;
    if (!isLastOfLog || this.hasGaps || this.#lastGap.position !== last?.position) this.hasGaps = true;
    else this.#find(path, last.position, this.#lastGap.what);
  }

  #checkBatch(path: string, batch: DumpedBatch, epochs: LeaderEpochs): void {
    const { position, baseOffset, lastOffset } = batch;
    if (!batch.isSound) {
      this.#hasDamage = true;
      return this.#find(path, position, "Damaged batch: its CRC does not fit its bytes");
    }
    // Behind damage nothing is known.
    if (baseOffset > this.endOffset && !this.#hasDamage) {
      this.hasGaps ||= this.#lastGap !== null;
      this.#lastGap = {
        position,
        what: `Offsets ${baseOffset} to ${lastOffset} follow on ${this.endOffset - 1}`,
      };
    }
    this.#batches.push(batch);
    if (lastOffset >= this.limitOffset) {
      this.#find(path, position, `Offsets ${baseOffset} to ${lastOffset} reach into the next segment`);
    }
    const epoch = epochs.at(baseOffset);
    // Below the first epoch that is kept, below the log's start, there were earlier ones.
    const { leaderEpoch } = batch;
    const first = epochs.entries[0]?.epoch ?? Number.MAX_SAFE_INTEGER;
    const isRight = epoch === -1 ? leaderEpoch >= -1 && leaderEpoch <= first : leaderEpoch === epoch;
    if (!isRight) {
      const what = `Leader epoch of the batch is ${leaderEpoch}, but "${EPOCHS_FILE}" says ${epoch}`;
      this.#find(path, position, what);
    }
    this.#checkEpochStarts(batch, epochs);
  }

  /** An epoch begins with a batch. The first that is kept begins at the log's start, wherever that is. */
  #checkEpochStarts({ baseOffset, lastOffset }: DumpedBatch, epochs: LeaderEpochs): void {
    for (const { epoch, startOffset } of epochs.entries.slice(1)) {
      if (startOffset <= baseOffset || startOffset > lastOffset) continue;
      const what =
        `Epoch ${epoch} begins at ${startOffset}, inside the batch of ${baseOffset} to ${lastOffset}`;
      this.#find(`${this.directory}/${EPOCHS_FILE}`, -1, what);
    }
  }

  #checkOffsets(path: string): void {
    const atPosition = new Map(this.#batches.map((batch) => [batch.position, batch]));
    let previous = { offset: -1, position: -1 };
    let at = 0;
    let fallen = 0;
    this.#dump(path, (entry) => {
      if (entry.kind !== "offset_entry") return;
      const { offset, position } = entry;
      if (offset <= previous.offset || position <= previous.position) {
        // Behind a killed broker of Kafka's lie a million zeros: one line for them.
        if (fallen++ === 0) {
          this.#find(path, at, `Entry of offset ${offset}, position ${position} does not ascend`);
        }
      } else if (atPosition.get(position)?.lastOffset !== offset && !this.#hasDamage) {
        this.#find(path, at, `No batch with last offset ${offset} starts at position ${position}`);
      }
      previous = entry;
      at += 8;
    });
    this.#checkSize(path, at);
  }

  #checkTimes(path: string): void {
    const timestamps = this.#risingTimestamps();
    let previous = { timestamp: -1, offset: -1 };
    let at = 0;
    let fallen = 0;
    this.#dump(path, (entry) => {
      if (entry.kind !== "time_entry") return;
      const { timestamp, offset } = entry;
      if (timestamp <= previous.timestamp || offset <= previous.offset) {
        if (fallen++ === 0) {
          this.#find(path, at, `Entry of time ${timestamp}, offset ${offset} does not ascend`);
        }
      } else if (timestamps.get(offset) !== timestamp && !this.#hasDamage) {
        this.#find(path, at, `No batch with last offset ${offset} is the first to reach ${timestamp}`);
      }
      previous = entry;
      at += 12;
    });
    this.#checkSize(path, at);
    const largest = this.#batches.reduce((so, batch) => Math.max(so, batch.maxTimestamp), -1);
    const isSealed = this.limitOffset < Number.MAX_SAFE_INTEGER;
    if (isSealed && !this.#hasDamage && largest !== previous.timestamp) {
      this.#find(
        path,
        -1,
        `Largest timestamp of the segment is ${largest}, but the last entry has ${previous.timestamp}`,
      );
    }
  }

  /** Timestamps by the last offset of the batch that first reached each. */
  #risingTimestamps(): Map<number, number> {
    const found = new Map<number, number>();
    let largest = -1;
    for (const { lastOffset, maxTimestamp } of this.#batches) {
      if (maxTimestamp > largest) found.set(lastOffset, largest = maxTimestamp);
    }
    return found;
  }

  #checkSize(path: string, expected: number): void {
    const size = this.disk.stat(path)?.size ?? 0;
    if (size !== expected) {
      this.#find(path, expected, `${size - expected} bytes at the end are not a whole entry`);
    }
  }

  #dump(path: string, visit: (entry: DumpedEntry) => void): void {
    try {
      dumpSegment(this.disk, path, { records: false }, visit);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#find(path, -1, error.message);
    }
  }

  #find(path: string, position: number, what: string): void {
    this.findings.push({ path, position, what });
  }

  #path(suffix: SegmentSuffix | typeof SUMS_SUFFIX): string {
    return `${this.directory}/${segmentFileName(this.baseOffset, suffix)}`;
  }
}
