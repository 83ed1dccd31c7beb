/**
 * The client outside Deno. Node 20 reads no TypeScript, so the program is bundled first; where `node` is
 * missing the test says so and is skipped.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { startBroker } from "weir/broker";

const PROGRAM = new URL("node_client.ts", import.meta.url).pathname;

interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(command: string, args: readonly string[]): Promise<Finished> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args: [...args] }).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

async function isInstalled(command: string): Promise<boolean> {
  try {
    return (await run(command, ["--version"])).code === 0;
  } catch {
    return false;
  }
}

const RUNTIMES = await Promise.all(["node", "bun"].map(async (runtime) => {
  return { runtime, installed: await isInstalled(runtime) };
}));

describe("client on other runtimes", () => {
  for (const { runtime, installed } of RUNTIMES) {
    const example = installed ? it : it.ignore;
    const because = installed ? "" : ` (skipped: "${runtime}" is not installed)`;
    example(`${runtime} produces, consumes and aborts with the bundled client${because}`, async () => {
      const folder = await Deno.makeTempDir();
      try {
        const bundle = `${folder}/client.mjs`;
        const built = await run(Deno.execPath(), ["bundle", "--quiet", "--output", bundle, PROGRAM]);
        assert.equal(built.code, 0, built.stderr);
        await using broker = await startBroker({ memory: true });
        const { code, stdout, stderr } = await run(runtime, [bundle, broker.native]);
        assert.equal(code, 0, stderr);
        const told = JSON.parse(stdout);
        assert.deepEqual(told.codecs.slice(0, 4), ["none", "gzip", "snappy", "lz4"]);
        assert.equal(told.records, 100 * told.codecs.length);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    });
  }
});
