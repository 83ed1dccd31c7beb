/**
 * What a log asks of a batch beside its being sound: that it fits a segment and
 * that its timestamps are plausible. Only the header is read: largest and first
 * timestamp stand for all. Source: Kafka's `LogValidator` and `UnifiedLog.append`.
 */
import { type Fault, fault, type LogSettings } from "../model/mod.ts";
import * as batch from "../record/mod.ts";

/** Why the sound batch in `view` may not be appended now, or `null`. */
export function refuseBatch(view: DataView, settings: LogSettings, nowMs: number): Fault | null {
  if (view.byteLength > settings.segmentBytesMax) {
    const words =
      `Batch of "${view.byteLength}" bytes must fit a segment of ${settings.segmentBytesMax} bytes`;
    return fault("RECORD_LIST_TOO_LARGE", `${words} (segment.bytes)`);
  }
  if (settings.timestampType === "LogAppendTime") return null;
  const first = batch.baseTimestamp(view, 0);
  const largest = batch.maxTimestamp(view, 0);
  const earliestMs = nowMs - settings.timestampBeforeMaxMs;
  const latestMs = nowMs + settings.timestampAfterMaxMs;
  if (first !== -1 && first < earliestMs) return implausible(first, `at least ${earliestMs}`, "before");
  if (largest > latestMs) return implausible(largest, `at most ${latestMs}`, "after");
  if (largest < -1 || !Number.isSafeInteger(largest)) return implausible(largest, "-1 or more", "after");
  return null;
}

function implausible(timestamp: number, wanted: string, side: "before" | "after"): Fault {
  const words = `Timestamp "${timestamp}" of the batch must be ${wanted}`;
  return fault("INVALID_TIMESTAMP", `${words} (message.timestamp.${side}.max.ms)`);
}
