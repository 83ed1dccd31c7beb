/**
 * Offsets that are nowhere. Another broker's cleaner leaves them at the ends of
 * segments and between batches: nothing may be lost for it. Where somebody took a
 * file away: what is missing is told, the rest is served.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type LogOpenOptions, openLog, verifyLog } from "../../../src/log/mod.ts";
import { encodeBatch } from "../../../src/record/mod.ts";
import { type Disk, FaultyDisk, MemoryDisk, readWhole } from "../../../src/storage/mod.ts";
import {
  append,
  batchBy,
  batchOf,
  DIRECTORY,
  fetch,
  newLog,
  NOW_MS,
  optionsOf,
  readAll,
} from "./fixtures.ts";
import { settingsOf } from "./fixtures.ts";

const SMALL = { segmentBytesMax: 400, indexIntervalBytes: 100 };
const SETTINGS = settingsOf(SMALL);

function keyed(): Uint8Array {
  return Uint8Array.from(encodeBatch([{ timestamp: NOW_MS, key: "k", value: "v" }]));
}

/** The files of a segment. */
function filesOf(base: number, ...suffixes: string[]): string[] {
  return suffixes.map((suffix) => `${DIRECTORY}/${String(base).padStart(20, "0")}${suffix}`);
}

function write(disk: Disk, path: string, bytes: Uint8Array): void {
  disk.remove(path);
  const file = disk.open(path, "create");
  file.write(0, bytes);
  file.sync();
  file.close();
}

/** Writes a segment with one batch of one record at each of these offsets; no index, as little as a copy needs. */
function writeSegment(disk: Disk, base: number, offsets: readonly number[]): void {
  const batches = offsets.map((offset) => {
    const bytes = batchOf([`value ${offset}`]);
    new DataView(bytes.buffer, bytes.byteOffset).setBigInt64(0, BigInt(offset));
    new DataView(bytes.buffer, bytes.byteOffset).setInt32(12, 0);
    return [...bytes];
  });
  write(disk, filesOf(base, ".log")[0]!, Uint8Array.from(batches.flat()));
}

/** A directory that another broker wrote and cleaned; its metadata and epochs are in order. */
function foreign(segments: Readonly<Record<number, readonly number[]>>): Disk {
  const { log, disk } = newLog();
  append(log, batchOf(["first"]));
  log.close();
  for (const [base, offsets] of Object.entries(segments)) writeSegment(disk, Number(base), offsets);
  for (const path of filesOf(0, ".index", ".timeindex")) disk.remove(path);
  return disk;
}

function open(disk: Disk, changes: Partial<LogOpenOptions> = {}) {
  const opened = openLog(disk, DIRECTORY, optionsOf({ settings: SETTINGS, clean: false, ...changes }));
  opened.log.setHighWatermark(opened.log.logEndOffset);
  return opened;
}

const COMPACTED = settingsOf({ ...SMALL, cleanupCompact: true });
const CLEANED = { 0: [0, 3, 4], 10: [10, 12, 13, 14], 20: [], 30: [30, 31, 32] };
const LEFT = Object.values(CLEANED).flat();

describe("A log that another broker's cleaner left holes in", () => {
  it("loses nothing in recovery, whatever the recovery point and the policy now", () => {
    for (const settings of [SETTINGS, COMPACTED]) {
      for (const recoveryPoint of [0, 4, 7, 12, 25, 33]) {
        const disk = foreign(CLEANED);
        const { log } = open(disk, { settings, recoveryPoint });
        assert.deepEqual([...readAll(log).keys()], LEFT, `recovery point ${recoveryPoint}`);
        assert.equal(append(log, keyed()), 33);
        const again = open(disk, { settings, recoveryPoint: 0 });
        assert.deepEqual([...readAll(again.log).keys()], [...LEFT, 33]);
      }
    }
  });

  it("is not said to lack anything: by its policy, by the cleaner's checkpoint, by gaps between its batches", () => {
    const noHoles = (report: readonly string[]) => report.filter((what) => what.includes("missing between"));
    const whole = { 0: [0, 1, 2], 10: [10, 11] };
    assert.deepEqual(noHoles(open(foreign(whole), { settings: COMPACTED }).report), []);
    assert.deepEqual(noHoles(open(foreign(whole), { firstDirtyOffset: 10 }).report), []);
    assert.deepEqual(noHoles(open(foreign({ 0: [0, 2], 10: [10, 11] })).report), []);
    assert.equal(noHoles(open(foreign(whole)).report).length, 1);
  });

  it("may have gaps in its last segment, as the log of a replica has", () => {
    const replica = { 0: [0, 3, 9, 10, 17, 18, 25] };
    for (const settings of [SETTINGS, COMPACTED]) {
      for (const recoveryPoint of [0, 11, 26]) {
        const { log, report } = open(foreign(replica), { settings, recoveryPoint });
        assert.deepEqual([...readAll(log).keys()], replica[0], `recovery point ${recoveryPoint}`);
        assert.equal(log.logEndOffset, 26);
        assert.deepEqual(report.filter((what) => !what.includes("leader epochs")), []);
      }
    }
  });

  it("has a last batch whose offset is doubted where nothing else has a gap", () => {
    for (const settings of [SETTINGS, COMPACTED]) {
      const { log } = open(foreign({ 0: [0, 1, 2, 7] }), { settings });
      assert.equal(log.logEndOffset, settings === COMPACTED ? 8 : 3);
    }
    const reachesOver = open(foreign({ 0: [0, 1, 2, 7] }), { settings: COMPACTED, recoveryPoint: 4 });
    assert.match(reachesOver.report.join("\n"), /expected is 3; it was flushed before, so it is kept/);
  });

  it("is read over its holes, from offsets inside them too", () => {
    const { log } = open(foreign(CLEANED), { settings: COMPACTED });
    for (const [offset, next] of [[1, 3], [5, 10], [9, 10], [11, 12], [15, 30], [20, 30], [29, 30]]) {
      const { bytes, fault } = fetch(log, offset!);
      assert.equal(fault, null);
      assert.equal(Number(new DataView(bytes.buffer).getBigInt64(0)), next);
    }
  });
});

/** Three segments and more, closed; where each begins. */
function closed(changes: Partial<LogOpenOptions["settings"]> = {}) {
  const { log, disk } = newLog({ ...SMALL, ...changes }, new FaultyDisk());
  for (let index = 0; index < 20; index++) append(log, batchBy(7, 0, index, 1, NOW_MS + index));
  log.close();
  const names = disk.list(DIRECTORY).map(({ name }) => name).filter((name) => name.endsWith(".log"));
  return { disk, bases: names.map((name) => Number(name.slice(0, 20))), end: log.logEndOffset };
}

describe("A lost file", () => {
  it("that is a segment's .log is told of by start and verify, with what is missing and where; the rest is served", () => {
    for (const clean of [true, false]) {
      for (const recoveryPoint of clean ? [20] : [20, 0]) {
        const { disk, bases, end } = closed();
        const [, second, third] = bases as [number, number, number];
        for (const path of filesOf(second, ".log", ".index", ".timeindex")) disk.remove(path);
        const size = disk.stat(filesOf(0, ".log")[0]!)!.size;
        const missing = new RegExp(
          `^Offsets "?${second}"? to "?${third - 1}"? of "orders-0" are missing between`,
        );
        const [finding, ...others] = verifyLog(disk, DIRECTORY);
        assert.match(finding!.what, missing);
        assert.deepEqual([finding!.path, finding!.position, others], [filesOf(0, ".log")[0], size, []]);
        const { log, report } = open(disk, { clean, recoveryPoint });
        const said = report.filter((what) => missing.test(what));
        assert.equal(said.length, 1, report.join("\n"));
        assert.ok(said[0]!.includes(`"${filesOf(0, ".log")[0]}", position "${size}"`));
        assert.ok(said[0]!.includes(filesOf(third, ".log")[0]!));
        const offsets = Array.from({ length: end }, (_, offset) => offset);
        const left = offsets.filter((offset) => offset < second || offset >= third);
        assert.deepEqual([...readAll(log).keys()], left);
        assert.equal(append(log, batchBy(7, 0, 20, 1)), end);
      }
    }
  });

  it("that is the first or the last segment's is told of after a clean stop", () => {
    const first = closed();
    for (const path of filesOf(0, ".log", ".index", ".timeindex")) first.disk.remove(path);
    const { report } = open(first.disk, { clean: true, recoveryPoint: first.end });
    assert.match(report.join("\n"), /Offsets "0" to "\d+" of "orders-0" are missing before ".*\.log"/);
    const last = closed();
    for (const path of filesOf(last.bases.at(-1)!, ".log", ".index", ".timeindex")) last.disk.remove(path);
    const opened = open(last.disk, { clean: true, recoveryPoint: last.end });
    assert.match(opened.report.join("\n"), /was flushed up to "20": records are missing/);
    assert.equal(opened.log.logEndOffset, last.bases.at(-1));
  });

  it("that is an index is made anew, and says so; the log is as it was", () => {
    const { bases, end } = closed();
    for (const clean of [true, false]) {
      for (const base of bases) {
        for (const suffix of [".index", ".timeindex"]) {
          // Of the last segment a crash may leave none.
          if (!clean && base === bases.at(-1)) continue;
          const { disk } = closed();
          const whole = readWhole(disk, filesOf(base, suffix)[0]!);
          disk.remove(filesOf(base, suffix)[0]!);
          const { log, report } = open(disk, { clean, recoveryPoint: end });
          assert.match(report.join("\n"), new RegExp(filesOf(base, ".log")[0]!));
          assert.equal(readAll(log).size, end);
          log.close();
          assert.deepEqual(readWhole(disk, filesOf(base, suffix)[0]!), whole);
          assert.deepEqual(verifyLog(disk, DIRECTORY), []);
        }
      }
    }
  });

  it("that is a snapshot of producers is made up for from the log, and says so, though all are gone", () => {
    for (const isLast of [true, false]) {
      const { disk, end } = closed();
      const names = disk.list(DIRECTORY).map(({ name }) => name).filter((name) => name.endsWith(".snapshot"));
      for (const name of isLast ? names.slice(-1) : names) disk.remove(`${DIRECTORY}/${name}`);
      const { log, report } = open(disk, { clean: true, recoveryPoint: end });
      assert.equal(append(log, batchBy(7, 0, end - 1, 1)), end - 1, "a repeated batch is known");
      assert.equal(append(log, batchBy(7, 0, end, 1)), end);
      assert.match([...report, ...log.takeNotices()].join("\n"), /Made up for .* from the log: .* missing/);
    }
  });

  it("that is the epochs' or the topic id's is found by verify or made anew, and says so", () => {
    for (const name of ["leader-epoch-checkpoint", "partition.metadata"]) {
      const { disk, end } = closed();
      const path = `${DIRECTORY}/${name}`;
      const whole = readWhole(disk, path);
      disk.remove(path);
      assert.ok(verifyLog(disk, DIRECTORY).length > 0, name);
      const { log, report } = open(disk, { clean: true, recoveryPoint: end });
      assert.equal(report.length, 1);
      assert.match(report[0]!, name === "partition.metadata" ? /missing/ : /Rebuilt the leader epochs/);
      log.close();
      assert.deepEqual(readWhole(disk, path), whole);
    }
  });
});

describe("A sealed segment whose unflushed end a power cut took", () => {
  it("ends the log: what came behind is set aside to the byte, and told of", () => {
    const { log, disk } = newLog(SMALL, new MemoryDisk());
    for (let index = 0; index < 12; index++) append(log, batchOf([`value ${index}`]));
    const names = disk.list(DIRECTORY).map(({ name }) => name).filter((name) => name.endsWith(".log"));
    const [first, ...later] = names.map((name) => `${DIRECTORY}/${name}`);
    const whole = later.map((path) => readWhole(disk, path));
    const file = disk.open(first!, "write");
    const lost = Math.floor(file.size / 4);
    file.truncate(file.size - lost - (file.size - lost) % batchOf(["value 0"]).length);
    file.close();
    const { log: again, report } = open(disk);
    const left = readAll(again);
    assert.ok(left.size > 0 && left.size < 4);
    assert.equal(again.logEndOffset, left.size);
    assert.deepEqual(later.map((path) => readWhole(disk, `${path}.aside`)), whole);
    assert.match(report.join("\n"), /^Set aside .*, as \.log\.aside: ".*" before it is torn/m);
    assert.equal(append(again, batchOf(["next"])), left.size);
  });

  it("is not meant by what a refused write left behind its last batch: that is cut, and nothing else", () => {
    const { log, disk } = newLog(SMALL, new MemoryDisk());
    for (let index = 0; index < 12; index++) append(log, batchOf([`value ${index}`]));
    const file = disk.open(filesOf(0, ".log")[0]!, "write");
    file.write(file.size, batchOf(["half of a batch"]).subarray(0, 70));
    file.close();
    const { log: again, report } = open(disk);
    assert.equal(readAll(again).size, 12);
    assert.deepEqual(report.map((what) => what.replace(/ at position.*/, "")), ["Cut 70 bytes"]);
    assert.deepEqual(disk.list(DIRECTORY).filter(({ name }) => name.endsWith(".aside")), []);
  });
});
