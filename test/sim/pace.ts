/** Runs many seeds on all cores: the same script again, as workers of this process, each with its share. */
import { runGroupSeed } from "./groups/run.ts";
import { type Outcome, runSeed } from "./run.ts";
import type { VersionedSeed } from "./seed_file.ts";

/** Runs `seeds`, of the world of groups or of the other, in this thread and `threads - 1` others; `took` hears of each. */
export async function runSeeds(
  seeds: readonly VersionedSeed[],
  groups: boolean,
  threads: number,
  took: (outcome: Outcome) => void,
): Promise<void> {
  const queue = [...seeds];
  const helpers = Array.from(
    { length: Math.min(threads - 1, seeds.length - 1) },
    () => help(queue, groups, took),
  );
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    took(groups ? runGroupSeed(next.seed) : await runSeed(next.seed, false, {}, next.version));
    // A turn of the event loop, so that helpers are heard.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  await Promise.all(helpers);
}

function help(queue: VersionedSeed[], groups: boolean, took: (outcome: Outcome) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./helper.ts", import.meta.url), { type: "module" });
    const next = () => {
      const seed = queue.shift();
      if (seed !== undefined) return worker.postMessage({ ...seed, groups });
      worker.terminate();
      resolve();
    };
    worker.onmessage = ({ data }: MessageEvent<Outcome | null>) => {
      if (data !== null) took(data);
      next();
    };
    worker.onerror = (event) => reject(new Error(event.message));
  });
}
