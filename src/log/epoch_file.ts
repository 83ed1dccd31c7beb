/**
 * Keeps `leader-epoch-checkpoint` equal to a log's leader epochs: an epoch is on
 * the device before the first batch it stamps is written.
 */
import { assert } from "../model/mod.ts";
import { type EpochEntry, formatLeaderEpochs } from "./checkpoint.ts";
import { LeaderEpochs } from "./leader_epochs.ts";
import type { LogContext } from "./log_context.ts";
import { DiskError } from "../storage/disk.ts";
import { writeTextFile } from "./text_file.ts";

/** Kafka's name of the file. */
export const EPOCHS_FILE = "leader-epoch-checkpoint";

/** Changes the epochs and their file together; with a DiskError neither is changed. */
export function changeEpochs(context: LogContext, change: (epochs: LeaderEpochs) => boolean): void {
  const epochs = new LeaderEpochs(context.epochs.entries);
  if (!change(epochs)) return;
  writeEpochs(context, epochs.entries);
  context.epochs = epochs;
}

/** Drops epochs that end below the log's start. On a full disk they stay, and do no harm, until the next time. */
export function forgetEpochs(context: LogContext, logStartOffset: number): void {
  try {
    changeEpochs(context, (epochs) => epochs.truncateStart(logStartOffset));
  } catch (error) {
    if (!(error instanceof DiskError) || error.code !== "full") throw error;
  }
}

/** Writes the file if the epochs in memory were found to be others than it says. */
export function storeEpochs(context: LogContext): void {
  if (!context.areEpochsStored) writeEpochs(context, context.epochs.entries);
}

/**
 * After opening: no epoch beyond the log, none before it, and the file, which had `stored`, says the same; on a
 * full disk from the next append on, for until then the log can be read all the same.
 */
export function mendEpochs(
  context: LogContext,
  stored: readonly EpochEntry[],
  logStartOffset: number,
  logEndOffset: number,
): void {
  assert(logStartOffset <= logEndOffset, "a log starts before it ends");
  const { epochs } = context;
  epochs.truncateEnd(logEndOffset);
  epochs.truncateStart(logStartOffset);
  context.areEpochsStored = formatLeaderEpochs(epochs.entries) === formatLeaderEpochs(stored);
  try {
    storeEpochs(context);
  } catch (error) {
    if (!(error instanceof DiskError) || error.code !== "full") throw error;
  }
}

function writeEpochs(context: LogContext, entries: readonly EpochEntry[]): void {
  const path = `${context.directory}/${EPOCHS_FILE}`;
  writeTextFile(context.files.disk, context.directory, path, formatLeaderEpochs(entries));
  context.areEpochsStored = true;
}
