/**
 * Fuzz target: what the coordinator reads from its own files. The first byte
 * picks the decoder; the rest is its input. A decoder may refuse with a
 * DecodeError; what it accepts must apply to the image.
 */
import assert from "node:assert/strict";
import { DecodeError, Reader } from "../../src/bytes/mod.ts";
import { decodeEvents } from "../../src/coordinator/journal/decode_events.ts";
import { readMetadataRecord } from "../../src/coordinator/journal/metadata_record.ts";
import { decodeSnapshot } from "../../src/coordinator/journal/snapshot.ts";
import { applyEvents, IMAGE_EMPTY } from "../../src/model/mod.ts";
import { encodeBatch } from "../../src/record/mod.ts";

export const name = "metadata";

const DECODERS: readonly ((bytes: Uint8Array) => void)[] = [
  (bytes) => readMetadataRecord(new Reader(bytes)),
  (bytes) => applyEvents(IMAGE_EMPTY, decodeEvents(bytes, IMAGE_EMPTY)),
  decodeRecords,
  (bytes) => decodeSnapshot(bytes),
];

/** Throws only when a decoder misbehaves. */
export function run(input: Uint8Array): void {
  const decode = DECODERS[(input[0] ?? 0) % DECODERS.length]!;
  try {
    decode(input.subarray(1));
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
}

/** A sound batch around the input, cut into two records: so that the fuzzer need not find a CRC. */
function decodeRecords(bytes: Uint8Array): void {
  const cut = Math.min(bytes.length, bytes[0] ?? 0);
  const records = [bytes.subarray(1, cut), bytes.subarray(cut)].map((value) => ({ timestamp: 0, value }));
  const image = applyEvents(IMAGE_EMPTY, decodeEvents(encodeBatch(records), IMAGE_EMPTY));
  for (const [id, topic] of image.topicNamesById) assert.equal(image.topics.get(topic)?.id, id);
}
