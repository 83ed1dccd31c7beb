/**
 * Benchmarks: `deno task bench [macro|micro] [--only NAME] [--small]`. Macro runs a
 * real broker process and, in the same run, a bare pump; one JSON line a
 * measurement on stdout. `--small` checks that all of it runs, its figures say
 * nothing.
 */
import { parseArgs } from "node:util";
import { benchConsume } from "./macro/consume.ts";
import { benchLatency } from "./macro/latency.ts";
import { benchProduce } from "./macro/produce.ts";
import { benchStart } from "./macro/start.ts";
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
};

try {
  if (positionals[0] !== "macro") await benchMicro(small);
  if (positionals[0] !== "micro") {
    for (const [name, run] of Object.entries(MACRO)) if (only === undefined || only === name) await run();
  }
} finally {
  await Deno.remove(directory, { recursive: true });
}
