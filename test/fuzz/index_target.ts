/**
 * Fuzz target: a log whose index file, time index file or log file is the input.
 * It must open, clean or not, answer every lookup with records, a fault or
 * nothing, and take an append. Any thrown error, or a wrong record, is a finding.
 */
import { type Log, openLog, verifyLog } from "../../src/log/mod.ts";
import { LOG_SETTINGS_DEFAULT } from "../../src/model/mod.ts";
import { encodeBatch } from "../../src/record/mod.ts";
import { type Disk, MemoryDisk } from "../../src/storage/mod.ts";

export const name = "index";

const DIRECTORY = "data/fuzz-0";
const BASE = `${DIRECTORY}/00000000000000000000`;
const NOW_MS = 1_700_000_000_000;
const BATCH_COUNT = 6;
const OPTIONS = {
  settings: { ...LOG_SETTINGS_DEFAULT, indexIntervalBytes: 60 },
  leaderEpoch: 0,
  topicId: "AAECAwQFBgcICQoLDA0ODw",
  nowMs: NOW_MS,
  logStartOffset: 0,
  highWatermark: 0,
  jitter: 0,
};

/** Puts `input` in the place of each of the three files in turn. */
export function run(input: Uint8Array): void {
  for (const suffix of [".index", ".timeindex", ".log"]) {
    for (const clean of [true, false]) {
      const disk = sample();
      disk.remove(BASE + suffix);
      disk.open(BASE + suffix, "create").write(0, input);
      verifyLog(disk, DIRECTORY);
      check(disk, clean, suffix !== ".log");
    }
  }
}

function sample(): Disk {
  const disk = new MemoryDisk();
  const { log } = openLog(disk, DIRECTORY, { ...OPTIONS, clean: true, recoveryPoint: 0 });
  for (let index = 0; index < BATCH_COUNT; index++) {
    log.append(encodeBatch([{ timestamp: NOW_MS + index, value: `value ${index}` }]).slice(), NOW_MS);
  }
  log.close();
  return disk;
}

function check(disk: Disk, clean: boolean, isLogWhole: boolean): void {
  const { log } = openLog(disk, DIRECTORY, { ...OPTIONS, clean, recoveryPoint: BATCH_COUNT });
  if (isLogWhole && log.logEndOffset !== BATCH_COUNT) throw new Error("The end is not where it was");
  for (let offset = 0; offset < BATCH_COUNT; offset++) {
    const isGood = readsWell(log, offset);
    if (isLogWhole && !isGood) throw new Error(`Offset ${offset} can't be read`);
    const found = log.findTimestamp(NOW_MS + offset);
    const isFound = found !== null && !("code" in found) && found.offset === offset;
    if (isLogWhole && !isFound && !isSilentLoss(disk)) {
      throw new Error(`Time of offset ${offset} is not found`);
    }
  }
  const appended = log.append(encodeBatch([{ timestamp: NOW_MS, value: "next" }]).slice(), NOW_MS);
  if ("code" in appended) throw new Error(`No append is possible: ${appended.message}`);
  if (!readsWell(log, appended.baseOffset)) throw new Error("What was appended can't be read");
  log.close();
}

/** Whole time entries lost from the end can't be told from entries that never were. */
function isSilentLoss(disk: Disk): boolean {
  const size = disk.stat(`${BASE}.timeindex`)?.size ?? 0;
  return size % 12 === 0;
}

function readsWell(log: Log, offset: number): boolean {
  const slice = log.locate(offset, 1_000_000, log.logEndOffset, true);
  if ("code" in slice || slice.length === 0) return false;
  const bytes = new Uint8Array(slice.length);
  return log.copy(slice, bytes) === null;
}
