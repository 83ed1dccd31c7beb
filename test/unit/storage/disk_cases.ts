/**
 * One suite for every implementation of the Disk port. A case gets a disk and
 * an empty directory on it; what it checks is what the port promises.
 */
import assert from "node:assert/strict";
import { it } from "@std/testing/bdd";
import type { Disk } from "../../../src/storage/mod.ts";
import { bytes, pattern, sameBytes, throwsCode } from "./expect.ts";

export interface DiskUnderTest {
  readonly disk: Disk;
  /** An empty directory. */
  readonly root: string;
  done(): void;
}

type Case = (disk: Disk, root: string) => void;

const CASES: Readonly<Record<string, Case>> = {
  "open refuses a missing file unless it may create it"(disk, root) {
    throwsCode("not_found", () => disk.open(`${root}/a`, "read"));
    throwsCode("not_found", () => disk.open(`${root}/a`, "write"));
    disk.open(`${root}/a`, "create").close();
    disk.open(`${root}/a`, "create").close();
    const file = disk.open(`${root}/a`, "read");
    assert.equal(file.size, 0);
    assert.equal(file.path, `${root}/a`);
    file.close();
  },
  "open names the path and what is wrong"(disk, root) {
    const error = throwsCode("not_found", () => disk.open(`${root}/none`, "read"));
    assert.equal(error.message, `Can't open "${root}/none": no such file or directory`);
    assert.equal(error.path, `${root}/none`);
  },
  "open refuses a directory, and a path through a file"(disk, root) {
    disk.makeDirectory(`${root}/d`);
    disk.open(`${root}/f`, "create").close();
    for (const mode of ["read", "write", "create"] as const) {
      throwsCode("exists", () => disk.open(`${root}/d`, mode));
      throwsCode("exists", () => disk.open(`${root}/f/x`, mode));
      throwsCode("not_found", () => disk.open(`${root}/none/x`, mode));
    }
  },
  "read and view give back what was written, across chunks and pages"(disk, root) {
    const file = disk.open(`${root}/a`, "create");
    const data = pattern(3_000_001);
    for (let at = 0; at < data.length; at += 300_000) file.write(at, data.subarray(at, at + 300_000));
    assert.equal(file.size, data.length);
    for (
      const [position, length] of [[0, 10], [1_048_570, 20], [4_095, 2], [2_999_991, 10], [
        900_000,
        2_000_000,
      ]]
    ) {
      const wanted = data.slice(position, position! + length!);
      sameBytes(file.view(position!, length!), wanted);
      const target = new Uint8Array(length!);
      assert.equal(file.read(position!, target), length);
      sameBytes(target, wanted);
    }
    file.close();
  },
  "read gives fewer bytes only at the end of the file"(disk, root) {
    const file = disk.open(`${root}/a`, "create");
    file.write(0, bytes(1, 2, 3));
    const target = bytes(9, 9, 9, 9);
    assert.equal(file.read(1, target), 2);
    assert.deepEqual(target, bytes(2, 3, 9, 9));
    assert.equal(file.read(3, target), 0);
    assert.equal(file.read(100, target), 0);
    throwsCode("io", () => file.read(-1, target));
    file.close();
  },
  "view refuses bytes that are not there"(disk, root) {
    const file = disk.open(`${root}/a`, "create");
    file.write(0, bytes(1, 2, 3));
    assert.equal(file.view(3, 0).length, 0);
    assert.deepEqual(file.view(2, 1).slice(), bytes(3));
    throwsCode("io", () => file.view(2, 2));
    throwsCode("io", () => file.view(-1, 1));
    throwsCode("io", () => file.view(4, 0));
    file.close();
  },
  "view of one file outlives views of other files"(disk, root) {
    const files = Array.from({ length: 60 }, (_, index) => {
      const file = disk.open(`${root}/${index}`, "create");
      file.write(0, pattern(8_192, index));
      for (let warm = 0; warm < 8; warm++) file.view(0, 8_192);
      return file;
    });
    const views = files.map((file) => file.view(0, 8_192));
    views.forEach((view, index) => sameBytes(view, pattern(8_192, index)));
    for (const file of files) file.close();
  },
  "view sees what was written after an earlier view"(disk, root) {
    const file = disk.open(`${root}/a`, "create");
    for (let round = 0; round < 40; round++) {
      file.write(file.size, pattern(100_001, round));
      sameBytes(file.view(file.size - 100_001, 100_001), pattern(100_001, round));
    }
    file.write(50, bytes(7, 8, 9));
    assert.deepEqual(file.view(49, 5).slice(), bytes(pattern(50)[49]!, 7, 8, 9, pattern(54)[53]!));
    file.close();
  },
  "write refuses a hole and leaves size as it was"(disk, root) {
    const file = disk.open(`${root}/a`, "create");
    file.write(0, bytes(1, 2));
    throwsCode("io", () => file.write(3, bytes(1)));
    throwsCode("io", () => file.write(-1, bytes(1)));
    assert.equal(file.size, 2);
    file.write(1, bytes(5, 6));
    file.write(3, bytes());
    assert.deepEqual(file.view(0, 3).slice(), bytes(1, 5, 6));
    file.close();
  },
  "write and truncate refuse a file opened for reading"(disk, root) {
    const made = disk.open(`${root}/a`, "create");
    made.write(0, bytes(1));
    made.close();
    const file = disk.open(`${root}/a`, "read");
    throwsCode("denied", () => file.write(0, bytes(2)));
    throwsCode("denied", () => file.truncate(0));
    file.sync();
    assert.deepEqual(file.view(0, 1).slice(), bytes(1));
    file.close();
  },
  "truncate cuts, and what is written next takes the place of what was cut"(disk, root) {
    const file = disk.open(`${root}/a`, "create");
    file.write(0, pattern(2_500_000));
    file.view(0, 100_000);
    file.view(2_400_000, 100_000);
    file.truncate(10);
    assert.equal(file.size, 10);
    throwsCode("io", () => file.view(0, 11));
    throwsCode("io", () => file.truncate(11));
    sameBytes(file.view(0, 10), pattern(10));
    file.write(10, bytes(1, 2));
    assert.deepEqual(file.view(8, 4).slice(), bytes(...pattern(10).slice(8), 1, 2));
    file.truncate(0);
    file.close();
    assert.equal(disk.stat(`${root}/a`)?.size, 0);
  },
  "size and bytes survive closing and opening again"(disk, root) {
    const file = disk.open(`${root}/a`, "create");
    file.write(0, pattern(5_000));
    file.sync();
    file.close();
    const again = disk.open(`${root}/a`, "write");
    assert.equal(again.size, 5_000);
    again.write(5_000, bytes(1));
    sameBytes(again.view(0, 5_000), pattern(5_000));
    again.close();
    assert.equal(disk.stat(`${root}/a`)?.size, 5_001);
  },
  "close may be called twice; a closed file refuses everything else"(disk, root) {
    const file = disk.open(`${root}/a`, "create");
    file.write(0, bytes(1));
    file.close();
    file.close();
    throwsCode("io", () => file.read(0, bytes(0)));
    throwsCode("io", () => file.view(0, 1));
    throwsCode("io", () => file.write(0, bytes(1)));
    throwsCode("io", () => file.truncate(0));
    throwsCode("io", () => file.sync());
  },
  "list gives names in order, with what they are"(disk, root) {
    for (const name of ["b", "a", "c.log"]) disk.open(`${root}/${name}`, "create").close();
    disk.makeDirectory(`${root}/B`);
    assert.deepEqual(disk.list(root), [
      { name: "B", isDirectory: true },
      { name: "a", isDirectory: false },
      { name: "b", isDirectory: false },
      { name: "c.log", isDirectory: false },
    ]);
    throwsCode("not_found", () => disk.list(`${root}/none`));
    throwsCode("exists", () => disk.list(`${root}/a`));
  },
  "stat tells size and kind, and null where nothing is"(disk, root) {
    const file = disk.open(`${root}/a`, "create");
    file.write(0, pattern(77));
    file.close();
    disk.makeDirectory(`${root}/d`);
    const stat = disk.stat(`${root}/a`);
    assert.equal(stat?.size, 77);
    assert.equal(stat?.isDirectory, false);
    assert.ok(stat !== null && stat.modifiedMs > 0);
    assert.equal(disk.stat(`${root}/d`)?.isDirectory, true);
    assert.equal(disk.stat(`${root}/none`), null);
    assert.equal(disk.stat(`${root}/a/x`), null);
  },
  "makeDirectory makes parents and is content when it exists"(disk, root) {
    disk.makeDirectory(`${root}/x/y/z`);
    disk.makeDirectory(`${root}/x/y/z`);
    assert.equal(disk.stat(`${root}/x/y/z`)?.isDirectory, true);
    disk.open(`${root}/f`, "create").close();
    throwsCode("exists", () => disk.makeDirectory(`${root}/f`));
    throwsCode("exists", () => disk.makeDirectory(`${root}/f/g`));
  },
  "rename replaces a file and keeps its open file usable"(disk, root) {
    const file = disk.open(`${root}/a`, "create");
    file.write(0, bytes(1));
    const other = disk.open(`${root}/b`, "create");
    other.write(0, bytes(2, 2));
    other.close();
    disk.rename(`${root}/a`, `${root}/b`);
    file.write(1, bytes(3));
    file.close();
    assert.equal(disk.stat(`${root}/a`), null);
    const renamed = disk.open(`${root}/b`, "read");
    assert.deepEqual(renamed.view(0, 2).slice(), bytes(1, 3));
    renamed.close();
    throwsCode("not_found", () => disk.rename(`${root}/none`, `${root}/c`));
    throwsCode("not_found", () => disk.rename(`${root}/b`, `${root}/none/c`));
  },
  "rename moves a directory with all in it, and not onto another"(disk, root) {
    disk.makeDirectory(`${root}/orders-0`);
    disk.makeDirectory(`${root}/full/x`);
    disk.open(`${root}/orders-0/1.log`, "create").close();
    disk.open(`${root}/f`, "create").close();
    disk.rename(`${root}/orders-0`, `${root}/orders-0.abc-delete`);
    assert.deepEqual(disk.list(`${root}/orders-0.abc-delete`), [{ name: "1.log", isDirectory: false }]);
    throwsCode("exists", () => disk.rename(`${root}/orders-0.abc-delete`, `${root}/full`));
    throwsCode("exists", () => disk.rename(`${root}/orders-0.abc-delete`, `${root}/f`));
    throwsCode("exists", () => disk.rename(`${root}/f`, `${root}/full`));
  },
  "remove takes files and whole directories, and is content with nothing"(disk, root) {
    disk.makeDirectory(`${root}/d/e`);
    const file = disk.open(`${root}/d/e/f`, "create");
    file.write(0, pattern(100_000));
    disk.remove(`${root}/d`);
    sameBytes(file.view(10, 5), pattern(15).slice(10));
    file.close();
    assert.equal(disk.stat(`${root}/d`), null);
    disk.remove(`${root}/d`);
    disk.open(`${root}/g`, "create").close();
    disk.remove(`${root}/g/h`);
    disk.remove(`${root}/g`);
    assert.deepEqual(disk.list(root), []);
  },
  "syncDirectory takes directories only"(disk, root) {
    disk.open(`${root}/f`, "create").close();
    disk.syncDirectory(root);
    throwsCode("not_found", () => disk.syncDirectory(`${root}/none`));
    throwsCode("exists", () => disk.syncDirectory(`${root}/f`));
  },
  "space tells free bytes and all bytes"(disk, root) {
    const { freeBytes, totalBytes } = disk.space(root);
    assert.ok(freeBytes > 0 && totalBytes >= freeBytes);
  },
};

/** Runs one case and cleans up after it, also when it fails. */
export function underTest({ disk, root, done }: DiskUnderTest, run: Case): void {
  try {
    run(disk, root);
  } finally {
    done();
  }
}

/** Registers the whole suite for one implementation. */
export function diskCases(name: string, make: () => DiskUnderTest): void {
  for (const [sentence, run] of Object.entries(CASES)) {
    it(`${name}: ${sentence}`, () => {
      underTest(make(), run);
    });
  }
}

/** A disk over files of the operating system, in a temporary directory. */
export function onFiles(disk: Disk): DiskUnderTest {
  const root = Deno.makeTempDirSync({ prefix: "weir-storage-" });
  return { disk, root, done: () => Deno.removeSync(root, { recursive: true }) };
}

export function inMemory(disk: Disk): DiskUnderTest {
  disk.makeDirectory("/data");
  return { disk, root: "/data", done: () => {} };
}
