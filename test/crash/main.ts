/**
 * `deno task crash [--rounds N] [--acks 1|all|both] [--json]`: kill -9 of a real
 * broker under load, again and again on the same data. Exit status 1 when a
 * promise was broken.
 */
import { parseArgs } from "node:util";
import { runRounds } from "./rounds.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    rounds: { type: "string", default: "20" },
    acks: { type: "string", default: "both" },
    json: { type: "boolean", default: false },
  },
});
const acks = values.acks === "1" || values.acks === "all" ? values.acks : "both";
const result = await runRounds(Number(values.rounds), acks, Math.random, (words) => console.error(words));
for (const words of result.broken) console.error(words);
if (values.json) console.log(JSON.stringify(result));
else {console.log(
    `${result.kills} kills, ${result.acked} acknowledged records, ${result.broken.length} broken promises`,
  );}
console.log(
  `${result.rounds - (result.broken.length > 0 ? 1 : 0)} passed, ${result.broken.length > 0 ? 1 : 0} failed`,
);
if (result.broken.length > 0) Deno.exit(1);
