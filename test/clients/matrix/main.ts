/**
 * `deno task matrix`: runs every row with every client and writes what came of it
 * to `results.json` and into the README, between `<!-- matrix -->` and
 * `<!-- /matrix -->`. All clients must be here; a row that fails writes nothing.
 */
import { reasonOf, ROWS } from "./rows.ts";
import { Broker, CLIENTS } from "./stage.ts";
import { type Results, tableOf, writeResults } from "./table.ts";

const README = new URL("../../../README.md", import.meta.url);
let passed = 0;
let failed = 0;

const clients = CLIENTS.map(({ name, found }) => {
  if ("missing" in found) fail(found.missing);
  return { name, version: "version" in found ? found.version : "" };
});
if (failed > 0) end();
const broker = await Broker.start();
const rows: { name: string; cells: string[] }[] = [];
for (const row of ROWS) {
  const cells: string[] = [];
  for (const client of CLIENTS) {
    const reason = reasonOf(client, row);
    if (reason === null) {
      await broker.run(client, row).then(
        () => passed++,
        (error) => fail(`${client.name}, ${row.name}: ${error.message}`),
      );
    }
    cells.push(reason === null ? "yes" : `no: ${reason}`);
  }
  console.log(`${row.name}: ${cells.join(", ")}`);
  rows.push({ name: row.name, cells });
}
await broker.stop();
if (failed === 0) await write({ clients, rows });
end();

function fail(words: string): void {
  failed++;
  console.error(words);
}

function end(): never {
  console.log(`${passed} passed, ${failed} failed`);
  Deno.exit(failed === 0 ? 0 : 1);
}

async function write(results: Results): Promise<void> {
  const text = await Deno.readTextFile(README);
  const [begin, close] = ["<!-- matrix -->\n", "<!-- /matrix -->"];
  const start = text.indexOf(begin) + begin.length;
  const table = tableOf(results);
  await Deno.writeTextFile(README, text.slice(0, start) + table + text.slice(text.indexOf(close)));
  await writeResults(results);
}
