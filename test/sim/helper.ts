/** A thread that runs seeds: says that it is there, then answers each seed with its outcome. */
import { runGroupSeed } from "./groups/run.ts";
import { runSeed } from "./run.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<{ seed: number; groups: boolean }>) => void;
  postMessage(message: unknown): void;
};
scope.onmessage = async ({ data: { seed, groups } }) => {
  scope.postMessage(groups ? runGroupSeed(seed) : await runSeed(seed));
};
scope.postMessage(null);
