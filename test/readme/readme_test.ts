/** The README against the code: its table of settings, its two commands, and its tour, run word for word. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { settingsTable } from "../../src/config/mod.ts";
import { startProcess } from "../broker_process.ts";
import { apisTable } from "./apis_table.ts";

const README = Deno.readTextFileSync(new URL("../../README.md", import.meta.url));
const NPX = "npx -y deno@2.9.6";

/** The first block of code after a marker. */
function blockAfter(marker: string): string {
  const from = README.indexOf("```", README.indexOf(marker));
  const start = README.indexOf("\n", from) + 1;
  return README.slice(start, README.indexOf("```", start));
}

describe("README", () => {
  it("has the table of settings as the code has it (deno task readme writes it)", () => {
    assert.ok(README.includes(`\n\n${settingsTable()}\n`));
  });

  it("has the table of Kafka APIs as the door serves them (deno task readme writes it)", () => {
    assert.ok(README.includes(`\n\n${apisTable()}\n\n`));
  });

  it("names the two commands that CI runs", () => {
    const ci = Deno.readTextFileSync(new URL("../../.ci/run", import.meta.url));
    assert.ok(README.includes(`\n${NPX} task start broker\n`) && README.includes(`\n${NPX} task test\n`));
    assert.ok(ci.includes(`${NPX} task test\n`));
  });

  it("has a tour that runs as written", async () => {
    const data = await Deno.makeTempDir();
    const broker = await startProcess(data);
    try {
      // The same words; only npx, which would ask the registry each time, is replaced by this very Deno.
      const script = blockAfter("<!-- tour -->").replaceAll(NPX, Deno.execPath());
      const { code, stdout, stderr } = await new Deno.Command("bash", {
        args: ["-euo", "pipefail", "-c", script],
        cwd: new URL("../../", import.meta.url),
        env: { WEIR_SERVER: broker.native, NO_COLOR: "1" },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).output();
      const words = new TextDecoder().decode(stdout);
      assert.equal(code, 0, new TextDecoder().decode(stderr));
      assert.match(words, /^flights: 8 partitions/m);
      assert.match(words, /^\s*20000$/m);
      assert.equal(words.match(/^\{"topic":"flights"/gm)?.length, 2);
    } finally {
      await broker.stop();
      await Deno.remove(data, { recursive: true });
    }
  });
});
