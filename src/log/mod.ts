/** The log room: one partition's log over the Disk port. Imports record, bytes, model and the port. */
export {
  type CheckpointEntry,
  type EpochEntry,
  formatLeaderEpochs,
  formatOffsetCheckpoint,
  formatPartitionMetadata,
  parseLeaderEpochs,
  parseOffsetCheckpoint,
  parsePartitionMetadata,
} from "./checkpoint.ts";
export { type Cleanable, findCleanable } from "./compaction/cleanable.ts";
export { Cleaning, type CleaningOptions, type CleaningState } from "./compaction/cleaning.ts";
export { describeSegments } from "./describe_segments.ts";
export { type DumpedBatch, type DumpedEntry, dumpSegment } from "./dump.ts";
export type { EpochEnd } from "./leader_epochs.ts";
export { prepareForeignLog } from "./foreign_log.ts";
export { type Log } from "./log.ts";
export { type Appended, METADATA_FILE } from "./log_state.ts";
export { LogError, type LogErrorCode } from "./log_error.ts";
export { type LogOpenOptions, type OpenedLog, openLog } from "./open.ts";
export { OpenFiles } from "./open_files.ts";
export { isOneBitOff } from "./partition_metadata.ts";
export type { LogScrub } from "./scrub.ts";
export type { LogSlice } from "./segment_read.ts";
export type { TimestampHit } from "./time_lookup.ts";
export { type InspectedLog, inspectLog, verifyLog } from "./verify.ts";
export type { Finding } from "./verify_segment.ts";
export { removeDirectory } from "./remove_directory.ts";
