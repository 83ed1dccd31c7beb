/**
 * What a log is made from, once its directory was read: handed by `openLog` to the
 * Log. And the file that says whose directory it is, which is on the device before
 * the first batch is written.
 */
import type { Disk } from "../storage/disk.ts";
import { type EpochEntry, formatPartitionMetadata } from "./checkpoint.ts";
import type { KnownBatch } from "./producer_states.ts";
import type { LogContext } from "./log_context.ts";
import type { Segment } from "./segment.ts";
import { writeTextFile } from "./text_file.ts";

/** Kafka's name of the file that says whose directory it is. */
export const METADATA_FILE = "partition.metadata";

/** Where a batch went. */
export interface Appended {
  readonly baseOffset: number;
  readonly lastOffset: number;
  /** The time the broker gave the records; −1 when they keep their own. */
  readonly logAppendTimeMs: number;
}

/** Where a batch lies that its producer sent before; `isTimed`: the broker gives the records their time. */
export function repeated({ baseOffset, lastOffset, timestamp }: KnownBatch, isTimed: boolean): Appended {
  return { baseOffset, lastOffset, logAppendTimeMs: isTimed ? timestamp : -1 };
}

/** What `openLog` found out. */
export interface LogState {
  readonly segments: Segment[];
  readonly recoveryPoint: number;
  /** The last segment must not be written to: the log goes on in a new one. */
  readonly isDamagedAtEnd: boolean;
  /** The epochs as the file has them. */
  readonly storedEpochs: readonly EpochEntry[];
  readonly topicId: string;
  readonly nowMs: number;
  readonly clean: boolean;
  readonly logStartOffset: number;
  readonly highWatermark: number;
  readonly jitter: number;
  /** Offsets in the names of the `.snapshot` files. */
  readonly snapshotOffsets: readonly number[];
}

/**
 * Where a log starts: where the checkpoint says, if the log can; `isAnew` when that lies above all there is,
 * which must go. Says so in the notices. Source: Kafka's `LogLoader`.
 */
export function chooseLogStart(
  context: LogContext,
  active: Segment,
  state: LogState,
): { readonly offset: number; readonly isAnew: boolean } {
  const first = state.segments[0]!.baseOffset;
  const wanted = Math.max(first, state.logStartOffset);
  if (wanted <= active.nextOffset) return { offset: wanted, isAnew: false };
  const words =
    `Log start offset "${wanted}" of "${context.directory}" is above its end "${active.nextOffset}"`;
  const isKept = state.clean && active.bytes > 0;
  context.notices.push(
    `${words}; it starts ${
      isKept ? `at "${first}"` : `anew at "${wanted}", what it had is kept as .log.aside`
    }`,
  );
  return { offset: isKept ? first : wanted, isAnew: !isKept };
}

/** Kafka's promise: the topic id is on the device before the first record is. */
export function makeDurable(disk: Disk, directory: string, topicId: string): void {
  const path = `${directory}/${METADATA_FILE}`;
  writeTextFile(disk, directory, path, formatPartitionMetadata(topicId));
  disk.syncDirectory(directory.slice(0, directory.lastIndexOf("/")) || ".");
}
