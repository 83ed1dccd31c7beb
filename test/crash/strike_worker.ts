/**
 * Stops a process at a moment of its work on files, in a thread of its own, which
 * is not held up by the load. Stopped, not killed: then nobody else can be hit, and
 * whoever asked finds the files as they are, and kills.
 */
import type { Strike } from "./strike.ts";

/** Nanosecond waits are not to be had; this keeps a core free for the broker. */
const LOOK_INTERVAL_MS = 0.1;

const sleeper = new Int32Array(new SharedArrayBuffer(4));
const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<Strike>) => void;
  postMessage: (message: boolean) => void;
};

scope.onmessage = ({ data: { pid, directories, suffix, afterMs, withinMs, lateMs } }) => {
  wait(afterMs);
  const deadlineMs = performance.now() + withinMs;
  let isSeen = false;
  while (suffix !== null && !isSeen && performance.now() < deadlineMs) {
    isSeen = directories.some((directory) => has(directory, suffix));
    wait(LOOK_INTERVAL_MS);
  }
  if (isSeen) wait(lateMs);
  Deno.kill(pid, "SIGSTOP");
  scope.postMessage(isSeen);
};

function wait(ms: number): void {
  if (ms > 0) Atomics.wait(sleeper, 0, 0, ms);
}

function has(directory: string, suffix: string): boolean {
  for (const { name } of Deno.readDirSync(directory)) if (name.endsWith(suffix)) return true;
  return false;
}
