/** Records: RecordBatch v2, read, checked, stamped, built. Imports bytes and model. */
export {
  attributes,
  baseOffset,
  baseSequence,
  baseTimestamp,
  BATCH_HEADER_BYTES,
  batchBytes,
  CODEC_NAMES,
  type CodecName,
  codecOf,
  crc,
  hasDeleteHorizon,
  isControl,
  isTransactional,
  lastOffset,
  lastOffsetDelta,
  LOG_OVERHEAD_BYTES,
  magic,
  maxTimestamp,
  partitionLeaderEpoch,
  producerEpoch,
  producerId,
  recordCount,
  usesLogAppendTime,
} from "./batch.ts";
export { type Stamp, stampBatch } from "./stamp.ts";
export { batchIsSound, type BatchLimits, validateBatch } from "./validate.ts";
