/** The README against the code: its table of settings, its two commands, and its tour and examples, run word for word. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { settingsTable } from "../../src/config/mod.ts";
import { startProcess } from "../broker_process.ts";
import { apisTable } from "./apis_table.ts";

const README = Deno.readTextFileSync(new URL("../../README.md", import.meta.url));
const NPX = "npx -y deno@2.9.6";
const HTTP = "127.0.0.1:8080";

/** The first block of code after a marker. */
function blockAfter(marker: string): string {
  const from = README.indexOf("```", README.indexOf(marker));
  const start = README.indexOf("\n", from) + 1;
  return README.slice(start, README.indexOf("```", start));
}

/** Runs the block after a marker against a broker of its own; gives what it printed. */
async function run(marker: string): Promise<string> {
  const data = await Deno.makeTempDir();
  const broker = await startProcess(data, ["http.listener=127.0.0.1:0"]);
  try {
    // The same words; only npx, which would ask the registry each time, is replaced by this very Deno.
    const script = blockAfter(marker).replaceAll(NPX, Deno.execPath()).replaceAll(HTTP, broker.http);
    const { code, stdout, stderr } = await new Deno.Command("bash", {
      args: ["-euo", "pipefail", "-c", script],
      cwd: new URL("../../", import.meta.url),
      env: { WEIR_SERVER: broker.native, NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  } finally {
    await broker.stop();
    await Deno.remove(data, { recursive: true });
  }
}

/** One that knows `--json`: 7.82, of 2022. */
function hasCurl(): boolean {
  try {
    return new Deno.Command("curl", { args: ["--json", "{}", "--version"], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
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
    const words = await run("<!-- tour -->");
    assert.match(words, /^flights: 8 partitions/m);
    assert.match(words, /^\s*20000$/m);
    assert.equal(words.match(/^\{"topic":"flights"/gm)?.length, 2);
  });

  const it_ = hasCurl() ? it : it.skip;
  it_("has examples for curl that run as written", async () => {
    const words = await run("<!-- http -->");
    assert.match(words, /"kind":\s*"KafkaTopic"/);
    assert.equal(words.match(/"error_code":\s*200/g)?.length, 4);
    assert.match(words, /"order 3"/);
    assert.match(words, /"total_lag":\s*\d/);
    assert.ok(!/"error_code":\s*[45]/.test(words), words);
  });
});
