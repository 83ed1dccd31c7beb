/**
 * Checks a log that nobody has open: every batch's CRC, offsets that ascend
 * without overlap, every index entry against the batch it names, the time index
 * against the times, the epoch file against the batches, the producers' snapshots,
 * the metadata. Text files carry no checksum: they must be written to the byte as
 * Kafka writes them, and agree with the batches. Changes nothing. Called by the
 * offline command `log verify`.
 */
import { type Disk, DiskError } from "../storage/disk.ts";
import {
  formatLeaderEpochs,
  formatPartitionMetadata,
  parseLeaderEpochs,
  parsePartitionMetadata,
} from "./checkpoint.ts";
import { EPOCHS_FILE } from "./epoch_file.ts";
import { LeaderEpochs } from "./leader_epochs.ts";
import { METADATA_FILE } from "./log_state.ts";
import { LogError } from "./log_error.ts";
import { readSnapshot } from "./producer_store.ts";
import { parseSegmentFileName, parseSnapshotFileName, segmentFileName, SWAP_SUFFIX } from "./segment_name.ts";
import { readTextFile } from "./text_file.ts";
import { type Finding, SegmentCheck } from "./verify_segment.ts";

/** A log as its files tell of it: what is wrong, and what other files must agree with. */
export interface InspectedLog {
  readonly findings: readonly Finding[];
  /** Base of the first segment, 0 without one. */
  readonly firstOffset: number;
  /** The offset after the last sound batch. */
  readonly endOffset: number;
  /** Where the first leader epoch begins, −1 when none is known. */
  readonly firstEpochOffset: number;
  /** The topic id the directory says it belongs to, `null` when it says none. */
  readonly topicId: string | null;
}

/**
 * Everything wrong with the log in `directory`; empty when all is well. Throws DiskError.
 *
 * @example
 * ```ts
 * for (const { path, position, what } of verifyLog(disk, "data/orders-0")) console.log(path, position, what);
 * ```
 */
export function verifyLog(disk: Disk, directory: string): readonly Finding[] {
  return inspectLog(disk, directory, false).findings;
}

/**
 * The same, with what other files of the data directory must agree with. `mayHaveHoles`: the log is compacted,
 * or was, and another broker's cleaner may have left segments that end before the next begins. Throws DiskError.
 */
export function inspectLog(disk: Disk, directory: string, mayHaveHoles: boolean): InspectedLog {
  const findings: Finding[] = [];
  const names = new Set(disk.list(directory).map((entry) => entry.name));
  const bases = [...names].map(parseSegmentFileName).filter((parsed) => parsed?.suffix === ".log")
    .map((parsed) => parsed!.baseOffset).sort((a, b) => a - b);
  const hasBatches = bases.some((base) =>
    disk.stat(`${directory}/${segmentFileName(base, ".log")}`)!.size > 0
  );
  const epochs = readEpochs(disk, directory, hasBatches, findings);
  const topicId = readTopicId(disk, directory, bases.length > 0, findings);
  // What a swap that was cut short left is put in order by the next start.
  const isWhole = ![...names].some((name) => name.endsWith(SWAP_SUFFIX));
  let endOffset = 0;
  let hasGaps = false;
  bases.forEach((baseOffset, index) => {
    const limitOffset = bases[index + 1] ?? Number.MAX_SAFE_INTEGER;
    const check = new SegmentCheck(disk, directory, { baseOffset, limitOffset, hasGaps }, findings);
    check.run(epochs, names);
    if (!mayHaveHoles && isWhole) check.checkEnd();
    endOffset = check.endOffset;
    hasGaps ||= check.hasGaps;
  });
  checkLastEpoch(directory, epochs, endOffset, findings);
  for (const name of names) {
    const path = `${directory}/${name}`;
    checkSnapshot(disk, path, parseSnapshotFileName(name), findings);
    checkCompany(path, name, names, findings);
  }
  const firstEpochOffset = epochs.entries[0]?.startOffset ?? -1;
  return { findings, firstOffset: bases[0] ?? 0, endOffset, firstEpochOffset, topicId };
}

/** The last epoch may have no batch yet, and begins at the end then. */
function checkLastEpoch(
  directory: string,
  epochs: LeaderEpochs,
  endOffset: number,
  findings: Finding[],
): void {
  const last = epochs.entries.at(-1);
  if (last === undefined || last.startOffset <= endOffset) return;
  const what = `Epoch ${last.epoch} begins at ${last.startOffset}, but the log ends at ${endOffset}`;
  findings.push({ path: `${directory}/${EPOCHS_FILE}`, position: -1, what });
}

/** An index is nothing without its log. */
function checkCompany(path: string, name: string, names: ReadonlySet<string>, findings: Finding[]): void {
  const parsed = parseSegmentFileName(name);
  // Sums without a log are what another broker left when it took the segment away.
  if (parsed === null || names.has(segmentFileName(parsed.baseOffset, ".log"))) return;
  findings.push({ path, position: -1, what: "There is no .log file beside it" });
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

function readEpochs(disk: Disk, directory: string, isWanted: boolean, findings: Finding[]): LeaderEpochs {
  const path = `${directory}/${EPOCHS_FILE}`;
  if (isWanted && disk.stat(path) === null) {
    findings.push({ path, position: -1, what: "The file is missing" });
  }
  const entries = readText(disk, path, findings, parseLeaderEpochs, formatLeaderEpochs);
  return new LeaderEpochs(entries ?? []);
}

function readTopicId(disk: Disk, directory: string, isWanted: boolean, findings: Finding[]): string | null {
  const path = `${directory}/${METADATA_FILE}`;
  if (isWanted && disk.stat(path) === null) {
    findings.push({ path, position: -1, what: "The file is missing" });
  }
  return readText(disk, path, findings, parsePartitionMetadata, formatPartitionMetadata);
}

/** What a text file says, `null` when it is missing, empty or wrong. A byte that readers pass over counts, too. */
function readText<T>(
  disk: Disk,
  path: string,
  findings: Finding[],
  parse: (text: string) => T,
  format: (value: T) => string,
): T | null {
  try {
    const text = readTextFile(disk, path);
    if (text === null || text === "") return null;
    const value = parse(text);
    if (withoutNewline(text) !== withoutNewline(format(value))) {
      findings.push({ path, position: -1, what: "It can be read, but is not written as it would be" });
    }
    return value;
  } catch (error) {
    if (!(error instanceof LogError) && !(error instanceof DiskError)) throw error;
    findings.push({ path, position: -1, what: error.message });
    return null;
  }
}

function withoutNewline(text: string): string {
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}
