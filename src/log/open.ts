/**
 * Opening a log: a directory as it lies on the disk becomes a Log. New: made.
 * After a clean stop: sizes and the last index entry say all, no record is read.
 * Otherwise, or when they disagree: recovered. Every repair becomes a sentence of
 * the report. Called by the shard and by the coordinator's journal.
 */
import type { LogSettings } from "../model/mod.ts";
import { type Disk, DiskError } from "../storage/disk.ts";
import { type EpochEntry, parseLeaderEpochs } from "./checkpoint.ts";
import { finishSwaps } from "./compaction/finish_swaps.ts";
import { DeletedFiles } from "./deleted_files.ts";
import { EPOCHS_FILE } from "./epoch_file.ts";
import { reachBack, rebuildEpochs } from "./epoch_rebuild.ts";
import { rebuildIndexes } from "./index_rebuild.ts";
import { LeaderEpochs } from "./leader_epochs.ts";
import { Log } from "./log.ts";
import { LogError } from "./log_error.ts";
import { OpenFiles } from "./open_files.ts";
import { checkTopic } from "./partition_metadata.ts";
import { type LogEnd, recoverLog } from "./recover_log.ts";
import { describeHoles } from "./sealed_end.ts";
import type { LogContext } from "./log_context.ts";
import { Segment } from "./segment.ts";
import {
  CLEANED_SUFFIX,
  DELETED_SUFFIX,
  parseSegmentFileName,
  parseSnapshotFileName,
  segmentFileName,
  type SegmentSuffix,
  snapshotFileName,
  SUMS_SUFFIX,
} from "./segment_name.ts";
import { readTextFile } from "./text_file.ts";

/** What a log needs to know to open. */
export interface LogOpenOptions {
  readonly settings: LogSettings;
  /** Epoch of the leader that will append. */
  readonly leaderEpoch: number;
  /** 22 characters of base64url. */
  readonly topicId: string;
  readonly nowMs: number;
  /** The last stop was clean: the recovery point is the log's end. */
  readonly clean: boolean;
  /** The process that wrote it lives: a flush may have failed and left bytes that a later one takes for written. */
  readonly isSuspect?: boolean;
  /** From the data directory's checkpoints; 0 where they say nothing. */
  readonly recoveryPoint: number;
  readonly logStartOffset: number;
  readonly highWatermark: number;
  /** From the cleaner's checkpoint: below it the log was compacted. 0 or left out: nothing is known of that. */
  readonly firstDirtyOffset?: number;
  /** From 0 to 1: spreads the age at which segments roll. */
  readonly jitter: number;
  /** Check every batch whenever it is read. Default true. */
  readonly checkCrcOnRead?: boolean;
  /** Bounds open files, best shared by all logs of a worker. Default: one of its own. */
  readonly openFiles?: OpenFiles;
}

/** A log, and what was done to open it, in sentences; empty when there was nothing to repair. */
export interface OpenedLog {
  readonly log: Log;
  readonly report: string[];
}

/**
 * Opens the log in `directory`, which is made when missing. Throws LogError when the directory is
 * another topic's or its metadata is not readable, and DiskError.
 *
 * @example
 * ```ts
 * const { log, report } = openLog(disk, "data/orders-0", options);
 * ```
 */
export function openLog(disk: Disk, directory: string, options: LogOpenOptions): OpenedLog {
  const notices: string[] = [];
  const context: LogContext = {
    files: options.openFiles ?? new OpenFiles(disk),
    directory,
    settings: options.settings,
    epochs: new LeaderEpochs([]),
    areEpochsStored: true,
    areEpochsChecked: false,
    leaderEpoch: options.leaderEpoch,
    segments: [],
    deletedFiles: new DeletedFiles(disk),
    pendingSwap: null,
    checkCrcOnRead: options.checkCrcOnRead ?? true,
    notices,
  };
  const names = prepareDirectory(disk, directory, notices);
  const segments = loadSegments(context, names, options.nowMs);
  const hasData = segments.some((segment) => segment.bytes > 0);
  checkTopic(disk, directory, options.topicId, hasData, notices);
  const epochs = readEpochs(disk, context);
  context.epochs = new LeaderEpochs(epochs ?? []);
  context.segments = segments;
  rebuildMissingIndexes(segments, names);
  const ended = findEnd(context, names, segments, options);
  if ((epochs ?? []).length === 0 && ended.segments.some((segment) => segment.bytes > 0)) {
    rebuildEpochs(context, ended.segments);
  }
  reachBack(context, ended.segments, options.logStartOffset);
  notices.push(...findHoles(ended.segments, epochs ?? [], options));
  for (const segment of ended.segments) segment.close();
  const snapshotOffsets = [...names].map(parseSnapshotFileName).filter((offset) => offset >= 0);
  if (options.clean && snapshotOffsets.length > 0 && !snapshotOffsets.includes(options.recoveryPoint)) {
    const name = snapshotFileName(options.recoveryPoint);
    notices.push(`Made up for "${directory}/${name}" from the log: the file is missing`);
  }
  const log = new Log(context, { ...ended, ...options, snapshotOffsets, storedEpochs: epochs ?? [] });
  return { log, report: log.takeNotices() };
}

/** Makes the directory, removes leftovers; gives the names of what is in it. */
function prepareDirectory(disk: Disk, directory: string, notices: string[]): Set<string> {
  disk.makeDirectory(directory);
  const names = new Set(
    disk.list(directory).filter((entry) => !entry.isDirectory).map((entry) => entry.name),
  );
  finishSwaps(disk, directory, names, notices);
  for (const name of names) {
    const parsed = parseSegmentFileName(name);
    // Another broker takes a segment away and leaves what it does not know.
    const isLeftSum = name.endsWith(SUMS_SUFFIX) && !names.has(name.slice(0, -SUMS_SUFFIX.length) + ".log");
    const isLeftover = name.endsWith(DELETED_SUFFIX) || name.endsWith(CLEANED_SUFFIX) ||
      name.endsWith(".tmp") || isLeftSum;
    const isOrphan = parsed !== null && !names.has(name.slice(0, -parsed.suffix.length) + ".log");
    if (!isLeftover && !isOrphan) continue;
    disk.remove(`${directory}/${name}`);
    names.delete(name);
    if (isOrphan) notices.push(`Removed "${directory}/${name}": there is no .log file beside it`);
  }
  return names;
}

/** Segments in order, one at least; nothing of them is read but their sizes. */
function loadSegments(context: LogContext, names: ReadonlySet<string>, nowMs: number): Segment[] {
  const bases: number[] = [];
  for (const name of names) {
    const parsed = parseSegmentFileName(name);
    if (parsed?.suffix === ".log") bases.push(parsed.baseOffset);
  }
  bases.sort((a, b) => a - b);
  return bases.map((baseOffset, index) => {
    const nextOffset = bases[index + 1] ?? baseOffset;
    const hasSums = names.has(segmentFileName(baseOffset, SUMS_SUFFIX));
    const segment = new Segment(context, baseOffset, { bytes: 0, nextOffset, isNew: false, nowMs, hasSums });
    segment.bytes = context.files.disk.stat(segment.log.path)?.size ?? 0;
    segment.isTailChecked = segment.isTimeChecked = segment.bytes === 0;
    return segment;
  });
}

/** The epoch file's entries; `null` when it is missing or can't be read. */
function readEpochs(disk: Disk, context: LogContext): EpochEntry[] | null {
  const path = `${context.directory}/${EPOCHS_FILE}`;
  const text = readTextFile(disk, path);
  if (text === null) return null;
  try {
    return parseLeaderEpochs(text);
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    context.notices.push(`Rebuilding "${path}" from the log: ${error.message}`);
    return null;
  }
}

/** A sealed segment without an index gets one; the last segment's are looked at with its end. */
function rebuildMissingIndexes(segments: readonly Segment[], names: ReadonlySet<string>): void {
  for (const segment of segments.slice(0, -1)) {
    const isMissing = !names.has(nameOf(segment, ".index")) || !names.has(nameOf(segment, ".timeindex"));
    if (segment.bytes === 0 || !isMissing) continue;
    rebuildIndexes(segment, "a file was missing");
  }
}

function nameOf(segment: Segment, suffix: SegmentSuffix): string {
  return segmentFileName(segment.baseOffset, suffix);
}

/** Finds where the log ends, by its indexes or by recovery. */
function findEnd(
  context: LogContext,
  names: ReadonlySet<string>,
  segments: Segment[],
  options: LogOpenOptions,
): LogEnd {
  const active = segments.at(-1);
  if (active === undefined) return { segments, recoveryPoint: 0, isDamagedAtEnd: false };
  const hasTimes = active.bytes === 0 || names.has(nameOf(active, ".timeindex"));
  if (options.clean && hasTimes && endsAt(active, options.recoveryPoint)) {
    active.nextOffset = options.recoveryPoint;
    return { segments, recoveryPoint: options.recoveryPoint, isDamagedAtEnd: false };
  }
  if (options.clean) {
    context.notices.push(
      `Checking "${active.log.path}": its indexes do not end at "${options.recoveryPoint}", the recovery point`,
    );
  }
  return recoverLog(context, segments, {
    recoveryPoint: options.recoveryPoint,
    isSuspect: options.isSuspect ?? false,
    mayHaveGaps: wasCompacted(options),
  });
}

/** A sentence on each stretch of offsets that is missing, unless compaction may have taken it. */
function findHoles(
  segments: readonly Segment[],
  epochs: readonly EpochEntry[],
  options: LogOpenOptions,
): string[] {
  if (wasCompacted(options)) return [];
  // After a clean stop the first epoch begins where the log does.
  const isKnown = options.clean && epochs.length > 0;
  const firstOffset = isKnown ? epochs[0]!.startOffset : Number.MAX_SAFE_INTEGER;
  return describeHoles(segments, firstOffset);
}

/** True when the log is one that compaction works on, or did. */
function wasCompacted({ settings, firstDirtyOffset }: LogOpenOptions): boolean {
  return settings.cleanupCompact || (firstDirtyOffset ?? 0) > 0;
}

/** True when the segment's index ends in an entry that says the log ends at `offset`. */
function endsAt(active: Segment, offset: number): boolean {
  if (active.bytes === 0) return offset === active.baseOffset;
  const { offsets, baseOffset } = active;
  try {
    if (offsets.count === 0 || !offsets.file.isWhole) return false;
  } catch (error) {
    if (error instanceof DiskError) return false;
    throw error;
  }
  return baseOffset + offsets.lastOffset + 1 === offset &&
    offsets.positionAt(offsets.count - 1) < active.bytes;
}
