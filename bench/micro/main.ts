/** Micro benchmarks: the parts of the hot path, one at a time, in this process. */
import { report } from "../macro/report.ts";
import { benchBatch } from "./batch.ts";
import { benchIndex } from "./index.ts";
import { benchMailbox } from "./mailbox.ts";
import { benchMeter } from "./meter.ts";

/** Times `each` call of `run` over `count` calls after a warm-up; microseconds. */
export function timeEach(count: number, run: (index: number) => void): number {
  for (let index = 0; index < Math.min(count, 200); index++) run(index);
  const startedMs = performance.now();
  for (let index = 0; index < count; index++) run(index);
  return (performance.now() - startedMs) / count * 1_000;
}

/** Runs all of them. */
export async function benchMicro(small: boolean): Promise<void> {
  const factor = small ? 0.01 : 1;
  report("batch", benchBatch(Math.ceil(20_000 * factor)));
  report("index and log", benchIndex(Math.ceil(20_000 * factor)));
  report("counting", await benchMeter(Math.ceil(500 * factor)));
  report("mailbox hop", await benchMailbox(Math.ceil(20_000 * factor)));
}
