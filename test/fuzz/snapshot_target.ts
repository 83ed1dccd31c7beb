/**
 * Fuzz target: a log one of whose producers' snapshots is the input. It must open,
 * say what is wrong with a snapshot that is not sound, go on after the last batch
 * it holds, and close. Any thrown error, or a doubled batch, is a finding.
 */
import assert from "node:assert/strict";
import { dumpSegment, openLog, verifyLog } from "../../src/log/mod.ts";
import { LOG_SETTINGS_DEFAULT } from "../../src/model/mod.ts";
import { encodeBatch } from "../../src/record/mod.ts";
import { crc32c } from "../../src/bytes/mod.ts";
import { type Disk, MemoryDisk } from "../../src/storage/mod.ts";

export const name = "snapshots";

const DIRECTORY = "data/fuzz-0";
const LATEST = `${DIRECTORY}/00000000000000000004.snapshot`;
const NOW_MS = 1_700_000_000_000;
const BATCH_COUNT = 4;
const OPTIONS = {
  settings: LOG_SETTINGS_DEFAULT,
  leaderEpoch: 0,
  topicId: "AAECAwQFBgcICQoLDA0ODw",
  nowMs: NOW_MS,
  logStartOffset: 0,
  highWatermark: 0,
  jitter: 0,
};
const sample = makeSample();

/** The sound snapshot, an empty one, one of a foreign id and odd numbers. */
export const seeds: readonly Uint8Array[] = [
  readFile(sample, LATEST),
  Uint8Array.fromHex("000100000000000000000000".slice(0, 20)),
  Uint8Array.fromHex(`00010000000000000017${"f".repeat(92)}`),
];

/** Takes the input as it is, and again with a CRC that fits. */
export function run(input: Uint8Array): void {
  check(input);
  if (input.length < 10) return;
  const sound = input.slice();
  const view = new DataView(sound.buffer);
  view.setInt16(0, 1);
  view.setInt32(6, Math.floor((sound.length - 10) / 46));
  view.setUint32(2, crc32c(sound, 6));
  check(sound);
}

function check(snapshot: Uint8Array): void {
  for (const clean of [true, false]) {
    const disk = makeSample();
    disk.remove(LATEST);
    disk.open(LATEST, "create").write(0, snapshot);
    dumpSegment(disk, LATEST, { records: false }, () => {});
    const isDamaged = verifyLog(disk, DIRECTORY).length > 0;
    const { log, report } = openLog(disk, DIRECTORY, { ...OPTIONS, clean, recoveryPoint: BATCH_COUNT });
    assert.equal(report.length > 0, isDamaged, report.join());
    const result = log.append(batchAt(BATCH_COUNT - 1), NOW_MS);
    if (isDamaged) {
      assert.ok(!("code" in result) && result.baseOffset === BATCH_COUNT - 1, "it was made up for");
    }
    log.append(batchAt(BATCH_COUNT), NOW_MS);
    assert.ok(log.describeProducers(NOW_MS).every(({ producerId }) => Number.isSafeInteger(producerId)));
    log.close();
  }
}

function batchAt(baseSequence: number): Uint8Array {
  const options = { producerId: 1_000, producerEpoch: 0, baseSequence };
  return Uint8Array.from(encodeBatch([{ timestamp: NOW_MS, value: "value" }], options));
}

function makeSample(): Disk {
  const disk = new MemoryDisk();
  const { log } = openLog(disk, DIRECTORY, { ...OPTIONS, clean: true, recoveryPoint: 0 });
  for (let sequence = 0; sequence < BATCH_COUNT; sequence++) log.append(batchAt(sequence), NOW_MS);
  log.close();
  return disk;
}

function readFile(disk: Disk, path: string): Uint8Array {
  const file = disk.open(path, "read");
  return file.view(0, file.size).slice();
}
