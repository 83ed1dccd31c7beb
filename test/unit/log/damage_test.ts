/** One flipped bit, anywhere in a log's files: found out, named, and never served as good data. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Log, LogError, openLog, verifyLog } from "../../../src/log/mod.ts";
import { forEachBatch } from "../../../src/record/mod.ts";
import { FaultyDisk } from "../../../src/storage/mod.ts";
import { append, batchOf, DIRECTORY, fetch, NOW_MS, optionsOf, settingsOf } from "./fixtures.ts";

const SETTINGS = settingsOf({ segmentBytesMax: 500, indexIntervalBytes: 60 });
const BATCH_COUNT = 14;

interface Sample {
  readonly disk: FaultyDisk;
  readonly recoveryPoint: number;
  /** The batch at each offset, as it was written. */
  readonly batches: ReadonlyMap<number, Uint8Array>;
}

/** A closed log of several segments, two leader epochs, times that go up and down. */
function sample(): Sample {
  const disk = new FaultyDisk();
  const { log } = openLog(disk, DIRECTORY, optionsOf({ settings: SETTINGS }));
  const batches = new Map<number, Uint8Array>();
  for (let index = 0; index < BATCH_COUNT; index++) {
    if (index === 6) log.setLeaderEpoch(1);
    const times = [0, 1].map((at) => NOW_MS + (index * 37 + at * 11) % 100);
    const batch = batchOf([`first of ${index}`, `second of ${index}`], times);
    const offset = append(log, batch);
    batches.set(offset, batch).set(offset + 1, batch);
  }
  log.close();
  return { disk, recoveryPoint: log.recoveryPoint, batches };
}

/** Opens and reads all; returns how many offsets were refused. Whatever is served must be as written. */
function readEverything(log: Log, { batches }: Sample): number {
  let refused = 0;
  for (const [offset, batch] of batches) {
    if (offset >= log.logEndOffset || offset < log.logStartOffset) {
      refused++;
      continue;
    }
    const { fault, bytes } = fetch(log, offset, 300);
    if (fault !== null) {
      assert.equal(fault.code, "CORRUPT_MESSAGE");
      assert.match(fault.message, /position "\d+" of "data\/orders-0\/\d{20}\.log"/);
      refused++;
      continue;
    }
    assert.ok(bytes.length > 0, `nothing at ${offset}`);
    assert.deepEqual(bytes.subarray(0, batch.length), batch, `another batch at ${offset}`);
    forEachBatch(bytes, (each) => {
      const base = Number(new DataView(each.buffer, each.byteOffset).getBigInt64(0));
      assert.deepEqual(each, batches.get(base), `another batch than was written at ${base}`);
    });
  }
  return refused;
}

/** Runs `check`; a failure says which bit it was. */
function explain<T>(where: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
  }
}

function bitsOf(disk: FaultyDisk, path: string, every: number): number[] {
  const bits = 8 * disk.stat(path)!.size;
  return Array.from({ length: Math.ceil(bits / every) }, (_, index) => index * every);
}

describe("One flipped bit", () => {
  for (const clean of [true, false]) {
    it(`in a .log file is refused when it is read, and verify names the segment, clean ${clean}`, () => {
      const whole = sample();
      const options = optionsOf({
        settings: SETTINGS,
        clean,
        recoveryPoint: whole.recoveryPoint,
        leaderEpoch: 1,
      });
      for (const entry of whole.disk.list(DIRECTORY).filter(({ name }) => name.endsWith(".log"))) {
        const path = `${DIRECTORY}/${entry.name}`;
        for (const bit of bitsOf(whole.disk, path, 3)) {
          const spoiled = sample();
          spoiled.disk.flipBit(path, bit);
          const findings = verifyLog(spoiled.disk, DIRECTORY);
          assert.ok(
            findings.some((finding) => finding.path.startsWith(path.slice(0, -".log".length))),
            `${path} ${bit}: not found by verify`,
          );
          const { log } = openLog(spoiled.disk, DIRECTORY, options);
          assert.ok(log.logEndOffset >= whole.recoveryPoint, `${path} ${bit}: flushed records were cut`);
          const refused = explain(`${path} ${bit}`, () => readEverything(log, spoiled));
          assert.ok(refused > 0, `${path} ${bit}: served as good`);
          assert.ok(refused < whole.batches.size - 8, `${path} ${bit}: other segments are refused too`);
          log.setHighWatermark(log.logEndOffset);
          const offset = append(log, batchOf(["after"]));
          assert.equal(fetch(log, offset).fault, null);
        }
      }
    });

    it(`in an index file changes no answer, clean ${clean}`, () => {
      const whole = sample();
      const options = optionsOf({
        settings: SETTINGS,
        clean,
        recoveryPoint: whole.recoveryPoint,
        leaderEpoch: 1,
      });
      const answers = timeAnswers(openLog(whole.disk, DIRECTORY, options).log);
      for (const entry of whole.disk.list(DIRECTORY).filter(({ name }) => name.endsWith("index"))) {
        const path = `${DIRECTORY}/${entry.name}`;
        for (const bit of bitsOf(whole.disk, path, 1)) {
          const spoiled = sample();
          spoiled.disk.flipBit(path, bit);
          assert.ok(verifyLog(spoiled.disk, DIRECTORY).length > 0, `${path} ${bit}: not found by verify`);
          const { log } = openLog(spoiled.disk, DIRECTORY, options);
          assert.equal(readEverything(log, spoiled), 0, `${path} ${bit}`);
          assert.deepEqual(timeAnswers(log), answers, `${path} ${bit}`);
        }
      }
    });
  }

  it("in a text file is refused or healed, and no record is lost", () => {
    for (const name of ["leader-epoch-checkpoint", "partition.metadata"]) {
      const path = `${DIRECTORY}/${name}`;
      for (const bit of bitsOf(sample().disk, path, 1)) {
        const spoiled = sample();
        spoiled.disk.flipBit(path, bit);
        const options = optionsOf({
          settings: SETTINGS,
          recoveryPoint: spoiled.recoveryPoint,
          leaderEpoch: 1,
        });
        try {
          const { log } = openLog(spoiled.disk, DIRECTORY, options);
          // One batch may be refused: nobody can tell whether it or the file has the flipped bit.
          assert.ok(readEverything(log, spoiled) <= 2, `${path} ${bit}`);
        } catch (error) {
          if (!(error instanceof LogError)) throw error;
        }
      }
    }
  });
});

function timeAnswers(log: Log): unknown[] {
  const times = Array.from({ length: 52 }, (_, index) => NOW_MS - 2 + 2 * index);
  return [...times.map((timestamp) => log.findTimestamp(timestamp)), log.findMaxTimestamp()];
}
