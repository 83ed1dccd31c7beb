/** A device that is really full, and one that is really read-only: a tmpfs of 1 MiB, where mounting is permitted. */
import assert from "node:assert/strict";
import { it } from "@std/testing/bdd";
import {
  DataDirectoryError,
  type Disk,
  FileDisk,
  openDataDirectory,
  openDisk,
} from "../../../src/storage/mod.ts";
import { pattern, sameBytes, throwsCode } from "./expect.ts";

function command(name: string, ...args: string[]): boolean {
  try {
    return new Deno.Command(name, { args, stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

function mount(): string | null {
  const root = Deno.makeTempDirSync({ prefix: "weir-tmpfs-" });
  if (command("mount", "-t", "tmpfs", "-o", "size=1m", "weir-test", root)) return root;
  Deno.removeSync(root);
  return null;
}

function unmount(root: string): void {
  command("umount", "-l", root);
  Deno.removeSync(root);
}

const probe = mount();
if (probe !== null) unmount(probe);
const ignore = probe === null;
const example = ignore ? it.ignore : it;
const because = ignore ? " (skipped: this process may not mount a tmpfs)" : "";

const DISKS: readonly Disk[] = [new FileDisk(), openDisk("mapped").disk];

for (const disk of DISKS) {
  example(
    `${disk.kind} disk: a full device refuses a write, keeps what was there, and goes on when there is room${because}`,
    () => {
      const root = mount() ?? "";
      try {
        fill(disk, root);
      } finally {
        unmount(root);
      }
    },
  );
}

function fill(disk: Disk, root: string): void {
  const file = disk.open(`${root}/a`, "create");
  file.write(0, pattern(300_000));
  const other = disk.open(`${root}/b`, "create");
  other.write(0, pattern(400_000));
  const error = throwsCode("full", () => file.write(300_000, pattern(900_000)));
  assert.equal(error.message, `Can't write "${root}/a": no space left on the device`);
  assert.equal(file.size, 300_000);
  assert.equal(disk.stat(`${root}/a`)?.size, 300_000, "the part that was written is cut off again");
  for (let again = 0; again < 3; again++) sameBytes(file.view(0, 300_000), pattern(300_000));
  assert.ok(disk.space(root).freeBytes < 400_000);
  other.close();
  disk.remove(`${root}/b`);
  file.write(300_000, pattern(500_000, 3));
  sameBytes(file.view(300_000, 500_000), pattern(500_000, 3));
  file.close();
}

example(`openDataDirectory: a read-only file system is refused in plain words${because}`, () => {
  const root = mount() ?? "";
  try {
    Deno.mkdirSync(`${root}/data`);
    assert.ok(command("mount", "-o", "remount,ro", root));
    for (const path of [`${root}/data`, `${root}/new`]) {
      assert.throws(
        () => openDataDirectory(path, new FileDisk()),
        (error) =>
          error instanceof DataDirectoryError &&
          /must be writable, the file system is read-only/.test(error.message),
      );
    }
    throwsCode("denied", () => new FileDisk().open(`${root}/data/x`, "create"));
  } finally {
    unmount(root);
  }
});
