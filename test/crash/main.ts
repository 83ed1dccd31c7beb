/**
 * `deno task crash [--rounds N] [--acks 1|all|both] [--json]`: kill -9 of a real
 * broker under load, again and again on the same data; then, with acks all, as often
 * under idempotent producers that retry, and as often while groups rebalance and
 * commit. Exit status 1 when a promise was broken.
 */
import { parseArgs } from "node:util";
import { runGroups } from "./groups.ts";
import { runRetries } from "./retries.ts";
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
let result = await runRounds(Number(values.rounds), acks, Math.random, (words) => console.error(words));
for (const inFlightMax of acks === "1" ? [] : [1, 5]) {
  const retried = await runRetries(Math.ceil(Number(values.rounds) / 2), inFlightMax, Math.random);
  console.error(
    `idempotent, ${inFlightMax} in flight: ${retried.kills} kills, ${retried.acked} acknowledged`,
  );
  result = {
    ...result,
    kills: result.kills + retried.kills,
    acked: result.acked + retried.acked,
    broken: [...result.broken, ...retried.broken],
  };
}
if (acks !== "1") {
  const groups = await runGroups(Number(values.rounds), Math.random);
  console.error(`groups: ${groups.kills} kills, ${groups.commits} commits acknowledged`);
  result = {
    ...result,
    kills: result.kills + groups.kills,
    broken: [...result.broken, ...groups.broken],
  };
}
for (const words of result.broken) console.error(words);
if (values.json) console.log(JSON.stringify(result));
else {console.log(
    `${result.kills} kills, ${result.acked} acknowledged records, ${result.broken.length} broken promises`,
  );}
console.log(
  `${result.rounds - (result.broken.length > 0 ? 1 : 0)} passed, ${result.broken.length > 0 ? 1 : 0} failed`,
);
// kafkajs may still be waiting to join a broker again that is gone for good, and would keep the process alive.
Deno.exit(result.broken.length > 0 ? 1 : 0);
