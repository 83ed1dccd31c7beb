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
export {
  BatchBuilder,
  type BatchOptions,
  type Content,
  encodeBatch,
  type Header,
  recordBytesMax,
  type RecordInput,
} from "./build.ts";
export { type Codec, CodecUnavailableError, compress, decompress, hasCodec } from "./compression.ts";
export {
  CONTROL_ABORT,
  CONTROL_COMMIT,
  CONTROL_LEADER_CHANGE,
  type ControlRecord,
  encodeMarker,
  readControlRecord,
  type TransactionMarker,
} from "./control.ts";
export {
  type BatchRecord,
  forEachBatch,
  type ReadHeader,
  readRecords,
  RecordCursor,
  wholeBatchBytes,
} from "./read.ts";
export { BatchRewriter, type Rewritten } from "./rewrite.ts";
export { type Stamp, stampBatch } from "./stamp.ts";
export { batchIsSound, type BatchLimits, validateBatch } from "./validate.ts";
