/**
 * `deno task crash [--rounds N] [--acks 1|all|both] [--cleaning] [--json]`: kill -9 of
 * a real broker under load, again and again on the same data; then, with acks all, as
 * often under idempotent producers that retry, and as often while groups rebalance and
 * commit; with both, half as often while logs are compacted and retained all the time,
 * and with `--cleaning` that alone, N times. Exit status 1 when a promise was broken.
 */
import { parseArgs } from "node:util";
import { runCleaning, wordsOf } from "./cleaning.ts";
import { runGroups } from "./groups.ts";
import { runRetries } from "./retries.ts";
import { runRounds } from "./rounds.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    rounds: { type: "string", default: "20" },
    acks: { type: "string", default: "both" },
    cleaning: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
const half = Math.ceil(rounds / 2);
const acks = values.acks === "1" || values.acks === "all" ? values.acks : "both";
const say = (words: string) => console.error(words);
const total = { rounds, kills: 0, acked: 0, broken: [] as string[], more: {} };

if (values.cleaning) await cleaning(rounds);
else {
  const { records, ...loaded } = await runRounds(rounds, acks, Math.random, say);
  add({ ...loaded, more: { records } });
  if (acks !== "1") {
    await retries();
    await groups();
  }
  if (acks === "both") await cleaning(half);
}
for (const words of total.broken) console.error(words);
const { more, ...sums } = total;
if (values.json) console.log(JSON.stringify({ ...sums, ...more }));
else {console.log(
    `${total.kills} kills, ${total.acked} acknowledged records, ${total.broken.length} broken promises`,
  );}
const failed = total.broken.length > 0 ? 1 : 0;
console.log(`${rounds - failed} passed, ${failed} failed`);
// kafkajs may still be waiting to join a broker again that is gone for good, and would keep the process alive.
Deno.exit(failed);

async function retries(): Promise<void> {
  for (const inFlightMax of [1, 5]) {
    const retried = await runRetries(half, inFlightMax, Math.random);
    say(`idempotent, ${inFlightMax} in flight: ${retried.kills} kills, ${retried.acked} acknowledged`);
    add(retried);
  }
}

async function groups(): Promise<void> {
  const { kills, commits, broken } = await runGroups(rounds, Math.random);
  say(`groups: ${kills} kills, ${commits} commits acknowledged`);
  add({ kills, acked: 0, broken });
}

async function cleaning(count: number): Promise<void> {
  const cleaned = await runCleaning(count, Math.random, say);
  say(`cleaning: ${cleaned.kills} kills, ${wordsOf(cleaned)}`);
  const { kills, acked, broken, ...more } = cleaned;
  add({ kills, acked, broken, more });
}

function add(
  result: {
    readonly kills: number;
    readonly acked: number;
    readonly broken: readonly string[];
    readonly more?: object;
  },
): void {
  total.kills += result.kills;
  total.acked += result.acked;
  total.broken.push(...result.broken);
  Object.assign(total.more, result.more);
}
