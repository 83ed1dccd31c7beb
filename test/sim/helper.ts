/** A thread that runs seeds: says that it is there, then answers each seed with its outcome. */
import { runGroupSeed } from "./groups/run.ts";
import { runSeed } from "./run.ts";
import type { VersionedSeed } from "./seed_file.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<VersionedSeed & { groups: boolean }>) => void;
  postMessage(message: unknown): void;
};
scope.onmessage = async ({ data: { seed, version, groups } }) => {
  scope.postMessage(groups ? runGroupSeed(seed) : await runSeed(seed, false, {}, version));
};
scope.postMessage(null);
