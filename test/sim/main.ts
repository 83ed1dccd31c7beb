/**
 * `deno task sim [--groups] [--seeds N] [--from SEED] [--seed X [--plan 1]] [--json]`: the
 * known seeds, then N fresh ones (500), from SEED on (today's choice, so that CI covers new
 * ground every day and still says what it ran). `--seed X` replays one exactly and
 * prints its trace; `--plan 1`: by a plan of before there was upkeep. `--groups`: of the world of consumer groups, which runs the
 * coordinator alone. `--crash-points [--stride N]`: instead of seeds, one scenario, cut at
 * each operation of the disk in turn, or at every Nth. Exit status 1 when the oracle complains.
 */
import { parseArgs } from "node:util";
import { reportCrashPoints } from "./crash_points/report.ts";
import { runGroupSeed } from "./groups/run.ts";
import { runSeeds } from "./pace.ts";
import { type Outcome, runSeed } from "./run.ts";
import { KNOWN_GROUP_SEEDS, KNOWN_SEEDS, type VersionedSeed } from "./seed_file.ts";
import type { PlanVersion } from "./simulation.ts";

const DAY_MS = 86_400_000;
const SEEDS_PER_DAY = 1_000_000;
/** At one crash point in so many the start after it is cut, too. */
const DEEP_STRIDE = 37;

const { values } = parseArgs({
  options: {
    groups: { type: "boolean", default: false },
    seeds: { type: "string", default: "500" },
    from: { type: "string" },
    seed: { type: "string" },
    plan: { type: "string", default: "2" },
    json: { type: "boolean", default: false },
    "crash-points": { type: "boolean", default: false },
    stride: { type: "string", default: "1" },
  },
});

if (values["crash-points"]) await cut();
else if (values.seed !== undefined) await replay(integer("seed", values.seed));
else await runAll();

async function cut(): Promise<void> {
  const stride = Math.max(1, integer("stride", values.stride));
  const threads = navigator.hardwareConcurrency;
  const failures = await reportCrashPoints({ stride, deepStride: DEEP_STRIDE * stride, threads });
  Deno.exit(failures === 0 ? 0 : 1);
}

async function replay(seed: number): Promise<void> {
  const outcome = values.groups ? runGroupSeed(seed, true) : await runSeed(seed, true, {}, planVersion());
  for (const line of outcome.lines) console.log(line);
  report(outcome);
  Deno.exit(outcome.violation === null ? 0 : 1);
}

async function runAll(): Promise<void> {
  const from = values.from === undefined
    ? Math.floor(Date.now() / DAY_MS) * SEEDS_PER_DAY
    : integer("from", values.from);
  const versioned = (seed: number): VersionedSeed => ({ seed, version: 2 });
  const known = values.groups ? KNOWN_GROUP_SEEDS.map(versioned) : KNOWN_SEEDS;
  const fresh = Array.from({ length: integer("seeds", values.seeds) }, (_, index) => versioned(from + index));
  const seeds = [...known, ...fresh];
  const startMs = performance.now();
  const totals: Record<string, number> = { events: 0 };
  const failed: number[] = [];
  await runSeeds(seeds, values.groups, navigator.hardwareConcurrency, (outcome) => {
    totals.events! += outcome.events;
    add(totals, outcome.counts);
    if (outcome.violation === null) return;
    failed.push(outcome.seed);
    report(outcome);
  });
  const seconds = Number(((performance.now() - startMs) / 1_000).toFixed(1));
  const summary = { seeds: seeds.length, known: known.length, from, seconds, failed, ...totals };
  if (values.json) console.log(JSON.stringify(summary));
  else console.log(words(summary));
  Deno.exit(failed.length === 0 ? 0 : 1);
}

/** Adds up what happened, and in how many seeds upkeep had something to do. */
function add(totals: Record<string, number>, counts: Readonly<Record<string, number>>): void {
  for (const [name, count] of Object.entries(counts)) totals[name] = (totals[name] ?? 0) + count;
  if (counts.withUpkeep === undefined) return;
  totals.seedsExpired = (totals.seedsExpired ?? 0) + Math.min(1, counts.expired ?? 0);
  totals.seedsCleaned = (totals.seedsCleaned ?? 0) + Math.min(1, counts.swaps ?? 0);
}

function planVersion(): PlanVersion {
  const version = integer("plan", values.plan);
  if (version === 1 || version === 2) return version;
  console.error(`Flag "--plan" is "${version}", wanted is 1 or 2`);
  Deno.exit(2);
}

function words(summary: Readonly<Record<string, unknown>>): string {
  return Object.entries(summary).map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(", ");
}

function report({ seed, hash, events, violation }: Outcome): void {
  const what = violation === null ? "passed" : `FAILED: ${violation}`;
  const line = { seed, hash: hash.toString(16), events, violation };
  console.log(
    values.json ? JSON.stringify(line) : `seed ${seed} (${events} events, trace ${line.hash}) ${what}`,
  );
}

function integer(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  console.error(`Flag "--${name}" is "${text}", wanted an integer of at least 0`);
  Deno.exit(2);
}
