/** The search for damage in sealed segments: every flipped bit is told once, with its place; sound logs are left alone. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Log, OpenFiles, openLog, verifyLog } from "../../../src/log/mod.ts";
import { DiskError, FaultyDisk } from "../../../src/storage/mod.ts";
import { append, batchOf, CountingDisk, DIRECTORY, NOW_MS, optionsOf, settingsOf } from "./fixtures.ts";

const SETTINGS = settingsOf({ segmentBytesMax: 500, indexIntervalBytes: 60 });
const OPTIONS = { settings: SETTINGS, leaderEpoch: 1, recoveryPoint: 28 };

/** A closed log of several segments and two leader epochs; its last segment is not empty. */
function sample(): FaultyDisk {
  const disk = new FaultyDisk();
  const { log } = openLog(disk, DIRECTORY, optionsOf({ settings: SETTINGS }));
  for (let index = 0; index < 14; index++) {
    if (index === 6) log.setLeaderEpoch(1);
    append(log, batchOf([`first of ${index}`, `second of ${index}`], NOW_MS + (index * 37) % 100));
  }
  log.close();
  return disk;
}

/** Paths of the sealed segments' files that end in one of `suffixes`. */
function sealed(disk: FaultyDisk, ...suffixes: string[]): string[] {
  const names = disk.list(DIRECTORY).map(({ name }) => name);
  const last = names.filter((name) => name.endsWith(".log")).at(-1)!.slice(0, 20);
  return names.filter((name) => suffixes.some((suffix) => name.endsWith(suffix)) && !name.startsWith(last))
    .map((name) => `${DIRECTORY}/${name}`);
}

/** Notices of one round in steps of `bytesMax`. */
function round(log: Log, scrub: ReturnType<Log["scrub"]>, bytesMax = 200): string[] {
  for (let steps = 0; scrub.step(bytesMax) > 0; steps++) assert.ok(steps < 1_000, "a round ends");
  return log.takeNotices();
}

describe("LogScrub", () => {
  it("says nothing of a sound log, in steps of any size, and reads each sealed byte once a round", () => {
    for (const bytesMax of [1, 100, 333, 1_000_000]) {
      const disk = sample();
      const counting = new CountingDisk(disk);
      const { log, report } = openLog(counting, DIRECTORY, optionsOf(OPTIONS));
      assert.deepEqual(report, []);
      const bytes = sealed(disk, ".log").reduce((sum, path) => sum + disk.stat(path)!.size, 0);
      const scrub = log.scrub();
      let done = 0;
      for (let step = scrub.step(bytesMax); step > 0; step = scrub.step(bytesMax)) done += step;
      assert.equal(done, bytes);
      assert.deepEqual(log.takeNotices(), []);
      if (bytesMax > bytes) assert.equal(counting.logBytesRead, bytes);
    }
  });

  it("tells of each flipped bit in a .log file once, with file and position", () => {
    const positions = new Map<string, number>();
    for (const path of sealed(sample(), ".log")) {
      for (let byte = 0; byte < sample().stat(path)!.size; byte++) {
        const disk = sample();
        disk.flipBit(path, 8 * byte + byte % 8);
        const { log } = openLog(disk, DIRECTORY, optionsOf(OPTIONS));
        log.takeNotices();
        const scrub = log.scrub();
        const told = round(log, scrub);
        const [, position, file] = /^Damaged batch at position "(\d+)" of "([^"]+)"/.exec(told[0] ?? "") ??
          [];
        assert.equal(file, path, `byte ${byte}: ${told}`);
        // A wrong base offset may show in the batch behind or before it alone.
        assert.ok(Math.abs(Number(position) - byte) <= 200, `byte ${byte}: ${told}`);
        positions.set(path, Math.max(positions.get(path) ?? 0, Number(position)));
        assert.deepEqual(round(log, scrub), [], `byte ${byte} is told twice`);
      }
    }
    assert.ok([...positions.values()].every((position) => position > 0), "also behind the first batch");
  });

  it("goes on behind damage: two damaged segments are both told of, and two places in one", () => {
    const disk = sample();
    const [first, second] = sealed(disk, ".log");
    disk.flipBit(first!, 8 * 70);
    disk.flipBit(first!, 8 * (disk.stat(first!)!.size - 1));
    disk.flipBit(second!, 8 * 70);
    const { log } = openLog(disk, DIRECTORY, optionsOf(OPTIONS));
    const told = round(log, log.scrub());
    assert.deepEqual(told.map((words) => /of "([^"]+)"/.exec(words)![1]), [first, first, second]);
  });

  it("rebuilds an index of which any bit is wrong, and says so", () => {
    for (const path of sealed(sample(), ".index", ".timeindex")) {
      for (let bit = 0; bit < 8 * sample().stat(path)!.size; bit++) {
        const disk = sample();
        disk.flipBit(path, bit);
        const { log } = openLog(disk, DIRECTORY, optionsOf(OPTIONS));
        const told = round(log, log.scrub());
        assert.equal(told.length, 1, `${path} ${bit}: ${told}`);
        assert.match(
          told[0]!,
          /^Rebuilt the indexes of "[^"]+": an index entry does not agree with the log$/,
        );
        assert.deepEqual(round(log, log.scrub()), [], `${path} ${bit}`);
        log.close();
        assert.deepEqual(verifyLog(disk, DIRECTORY), [], `${path} ${bit}`);
      }
    }
  });

  it("tells of a file that can't be read and goes on with the next", () => {
    const disk = sample();
    const { log } = openLog(disk, DIRECTORY, optionsOf(OPTIONS));
    const [first] = sealed(disk, ".log");
    disk.fail({ operation: "read", path: first!, code: "io" });
    const scrub = log.scrub();
    const told = round(log, scrub);
    assert.equal(told.length, 1);
    assert.ok(told[0]!.startsWith(`Damaged batch at position "0" of "${first}"`), told.join());
  });

  it("throws what a file that is written to throws: nothing unflushed may be taken for flushed", () => {
    const disk = sample();
    const [index] = sealed(disk, ".index");
    disk.flipBit(index!, 0);
    const { log } = openLog(disk, DIRECTORY, optionsOf(OPTIONS));
    disk.fail({ operation: "sync", path: index!, code: "io" });
    assert.throws(() => round(log, log.scrub()), (error) => error instanceof DiskError);
  });

  it("throws when it needs the place of a file that can't be synced", () => {
    const disk = sample();
    const openFiles = new OpenFiles(disk, 4);
    const { log } = openLog(disk, DIRECTORY, optionsOf({ ...OPTIONS, openFiles }));
    append(log, batchOf(["not flushed"]));
    const active = disk.list(DIRECTORY).map(({ name }) => name).filter((name) => name.endsWith(".log")).at(
      -1,
    );
    disk.fail({ operation: "sync", path: `${DIRECTORY}/${active}`, code: "io" });
    assert.throws(() => round(log, log.scrub()), (error) => error instanceof DiskError);
  });

  it("begins at a share of the segments, and goes on from the first in the next round", () => {
    const disk = sample();
    disk.flipBit(sealed(disk, ".log")[0]!, 8 * 70);
    const { log } = openLog(disk, DIRECTORY, optionsOf(OPTIONS));
    const scrub = log.scrub();
    scrub.startAt(0.5);
    assert.equal(round(log, scrub).length, 0);
    assert.equal(round(log, scrub).length, 1);
  });

  it("goes on in a log that is trimmed, truncated and appended to meanwhile", () => {
    const disk = sample();
    const { log } = openLog(disk, DIRECTORY, optionsOf({ ...OPTIONS, highWatermark: 28 }));
    const scrub = log.scrub();
    scrub.step(200);
    log.trim(12);
    scrub.step(200);
    log.truncate(20);
    scrub.step(200);
    append(log, batchOf(["after"]));
    assert.deepEqual(round(log, scrub), []);
    log.trim(log.logEndOffset);
    assert.deepEqual(round(log, scrub), []);
    assert.equal(scrub.step(200), 0);
  });
});
