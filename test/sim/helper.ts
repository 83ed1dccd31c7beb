/** A thread that runs seeds: says that it is there, then answers each seed with its outcome. */
import { runSeed } from "./run.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<number>) => void;
  postMessage(message: unknown): void;
};
scope.onmessage = async ({ data }) => scope.postMessage(await runSeed(data));
scope.postMessage(null);
