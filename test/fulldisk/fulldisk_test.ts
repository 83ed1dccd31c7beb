/** Two rounds of `deno task fulldisk`, where this process may mount a tmpfs. */
import assert from "node:assert/strict";
import { it } from "@std/testing/bdd";
import { runRounds } from "./rounds.ts";
import { mountSmallDisk } from "./small_disk.ts";

const probe = await mountSmallDisk("tmpfs", 1);
await probe?.end();
const because = probe === null ? " (skipped: this process may not mount a tmpfs)" : "";

(probe === null ? it.ignore : it)(
  `broker loses nothing and goes on when its disk fills up and there is room again${because}`,
  async () => {
    const disk = await mountSmallDisk("tmpfs", 64);
    assert(disk !== null);
    try {
      const { broken, refused } = await runRounds(disk, 2, Math.random, () => {});
      assert.deepEqual(broken, []);
      assert(refused > 0);
    } finally {
      await disk.end();
    }
  },
);
