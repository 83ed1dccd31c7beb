/**
 * What a log asks of a batch beside its being sound: that it fits a segment and
 * that its timestamps are plausible, for which the header is enough: largest and
 * first timestamp stand for all. And that each record has a key where the topic is
 * compacted, and the offset of its place: there alone a batch is unfolded. Source: Kafka's `LogValidator` and `UnifiedLog.append`.
 */
import { type Fault, fault, type LogSettings } from "../model/mod.ts";
import * as batch from "../record/mod.ts";
import { DiskError } from "../storage/disk.ts";
import { isUnreadable } from "./unreadable.ts";

/** Why the sound batch in `view` may not be appended now, or `null`. */
export function refuseBatch(view: DataView, settings: LogSettings, nowMs: number): Fault | null {
  if (view.byteLength > settings.segmentBytesMax) {
    const words =
      `Batch of "${view.byteLength}" bytes must fit a segment of ${settings.segmentBytesMax} bytes`;
    return fault("RECORD_LIST_TOO_LARGE", `${words} (segment.bytes)`);
  }
  const keyless = settings.cleanupCompact ? refuseKeyless(view) : null;
  if (keyless !== null || settings.timestampType === "LogAppendTime") return keyless;
  const first = batch.baseTimestamp(view, 0);
  const largest = batch.maxTimestamp(view, 0);
  const earliestMs = nowMs - settings.timestampBeforeMaxMs;
  const latestMs = nowMs + settings.timestampAfterMaxMs;
  if (first !== -1 && first < earliestMs) return implausible(first, `at least ${earliestMs}`, "before");
  if (largest > latestMs) return implausible(largest, `at most ${latestMs}`, "after");
  if (largest < -1 || !Number.isSafeInteger(largest)) return implausible(largest, "-1 or more", "after");
  return null;
}

/** What an append that failed is answered: a full disk is a fault, and any other error is thrown. */
export function refuseFullDisk(error: unknown, bytes: number): Fault {
  if (!(error instanceof DiskError) || error.code !== "full") throw error;
  return fault("KAFKA_STORAGE_ERROR", `Batch of "${bytes}" bytes can't be stored: ${error.message}`);
}

/** Compaction would drop a record without a key: it is told to its producer instead. */
function refuseKeyless(view: DataView): Fault | null {
  const wanted = "wanted is a key on each record, for its topic is compacted (cleanup.policy)";
  try {
    const cursor = new batch.RecordCursor();
    cursor.open(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    for (let index = 0; cursor.next(); index++) {
      const offset = cursor.offset - batch.baseOffset(view, 0);
      if (offset !== index) {
        return fault(
          "INVALID_RECORD",
          `Record "${index}" of the batch must have offset ${index}, not "${offset}"`,
        );
      }
      if (cursor.keySize < 0) {
        return fault("INVALID_RECORD", `Record "${index}" of the batch has no key, ${wanted}`);
      }
    }
    return null;
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return fault(
      "INVALID_RECORD",
      `Records of the batch can't be read, ${wanted}: ${(error as Error).message}`,
    );
  }
}

function implausible(timestamp: number, wanted: string, side: "before" | "after"): Fault {
  const words = `Timestamp "${timestamp}" of the batch must be ${wanted}`;
  return fault("INVALID_TIMESTAMP", `${words} (message.timestamp.${side}.max.ms)`);
}
