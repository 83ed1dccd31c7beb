/**
 * `deno task fuzz [--inputs N] [--seed S] [--only NAME] [--input HEX]`: every decoder of
 * bytes from outside, in turn. Exit status 1 at the first finding, which is printed
 * so that it can be made again; also when the memory grew. N is what the Kafka door
 * gets; the others get a sixteenth of it each.
 */
import { parseArgs } from "node:util";
import * as batch from "./batch_target.ts";
import * as checkpoint from "./checkpoint_target.ts";
import * as envelope from "./envelope_target.ts";
import * as frame from "./frame_target.ts";
import * as index from "./index_target.ts";
import * as kafka from "./kafka_target.ts";
import * as metadata from "./metadata_target.ts";
import { nextInput, seededRandom } from "./mutate.ts";
import { goldenSeeds } from "./seeds.ts";
import * as shard from "./shard_target.ts";
import * as settings from "./settings_target.ts";
import * as snapshot from "./snapshot_target.ts";

interface Target {
  readonly name: string;
  readonly seeds?: readonly Uint8Array[];
  /** Its inputs, as a multiple of others'; the greatest gets all that were asked for. */
  readonly share?: number;
  run(input: Uint8Array): void;
}

/** Inputs between two turns of the event loop, which libraries need to let go of memory. */
const SLICE = 100;
/** What the heap may grow by over all inputs. */
const GROWTH_BYTES_MAX = 256 * 1_048_576;

const { values } = parseArgs({
  args: Deno.args,
  options: {
    inputs: { type: "string", default: "100000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    only: { type: "string" },
    input: { type: "string" },
  },
});
const targets =
  ([frame, kafka, batch, index, checkpoint, metadata, envelope, shard, settings, snapshot] as Target[])
    .filter(({ name }) => values.only === undefined || name === values.only);

if (values.input !== undefined) {
  for (const target of targets) target.run(Uint8Array.fromHex(values.input));
  Deno.exit();
}
const memoryBefore = Deno.memoryUsage();
const greatestShare = Math.max(...targets.map(({ share }) => share ?? 1));
let failed = 0;
for (const [number, target] of targets.entries()) {
  const count = Math.ceil(Number(values.inputs) * (target.share ?? 1) / greatestShare);
  if (!await fuzz(target, count, Number(values.seed) + number)) failed++;
}
const { heapUsed, external } = Deno.memoryUsage();
const grown = heapUsed + external - memoryBefore.heapUsed - memoryBefore.external;
if (grown > GROWTH_BYTES_MAX) {
  failed++;
  console.log(`memory grew by ${Math.round(grown / 1e6)} MB`);
}
console.log(`${targets.length + 1 - failed} passed, ${failed} failed`);
if (failed > 0) Deno.exit(1);

/** False at a finding. */
async function fuzz(target: Target, count: number, seed: number): Promise<boolean> {
  const seeds = target.seeds ?? goldenSeeds();
  const random = seededRandom(seed);
  const startedMs = performance.now();
  for (const input of seeds) if (!attempt(target, input)) return false;
  for (let done = 0; done < count; done++) {
    if (done % SLICE === 0) await new Promise<void>((resolve) => setTimeout(resolve, 0));
    if (!attempt(target, nextInput(seeds, random))) return false;
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  console.log(`${target.name}: ${count} inputs from seed ${seed} in ${seconds.toFixed(1)} s, no finding`);
  return true;
}

function attempt(target: Target, input: Uint8Array): boolean {
  try {
    target.run(input);
    return true;
  } catch (error) {
    console.log(`${target.name}: FINDING ${(error as Error).stack}`);
    console.log(`again with: deno task fuzz --only "${target.name}" --input ${input.toHex()}`);
    return false;
  }
}
