import assert from "node:assert/strict";
import { it } from "@std/testing/bdd";
import { MemoryDisk } from "../../../src/storage/mod.ts";
import { diskCases, inMemory } from "./disk_cases.ts";
import { bytes, pattern, throwsCode } from "./expect.ts";

diskCases("MemoryDisk", () => inMemory(new MemoryDisk()));

it("MemoryDisk: capacityBytes bounds all files together, and removing gives room back", () => {
  const disk = new MemoryDisk({ capacityBytes: 100 });
  const a = disk.open("a", "create");
  const b = disk.open("b", "create");
  a.write(0, pattern(60));
  throwsCode("full", () => b.write(0, pattern(41)));
  assert.equal(b.size, 0);
  b.write(0, pattern(40));
  b.write(0, pattern(40, 1));
  throwsCode("full", () => a.write(59, pattern(2)));
  assert.deepEqual(a.view(0, 60).slice(), pattern(60));
  assert.deepEqual(disk.space("/"), { freeBytes: 0, totalBytes: 100 });
  a.truncate(50);
  b.write(40, pattern(10));
  disk.remove("b");
  a.write(50, pattern(50));
  assert.deepEqual(disk.space("/"), { freeBytes: 0, totalBytes: 100 });
});

it("MemoryDisk: a rename over a file gives the replaced bytes back", () => {
  const disk = new MemoryDisk({ capacityBytes: 10 });
  disk.open("a", "create").write(0, pattern(5));
  disk.open("b", "create").write(0, pattern(5));
  disk.rename("a", "b");
  assert.equal(disk.space("/").freeBytes, 5);
});

it("MemoryDisk: modifiedMs comes from the function handed in", () => {
  let nowMs = 1_000;
  const disk = new MemoryDisk({ nowMs: () => nowMs });
  const file = disk.open("a", "create");
  nowMs = 2_000;
  file.write(0, bytes(1));
  assert.equal(disk.stat("a")?.modifiedMs, 2_000);
});

it("MemoryDisk: view copies nothing inside a chunk", () => {
  const file = new MemoryDisk().open("a", "create");
  file.write(0, pattern(3_000_000));
  assert.ok(file.view(1_100_000, 10).buffer === file.view(1_200_000, 800_000).buffer);
});
