import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { OffsetIndex } from "../../../src/log/offset_index.ts";
import { FileHandle, OpenFiles } from "../../../src/log/open_files.ts";
import { TimeIndex } from "../../../src/log/time_index.ts";
import { MemoryDisk } from "../../../src/storage/mod.ts";
import { CountingDisk } from "./fixtures.ts";

function newHandle(disk = new MemoryDisk()): FileHandle {
  return new FileHandle(new OpenFiles(disk), "a.index");
}

describe("OffsetIndex", () => {
  it("writes Kafka's bytes", () => {
    const disk = new MemoryDisk();
    const index = new OffsetIndex(newHandle(disk), true);
    index.append(7, 4_100);
    index.append(300, 70_000);
    index.file.spill();
    const bytes = disk.open("a.index", "read").view(0, 16);
    assert.equal(bytes.toHex(), "0000000700001004" + "0000012c00011170");
  });

  it("finds the last entry at or below an offset, over written and waiting entries", () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 60 });
    fc.assert(fc.property(gaps, fc.nat(60), fc.nat(3_000), (gaps, spillAt, wanted) => {
      const handle = newHandle();
      const index = new OffsetIndex(handle, true);
      let offset = 0;
      const offsets = gaps.map((gap) => offset += gap);
      offsets.forEach((each, at) => {
        if (at === spillAt) index.file.spill();
        index.append(each, 10 * each);
      });
      const expected = offsets.findLastIndex((each) => each <= wanted);
      assert.equal(index.floor(wanted), expected);
      if (expected >= 0) assert.equal(index.positionAt(expected), 10 * offsets[expected]!);
      index.file.spill();
      const again = new OffsetIndex(handle, false);
      assert.deepEqual([again.count, again.lastOffset, again.floor(wanted)], [
        offsets.length,
        offsets.at(-1) ?? -1,
        expected,
      ]);
    }));
  });

  it("keeps the first entries when it is cut, in the file and in memory", () => {
    for (const count of [0, 1, 3, 4, 5]) {
      const handle = newHandle();
      const index = new OffsetIndex(handle, true);
      for (let at = 0; at < 5; at++) {
        if (at === 3) index.file.spill();
        index.append(10 * at, 100 * at);
      }
      index.truncate(count);
      assert.deepEqual([index.count, index.lastOffset], [
        count,
        10 * (count - 1) > 0 ? 10 * (count - 1) : count - 1,
      ]);
      index.append(99, 999);
      index.file.spill();
      assert.equal(new OffsetIndex(handle, false).count, count + 1);
    }
  });

  it("does not count half an entry and writes over it", () => {
    const disk = new MemoryDisk();
    disk.open("a.index", "create").write(0, new Uint8Array([0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0]));
    const index = new OffsetIndex(newHandle(disk), false);
    assert.deepEqual([index.count, index.file.isWhole], [1, false]);
    index.append(5, 50);
    index.file.spill();
    assert.equal(disk.stat("a.index")?.size, 16);
  });
});

describe("TimeIndex", () => {
  it("writes Kafka's bytes and takes rising timestamps only", () => {
    const disk = new MemoryDisk();
    const index = new TimeIndex(newHandle(disk), true);
    assert.equal(index.append(1_700_000_000_000, 7), true);
    assert.equal(index.append(1_700_000_000_000, 9), false);
    assert.equal(index.append(1_700_000_000_001, 9), true);
    index.file.spill();
    const bytes = disk.open("a.index", "read").view(0, 24);
    assert.equal(bytes.toHex(), "0000018bcfe5680000000007" + "0000018bcfe5680100000009");
    assert.deepEqual([index.floor(1_699_999_999_999), index.floor(1_700_000_000_000), index.floor(9e15)], [
      -1,
      0,
      1,
    ]);
    assert.deepEqual([index.lastTimestamp, index.offsetAt(1)], [1_700_000_000_001, 9]);
  });
});

describe("OpenFiles", () => {
  it("keeps to its bound, gives up the least recently used, and syncs what it gives up", () => {
    const disk = new CountingDisk(new MemoryDisk());
    const files = new OpenFiles(disk, 4);
    const handles = Array.from({ length: 9 }, (_, index) => new FileHandle(files, `f${index}`));
    for (const handle of handles) handle.append(new Uint8Array([1]));
    assert.deepEqual([disk.openCount, disk.openCountMax, files.count], [4, 4, 4]);
    assert.deepEqual(handles.map((handle) => handle.isDirty), [
      ...Array(5).fill(false),
      ...Array(4).fill(true),
    ]);
    handles[5]!.use();
    handles[0]!.use();
    const calls = disk.calls;
    handles[5]!.use();
    assert.equal(disk.calls, calls);
    for (const handle of handles) handle.close();
    assert.deepEqual([disk.openCount, files.count], [0, 0]);
  });
});
