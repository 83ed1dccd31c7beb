/**
 * `deno task conformance [--against weir|kafka] [--only WORDS]`: clients and tools of other languages, unmodified,
 * against a broker this starts on a temporary directory. `--against kafka` runs the same cases against Apache
 * Kafka itself, which shows that the cases are right. Exit status 1 when a case failed.
 */
import { parseArgs } from "node:util";
import { type Field, runSuite, type Tally } from "./cases.ts";
import { GO } from "./go/suite.ts";
import { JAVA } from "./java/suite.ts";
import { prepareJava } from "./java/jars.ts";
import { PYTHON } from "./python/suite.ts";
import { startServer } from "./servers.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: { against: { type: "string", default: "weir" }, only: { type: "string", default: "" } },
});
const kind = values.against === "kafka" ? "kafka" : "weir";
const missing = kind === "kafka" ? await prepareJava() : null;
if (missing !== null) throw new Error(`Apache Kafka cannot run here: ${missing}`);

const directory = await Deno.makeTempDir({ prefix: "weir-peers-" });
const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
const start: Field["start"] = async (options) =>
  await startServer(kind, await Deno.makeTempDir({ dir: directory }), options);
try {
  const server = await start();
  try {
    const field: Field = { server, directory, start };
    for (const suite of [JAVA, PYTHON, GO]) await runSuite(suite, field, values.only, tally);
  } finally {
    await server.stop();
  }
} finally {
  await Deno.remove(directory, { recursive: true });
}
console.log(`\n${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
if (tally.failed > 0) Deno.exit(1);
