import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { CATALOG } from "../../../src/cli/catalog.ts";
import { choose } from "../../../src/cli/choose.ts";
import { UsageError } from "../../../src/cli/command.ts";
import { commandHelp } from "../../../src/cli/help.ts";

function refusal(words: string[]): string {
  try {
    choose(words);
  } catch (error) {
    assert.ok(error instanceof UsageError);
    return error.message;
  }
  throw new Error(`"${words.join(" ")}" was accepted`);
}

describe("choose", () => {
  it("choose finds commands of one word and of two, and hands on the words after them", () => {
    for (const words of [["produce", "t", "--acks", "1"], ["topic", "create", "t", "--acks", "1"]]) {
      const choice = choose(words);
      assert.ok(choice.kind === "command");
      assert.deepEqual(choice.words, ["t", "--acks", "1"]);
      assert.equal(words.join(" ").startsWith(choice.entry.name), true);
    }
  });

  it("choose names the nearest command for one it does not know", () => {
    assert.equal(refusal(["prodcue"]), 'Unknown command "prodcue", did you mean "produce"?');
    assert.equal(
      refusal(["topic", "describ"]),
      'Unknown command "topic describ", did you mean "topic describe"?',
    );
    assert.equal(refusal(["xyzzy"]), 'Unknown command "xyzzy"');
    assert.equal(refusal(["--verbose"]), 'Unknown option "--verbose"');
  });

  it("choose shows the help of the program and of a group, as text or with the refusal", () => {
    for (const words of [["--help"], ["-h"], ["help"]]) {
      const choice = choose(words);
      assert.ok(choice.kind === "text");
      for (const entry of CATALOG) assert.ok(choice.text.includes(`  ${entry.name} `));
    }
    const group = choose(["help", "topic"]);
    assert.ok(group.kind === "text");
    assert.match(group.text, /^Usage: weir topic COMMAND/);
    assert.match(refusal([]), /^A command is missing\n\n.*Usage: weir COMMAND/s);
    assert.match(refusal(["topic"]), /^A command is missing\n\nUsage: weir topic COMMAND/);
  });

  it("choose keeps words short: every help line fits 100 columns", async () => {
    for (const entry of CATALOG) {
      const help = commandHelp(entry, await entry.load());
      for (const line of help.split("\n")) assert.ok(line.length <= 100, `${entry.name}: ${line}`);
    }
  });
});
