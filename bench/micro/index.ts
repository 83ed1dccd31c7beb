/** The log over the memory disk: append, find by offset, find by time. */
import { openLog } from "../../src/log/mod.ts";
import { LOG_SETTINGS_DEFAULT } from "../../src/model/mod.ts";
import { MemoryDisk } from "../../src/storage/mod.ts";
import { makeBatch } from "../macro/load.ts";
import type { Figures } from "../macro/report.ts";
import { timeEach } from "./main.ts";

export function benchIndex(count: number): Figures {
  const { log } = openLog(new MemoryDisk(), "data/bench-0", {
    settings: { ...LOG_SETTINGS_DEFAULT, segmentBytesMax: 67_108_864 },
    leaderEpoch: 0,
    topicId: "AAAAAAAAQACAAAAAAAAAAA",
    nowMs: 0,
    clean: false,
    recoveryPoint: 0,
    logStartOffset: 0,
    highWatermark: 0,
    jitter: 0,
  });
  const { batch } = makeBatch(100, 4_096);
  const nowMs = Date.now();
  const appendUs = timeEach(count, () => void log.append(batch, nowMs));
  const end = log.logEndOffset;
  const at = (index: number) => (index * 7_919) % end;
  return {
    appendUs,
    locateTailUs: timeEach(count, () => void log.locate(end - 1, 1_048_576, end, true)),
    locateRandomUs: timeEach(count, (index) => void log.locate(at(index), 16_384, end, true)),
    findTimestampUs: timeEach(Math.ceil(count / 20), () => void log.findTimestamp(nowMs - 1)),
  };
}
