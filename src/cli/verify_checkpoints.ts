/**
 * The checkpoint files of a data directory against the logs they speak of. They
 * have no checksum: a wrong digit shows only where the log says otherwise.
 *
 *     recovery point, high watermark    after a clean stop: the log's end; else at most that
 *     log start                         from the first segment to the end, where the first leader
 *                                       epoch begins; without a clean stop perhaps behind that
 *     first dirty offset                at most the log's end. Within the log any offset may be it, and a
 *                                       wrong one costs a cleaning or leaves what could go a while longer
 *
 * Called by `verify_data.ts`.
 */
import {
  type CheckpointEntry,
  type Finding,
  formatOffsetCheckpoint,
  type InspectedLog,
  LogError,
  parseOffsetCheckpoint,
} from "../log/mod.ts";
import { type Disk, readWhole } from "../storage/mod.ts";

const RECOVERY_POINTS = "recovery-point-offset-checkpoint";
const HIGH_WATERMARKS = "replication-offset-checkpoint";
const LOG_STARTS = "log-start-offset-checkpoint";
const FIRST_DIRTY_OFFSETS = "cleaner-offset-checkpoint";
const CLEAN_MARKER = ".kafka_cleanshutdown";
/** The files that name every log. */
const ENDS = [RECOVERY_POINTS, HIGH_WATERMARKS];
/** Its log has a recovery point and nothing else. */
const JOURNAL = "__cluster_metadata-0";

/**
 * Adds what is wrong with the files in `directory`; `logs` are its logs by the names of their directories,
 * `journalStarts` where the journal's log may begin besides its first segment.
 */
export function checkCheckpoints(
  disk: Disk,
  directory: string,
  logs: ReadonlyMap<string, InspectedLog>,
  journalStarts: readonly number[],
  findings: Finding[],
): void {
  const isClean = checkCleanMarker(disk, `${directory}/${CLEAN_MARKER}`, findings);
  for (const file of [RECOVERY_POINTS, HIGH_WATERMARKS, LOG_STARTS, FIRST_DIRTY_OFFSETS]) {
    const path = `${directory}/${file}`;
    const entries = readEntries(disk, path, findings);
    if (entries === null) continue;
    for (const what of compare(file, entries, logs, isClean)) findings.push({ path, position: -1, what });
  }
  const journal = logs.get(JOURNAL);
  if (!isClean || journal === undefined || journal.findings.length > 0) return;
  const { firstOffset, firstEpochOffset } = journal;
  if (firstEpochOffset < 0 || [firstOffset, ...journalStarts].includes(firstEpochOffset)) return;
  const what = `Its first epoch begins at ${firstEpochOffset}, where neither a segment nor a snapshot does`;
  findings.push({ path: `${directory}/${JOURNAL}/leader-epoch-checkpoint`, position: -1, what });
}

/** What is wrong with one file's entries, by the name of the log's directory. */
function compare(
  file: string,
  entries: ReadonlyMap<string, number>,
  logs: ReadonlyMap<string, InspectedLog>,
  isClean: boolean,
): string[] {
  const found = [...entries.keys()].filter((name) => !logs.has(name))
    .map((name) => `It names "${name}", of which there is no log`);
  for (const [name, log] of logs) {
    // What is wrong with the log itself was told, and nothing can be compared with it.
    if (log.findings.length > 0 || (name === JOURNAL && file !== RECOVERY_POINTS)) continue;
    const offset = entries.get(name);
    if (offset === undefined && ENDS.includes(file) && isClean) {
      found.push(`It does not name "${name}", though the stop was clean`);
    }
    const wrong = wrongIn(file, log, offset, isClean);
    if (wrong !== null) found.push(`Offset of "${name}" is ${offset ?? 0}, but ${wrong}`);
  }
  return found;
}

function wrongIn(
  file: string,
  log: InspectedLog,
  offset: number | undefined,
  isClean: boolean,
): string | null {
  if (file === LOG_STARTS) return wrongStart(log, offset, isClean);
  if (ENDS.includes(file)) return wrongEnd(log, offset, isClean, file === RECOVERY_POINTS);
  return offset !== undefined && offset > log.endOffset ? `the log ends at ${log.endOffset}` : null;
}

function wrongEnd(
  { endOffset }: InspectedLog,
  offset: number | undefined,
  isClean: boolean,
  isRecoveryPoint: boolean,
): string | null {
  if (offset === undefined || offset === endOffset) return null;
  if (isClean) return `the log ends at ${endOffset} and the stop was clean`;
  // A watermark may have been lost with the records below it: acks=1 promises them to no device. And retention,
  // or a cleaning that joins the first segments, may have gone on since the file was written.
  return isRecoveryPoint && offset > endOffset ? `the log ends at ${endOffset}` : null;
}

function wrongStart(
  { firstOffset, endOffset, firstEpochOffset }: InspectedLog,
  offset: number | undefined,
  isClean: boolean,
): string | null {
  const start = Math.max(offset ?? 0, firstOffset);
  if (start > endOffset) return `the log ends at ${endOffset}`;
  if (isClean && offset !== undefined && offset < firstOffset) {
    return `its first segment begins at ${firstOffset}`;
  }
  const isTold = firstEpochOffset >= 0 && start < endOffset;
  // A trim moves the start at once, the first epoch perhaps only when the log is closed.
  const isRight = firstEpochOffset === start || (!isClean && firstEpochOffset < start);
  if (!isTold || isRight) return null;
  return `its first leader epoch begins at ${firstEpochOffset}`;
}

/** Offsets by the name of the log's directory; `null` when there is nothing to compare. */
function readEntries(disk: Disk, path: string, findings: Finding[]): Map<string, number> | null {
  const text = readText(disk, path);
  if (text === null) return null;
  try {
    const entries = parseOffsetCheckpoint(text);
    if (text !== "" && text !== formatOffsetCheckpoint(entries)) {
      findings.push({ path, position: -1, what: "It can be read, but is not written as it would be" });
    }
    return new Map(entries.map((entry) => [nameOf(entry), entry.offset]));
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    findings.push({ path, position: -1, what: error.message });
    return null;
  }
}

/** True when the last stop was clean. Weir writes the broker epoch −1, Kafka its own. */
function checkCleanMarker(disk: Disk, path: string, findings: Finding[]): boolean {
  const text = readText(disk, path);
  if (text === null) return false;
  const [, epoch] = /^\{"version":0,"brokerEpoch":(-1|0|[1-9]\d*)\}$/.exec(text) ?? [];
  if (epoch !== undefined) return true;
  findings.push({ path, position: -1, what: `Text "${text.slice(0, 80)}" is none that is written there` });
  return false;
}

function nameOf({ topic, partition }: CheckpointEntry): string {
  return `${topic}-${partition}`;
}

function readText(disk: Disk, path: string): string | null {
  const bytes = readWhole(disk, path);
  return bytes === null ? null : new TextDecoder().decode(bytes);
}
