/**
 * The power is cut, the log is opened, and that is cut at every change it makes on
 * the disk, by a kill and by power cuts: whatever is left opens again, holds what
 * was flushed and, of the rest, a beginning without a hole. The same for truncation.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Log, openLog, verifyLog } from "../../../src/log/mod.ts";
import { CutDisk } from "./cut_disk.ts";
import { append, batchBy, DIRECTORY, NOW_MS, optionsOf, readAll, settingsOf } from "./fixtures.ts";

const SETTINGS = settingsOf({ segmentBytesMax: 420, indexIntervalBytes: 100 });
/** Batches of two records: flushed, and after that. */
const FLUSHED = 5;
const COUNT = 17;
const SEEDS = 14;
type Fate = "kill" | number;
const FATES: readonly Fate[] = ["kill", 1, 2, 3];

function open(disk: CutDisk, changes: Parameters<typeof optionsOf>[0] = {}): Log {
  const { log } = openLog(disk, DIRECTORY, optionsOf({ settings: SETTINGS, clean: false, ...changes }));
  log.setHighWatermark(log.logEndOffset);
  return log;
}

/** A log of several segments, of which the first ones are flushed. */
function newWorld(): { readonly disk: CutDisk; readonly log: Log; readonly flushed: number } {
  const disk = new CutDisk();
  disk.makeDirectory("data");
  disk.syncDirectory(".");
  const log = open(disk);
  let flushed = 0;
  for (let index = 0; index < COUNT; index++) {
    append(log, batchBy(7, 0, 2 * index, 2, NOW_MS + (index * 37) % 50));
    if (index + 1 === FLUSHED) log.flush();
    if (index + 1 === FLUSHED) flushed = log.recoveryPoint;
  }
  return { disk, log, flushed };
}

/** What must hold of whatever is left; the log goes on as one that nothing happened to. */
function check(disk: CutDisk, recoveryPoint: number, endMin: number, endMax: number, where: string): void {
  const log = open(disk, { recoveryPoint });
  const end = log.logEndOffset;
  assert.ok(end >= endMin && end <= endMax, `${where}: it ends at ${end}, not from ${endMin} to ${endMax}`);
  assert.deepEqual([...readAll(log).keys()], Array.from({ length: end }, (_, offset) => offset), where);
  const sequences = log.describeProducers(NOW_MS).map(({ lastSequence }) => lastSequence);
  assert.deepEqual(sequences, end === 0 ? [] : [end - 1], where);
  assert.equal(append(log, batchBy(7, 0, end, 2)), end, where);
  log.close();
  const findings = verifyLog(disk, DIRECTORY).filter(({ path }) => !path.endsWith(".snapshot"));
  assert.deepEqual(findings, [], where);
}

/** Cuts `act` at every change it makes, on a world of its own each time; gives how many cuts there were. */
function enumerate(
  make: () => { readonly disk: CutDisk; readonly act: () => void },
  after: (disk: CutDisk, where: string, isCut: boolean) => void,
  fates: readonly Fate[] = FATES,
): number {
  for (let left = 0;; left++) {
    let isCut = false;
    for (const fate of fates) {
      const { disk, act } = make();
      isCut = disk.cut(left, act);
      disk.meet(fate);
      after(disk, `cut ${left}, fate ${fate}`, isCut);
    }
    if (!isCut) return left;
  }
}

describe("Recovery", () => {
  for (const recoveryPoint of [0, 2 * FLUSHED]) {
    it(`may be cut at every change: what is left has no hole, recovery point ${recoveryPoint}`, () => {
      let cuts = 0;
      for (let seed = 0; seed < SEEDS; seed++) {
        const make = () => {
          const { disk } = newWorld();
          disk.meet(seed + 100);
          return { disk, act: () => void open(disk, { recoveryPoint }) };
        };
        cuts += enumerate(make, (disk, where) => {
          check(disk, recoveryPoint, 2 * FLUSHED, 2 * COUNT, `seed ${seed}, ${where}`);
        });
      }
      assert.ok(cuts > 5 * SEEDS, `${cuts} cuts`);
    });
  }

  it("may be cut after a kill, which lost nothing: what was written before it is not behind a hole", () => {
    const make = () => {
      const { disk } = newWorld();
      disk.kill();
      return { disk, act: () => void open(disk) };
    };
    const fates = Array.from({ length: 40 }, (_, index) => index);
    enumerate(make, (disk, where) => check(disk, 0, 2 * FLUSHED, 2 * COUNT, where), fates);
  });
});

describe("Log.truncate", () => {
  it("may be cut at every change: the log ends where it did, or where it was to, or between, without a hole", () => {
    for (const offset of [1, 9, 17, 22, 31]) {
      const make = () => {
        const { disk, log } = newWorld();
        log.flush();
        return { disk, act: () => log.truncate(offset) };
      };
      const floor = offset - offset % 2;
      enumerate(make, (disk, where, isCut) => {
        check(disk, 0, floor, isCut ? 2 * COUNT : floor, `truncate to ${offset}, ${where}`);
      });
    }
  });
});

describe("Dropping an unflushed log", () => {
  it("may be cut at every change: nothing is missing between what is left and the log's end", () => {
    const drop = (log: Log, isTrim: boolean) => {
      if (isTrim) log.trim(log.logEndOffset);
      else log.retain(NOW_MS + 1_000, 99);
    };
    for (const isTrim of [true, false]) {
      const make = () => {
        const { disk, log } = newWorld();
        log.configure({ ...SETTINGS, retentionMs: 10 });
        return { disk, act: () => drop(log, isTrim) };
      };
      const fates = Array.from({ length: 12 }, (_, index) => index);
      enumerate(make, (disk, where) => {
        const log = open(disk);
        const { logStartOffset, logEndOffset } = log;
        const expected = Array.from(
          { length: logEndOffset - logStartOffset },
          (_, at) => logStartOffset + at,
        );
        assert.deepEqual([...readAll(log).keys()], expected, `trim ${isTrim}, ${where}`);
        assert.ok(logEndOffset >= 2 * FLUSHED, where);
      }, fates);
    }
  });
});
