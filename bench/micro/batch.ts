/** Batches of 16 KiB: checksum, check, stamp, build, read. */
import { crc32c } from "../../src/bytes/mod.ts";
import { readRecords, stampBatch, validateBatch } from "../../src/record/mod.ts";
import { makeBatch } from "../macro/load.ts";
import type { Figures } from "../macro/report.ts";
import { timeEach } from "./main.ts";

export function benchBatch(count: number): Figures {
  const { batch, records } = makeBatch(100, 16_384);
  const limits = { messageBytesMax: 1_048_588 };
  return {
    batchBytes: batch.length,
    crcUs: timeEach(count, () => void crc32c(batch)),
    validateUs: timeEach(count, () => void validateBatch(batch, limits)),
    stampUs: timeEach(
      count,
      (index) => stampBatch(batch, { baseOffset: index, leaderEpoch: 1, logAppendTimeMs: null }),
    ),
    buildUs: timeEach(Math.ceil(count / 10), () => void makeBatch(100, 16_384)),
    readUs: timeEach(Math.ceil(count / 10), () => void readRecords(batch)),
    records,
  };
}
