/**
 * What the segments of one log share, and those who work on all of them: the log itself, its recovery, its
 * compaction. Made when the log is opened; there is one of it.
 */
import type { LogSettings } from "../model/mod.ts";
import type { DeletedFiles } from "./deleted_files.ts";
import type { LeaderEpochs } from "./leader_epochs.ts";
import type { OpenFiles } from "./open_files.ts";
import type { Segment } from "./segment.ts";

/** What the segments of one log share. */
export interface LogContext {
  readonly files: OpenFiles;
  readonly directory: string;
  settings: LogSettings;
  epochs: LeaderEpochs;
  /** The epoch file says what `epochs` says. */
  areEpochsStored: boolean;
  /** The epochs were compared with all batches since the log was opened. */
  areEpochsChecked: boolean;
  /** Epoch of the leader that appends: no batch has a later one. */
  leaderEpoch: number;
  /** All segments, in order. */
  segments: Segment[];
  /** Files that are out of the log and wait to be removed. */
  readonly deletedFiles: DeletedFiles;
  /** A swap that compaction decided and a start after a crash would finish: told before a segment goes. */
  pendingSwap: { lose(segment: Segment): void } | null;
  /** Batches are checked against their CRC whenever they are read. */
  readonly checkCrcOnRead: boolean;
  /** What was repaired since somebody last asked, in sentences. */
  notices: string[];
}
