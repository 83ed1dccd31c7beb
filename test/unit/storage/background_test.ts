/** What a file disk does in the background. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { DiskError, FileDisk } from "../../../src/storage/mod.ts";

/** Comes back when `isSo` says so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
}

async function inDirectory(act: (disk: FileDisk, directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await act(new FileDisk(), directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

describe("FileDisk.startSync", () => {
  it("tells when it is over, of a file in use and of a directory", () =>
    inDirectory(async (disk, directory) => {
      const file = disk.open(`${directory}/a`, "create");
      file.write(0, new Uint8Array(100_000));
      const isThere = disk.startSync(`${directory}/a`);
      assert.equal(isThere(), false);
      file.write(100_000, new Uint8Array(9));
      assert.equal(file.view(99_999, 10).length, 10);
      await until(isThere);
      assert.equal(isThere(), true);
      file.close();
      await until(disk.startSync(directory));
    }));

  it("throws when it failed, whenever it is asked", () =>
    inDirectory(async (disk, directory) => {
      const isThere = disk.startSync(`${directory}/missing`);
      const isMissing = (error: unknown) => error instanceof DiskError && error.code === "not_found";
      await assert.rejects(until(isThere), isMissing);
      assert.throws(isThere, isMissing);
    }));
});

describe("FileDisk.removeSoon", () => {
  it("removes one file after the other, and does not mind one that is not there", () =>
    inDirectory(async (disk, directory) => {
      const paths = ["a", "b", "c"].map((name) => `${directory}/${name}`);
      for (const path of paths) disk.open(path, "create").close();
      for (const path of [`${directory}/missing`, ...paths]) disk.removeSoon(path);
      await until(() => disk.list(directory).length === 0);
    }));
});
