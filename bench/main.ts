/**
 * Benchmarks: `deno task bench [macro|micro|groups|compaction] [--only NAME] [--small]`.
 * Macro runs a real broker process and, in the same run, a bare pump; groups runs a
 * broker and members of consumer groups, compaction a topic that is compacted under
 * load, each when it is asked for; one JSON line a measurement on stdout. `--small` checks that all of it runs, its figures say nothing.
 */
import { parseArgs } from "node:util";
import { benchCompaction, type Scale } from "./compaction/compaction.ts";
import { benchJoining } from "./groups/joining.ts";
import { benchManyGroups } from "./groups/many.ts";
import { benchSettle } from "./groups/settle.ts";
import { benchConsume } from "./macro/consume.ts";
import { benchLatency } from "./macro/latency.ts";
import { benchMetrics } from "./macro/metrics.ts";
import { benchProduce } from "./macro/produce.ts";
import { benchStart } from "./macro/start.ts";
import { benchTails } from "./macro/tails.ts";
import { benchMicro } from "./micro/main.ts";

const { values, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    only: { type: "string" },
    small: { type: "boolean", default: false },
    dir: { type: "string" },
  },
});
const { small, only } = values;
const directory = await Deno.makeTempDir({
  prefix: "weir-bench-",
  ...(values.dir ? { dir: values.dir } : {}),
});

const MACRO: Record<string, () => Promise<void>> = {
  start: () => benchStart(directory, small ? 20 : 1_000),
  produce: () => benchProduce(directory, small ? 2e6 : 5e8),
  consume: () => benchConsume(directory, small ? 2e6 : 1e9),
  latency: () => benchLatency(directory, small ? 200 : 10_000),
  metrics: () => benchMetrics(directory, small),
  tails: () => benchTails(directory, small ? TAILS_SMALL : TAILS),
};

const GROUPS: Record<string, () => Promise<void>> = {
  settle: () => benchSettle(directory, small ? 50 : 900),
  joining: () => benchJoining(directory, small ? 3 : 10, small ? 700 : 3_000),
  many: () => benchManyGroups(directory, small ? 10 : 1_000, small ? 4 : 60),
};

const TAILS = { count: 10_000, seconds: 15, stallMs: 5_000, droppedMsMax: 240_000, mustDrop: false };
const TAILS_SMALL = { count: 40, seconds: 0.5, stallMs: 1_000, droppedMsMax: 60_000, mustDrop: true };
const COMPACTION: Scale = small
  ? {
    updates: 60_000,
    keys: 2_000,
    pace: { requestsPerSecond: 500, recordsPerRequest: 20 },
    windowMs: 500,
    warmUpMs: 500,
  }
  : {
    updates: 5_000_000,
    keys: 100_000,
    pace: { requestsPerSecond: 1_000, recordsPerRequest: 20 },
    windowMs: 5_000,
    warmUpMs: 10_000,
  };

async function runAll(suite: Record<string, () => Promise<void>>): Promise<void> {
  for (const [name, run] of Object.entries(suite)) if (only === undefined || only === name) await run();
}

const [which] = positionals;
try {
  if (which === undefined || which === "micro") await benchMicro(small);
  if (which === undefined || which === "macro") await runAll(MACRO);
  if (which === "groups") await runAll(GROUPS);
  if (which === "compaction") await benchCompaction(directory, COMPACTION);
} finally {
  await Deno.remove(directory, { recursive: true });
}
