/**
 * Checks a log that nobody has open: every batch's CRC, offsets that ascend
 * without overlap, every index entry against the batch it names, the time index
 * against the times, the epoch file against the batches, the producers' snapshots,
 * the metadata. Changes nothing. Called by the offline command `log verify`.
 */
import { assert } from "../model/mod.ts";
import { type Disk, DiskError } from "../storage/disk.ts";
import { parseLeaderEpochs, parsePartitionMetadata } from "./checkpoint.ts";
import { type DumpedBatch, type DumpedEntry, dumpSegment } from "./dump.ts";
import { EPOCHS_FILE } from "./epoch_file.ts";
import { LeaderEpochs } from "./leader_epochs.ts";
import { METADATA_FILE } from "./log_state.ts";
import { LogError } from "./log_error.ts";
import { readSnapshot } from "./producer_store.ts";
import { parseSegmentFileName, parseSnapshotFileName, segmentFileName } from "./segment_name.ts";
import { readTextFile } from "./text_file.ts";

/** Something that is wrong. */
export interface Finding {
  readonly path: string;
  /** Byte in the file, −1 when the whole file is meant. */
  readonly position: number;
  /** What is wrong, in words. */
  readonly what: string;
}

/**
 * Everything wrong with the log in `directory`; empty when all is well. Throws DiskError.
 *
 * @example
 * ```ts
 * for (const { path, position, what } of verifyLog(disk, "data/orders-0")) console.log(path, position, what);
 * ```
 */
export function verifyLog(disk: Disk, directory: string): Finding[] {
  const findings: Finding[] = [];
  const names = new Set(disk.list(directory).map((entry) => entry.name));
  const bases = [...names].map(parseSegmentFileName).filter((parsed) => parsed?.suffix === ".log")
    .map((parsed) => parsed!.baseOffset).sort((a, b) => a - b);
  const epochs = readEpochs(disk, directory, findings);
  readMetadata(disk, directory, bases.length > 0, findings);
  bases.forEach((baseOffset, index) => {
    const limitOffset = bases[index + 1] ?? Number.MAX_SAFE_INTEGER;
    new SegmentCheck(disk, directory, baseOffset, limitOffset, findings).run(epochs, names);
  });
  for (const name of names) {
    checkSnapshot(disk, `${directory}/${name}`, parseSnapshotFileName(name), findings);
  }
  return findings;
}

function checkSnapshot(disk: Disk, path: string, offset: number, findings: Finding[]): void {
  if (offset < 0) return;
  try {
    const entries = readSnapshot(disk, path, offset);
    if (typeof entries !== "string") return;
    findings.push({ path, position: -1, what: `Damaged snapshot of producers: ${entries}` });
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    findings.push({ path, position: -1, what: error.message });
  }
}

function readEpochs(disk: Disk, directory: string, findings: Finding[]): LeaderEpochs {
  const path = `${directory}/${EPOCHS_FILE}`;
  try {
    return new LeaderEpochs(parseLeaderEpochs(readTextFile(disk, path) ?? ""));
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    findings.push({ path, position: -1, what: error.message });
    return new LeaderEpochs([]);
  }
}

function readMetadata(disk: Disk, directory: string, isWanted: boolean, findings: Finding[]): void {
  const path = `${directory}/${METADATA_FILE}`;
  const text = readTextFile(disk, path);
  try {
    if (text !== null) parsePartitionMetadata(text);
    else if (isWanted) findings.push({ path, position: -1, what: "The file is missing" });
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    findings.push({ path, position: -1, what: error.message });
  }
}

/** One segment's three files, checked against each other. */
class SegmentCheck {
  /** Sound batches by position, in order. */
  readonly #batches: DumpedBatch[] = [];
  #hasDamage = false;

  constructor(
    readonly disk: Disk,
    readonly directory: string,
    readonly baseOffset: number,
    readonly limitOffset: number,
    readonly findings: Finding[],
  ) {}

  run(epochs: LeaderEpochs, names: ReadonlySet<string>): void {
    assert(this.limitOffset > this.baseOffset, "segments ascend");
    const path = this.#path(".log");
    this.#dump(path, (entry) => {
      if (entry.kind === "damage") this.#find(path, entry.position, `Damaged batch: ${entry.what}`);
      if (entry.kind === "batch") this.#checkBatch(path, entry, epochs);
    });
    this.#hasDamage = this.findings.some((finding) => finding.path === path);
    const isIndexWanted = this.#batches.length > 0 && this.limitOffset < Number.MAX_SAFE_INTEGER;
    if (names.has(segmentFileName(this.baseOffset, ".index"))) this.#checkOffsets(this.#path(".index"));
    else if (isIndexWanted) this.#find(this.#path(".index"), -1, "The file is missing");
    if (names.has(segmentFileName(this.baseOffset, ".timeindex"))) this.#checkTimes(this.#path(".timeindex"));
    else if (isIndexWanted) this.#find(this.#path(".timeindex"), -1, "The file is missing");
  }

  #checkBatch(path: string, batch: DumpedBatch, epochs: LeaderEpochs): void {
    const { position, baseOffset, lastOffset } = batch;
    if (!batch.isSound) return this.#find(path, position, "Damaged batch: its CRC does not fit its bytes");
    this.#batches.push(batch);
    if (lastOffset >= this.limitOffset) {
      this.#find(path, position, `Offsets ${baseOffset} to ${lastOffset} reach into the next segment`);
    }
    const epoch = epochs.at(baseOffset);
    if (epoch !== -1 && epoch !== batch.leaderEpoch) {
      const what = `Leader epoch of the batch is ${batch.leaderEpoch}, but "${EPOCHS_FILE}" says ${epoch}`;
      this.#find(path, position, what);
    }
  }

  #checkOffsets(path: string): void {
    const atPosition = new Map(this.#batches.map((batch) => [batch.position, batch]));
    let previous = { offset: -1, position: -1 };
    let at = 0;
    this.#dump(path, (entry) => {
      if (entry.kind !== "offset_entry") return;
      const { offset, position } = entry;
      if (offset <= previous.offset || position <= previous.position) {
        this.#find(path, at, `Entry of offset ${offset}, position ${position} does not ascend`);
      } else if (atPosition.get(position)?.lastOffset !== offset && !this.#hasDamage) {
        this.#find(path, at, `No batch with last offset ${offset} starts at position ${position}`);
      }
      previous = entry;
      at += 8;
    });
    this.#checkSize(path, at);
  }

  #checkTimes(path: string): void {
    const byLastOffset = new Map(this.#batches.map((batch) => [batch.lastOffset, batch]));
    let previous = { timestamp: -1, offset: -1 };
    let at = 0;
    this.#dump(path, (entry) => {
      if (entry.kind !== "time_entry") return;
      const { timestamp, offset } = entry;
      if (timestamp <= previous.timestamp || offset <= previous.offset) {
        this.#find(path, at, `Entry of time ${timestamp}, offset ${offset} does not ascend`);
      } else if (byLastOffset.get(offset)?.maxTimestamp !== timestamp && !this.#hasDamage) {
        this.#find(path, at, `No batch with last offset ${offset} has ${timestamp} as its largest timestamp`);
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

  #path(suffix: ".log" | ".index" | ".timeindex"): string {
    return `${this.directory}/${segmentFileName(this.baseOffset, suffix)}`;
  }
}
