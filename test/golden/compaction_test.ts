/** What compaction leaves of a history is what `compaction/*.txt` say. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { GOLDEN_DIRECTORY, play } from "./compaction.ts";

describe("Cleaning", () => {
  for (const { name } of Deno.readDirSync(GOLDEN_DIRECTORY)) {
    it(`leaves of the histories in ${name} what is written there`, () => {
      const text = Deno.readTextFileSync(new URL(name, GOLDEN_DIRECTORY));
      assert.equal(play(text), text);
      assert.ok(text.includes("\n>"), "a golden without an answer tests nothing");
    });
  }
});
