/**
 * A partition's files become a HostedLog, or a fault: one partition that cannot
 * be opened stays offline, the others of the shard go on.
 */
import { LogError, type OpenFiles, openLog, removeDirectory } from "../log/mod.ts";
import { type DeleteInput, type Fault, fault, type OpenInput } from "../model/mod.ts";
import { type Disk, DiskError } from "../storage/disk.ts";
import { HostedLog } from "./hosted_log.ts";

/** Where logs lie and how they are read. */
export interface OpenOptions {
  readonly disk: Disk;
  readonly dataDirectory: string;
  /** Shared by all logs of the shard. */
  readonly openFiles: OpenFiles;
  /** Check batch CRCs whenever records are read. */
  readonly checkCrcOnRead: boolean;
  /** A number in [0, 1) for each log's roll jitter. */
  readonly jitter: () => number;
}

/** Opens the log; `report` says what was repaired. */
export function openHost(
  options: OpenOptions,
  input: OpenInput,
  nowMs: number,
): { readonly host: HostedLog; readonly report: readonly string[] } | Fault {
  const { topic, partition, topicId, leaderEpoch, settings } = input;
  const { clean, isSuspect, recoveryPoint, logStartOffset, highWatermark, firstDirtyOffset = 0 } = input;
  const { disk, dataDirectory, openFiles, checkCrcOnRead } = options;
  const name = `${topic}-${partition}`;
  try {
    const { log, report } = openLog(disk, `${dataDirectory}/${name}`, {
      settings,
      leaderEpoch,
      topicId,
      nowMs,
      clean,
      isSuspect,
      recoveryPoint,
      logStartOffset,
      highWatermark,
      firstDirtyOffset,
      jitter: options.jitter(),
      checkCrcOnRead,
      openFiles,
    });
    // Among what a crash left unflushed may be what was to be flushed before anybody sees it.
    if (log.unflushedRecords > 0) log.flush();
    // One replica: all that recovery kept is committed.
    log.setHighWatermark(log.logEndOffset);
    const host = new HostedLog(input.handle, name, log, settings);
    // Above the log's end it would pass for compacted what is yet to be written.
    host.firstDirtyOffset = firstDirtyOffset <= log.logEndOffset ? firstDirtyOffset : 0;
    return { host, report };
  } catch (error) {
    if (!(error instanceof LogError) && !(error instanceof DiskError)) throw error;
    return fault("KAFKA_STORAGE_ERROR", error.message);
  }
}

/** Removes the files of a partition that could not be opened, or not yet again. Throws DiskError. */
export function removeFiles({ disk, dataDirectory }: OpenOptions, input: DeleteInput): void {
  const directory = `${dataDirectory}/${input.topic}-${input.partition}`;
  if (disk.stat(directory) !== null) removeDirectory(disk, directory, input.topicId);
}
