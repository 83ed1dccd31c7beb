/**
 * One flipped bit in any file of a log that was cleaned: what is served is what was
 * written, at its offset; the rest is refused, and `verifyLog` names the file. Base
 * offsets have no checksum of their own, and gaps tell nothing of them.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openLog, verifyLog } from "../../../../src/log/mod.ts";
import { forEachBatch } from "../../../../src/record/mod.ts";
import { type Disk, FaultyDisk, MemoryDisk, readWhole } from "../../../../src/storage/mod.ts";
import { DIRECTORY, fetch, optionsOf } from "../fixtures.ts";
import { History } from "./history.ts";

/** Bytes of a batch's header that its CRC leaves out, and the CRC. */
const OUTSIDE_CRC = 21;

/** A closed log: two segments that were cleaned, with gaps before, between and behind their batches, and two that were not. */
function sample() {
  const disk = new FaultyDisk();
  const history = new History({ indexIntervalBytes: 150, segmentBytesMax: 600 }, disk);
  const append = (key: string, value: string) => history.append([[key, value]]);
  for (let index = 0; index < 24; index++) {
    append(index % 5 === 3 ? `lasting ${index}` : `k${index % 4}`, `v ${index}`);
  }
  history.roll();
  append("k0", "of an uncleaned segment");
  history.clean();
  append("k1", "more of it");
  history.roll();
  append("k2", "of the active segment");
  append("k3", "its last one");
  history.log.close();
  return { disk, end: history.log.recoveryPoint, settings: history.settings };
}

const { disk, end, settings } = sample();
const BATCHES = batchesOf();

/** Every batch of the sound log, by its base offset. */
function batchesOf(): ReadonlyMap<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  for (const path of pathsOf(/\.log$/)) {
    forEachBatch(readWhole(disk, path)!, (each) => void found.set(viewOf(each).baseOffset, each.slice()));
  }
  return found;
}

function viewOf(batch: Uint8Array): { readonly baseOffset: number; readonly recordCount: number } {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
  return { baseOffset: Number(view.getBigInt64(0)), recordCount: view.getInt32(57) };
}

function copy(): Disk {
  const other = new MemoryDisk();
  other.makeDirectory(DIRECTORY);
  for (const { name } of disk.list(DIRECTORY)) {
    const file = other.open(`${DIRECTORY}/${name}`, "create");
    const bytes = readWhole(disk, `${DIRECTORY}/${name}`)!;
    if (bytes.length > 0) file.write(0, bytes);
    file.close();
  }
  return other;
}

function openCopy(clean: boolean) {
  return openLog(copy(), DIRECTORY, optionsOf({ settings, clean, recoveryPoint: end }));
}

/** Reads from every offset; what is served must be as it was written, and nothing may be passed over. */
function readEverything(clean: boolean, where: string): number {
  const { log } = openCopy(clean);
  assert.ok(log.logEndOffset >= end, `${where}: flushed records were cut`);
  const bases = [...BATCHES].filter(([, batch]) => viewOf(batch).recordCount > 0).map(([base]) => base);
  let refused = 0;
  for (let offset = 0; offset < end; offset++) {
    const { fault, bytes } = fetch(log, offset, 200);
    if (fault !== null) {
      assert.equal(fault.code, "CORRUPT_MESSAGE", where);
      refused++;
      continue;
    }
    const wanted = bases.find((base) => base >= offset)!;
    let first = -1;
    forEachBatch(bytes, (each) => {
      const { baseOffset: base, recordCount } = viewOf(each);
      assert.deepEqual(each, BATCHES.get(base), `${where}: another batch than was written at ${base}`);
      if (first < 0 && recordCount > 0) first = base;
    });
    assert.equal(first, wanted, `${where}: read from ${offset}`);
  }
  return refused;
}

function pathsOf(ending: RegExp): string[] {
  return disk.list(DIRECTORY).map(({ name }) => `${DIRECTORY}/${name}`)
    .filter((path) => ending.test(path) && disk.stat(path)!.size > 0);
}

/** Bits of a file: of what a CRC covers one of every byte, another one each time. */
function bitsOf(path: string): number[] {
  const bytes = readWhole(disk, path)!;
  const isOutside = new Uint8Array(bytes.length);
  if (path.endsWith(".log")) {
    forEachBatch(bytes, (each) => isOutside.fill(1, each.byteOffset, each.byteOffset + OUTSIDE_CRC));
  } else isOutside.fill(1);
  return Array.from({ length: 8 * bytes.length }, (_, bit) => bit)
    .filter((bit) => isOutside[bit >> 3] === 1 || (bit >> 3) % 8 === bit % 8);
}

function withEachBit(paths: readonly string[], check: (path: string, where: string) => void): void {
  assert.ok(paths.length > 0);
  for (const path of paths) {
    for (const bit of bitsOf(path)) {
      disk.flipBit(path, bit);
      check(path, `${path} byte ${bit >> 3} bit ${bit % 8}`);
      disk.flipBit(path, bit);
    }
  }
}

describe("One flipped bit in a log that was cleaned", () => {
  it("in which batches have gaps before, between and behind them, and sums of their own", () => {
    const bases = [...BATCHES.keys()];
    assert.ok(bases[0]! > 0 && bases.some((base, index) => base > (bases[index - 1] ?? base) + 1));
    assert.ok(pathsOf(/\.headersum$/).length >= 2);
    assert.deepEqual(verifyLog(disk, DIRECTORY), []);
    assert.equal(readEverything(true, "whole"), 0);
  });

  it("is found by verify in whatever file it is, which is named", () => {
    withEachBit(pathsOf(/\.(log|index|timeindex|headersum)$/), (path, where) => {
      const stem = path.slice(0, path.lastIndexOf("."));
      const findings = verifyLog(disk, DIRECTORY);
      assert.ok(findings.some((finding) => finding.path.startsWith(stem)), `${where}: not found`);
    });
  });

  for (const clean of [true, false]) {
    it(`in a .log file is refused when it is read, clean ${clean}`, () => {
      withEachBit(pathsOf(/\.log$/), (_, where) => {
        const refused = readEverything(clean, where);
        assert.ok(refused > 0, `${where}: served as good`);
        assert.ok(refused < end, `${where}: nothing is served`);
      });
    });

    it(`in an index or in the sums changes no answer, clean ${clean}`, () => {
      withEachBit(pathsOf(/(index|headersum)$/), (_, where) => assert.equal(readEverything(clean, where), 0));
    });
  }
});
