/**
 * Fuzz target: everything that looks at a batch's bytes. Answers and documented
 * errors are fine; any other error, an answer that contradicts another, or more
 * memory than the input allows is a finding and throws. A runner lets the event
 * loop turn every hundred inputs or so: a failed gunzip frees its memory only then.
 */
import { crc32c, DecodeError } from "../../src/bytes/mod.ts";
import * as record from "../../src/record/mod.ts";
import "../../src/record/codecs/mod.ts";

export const name = "batch";

/** What the target lets a batch unfold to. */
const BYTES_MAX = 1_000_000;
const LIMITS = { messageBytesMax: 1_048_588 };

/** Feeds `input` to each decoder, as it is and with a header that makes it plausible. */
export function run(input: Uint8Array): void {
  feed(input);
  feed(madePlausible(input));
}

/** Random bytes rarely get past the size, the format and the CRC: set those three right and keep the rest. */
function madePlausible(input: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(Math.max(input.length, record.BATCH_HEADER_BYTES));
  bytes.set(input);
  const view = new DataView(bytes.buffer);
  view.setInt32(8, bytes.length - record.LOG_OVERHEAD_BYTES);
  view.setInt8(16, 2);
  // Few codecs and few records, or nearly every input ends at the header.
  view.setInt16(21, view.getInt16(21) & 0x7f);
  view.setInt32(57, view.getUint8(60) & 0x0f);
  view.setInt32(23, view.getInt32(57) - 1);
  view.setUint32(17, crc32c(bytes, 21));
  return bytes;
}

function feed(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fault = record.validateBatch(bytes, LIMITS);
  const isSound = record.batchIsSound(view, 0, bytes.length);
  if (fault === null && !isSound) throw new Error("A batch is accepted but not sound");
  attempt(() => {
    const visited = record.forEachBatch(bytes, (batch) => attempt(() => read(batch)));
    if (visited > bytes.length) throw new Error("More bytes are visited than there are");
  });
  attempt(() => read(bytes));
  attempt(() => record.readControlRecord(bytes));
  for (const codec of record.CODEC_NAMES) attempt(() => unfold(codec, bytes));
}

function read(batch: Uint8Array): void {
  const records = record.readRecords(batch, BYTES_MAX);
  const count = record.recordCount(new DataView(batch.buffer, batch.byteOffset, batch.byteLength), 0);
  if (records.length !== count) throw new Error("Another count of records is read than the header says");
}

function unfold(codec: record.CodecName, bytes: Uint8Array): void {
  const unfolded = record.decompress(codec, bytes, BYTES_MAX);
  if (codec !== "none" && unfolded.length > BYTES_MAX) throw new Error(`${codec} unfolds past its bound`);
}

function attempt(decode: () => void): void {
  try {
    decode();
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
}
