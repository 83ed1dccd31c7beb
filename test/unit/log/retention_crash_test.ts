/**
 * The power is cut, or the process dies, at every single disk operation of a roll,
 * of dropping segments, of removing their files, and of the opening afterwards:
 * whatever is left opens, has every record that was promised and that retention
 * keeps, remembers its producers, and ends up as if nothing had happened.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Log, openLog, verifyLog } from "../../../src/log/mod.ts";
import type { LogSettings } from "../../../src/model/mod.ts";
import { type DiskError, FaultyDisk } from "../../../src/storage/mod.ts";
import {
  append,
  batchBy,
  batchOf,
  DIRECTORY,
  newLog,
  NOW_MS,
  optionsOf,
  readAll,
  settingsOf,
} from "./fixtures.ts";

const OLD = NOW_MS - 7_200_000;
const FRESH = NOW_MS - 1;
const HOUR_MS = 3_600_000;
const SETTINGS: Partial<LogSettings> = {
  retentionMs: HOUR_MS,
  deleteDelayMs: 10,
  indexIntervalBytes: 60,
  timestampAfterMaxMs: Number.MAX_SAFE_INTEGER,
};
const CRASH_SEEDS = 6;

/** A disk on which everything fails from one operation on, until it is crashed or killed. */
class CutDisk extends FaultyDisk {
  operations = 0;
  cutAt = Number.MAX_SAFE_INTEGER;

  override enter(operation: Parameters<FaultyDisk["enter"]>[0], path: string): void {
    const isChange = !["list", "stat", "read"].includes(operation);
    if (isChange && this.operations++ >= this.cutAt) this.fail({ operation, path });
    super.enter(operation, path);
  }
}

interface Case {
  readonly name: string;
  /** Times of the segments' records; the last segment is active. */
  readonly times: readonly (readonly number[])[];
  /** What is done before anything can fail. */
  readonly before?: (log: Log) => void;
  readonly act: (log: Log, disk: CutDisk) => void;
  /** Where the log starts once retention has had its way. */
  readonly start: number;
}

const PAST = [[OLD, OLD], [OLD], [OLD, OLD], [FRESH, FRESH]];
const GONE = [[OLD, OLD], [OLD], [OLD, OLD]];
const CASES: readonly Case[] = [
  { name: "a roll", times: PAST, act: (log) => log.roll(NOW_MS), start: 5 },
  {
    name: "dropping three segments of four",
    times: PAST,
    act: (log) => void log.retain(NOW_MS, 9),
    start: 5,
  },
  { name: "dropping one at a time", times: PAST, act: retainAll, start: 5 },
  { name: "dropping everything", times: GONE, act: (log) => void log.retain(NOW_MS, 9), start: 5 },
  {
    name: "removing the files",
    times: GONE,
    before: (log) => void log.retain(NOW_MS, 9),
    act: (log) => void log.deletedFiles.removeDue(NOW_MS + 10, 9),
    start: 5,
  },
  {
    name: "opening after everything was dropped",
    times: GONE,
    before: (log) => void log.retain(NOW_MS, 9),
    act: (_log, disk) => void open(disk),
    start: 5,
  },
  {
    name: "opening after something was dropped",
    times: PAST,
    before: (log) => void log.retain(NOW_MS, 2),
    act: (_log, disk) => void open(disk),
    start: 5,
  },
];

function retainAll(log: Log): void {
  while (log.retain(NOW_MS, 1) > 0);
}

function open(disk: FaultyDisk, clean = false): Log {
  const options = optionsOf({ settings: settingsOf(SETTINGS), clean, recoveryPoint: 5, nowMs: OLD });
  const { log } = openLog(disk, DIRECTORY, options);
  log.setHighWatermark(log.logEndOffset);
  return log;
}

/** A flushed log as the case wants it: every record is by one idempotent producer. */
function made({ times, before }: Case) {
  const disk = new CutDisk();
  disk.makeDirectory("data");
  disk.syncDirectory(".");
  const { log } = newLog(SETTINGS, disk);
  let sequence = 0;
  times.forEach((segment, index) => {
    if (index > 0) log.roll(OLD);
    for (const time of segment) append(log, batchBy(7, 0, sequence++, 1, time), time);
  });
  log.flush();
  before?.(log);
  return { log, disk, end: log.logEndOffset, startBefore: log.logStartOffset };
}

function generator(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 4_294_967_296;
}

/** What must hold of whatever the cut left. */
function check({ start }: Case, disk: CutDisk, end: number, startBefore: number, isPowerCut: boolean): void {
  const log = open(disk);
  assert.equal(log.logEndOffset, end, "everything was flushed, so nothing is missing at the end");
  assert.ok(log.logStartOffset <= start && (isPowerCut || log.logStartOffset >= startBefore));
  const expected = Array.from({ length: end - log.logStartOffset }, (_, at) => log.logStartOffset + at);
  assert.deepEqual([...readAll(log).keys()], expected);
  assert.deepEqual(log.describeProducers(OLD).map(({ lastSequence }) => lastSequence), [end - 1]);
  retainAll(log);
  assert.equal(log.logStartOffset, start);
  const known = log.append(batchBy(7, 0, end - 1, 1, FRESH), OLD);
  assert.equal("code" in known ? known.code : known.baseOffset, end - 1, "a repeated batch is known");
  assert.equal(append(log, batchOf(["next"], FRESH)), end);
  log.deletedFiles.removeDue(NOW_MS + 10, 99);
  log.close();
  assert.deepEqual(disk.list(DIRECTORY).filter(({ name }) => name.endsWith(".deleted")), []);
  assert.deepEqual(verifyLog(disk, DIRECTORY), []);
}

/** Runs the case up to one operation; false when it came to its end before that. */
function cutAt(one: Case, operation: number, crash: (disk: CutDisk) => void, isPowerCut: boolean): boolean {
  const { log, disk, end, startBefore } = made(one);
  disk.operations = 0;
  disk.cutAt = operation;
  let isCut = false;
  try {
    one.act(log, disk);
  } catch (error) {
    assert.equal((error as DiskError).name, "DiskError", String(error));
    isCut = true;
  }
  isCut ||= disk.operations > operation;
  disk.cutAt = Number.MAX_SAFE_INTEGER;
  crash(disk);
  check(one, disk, end, startBefore, isPowerCut);
  return isCut;
}

describe("A cut at each disk operation of", () => {
  for (const one of CASES) {
    it(one.name, () => {
      let operation = 0;
      while (cutAt(one, operation, (disk) => disk.kill(), false)) operation++;
      assert.ok(operation > 2, `${operation} operations were cut`);
      for (let seed = 0; seed < CRASH_SEEDS; seed++) {
        for (let at = 0; at <= operation; at++) cutAt(one, at, (disk) => disk.crash(generator(seed)), true);
      }
    });
  }
});
