/** The `.snapshot` files: Kafka's bytes, when they are written, what becomes of them, what a damaged one costs. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { dumpSegment, type Log, openLog, verifyLog } from "../../../src/log/mod.ts";
import { FaultyDisk } from "../../../src/storage/mod.ts";
import {
  append,
  batchBy,
  batchOf,
  CountingDisk,
  DIRECTORY,
  newLog,
  NOW_MS,
  optionsOf,
  settingsOf,
} from "./fixtures.ts";

const SMALL = { segmentBytesMax: 400, indexIntervalBytes: 100 };
/** Producer 1000, sequence 4 at offset 14, five records, as Apache Kafka writes it. */
const GOLDEN = "00014ce7c5350000000100000000000003e8000000000004000000000000000e000000040000018bcfe56800" +
  "ffffffffffffffffffffffff";

function newDisk(): FaultyDisk {
  const disk = new FaultyDisk();
  disk.makeDirectory("data");
  disk.syncDirectory(".");
  return disk;
}

function pathOf(offset: number): string {
  return `${DIRECTORY}/${String(offset).padStart(20, "0")}.snapshot`;
}

/** Offsets of the snapshots there are. */
function snapshots(disk: FaultyDisk): number[] {
  return disk.list(DIRECTORY).map(({ name }) => name).filter((name) => name.endsWith(".snapshot"))
    .map((name) => Number(name.slice(0, 20)));
}

function bases(disk: FaultyDisk): number[] {
  return disk.list(DIRECTORY).map(({ name }) => name).filter((name) => name.endsWith(".log"))
    .map((name) => Number(name.slice(0, 20)));
}

function bytesOf(disk: FaultyDisk, path: string): Uint8Array {
  const file = disk.open(path, "read");
  const bytes = file.view(0, file.size).slice();
  file.close();
  return bytes;
}

/** Batches of one record by producer 5, from sequence `from` on. */
function fill(log: Log, from: number, until: number): void {
  for (let sequence = from; sequence < until; sequence++) append(log, batchBy(5, 0, sequence, 1));
}

function open(disk: FaultyDisk, changes: Parameters<typeof optionsOf>[0]) {
  return openLog(disk, DIRECTORY, optionsOf({ settings: settingsOf(SMALL), ...changes }));
}

/** The last batch is known, the next is taken. */
function assertGoesOn(log: Log, last: number): void {
  const offsets = [last, last + 1].map((sequence) => {
    const result = log.append(batchBy(5, 0, sequence, 1), NOW_MS);
    return "code" in result ? result.code : result.baseOffset;
  });
  assert.deepEqual(offsets, [last, last + 1]);
}

describe("Snapshot of producers", () => {
  it("is Kafka's, byte for byte, and is dumped and verified", () => {
    const disk = newDisk();
    const { log } = newLog({}, disk);
    append(log, batchOf(Array.from({ length: 10 }, String)));
    append(log, batchBy(1_000, 0, 0, 5));
    log.close();
    assert.deepEqual([bytesOf(disk, pathOf(15)).toHex(), snapshots(disk)], [GOLDEN, [15]]);
    const seen: unknown[] = [];
    assert.ok(dumpSegment(disk, pathOf(15), { records: false }, (entry) => seen.push(entry)));
    assert.deepEqual(seen, [{
      kind: "producer_entry",
      producerId: 1_000,
      producerEpoch: 0,
      lastSequence: 4,
      lastOffset: 14,
      offsetDelta: 4,
      timestamp: NOW_MS,
      coordinatorEpoch: -1,
      currentTransactionStartOffset: -1,
    }]);
    assert.deepEqual(verifyLog(disk, DIRECTORY), []);
    disk.flipBit(pathOf(15), 200);
    assert.deepEqual(verifyLog(disk, DIRECTORY).map(({ path }) => path), [pathOf(15)]);
  });

  it("is there for each segment and the log's end, and goes with its segment", () => {
    const disk = newDisk();
    const { log } = newLog(SMALL, disk);
    fill(log, 0, 20);
    const rolled = bases(disk);
    assert.ok(rolled.length > 3);
    assert.deepEqual(snapshots(disk), rolled);
    log.trim(rolled.at(-2)!);
    assert.deepEqual(snapshots(disk), rolled.slice(-2));
    log.close();
    assert.deepEqual(snapshots(disk), [...rolled.slice(-2), 20]);
    assertGoesOn(open(disk, { recoveryPoint: 20, logStartOffset: rolled.at(-2)! }).log, 19);
  });

  it("does not exist where there was no idempotent producer, and then no header is read for one", () => {
    const disk = newDisk();
    const { log } = newLog(SMALL, disk);
    for (let index = 0; index < 40; index++) append(log, batchOf([`value ${index}`]));
    log.close();
    assert.deepEqual(snapshots(disk), []);
    const counting = new CountingDisk(disk);
    openLog(counting, DIRECTORY, optionsOf({ settings: settingsOf(SMALL), clean: false, recoveryPoint: 40 }));
    assert.ok(counting.logBytesRead < log.bytes / 4, `${counting.logBytesRead} of ${log.bytes}`);
  });

  it("spares a clean start from reading records", () => {
    const disk = newDisk();
    const { log } = newLog(SMALL, disk);
    fill(log, 0, 40);
    log.close();
    const counting = new CountingDisk(disk);
    const options = optionsOf({ settings: settingsOf(SMALL), recoveryPoint: 40 });
    const { log: again, report } = openLog(counting, DIRECTORY, options);
    assert.deepEqual([counting.logBytesRead, report, counting.openCount], [0, [], 0]);
    assertGoesOn(again, 39);
  });

  for (const clean of [true, false]) {
    it(`is made up for by an older one or the whole log when bits are flipped, clean ${clean}`, () => {
      const whole = newDisk();
      const { log } = newLog(SMALL, whole);
      fill(log, 0, 12);
      log.close();
      for (const isAll of [false, true]) {
        for (let bit = 0; bit < 8 * 56; bit += 37) {
          const disk = newDisk();
          const { log: copy } = newLog(SMALL, disk);
          fill(copy, 0, 12);
          copy.close();
          for (const offset of isAll ? snapshots(disk) : [12]) {
            disk.flipBit(pathOf(offset), bit % (8 * disk.stat(pathOf(offset))!.size));
          }
          const { log: again, report } = open(disk, { clean, recoveryPoint: 12 });
          assert.match(report.join(), /Made up for ".*\.snapshot" from the log/);
          assertGoesOn(again, 11);
          assert.deepEqual(verifyLog(disk, DIRECTORY), [], "a damaged one is replaced");
        }
      }
    });
  }

  it("of what a power cut took, or a truncation, is gone before the log goes on", () => {
    const disk = newDisk();
    const { log } = newLog(SMALL, disk);
    fill(log, 0, 20);
    const cut = bases(disk)[1]! + 1;
    log.truncate(cut);
    assert.ok(snapshots(disk).every((offset) => offset <= cut), String(snapshots(disk)));
    assertGoesOn(log, cut - 1);
    log.truncate(0);
    assert.deepEqual(log.describeProducers(NOW_MS), []);
    assert.equal(append(log, batchBy(5, 0, 77, 1)), 0);
  });

  it("that can't be stored is no fault of a roll or a stop, but the first one is of its append", () => {
    const disk = newDisk();
    const { log } = newLog(SMALL, disk);
    append(log, batchOf(["a"]));
    disk.fail({ operation: "open", path: pathOf(1), code: "full" });
    const refused = log.append(batchBy(5, 0, 0, 1), NOW_MS);
    assert.equal("code" in refused && refused.code, "KAFKA_STORAGE_ERROR");
    assert.equal(append(log, batchBy(5, 0, 0, 1)), 1);
    disk.fail({ operation: "open", path: pathOf(2), code: "full" });
    log.close();
    const { log: again } = open(disk, { recoveryPoint: 2 });
    assert.deepEqual(again.append(batchBy(5, 0, 0, 1), NOW_MS), {
      baseOffset: 1,
      lastOffset: 1,
      logAppendTimeMs: -1,
    });
  });
});
