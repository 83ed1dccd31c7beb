/**
 * Is this a batch? Asked of what a producer sent (with a fault that says what is
 * wrong) and of what lies on a disk (yes or no). Neither looks into the records:
 * those stay opaque, compressed or not. Liberal exactly where Apache Kafka is:
 * base offset and leader epoch of a produced batch may be anything, because the
 * broker overwrites them. Called by the doors, the log's recovery and its reads.
 */
import { crc32c } from "../bytes/mod.ts";
import { type Fault, fault } from "../model/mod.ts";
import * as batch from "./batch.ts";

/** What a produced batch may not exceed. */
export interface BatchLimits {
  /** Largest batch in bytes, header included: `max.message.bytes`. */
  readonly messageBytesMax: number;
}

/**
 * Checks that `bytes` are exactly one batch a producer may append: magic 2, whole,
 * not too large, CRC right, as many offsets as records, no control bit, a known
 * codec, and a sequence where there is a producer id. Returns `null` when all is
 * well. Source: Kafka's `LogValidator` and `UnifiedLog.analyzeAndValidateRecords`.
 *
 * @example
 * ```ts
 * const wrong = validateBatch(bytes, { messageBytesMax: 1_048_588 });
 * if (wrong !== null) return { fault: wrong };
 * ```
 */
export function validateBatch(bytes: Uint8Array, limits: BatchLimits): Fault | null {
  if (bytes.length < batch.BATCH_HEADER_BYTES) {
    return fault(
      "INVALID_RECORD",
      `Batch of "${bytes.length}" bytes must be at least the ${batch.BATCH_HEADER_BYTES} bytes of a header`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return frameFault(view, limits) ?? headerFault(view) ?? checksumFault(bytes, view);
}

/** Magic and size: are these bytes one batch at all? */
function frameFault(view: DataView, limits: BatchLimits): Fault | null {
  const magic = batch.magic(view, 0);
  if (magic !== batch.MAGIC) {
    return fault("INVALID_RECORD", `Batch of format "${magic}" must have format ${batch.MAGIC}`);
  }
  const size = batch.batchBytes(view, 0);
  if (size > view.byteLength || size < batch.BATCH_HEADER_BYTES) {
    return fault("CORRUPT_MESSAGE", `Batch says it has "${size}" bytes, but ${view.byteLength} came`);
  }
  if (size < view.byteLength) {
    return fault(
      "INVALID_RECORD",
      `Exactly one batch of ${size} bytes is wanted, but "${view.byteLength}" bytes came`,
    );
  }
  if (size > limits.messageBytesMax) {
    return fault(
      "MESSAGE_TOO_LARGE",
      `Batch of "${size}" bytes must be at most ${limits.messageBytesMax} bytes (max.message.bytes)`,
    );
  }
  return null;
}

/** Fields that must agree with each other. */
function headerFault(view: DataView): Fault | null {
  const count = batch.recordCount(view, 0);
  const offsets = batch.lastOffsetDelta(view, 0) + 1;
  if (count <= 0 || count !== offsets) {
    return fault("INVALID_RECORD", `Batch of "${count}" records must have as many offsets, not ${offsets}`);
  }
  const attributes = batch.attributes(view, 0);
  if (batch.isControl(attributes)) {
    return fault(
      "INVALID_RECORD",
      "Batch with the control bit set must come from the broker, not from a client",
    );
  }
  const codec = batch.codecOf(attributes);
  if (codec >= batch.CODEC_NAMES.length) {
    return fault(
      "UNSUPPORTED_COMPRESSION_TYPE",
      `Codec "${codec}" must be 0 to ${batch.CODEC_NAMES.length - 1}`,
    );
  }
  if (batch.usesLogAppendTime(attributes)) {
    return fault(
      "INVALID_TIMESTAMP",
      "Batch with log-append time must get it from the broker, not from a client",
    );
  }
  const sequence = batch.baseSequence(view, 0);
  if (batch.producerId(view, 0) >= 0 && sequence < 0) {
    return fault(
      "INVALID_RECORD",
      `Batch with a producer id must have a sequence of 0 or more, not "${sequence}"`,
    );
  }
  return null;
}

function checksumFault(bytes: Uint8Array, view: DataView): Fault | null {
  const said = batch.crc(view, 0);
  const computed = crc32c(bytes, batch.ATTRIBUTES_AT);
  if (said === computed) return null;
  return fault("CORRUPT_MESSAGE", `Batch says its CRC is "${said}", but its bytes have ${computed}`);
}

/**
 * True when a whole, undamaged batch starts at `at`: at least a header of the
 * `availableBytes` from there on, magic 2, a size that fits, CRC right. `view`
 * may be larger. Control batches and emptied ones are sound too.
 */
export function batchIsSound(view: DataView, at: number, availableBytes: number): boolean {
  if (availableBytes < batch.BATCH_HEADER_BYTES || view.byteLength - at < availableBytes) return false;
  const size = batch.batchBytes(view, at);
  if (size < batch.BATCH_HEADER_BYTES || size > availableBytes || batch.magic(view, at) !== batch.MAGIC) {
    return false;
  }
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, size);
  return crc32c(bytes, batch.ATTRIBUTES_AT) === batch.crc(view, at);
}
